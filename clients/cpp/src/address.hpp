// Where a server is, and whether somebody listens there.
#pragma once

#include <string>
#include <vector>

namespace physintuition {

struct Address {
  std::string host;   // empty: a Unix domain socket
  std::string port;
  std::string path;   // of the socket
  bool is_secure = false;

  // Reads HOST:PORT with or without http:// or https://, or unix:PATH; empty: what PHYSINTUITION_SERVER names, else
  // default_address. Throws std::invalid_argument.
  static Address parse(const std::string& text);

  // One address, or several with commas.
  static std::vector<Address> parse_all(const std::string& text);

  // What gRPC dials.
  std::string target() const;
  // Whether somebody listens there.
  bool is_listening() const;
  // Why nobody can be reached there, with the remedy; empty: somebody listens, or it cannot be told.
  std::string why_unreachable() const;

 private:
  static constexpr int unknown_host = -1;

  std::string authority() const;
  int failure() const;   // of one look whether somebody listens: 0, unknown_host, or what errno says
};

}  // namespace physintuition
