// Where a server is, and whether somebody listens there.
#pragma once

#include <string>

namespace physintuition {

struct Address {
  std::string host;   // empty: a Unix domain socket
  std::string port;
  std::string path;   // of the socket
  bool is_secure = false;

  // Reads HOST:PORT with or without http:// or https://, or unix:PATH; empty: what PHYSINTUITION_SERVER names, else
  // default_address. Throws std::invalid_argument.
  static Address parse(const std::string& text);

  // What gRPC dials.
  std::string target() const;
  // Why nobody can be reached there, with the remedy; empty: somebody listens, or it cannot be told.
  std::string why_unreachable() const;

 private:
  std::string authority() const;
};

}  // namespace physintuition
