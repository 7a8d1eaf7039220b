// SPDX-License-Identifier: Apache-2.0
#include "ft/core/errc.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace ft {
namespace {

constexpr std::string_view kAuthentication = "28000";
constexpr std::string_view kConnection = "08006";
constexpr std::string_view kMalformed = "08P01";
constexpr std::string_view kCannotConnect = "08001";
constexpr std::string_view kCancelled = "57014";
constexpr std::string_view kMemory = "53200";
constexpr std::string_view kTooLarge = "54000";
constexpr std::string_view kUnsupported = "0A000";
constexpr std::string_view kInternal = "XX000";

constexpr std::string_view kFixSender = "the sender does not speak this protocol";
constexpr std::string_view kFixMessage = "the sender must build the message as the schema says";
constexpr std::string_view kFixValue = "correct the value before encoding it";
constexpr std::string_view kReadMore = "read more bytes; at the end of the stream the frame was cut";

using enum RetryClass;

// In the order of the enumeration, which starts at 1.
constexpr std::array kTable{
    ErrcInfo{errc::incomplete_header, "incomplete_header", "incomplete frame header", kReadMore, kMalformed,
             more_input},
    ErrcInfo{errc::unknown_message_type, "unknown_message_type", "unknown message type", kFixSender, kMalformed, never},
    ErrcInfo{errc::payload_too_large, "payload_too_large", "payload too large",
             "send less, or ask for less; until a connection has authenticated, 64 KiB are the limit", kTooLarge,
             never},
    ErrcInfo{errc::incomplete_payload, "incomplete_payload", "incomplete payload", kReadMore, kMalformed, more_input},
    ErrcInfo{errc::message_type_mismatch, "message_type_mismatch", "message type does not match the payload",
             "the sender must use the message type of this payload", kMalformed, never},

    ErrcInfo{errc::unexpected_end, "unexpected_end", "unexpected end of the JSON text",
             "the text was cut, or the payload length in a header is too small", kMalformed, never},
    ErrcInfo{errc::syntax, "syntax", "invalid JSON", kFixSender, kMalformed, never},
    ErrcInfo{errc::control_character, "control_character", "raw control character in a string",
             "the sender must escape it", kMalformed, never},
    ErrcInfo{errc::invalid_utf8, "invalid_utf8", "invalid UTF-8", "the sender must encode strings in UTF-8", kMalformed,
             never},
    ErrcInfo{errc::invalid_escape, "invalid_escape", "invalid escape sequence",
             "the sender must write escapes that JSON knows, and surrogates in pairs", kMalformed, never},
    ErrcInfo{errc::invalid_number, "invalid_number", "invalid number",
             "the sender must write numbers in the form that JSON knows", kMalformed, never},
    ErrcInfo{errc::trailing_bytes, "trailing_bytes", "trailing bytes behind the JSON value",
             "the payload length in the header may be too large", kMalformed, never},
    ErrcInfo{errc::depth_exceeded, "depth_exceeded", "nested too deeply", "simplify the plan or split it", kMalformed,
             never},

    ErrcInfo{errc::wrong_type, "wrong_type", "wrong type", kFixMessage, kMalformed, never},
    ErrcInfo{errc::out_of_range, "out_of_range", "out of range", kFixMessage, kMalformed, never},
    ErrcInfo{errc::missing_key, "missing_key", "missing key", "the sender must write this key", kMalformed, never},
    ErrcInfo{errc::duplicate_key, "duplicate_key", "duplicate key", "the sender must write this key once", kMalformed,
             never},
    ErrcInfo{errc::unknown_variant, "unknown_variant", "unknown variant",
             "the sender may speak a newer version: compare the schemas", kMalformed, never},
    ErrcInfo{errc::wrong_length, "wrong_length", "wrong number of items", kFixMessage, kMalformed, never},
    ErrcInfo{errc::too_many_items, "too_many_items", "too many items", "send fewer items", kTooLarge, never},
    ErrcInfo{errc::too_long, "too_long", "string too long", "send a shorter string", kTooLarge, never},
    ErrcInfo{errc::memory_budget, "memory_budget", "memory budget exceeded",
             "send a smaller message, or raise the budget of the decode", kMemory, never},

    ErrcInfo{errc::not_finite, "not_finite", "NaN or infinity cannot be encoded", kFixValue, kInternal, never},
    ErrcInfo{errc::output_too_large, "output_too_large", "encoded message too large",
             "send the result in parts, or ask for less", kTooLarge, never},
    ErrcInfo{errc::invalid_string, "invalid_string", "string that is not UTF-8 cannot be encoded", kFixValue, kInternal,
             never},
    ErrcInfo{errc::not_in_version, "not_in_version", "not in the receiver's version",
             "leave it unset for this peer, or upgrade the peer first", kUnsupported, never},

    ErrcInfo{errc::rule_violated, "rule_violated", "rule violated", "correct the request and send it again", kMalformed,
             never},

    ErrcInfo{errc::version_unsupported, "version_unsupported", "protocol version unsupported",
             "use a version that both sides speak", kConnection, elsewhere},
    ErrcInfo{errc::authentication_failed, "authentication_failed", "authentication failed",
             "check the token on both sides", kAuthentication, never},

    ErrcInfo{errc::invalid_configuration, "invalid_configuration", "invalid configuration",
             "correct the option that is named", "F0000", never},

    ErrcInfo{errc::connect_failed, "connect_failed", "cannot connect", "check the address and that the peer listens",
             kCannotConnect, elsewhere},
    ErrcInfo{errc::tls_failed, "tls_failed", "TLS handshake failed", "compare the TLS configuration of both sides",
             kCannotConnect, elsewhere},
    ErrcInfo{errc::connection_lost, "connection_lost", "connection lost",
             "see the outcome: only a request that was not run may be sent again", kConnection, elsewhere},
    ErrcInfo{errc::response_mismatch, "response_mismatch", "the answer does not belong to the request",
             "the peer does not speak this protocol", kMalformed, elsewhere},

    ErrcInfo{errc::cancelled, "cancelled", "query canceled", "nothing: it was asked for", kCancelled, never},
    ErrcInfo{errc::timed_out, "timed_out", "timed out", "allow more time, or ask for less", kCancelled, never},
    ErrcInfo{errc::remote_error, "remote_error", "the peer answered with an error", "see its SQLSTATE and message",
             kInternal, never},
    ErrcInfo{errc::pool_closed, "pool_closed", "the client is closed", "start calls before it drains", kConnection,
             never},
    ErrcInfo{errc::too_many_waiters, "too_many_waiters", "too many calls wait for a connection",
             "send less at once, or raise the limits of the pool", "53300", elsewhere},

    ErrcInfo{errc::too_many_connections, "too_many_connections", "too many connections",
             "close some, or raise the server's limit", "53300", elsewhere},
    ErrcInfo{errc::queue_full, "queue_full", "too many requests wait for execution", "send it later or elsewhere",
             "53400", elsewhere},
    ErrcInfo{errc::byte_budget, "byte_budget", "the server holds too many bytes", "send it later or elsewhere", kMemory,
             elsewhere},
    ErrcInfo{errc::executors_wedged, "executors_wedged", "no executor is free: all run jobs that were given up",
             "send it elsewhere; look at the server's list of executions", "53000", elsewhere},
    ErrcInfo{errc::result_too_large, "result_too_large", "result too large", "raise the limits of the request",
             kTooLarge, never},
    ErrcInfo{errc::executor_failed, "executor_failed", "the executor failed", "see the log of the server", kInternal,
             never},

    ErrcInfo{errc::draining, "draining", "the server is shutting down", "send it elsewhere", "57P03", elsewhere},
    ErrcInfo{errc::killed_by_drain, "killed_by_drain", "the server shut down before the request ended",
             "it may have had effects: only an idempotent request may be sent again", "57P01", never},
    ErrcInfo{errc::unexpected_message, "unexpected_message", "unexpected message", kFixSender, kMalformed, never},

    ErrcInfo{errc::internal, "internal", "internal error", "report it with the steps that lead to it", kInternal,
             never},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].code) != i + 1) return false;
  }
  return kTable.back().code == errc::internal;
}
static_assert(in_order());

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ft"; }
  std::string message(int code) const override { return std::string(info(static_cast<errc>(code)).text); }
};

class Conditions final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ft.condition"; }
  std::string message(int what) const override {
    switch (static_cast<condition>(what)) {
      case condition::retry_elsewhere:
        return "another peer may succeed";
      case condition::timeout:
        return "a timeout passed";
      case condition::security:
        return "credentials were not accepted";
    }
    return "unknown condition";
  }
  using std::error_category::equivalent;
  bool equivalent(const std::error_code& code, int what) const noexcept override {
    if (code.category() != ft::error_category()) return false;
    const errc value = static_cast<errc>(code.value());
    switch (static_cast<condition>(what)) {
      case condition::retry_elsewhere:
        return info(value).retry == elsewhere;
      case condition::timeout:
        return value == errc::timed_out;
      case condition::security:
        return value == errc::authentication_failed || value == errc::tls_failed;
    }
    return false;
  }
};

}  // namespace

std::error_condition make_error_condition(condition what) noexcept {
  static const Conditions category;
  return {static_cast<int>(what), category};
}

const ErrcInfo& info(errc code) noexcept {
  const auto index = static_cast<std::size_t>(code) - 1;
  return index < kTable.size() ? kTable[index] : kTable.back();
}

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

}  // namespace ft
