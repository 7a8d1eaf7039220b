// SPDX-License-Identifier: Apache-2.0
//
// Whole frames of a protocol in and out; what the functions do is told in its gen/frames.hpp. Only its generated
// src/frames.cpp includes this.
#pragma once

#include <string>
#include <utility>

#include "ft/json/reader.hpp"
#include "ft/json/writer.hpp"
#include "ft/wire/envelope.hpp"
#include "ft/wire/framing_impl.hpp"

namespace ft::wire {

/// Decodes into a fresh envelope: nothing, or the error.
template <class P>
std::optional<Error> decode(typename P::MessageType type, PaddedView payload, const typename P::Gate& gate,
                            const DecodeOptions& options, typename P::Envelope& envelope, std::size_t& unknown_keys) {
  json::Reader r(payload, {.depth = P::kMaxDepth, .budget = options.budget.value_or(P::default_budget(payload.size))});
  const char* const p = decode_gated(r.begin(), envelope, r, gate);
  if (p == nullptr || !r.at_end(p)) return r.take_error();
  if (!may_carry(type, P::payload(envelope), P::version(envelope))) {
    return Error(errc::message_type_mismatch, Error::no_offset, std::string("$.").append(P::kPayload),
                 std::string(to_name(type)).append(" carries ").append(P::payload(envelope).name()));
  }
  unknown_keys = r.unknown_keys();
  return std::nullopt;
}

template <class P>
Result<typename P::Envelope> decode_envelope(typename P::MessageType type, PaddedView payload,
                                             const typename P::Gate& gate, const DecodeOptions& options) {
  Result<typename P::Envelope> result;
  std::size_t unknown_keys = 0;
  if (std::optional<Error> error = decode<P>(type, payload, gate, options, *result, unknown_keys))
    result = std::move(*error);
  return result;
}

template <class P>
Result<DecodedFrame<P>> decode_frame(const Frame<P>& frame, const typename P::Gate& gate,
                                     const DecodeOptions& options) {
  Result<DecodedFrame<P>> result;
  result->type = frame.type;
  result->consumed = kFrameHeaderSize + frame.payload.size;
  if (std::optional<Error> error =
          decode<P>(frame.type, frame.payload, gate, options, result->envelope, result->unknown_keys)) {
    // What has no place in the payload is the fault of the header's first byte.
    error->offset = error->offset == Error::no_offset ? 0 : error->offset + kFrameHeaderSize;
    result = std::move(*error);
  }
  return result;
}

template <class P>
Result<DecodedFrame<P>> decode_frame(std::span<const std::byte> bytes, const typename P::Gate& gate,
                                     const DecodeOptions& options) {
  const Result<FrameHeader<P>> header = parse_frame_header<P>(bytes, P::kMaxPayload);
  if (!header) return header.error();
  const std::size_t whole = kFrameHeaderSize + header->payload_length;
  if (bytes.size() < whole) return cut_off(errc::incomplete_payload, whole, bytes.size());
  const PaddedBuffer payload = PaddedBuffer::copy_of(bytes.subspan(kFrameHeaderSize, header->payload_length));
  return decode_frame<P>(Frame<P>{header->type, payload.view()}, gate, options);
}

template <class P>
Result<void> encode_envelope(const typename P::Envelope& envelope, PaddedBuffer& out, const EncodeOptions<P>& options) {
  const auto version = P::version(envelope);
  // The header is written last, into room that is text until then: the writer takes everything back on an error.
  json::Writer w(out, options.max_payload + kFrameHeaderSize, json::Writer::Mode::wire, P::kMaxDepth);
  w.set_version(version);
  const std::size_t begin = out.size();
  w.put("     ");
  static_assert(kFrameHeaderSize == 5);
  encode(w, envelope);
  if (const std::optional<errc> code = w.finish()) {
    std::string detail;
    if (*code == errc::not_in_version)
      detail = w.refused().append(" is not in version ").append(std::to_string(version));
    return Error(*code, Error::no_offset, {}, std::move(detail));
  }
  const auto length = static_cast<std::uint32_t>(out.size() - begin - kFrameHeaderSize);
  write_frame_header<P>(out.data() + begin, {message_type_of(P::payload(envelope), version), length});
  return {};
}

}  // namespace ft::wire
