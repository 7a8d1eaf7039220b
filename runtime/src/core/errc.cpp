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
constexpr std::string_view kMemory = "53200";
constexpr std::string_view kTooLarge = "54000";
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
             "send less, or authenticate with a small message first", kTooLarge, never},
    ErrcInfo{errc::incomplete_payload, "incomplete_payload", "incomplete payload", kReadMore, kMalformed, more_input},
    ErrcInfo{errc::message_type_mismatch, "message_type_mismatch", "message type does not match the payload",
             "the sender must use the message type of this payload", kMalformed, never},

    ErrcInfo{errc::unexpected_end, "unexpected_end", "unexpected end of the JSON text",
             "the payload length in the header may be too small", kMalformed, never},
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

    ErrcInfo{errc::rule_violated, "rule_violated", "rule violated", "correct the request and send it again", kMalformed,
             never},

    ErrcInfo{errc::version_unsupported, "version_unsupported", "protocol version unsupported",
             "use a version that both sides speak", kConnection, elsewhere},
    ErrcInfo{errc::authentication_failed, "authentication_failed", "authentication failed",
             "check the token on both sides", kAuthentication, never},

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

}  // namespace

const ErrcInfo& info(errc code) noexcept {
  const auto index = static_cast<std::size_t>(code) - 1;
  return index < kTable.size() ? kTable[index] : kTable.back();
}

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

}  // namespace ft
