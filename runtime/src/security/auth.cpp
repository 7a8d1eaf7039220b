// SPDX-License-Identifier: Apache-2.0
#include "ft/auth.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "json/scan.hpp"
#include "security/secret_file.hpp"

namespace ft {
namespace {

/// Whether the wire can carry it and a line of a file can hold it.
bool is_text(const std::string& text) noexcept {
  for (const char* p = text.c_str(); p != text.c_str() + text.size();) {
    const auto c = static_cast<unsigned char>(*p);
    if (c < 0x20 || c == 0x7F) return false;
    const std::size_t length = c < 0x80 ? 1 : json::utf8_length(p);  // the terminator ends a sequence that was cut
    if (length == 0) return false;
    p += length;
  }
  return true;
}

/// A token, and how an error names it: `token 2`, `token file /etc/aiondb/token, line 3`.
struct NamedToken {
  AuthToken token;
  std::string name;
};

std::string_view trim(std::string_view line) noexcept {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = line.find_first_not_of(blanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

Result<std::vector<NamedToken>> read_tokens(const std::filesystem::path& file) {
  const Result<SecretString> text = read_secret_file("token file", file);
  if (!text) return text.error();
  std::vector<NamedToken> tokens;
  std::string_view rest = text->reveal();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = trim(rest.substr(0, end));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    tokens.push_back({AuthToken(line), naming("token file", file) + ", line " + std::to_string(number)});
    if (tokens.size() > TokenRing::kMaxTokens) break;  // enough to know that there are too many
  }
  if (tokens.empty()) return invalid_configuration(naming("token file", file) + ": holds no token");
  return tokens;
}

Result<std::vector<AuthToken>> check(std::vector<NamedToken> named, TokenPolicy policy) {
  if (named.empty()) return invalid_configuration("tokens: at least one is needed");
  std::vector<AuthToken> tokens;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const auto& [token, name] = named[i];
    if (i == TokenRing::kMaxTokens) {
      return invalid_configuration(name + ": more than " + std::to_string(TokenRing::kMaxTokens) + " tokens");
    }
    const Result<void> strength = policy.allow_short ? token.require_non_empty() : token.require_production_strength();
    if (!strength) return invalid_configuration(name + ": " + strength.error().detail);
    if (token.secret().reveal().size() > AuthToken::kMaxBytes) {
      return invalid_configuration(name + ": longer than " + std::to_string(AuthToken::kMaxBytes) + " bytes");
    }
    if (!is_text(token.secret().reveal())) {
      return invalid_configuration(name + ": a token must be UTF-8 without control characters");
    }
    for (std::size_t before = 0; before < i; ++before) {
      if (tokens[before] == token) return invalid_configuration(name + ": the same token as " + named[before].name);
    }
    tokens.push_back(token);
  }
  return tokens;
}

Result<std::vector<AuthToken>> load(const std::filesystem::path& file, TokenPolicy policy) {
  Result<std::vector<NamedToken>> named = read_tokens(file);
  if (!named) return named.error();
  return check(std::move(*named), policy);
}

}  // namespace

Result<void> AuthToken::require_non_empty() const {
  if (empty()) return invalid_configuration("the token is empty");
  return {};
}

Result<void> AuthToken::require_production_strength() const {
  if (const Result<void> some = require_non_empty(); !some) return some.error();
  if (secret_.reveal().size() < kProductionBytes) {
    return invalid_configuration("the token is shorter than " + std::to_string(kProductionBytes) + " bytes");
  }
  return {};
}

struct TokenRing::Generation {
  std::vector<AuthToken> tokens;
  std::uint64_t number;
};

TokenRing::TokenRing(std::shared_ptr<const Generation> first, std::filesystem::path file, TokenPolicy policy)
    : current_(std::move(first)), file_(std::move(file)), policy_(policy) {}

Result<std::shared_ptr<TokenRing>> TokenRing::create(std::vector<AuthToken> tokens, TokenPolicy policy) {
  std::vector<NamedToken> named;
  for (AuthToken& token : tokens) {
    std::string name = "token " + std::to_string(named.size() + 1);
    named.push_back({std::move(token), std::move(name)});
  }
  Result<std::vector<AuthToken>> checked = check(std::move(named), policy);
  if (!checked) return checked.error();
  auto first = std::make_shared<const Generation>(Generation{std::move(*checked), 1});
  return std::shared_ptr<TokenRing>(new TokenRing(std::move(first), {}, policy));
}

Result<std::shared_ptr<TokenRing>> TokenRing::from_file(const std::filesystem::path& file, TokenPolicy policy) {
  Result<std::vector<AuthToken>> tokens = load(file, policy);
  if (!tokens) return tokens.error();
  auto first = std::make_shared<const Generation>(Generation{std::move(*tokens), 1});
  return std::shared_ptr<TokenRing>(new TokenRing(std::move(first), file, policy));
}

Result<void> TokenRing::reload() {
  if (file_.empty()) return {};
  const std::lock_guard lock(reloading_);
  Result<std::vector<AuthToken>> tokens = load(file_, policy_);
  if (!tokens) return tokens.error();
  const std::shared_ptr<const Generation> old = current_.load();
  if (*tokens == old->tokens) return {};
  current_.store(std::make_shared<const Generation>(Generation{std::move(*tokens), old->number + 1}));
  return {};
}

bool TokenRing::accepts(const SecretString& token) const noexcept {
  // No way out before the last one: how long it takes must not tell which token it was.
  const std::shared_ptr<const Generation> generation = current_.load();
  unsigned equal = 0;
  for (const AuthToken& known : generation->tokens) equal |= static_cast<unsigned>(known.secret() == token);
  return equal != 0;
}

AuthToken TokenRing::token(std::size_t place) const {
  const std::shared_ptr<const Generation> generation = current_.load();
  return generation->tokens[place % generation->tokens.size()];
}

std::size_t TokenRing::size() const noexcept { return current_.load()->tokens.size(); }

std::uint64_t TokenRing::generation() const noexcept { return current_.load()->number; }

SecretU64 random_cancel_key() {
  SecretU64 key;
  do {
    // So few bytes come whole or not at all, and never late once the system has started.
    std::uint64_t& value = key.reveal_mutable();
    if (::getrandom(&value, sizeof value, 0) != sizeof value) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
      value = 0;
    }
  } while (key.reveal() == 0);
  return key;
}

}  // namespace ft
