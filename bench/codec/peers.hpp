// SPDX-License-Identifier: Apache-2.0
//
// Who decodes: this library, and its peers into the very same structs. Parsers and buffers live as long as the decoder
// and are reused from message to message, for all alike.
//
// The peers know what the benchmark's frames hold (a cancel, and results of the nine columns of rows_frame) and throw
// std::runtime_error on anything else. They are written for speed: simdjson takes keys in the order in which they
// come. What they let pass is theirs: neither checks the UTF-8 and numbers of a Jsonb as this library does (simdjson
// only brackets it), and Boost.JSON, which has no raw text to offer, must serialize it again from its tree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ft/protocol.hpp"
#include "workload.hpp"

namespace bench {

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual ft::TransportEnvelope decode(const Frame& frame) = 0;
  /// What is timed: decodes, and drops the message.
  virtual void decode_and_drop(const Frame& frame) { decode(frame); }
};

std::unique_ptr<Decoder> make_ours();
/// Boost.JSON: parser and tree in memory that is kept, then conversion.
std::unique_ptr<Decoder> make_boost();
/// simdjson On-Demand, compiled as this library is: for any x86-64. It picks its first stage by the processor anyway.
std::unique_ptr<Decoder> make_simdjson();
/// The same compiled for AVX2; null where the processor has none.
std::unique_ptr<Decoder> make_simdjson_avx2();

/// Boost.JSON without conversion: what reading into a tree and writing from one cost.
class BoostTree {
 public:
  BoostTree();
  ~BoostTree();
  BoostTree(const BoostTree&) = delete;
  BoostTree& operator=(const BoostTree&) = delete;

  /// Parses the payload and drops the tree.
  void parse(const Frame& frame);
  /// Keeps the payload's tree for `serialize`.
  void load(const Frame& frame);
  /// Writes the loaded tree into a buffer that is kept. The text is Boost's: doubles come in scientific notation.
  std::string_view serialize();
  /// The same as a new string: boost::json::serialize.
  std::string serialize_string() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether both are the same message: `exact`, or as Boost.JSON 1.81 is able to say it: doubles within 2 units in the
/// last place (it misreads some of 17 digits), Jsonb equal as a tree, its doubles within 4 (it reads them twice).
bool same(const ft::TransportEnvelope& a, const ft::TransportEnvelope& b, bool exact);

/// The same for two texts, as trees of Boost.JSON.
bool same_json(std::string_view a, std::string_view b);

namespace detail {

/// The alternative of Value that a cell's key names.
inline ft::Value::Tag value_tag(std::string_view key) {
  using Tag = ft::Value::Tag;
  const auto is = [key](std::string_view name, Tag tag) { return key == name ? tag : Tag::Null; };
  switch (key.size()) {
    case 3:
      return is("Int", Tag::Int);
    case 4:
      return key[0] == 'T' ? is("Text", Tag::Text) : is("Uuid", Tag::Uuid);
    case 5:
      return is("Jsonb", Tag::Jsonb);
    case 6:
      return key[0] == 'B' ? is("BigInt", Tag::BigInt) : is("Double", Tag::Double);
    case 7:
      return is("Boolean", Tag::Boolean);
    case 9:
      return is("Timestamp", Tag::Timestamp);
    default:
      return Tag::Null;
  }
}

ft::DataType::Tag data_type_tag(std::string_view name);
[[noreturn]] void unexpected(const char* what);

/// With the checks of ranges that this library makes too.
inline ft::Value uuid(const std::array<std::int64_t, 16>& numbers) {
  std::array<std::uint8_t, 16> bytes;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    all |= numbers[i];
    bytes[i] = static_cast<std::uint8_t>(numbers[i]);
  }
  if (all < 0 || all > 255) unexpected("byte out of range");
  return ft::Value::Uuid(bytes);
}

inline ft::Value timestamp(const std::array<std::int64_t, 6>& numbers) {
  const auto [year, ordinal, hour, minute, second, nanosecond] = numbers;
  const bool fits = year >= ft::min_year && year <= ft::max_year && ordinal >= 1 &&
                    ordinal <= ft::days_in_year(static_cast<std::int32_t>(year)) && hour >= 0 && hour < 24 &&
                    minute >= 0 && minute < 60 && second >= 0 && second < 60 && nanosecond >= 0 &&
                    nanosecond < 1'000'000'000;
  if (!fits) unexpected("timestamp out of range");
  return ft::Value::Timestamp(
      ft::PrimitiveDateTime(ft::Date(static_cast<std::int32_t>(year), static_cast<std::uint16_t>(ordinal)),
                            ft::Time(static_cast<std::uint8_t>(hour), static_cast<std::uint8_t>(minute),
                                     static_cast<std::uint8_t>(second), static_cast<std::uint32_t>(nanosecond))));
}

/// An envelope around the only two payloads that the peers know.
ft::TransportEnvelope cancel_envelope(std::uint64_t version, std::string_view token, std::uint64_t request_id,
                                      std::uint64_t cancel_key);
ft::TransportEnvelope query_envelope(std::uint64_t version, std::string_view token, std::uint64_t request_id,
                                     std::vector<ft::ResultField> columns, ft::FlatRows<ft::Value> rows);

}  // namespace detail
}  // namespace bench
