// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share. A target is a file fuzz/NAME_fuzz.cpp; all begin with the frames in
// generated/fuzz/corpus:
//
//   // SPDX-License-Identifier: Apache-2.0
//   #include "fuzz.hpp"
//   FT_FUZZ_TARGET(ft::fuzz::frame)
//
// and `ft::fuzz::value<ft::PhysicalPlan>` in that place makes a target of any generated type. Both hold the codec to
// this, whatever the input: an accepted text is JSON to Boost.JSON as well; encoding what it decodes to gives a text
// that decodes to an equal value and encodes to itself; printing gives JSON; a refused one has an error that lies in
// the input, names no defect of ours and quotes nothing. A request in a frame is also run through its rules. A broken
// promise aborts.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "ft/protocol.hpp"

/// The entry of libFuzzer, which hands every input to `function`.
#define FT_FUZZ_TARGET(function) \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { return function(data, size); }

namespace ft::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "promise broken: %s\n", what);
  std::abort();
}

/// Boost.JSON gives up on exponents beyond an int, which the grammar allows: of such a text it has no opinion.
inline bool is_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = MAX_DEPTH;
  boost::json::error_code failed;
  boost::json::stream_parser parser({}, options);
  parser.write(text.data(), text.size(), failed);
  if (!failed) parser.finish(failed);
  return !failed || failed == boost::json::error::exponent_overflow;
}

inline void check_error(const Error& error, std::size_t size) {
  require(error.code != errc::internal, "bad input is no defect of ours");
  require(error.offset == Error::no_offset || error.offset <= size, "the offset lies in the input");
  const std::string message = error.message();
  require(std::all_of(message.begin(), message.end(), [](char c) { return c >= 0x20 && c < 0x7F; }),
          "nothing is quoted");
}

/// What an accepted value promises. `encode` and `decode` go to text and back.
template <class T, class Encode, class Decode>
void check_round_trip(const T& value, Encode encode, Decode decode) {
  const std::string once = encode(value);
  const Result<T> again = decode(once);
  require(again.has_value(), "what was encoded decodes");
  require(*again == value, "what was decoded again is equal");
  require(encode(*again) == once, "encoding is stable");
  require(T(value) == value, "a copy is equal");
  require(is_json(to_text(value)), "what is printed is JSON");
}

/// The JSON text of a T.
template <class T>
int value(const std::uint8_t* data, std::size_t size) {
  const auto decode_text = [](std::string_view text) -> Result<T> {
    const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
    json::Reader r(input.view(), {.depth = MAX_DEPTH, .budget = default_budget(text.size())});
    T out{};
    const char* const p = decode(r.begin(), out, r);
    if (p == nullptr || !r.at_end(p)) return r.take_error();
    return out;
  };
  const auto encode_text = [](const T& decoded) {
    PaddedBuffer out;
    json::Writer w(out, MAX_PAYLOAD);
    encode(w, decoded);
    require(!w.finish(), "what was decoded can be encoded");
    return std::string(out.data(), out.size());
  };
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<T> decoded = decode_text(text);
  if (!decoded) {
    check_error(decoded.error(), size);
    return 0;
  }
  require(is_json(text), "what is accepted is JSON");
  check_round_trip(*decoded, encode_text, decode_text);
  return 0;
}

/// A request that decodes keeps the rules, or breaks one that says so.
inline void check_rules(const TransportEnvelope& envelope) {
  const auto* const execute = envelope.payload.get_if<TransportPayload::ExecuteFragment>();
  if (execute == nullptr) return;
  const Result<void> valid = validate(execute->value, envelope.version);
  if (valid) return;
  require(valid.error().code == errc::rule_violated, "only rules are broken");
  require(!valid.error().detail.empty(), "a rule says what is wrong");
  check_error(valid.error(), 0);
}

/// One frame, all the way through; also that the frame reader and the decoder of whole frames agree.
inline void check_frame(std::span<const std::byte> bytes) {
  const Result<DecodedFrame> decoded = decode_frame(bytes);

  FrameReader reader(Phase::authenticated);
  const std::size_t split = bytes.size() / 3;
  reader.feed(bytes.first(split));
  reader.feed(bytes.subspan(split));
  const Result<std::optional<Frame>> read = reader.next();
  if (read && *read) {
    const Frame& frame = **read;
    const Result<TransportEnvelope> envelope = decode_envelope(frame.type, frame.payload);
    require(envelope.has_value() == decoded.has_value(), "both entries agree");
    if (!envelope) require(envelope.error().code == decoded.error().code, "both entries find the same error");
  } else {
    require(!decoded, "a frame that is not whole does not decode");
  }

  if (!decoded) return check_error(decoded.error(), bytes.size());
  const auto payload = bytes.subspan(kFrameHeaderSize, decoded->consumed - kFrameHeaderSize);
  require(is_json({reinterpret_cast<const char*>(payload.data()), payload.size()}), "what is accepted is JSON");
  check_rules(decoded->envelope);
  check_round_trip(
      decoded->envelope,
      [](const TransportEnvelope& envelope) {
        PaddedBuffer out;
        require(encode_envelope(envelope, out).has_value(), "what was decoded can be encoded");
        return std::string(out.data(), out.size());
      },
      [](const std::string& text) -> Result<TransportEnvelope> {
        Result<DecodedFrame> again = decode_frame(std::as_bytes(std::span(text)));
        if (!again) return again.error();
        require(again->consumed == text.size(), "a frame is consumed whole");
        return std::move(again->envelope);
      });
}

/// A frame as it came and, because a mutation hardly ever keeps the length in step, once more with the length put
/// right.
inline int frame(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  check_frame(bytes);
  if (size < kFrameHeaderSize || !is_message_type(data[0])) return 0;
  std::string whole(reinterpret_cast<const char*>(data), size);
  write_frame_header(whole.data(),
                     {static_cast<MessageType>(data[0]), static_cast<std::uint32_t>(size - kFrameHeaderSize)});
  check_frame(std::as_bytes(std::span(whole)));
  return 0;
}

}  // namespace ft::fuzz
