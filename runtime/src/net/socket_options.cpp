// SPDX-License-Identifier: Apache-2.0
#include "net/socket_options.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace ft::net {

boost::system::error_code tune(int socket, std::chrono::milliseconds keepalive) noexcept {
  constexpr int kProbes = 3;
  const int seconds = static_cast<int>(std::max<std::chrono::milliseconds::rep>(1, keepalive.count() / 1000));
  const int milliseconds = std::max(1000, static_cast<int>(keepalive.count()));
  struct Option {
    int level, name, value;
  };
  const std::array<Option, 6> options = {{
      {IPPROTO_TCP, TCP_NODELAY, 1},
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, seconds},
      {IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / kProbes)},
      {IPPROTO_TCP, TCP_KEEPCNT, kProbes},
      {IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds},
  }};
  for (const Option& option : options) {
    if (::setsockopt(socket, option.level, option.name, &option.value, sizeof option.value) != 0) {
      return {errno, boost::system::system_category()};
    }
  }
  return {};
}

}  // namespace ft::net
