// SPDX-License-Identifier: Apache-2.0
//
// The shared secret of a cluster, and the ring of secrets that are valid while one replaces another.
//
//   ft::Result<std::shared_ptr<ft::TokenRing>> ring = ft::TokenRing::from_file("/etc/aiondb/token");
//   if (!ring) die(ring.error().message());
//   (*ring)->reload();                        // on SIGHUP; keeps the old tokens if the file is bad
//
// A rotation: add the new token as second line on every server, reload; move it to the first line on every node,
// reload; remove the old one, reload. At no moment is a node refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "ft/core/result.hpp"
#include "ft/core/secret.hpp"
#include "ft/security/current.hpp"

namespace ft {

/// One token: UTF-8 without control characters, at most kMaxBytes long. Compared in constant time, wiped when it dies,
/// printed as ***.
class AuthToken {
 public:
  /// From here on a token is long enough for production. `openssl rand -hex 32` makes a good one.
  static constexpr std::size_t kProductionBytes = 32;
  static constexpr std::size_t kMaxBytes = 4096;

  AuthToken() noexcept = default;
  explicit AuthToken(std::string_view text) : secret_(text) {}

  bool empty() const noexcept { return secret_.reveal().empty(); }
  const SecretString& secret() const noexcept { return secret_; }

  /// Errors: invalid_configuration.
  Result<void> require_non_empty() const;
  /// Errors: invalid_configuration: shorter than kProductionBytes.
  Result<void> require_production_strength() const;

  friend bool operator==(const AuthToken&, const AuthToken&) = default;
  friend std::ostream& operator<<(std::ostream& out, const AuthToken& token) { return out << token.secret_; }

 private:
  SecretString secret_;
};

/// Which tokens a ring takes.
struct TokenPolicy {
  bool allow_short = false;  // tokens under AuthToken::kProductionBytes; an empty one is never taken

  TokenPolicy() noexcept = default;
};

/// The tokens that are accepted, the first of which is sent. At least one and at most kMaxTokens. Thread safe: readers
/// see whole generations.
class TokenRing {
 public:
  static constexpr std::size_t kMaxTokens = 8;

  /// Errors: invalid_configuration, which counts the tokens from 1: none, too many, an empty one, one that is no text
  /// or too long, a short one against the policy, two equal ones.
  static Result<std::shared_ptr<TokenRing>> create(std::vector<AuthToken> tokens, TokenPolicy policy = {});

  /// One token a line, without the blanks around it; blank lines and lines that open with # are passed over. The file
  /// must belong to this process's user and be closed to group and others (0600), or to root and be closed to others,
  /// its group's reading left out (0640), and hold at most 64 KiB.
  ///
  /// Errors: invalid_configuration, which names the file and, where it can, the line; never a token.
  static Result<std::shared_ptr<TokenRing>> from_file(const std::filesystem::path& file, TokenPolicy policy = {});

  /// Reads the file again; on an error the ring stays as it is. A ring without a file has nothing to do.
  Result<void> reload();

  /// Whether `token` is one of the ring, in a time that tells neither which nor how nearly; only the lengths have a
  /// part in it. The empty one never is.
  bool accepts(const SecretString& token) const noexcept;

  /// The token at `place`, 0 being the one to send, modulo their number.
  AuthToken token(std::size_t place = 0) const;
  std::size_t size() const noexcept;

  /// Grows by one at every reload that changed the tokens.
  std::uint64_t generation() const noexcept;

 private:
  struct Generation;
  TokenRing(std::shared_ptr<const Generation> first, std::filesystem::path file, TokenPolicy policy);

  Current<Generation> current_;
  std::mutex reloading_;              // one reload at a time, so that generations are counted
  const std::filesystem::path file_;  // empty: made by create()
  const TokenPolicy policy_;
};

/// A key for `FragmentRequest::cancel_key` from the operating system's generator; never 0.
SecretU64 random_cancel_key();

}  // namespace ft
