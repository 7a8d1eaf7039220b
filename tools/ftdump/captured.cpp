// SPDX-License-Identifier: Apache-2.0
#include "ftdump/captured.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>

namespace ft::tools {

namespace {

constexpr std::string_view kConnection = ",\"connection\":";
constexpr std::size_t kMostDigits = 20;
constexpr std::string_view kNotCaptured = "{\"not_captured\":\"";
constexpr std::size_t kMostReason = 4096;  // the capture's are far shorter

std::string reason_in(std::string_view payload) {
  if (!payload.starts_with(kNotCaptured) || payload.size() > kMostReason) return {};
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse({payload.data(), payload.size()}, error);
  const boost::json::string* const reason = error ? nullptr : value.at("not_captured").if_string();
  return reason == nullptr ? std::string() : std::string(*reason);
}

}  // namespace

Captured captured_in(std::string_view payload) {
  Captured captured;
  const std::size_t tail = payload.size() - std::min(payload.size(), kConnection.size() + kMostDigits + 1);
  const std::size_t at = payload.find(kConnection, tail);
  if (at == std::string_view::npos) return captured;
  const char* const digits = payload.data() + at + kConnection.size();
  const char* const brace = payload.data() + payload.size() - 1;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits, brace, number);
  if (error != std::errc() || end != brace || *brace != '}') return captured;
  captured.connection = number;
  captured.added = static_cast<std::size_t>(brace - payload.data()) - at;
  captured.reason = reason_in(payload);
  return captured;
}

}  // namespace ft::tools
