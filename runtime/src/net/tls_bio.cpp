// SPDX-License-Identifier: Apache-2.0
#include "net/tls_bio.hpp"

#include <cerrno>
#include <cstdint>

#include <sys/socket.h>

namespace ft::net {
namespace {

int socket_of(BIO* bio) noexcept { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool may_retry() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int write_bio(BIO* bio, const char* bytes, int size) noexcept {
  BIO_clear_retry_flags(bio);
  const std::ptrdiff_t sent = send_some(socket_of(bio), bytes, static_cast<std::size_t>(size));
  if (sent < 0 && may_retry()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int read_bio(BIO* bio, char* into, int size) noexcept {
  BIO_clear_retry_flags(bio);
  const std::ptrdiff_t got = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && may_retry()) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long control_bio(BIO* bio, int command, long, void*) noexcept {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  return command == BIO_CTRL_FLUSH;  // nothing is held back; whatever else may be asked is not offered
}

const BIO_METHOD* method() noexcept {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ft socket");
    if (m) {
      BIO_meth_set_write(m, write_bio);
      BIO_meth_set_read(m, read_bio);
      BIO_meth_set_ctrl(m, control_bio);
    }
    return m;
  }();
  return made;
}

}  // namespace

std::ptrdiff_t send_some(int socket, const char* bytes, std::size_t size) noexcept {
  return ::send(socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

BIO* make_socket_bio(int socket) noexcept {
  if (!method()) return nullptr;
  BIO* const bio = BIO_new(method());
  if (!bio) return nullptr;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace ft::net
