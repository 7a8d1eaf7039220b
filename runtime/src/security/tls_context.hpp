// SPDX-License-Identifier: Apache-2.0
//
// The steps in which an SSL_CTX is set up. Each leaves it half changed on an error: throw it away then.
//
// All errors: invalid_configuration, naming the option and the file, with OpenSSL's reason.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ft/core/result.hpp"
#include "ft/tls.hpp"

namespace ft {

/// What holds for both sides: versions, ciphers, no compression, no renegotiation, no resumption, memory of idle
/// connections.
void set_policy(SSL_CTX* context, TlsVersion minimum);

/// ALPN: connections of a server's context ask what take_protocol() left with them, and go on without if it was not
/// offered.
void ask_for_protocol(SSL_CTX* context);
void take_protocol(SSL* connection, std::string_view name);
void offer_protocol(SSL* connection, std::string_view name);

/// The own chain and its key, both required, the certificate valid now.
Result<void> use_certificate(SSL_CTX* context, const std::filesystem::path& certificate,
                             const std::filesystem::path& key);

/// The certificates in `file` become trusted, be they roots or not. `option` is how an error calls it.
Result<void> trust(SSL_CTX* context, std::string_view option, const std::filesystem::path& file);

/// A peer's certificate is verified, and then one of its names must be listed unless the list is empty. With a path,
/// secrets are logged there. What this needs lives as long as the SSL_CTX does.
Result<void> use_rules(SSL_CTX* context, const std::vector<std::string>& allowed_peers,
                       const std::filesystem::path& key_log);

}  // namespace ft
