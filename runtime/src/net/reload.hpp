// SPDX-License-Identifier: Apache-2.0
//
// Tokens and certificates read again, on either side: the last good ones stay, and an operator reads how it went.
//
//   return reload(*options_.tokens, options_.tls.get(), observer(), "the client");
#pragma once

#include <string>

#include "ft/auth.hpp"
#include "ft/core/result.hpp"
#include "ft/observe.hpp"

namespace ft::net {

/// `tls`: TlsServerCredentials or TlsClientCredentials, or null; `observer` may be null. Returns the first error.
template <class Tls>
Result<void> reload(TokenRing& tokens, Tls* tls, Observer* observer, const char* side) {
  const Result<void> ring = tokens.reload();
  const Result<void> certificates = tls ? tls->reload() : Result<void>();
  const Result<void>& both = ring ? certificates : ring;
  if (observer) {
    LogSink& log = observer->logger();
    if (both) log.write(LogEvent::reloaded, side + std::string(" has read tokens and certificates again"));
    if (!ring) log.write(LogEvent::reload_failed, ring.error().message());
    if (!certificates) log.write(LogEvent::reload_failed, certificates.error().message());
  }
  return both;
}

}  // namespace ft::net
