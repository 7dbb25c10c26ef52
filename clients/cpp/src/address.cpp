#include "address.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "physintuition/physintuition.hpp"

namespace physintuition {

namespace {

constexpr const char* default_port = "50051";

// 0, or errno.
int look(int family, const sockaddr* address, socklen_t length) {
  const int handle = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int failure = connect(handle, address, length) == 0 ? 0 : errno;
  close(handle);
  return failure;
}

int look_at_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return ENAMETOOLONG;
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return look(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace

Address Address::parse(const std::string& text) {
  const char* named = std::getenv(server_variable);
  const auto& given = !text.empty() ? text : named != nullptr && *named != 0 ? named : std::string(default_address);
  static const std::regex unix_form(R"(\s*unix:(?://)?(.+?)\s*)");
  static const std::regex form(R"(\s*(?:(https?)://)?(\[[0-9a-fA-F:.]+\]|[^\s:/?#@\[\]]+)(?::(\d{1,5}))?/?\s*)",
                               std::regex::icase);
  std::smatch parts;
  if (std::regex_match(given, parts, unix_form)) {
    return {"", "", parts[1], false};
  }
  if (!std::regex_match(given, parts, form) || (parts[3].matched && std::stoi(parts[3]) > 65535)) {
    throw std::invalid_argument("'address' is '" + given + "'; it must be HOST:PORT, http://HOST:PORT, " +
                                "https://HOST:PORT or unix:PATH, for example " + default_address + ".");
  }
  const bool is_secure = parts[1].length() == 5;
  const std::string usual = !parts[1].matched ? default_port : is_secure ? "443" : "80";
  auto host = parts[2].str();
  if (host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, parts[3].matched ? parts[3].str() : usual, "", is_secure};
}

std::string Address::target() const { return path.empty() ? authority() : "unix:" + path; }

std::string Address::authority() const {
  if (!path.empty()) {
    return path;
  }
  return host.find(':') == std::string::npos ? host + ':' + port : '[' + host + "]:" + port;
}

std::vector<Address> Address::parse_all(const std::string& text) {
  const char* named = std::getenv(server_variable);
  std::istringstream all(text.empty() && named != nullptr ? named : text);
  std::vector<Address> addresses;
  for (std::string one; std::getline(all, one, ',');) {
    addresses.push_back(parse(one));
  }
  return addresses.empty() ? std::vector{parse(text)} : addresses;
}

int Address::failure() const {
  if (!path.empty()) {
    return look_at_path(path);
  }
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    return unknown_host;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  int failure = 0;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    failure = look(each->ai_family, each->ai_addr, each->ai_addrlen);
    if (failure == 0) {
      break;
    }
  }
  return failure;
}

bool Address::is_listening() const { return failure() == 0; }

std::string Address::why_unreachable() const {
  static const std::string remedy = std::string(" Start a server with './physintuition serve', or name another as ") +
                                    "address or in " + server_variable + ".";
  switch (failure()) {
    case unknown_host:
      return "There is no machine called '" + host + "'." + remedy;
    case ECONNREFUSED:
    case ENOENT:
      return "Nobody listens at " + authority() + "." + remedy;
    default:
      return "";
  }
}

}  // namespace physintuition
