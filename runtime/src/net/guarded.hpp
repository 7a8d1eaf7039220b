// SPDX-License-Identifier: Apache-2.0
//
// What a handler throws would end the thread that runs the executor, and with it every other connection. Handlers of
// the server therefore work in here, and name what ends instead.
//
//   guarded([&] { self->on_read(bytes); }, [&](const char* why) { self->close(); });
#pragma once

#include <exception>

namespace ft::net {

/// Runs `body`; what it throws (no memory, in practice) leads to `failed(const char* why)`. That does first what must
/// be done, for what it throws itself is dropped.
template <class Body, class Failed>
void guarded(Body&& body, Failed&& failed) noexcept {
  try {
    try {
      body();
    } catch (const std::exception& error) {
      failed(error.what());
    } catch (...) {
      failed("an exception that is no std::exception");
    }
  } catch (...) {
  }
}

}  // namespace ft::net
