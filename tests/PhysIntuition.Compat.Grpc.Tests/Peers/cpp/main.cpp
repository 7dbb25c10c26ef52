#include <iostream>

#include "interop.hpp"

int main(int argc, char** argv) {
  const std::string half = argc > 1 ? argv[1] : "";
  if (half == "client" && argc == 3) return run_client(argv[2]);
  if (half == "server" && argc == 2) return run_server();
  std::cerr << "usage: interop client TARGET | interop server\n";
  return 2;
}
