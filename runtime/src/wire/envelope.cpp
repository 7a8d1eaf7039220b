// SPDX-License-Identifier: Apache-2.0
#include "ft/gen/codec.hpp"
#include "ft/protocol.hpp"

namespace ft {

namespace {

/// Decodes into a fresh envelope: nothing, or the error.
std::optional<Error> decode(MessageType type, PaddedView payload, const EnvelopeGate& gate,
                            const DecodeOptions& options, TransportEnvelope& envelope, std::size_t& unknown_keys) {
  json::Reader r(payload, {.depth = MAX_DEPTH, .budget = options.budget.value_or(default_budget(payload.size))});
  const char* const p = decode_gated(r.begin(), envelope, r, gate);
  if (p == nullptr || !r.at_end(p)) return r.take_error();
  if (!may_carry(type, envelope.payload, nearest_version(envelope.version))) {
    return Error(errc::message_type_mismatch, Error::no_offset, "$.payload",
                 std::string(to_name(type)).append(" carries ").append(envelope.payload.name()));
  }
  unknown_keys = r.unknown_keys();
  return std::nullopt;
}

/// What the receiver's version does not have; nothing for other errors.
std::string refused(const json::Writer& w, errc code, Version version) {
  if (code != errc::not_in_version) return {};
  return w.refused().append(" is not in version ").append(std::to_string(version));
}

}  // namespace

Result<TransportEnvelope> decode_envelope(MessageType type, PaddedView payload, const EnvelopeGate& gate,
                                          const DecodeOptions& options) {
  Result<TransportEnvelope> result;
  std::size_t unknown_keys = 0;
  if (std::optional<Error> error = decode(type, payload, gate, options, *result, unknown_keys))
    result = std::move(*error);
  return result;
}

Result<TransportEnvelope> decode_envelope(MessageType type, std::span<const std::byte> payload,
                                          const EnvelopeGate& gate, const DecodeOptions& options) {
  const PaddedBuffer copy = PaddedBuffer::copy_of(payload);
  return decode_envelope(type, copy.view(), gate, options);
}

Result<DecodedFrame> decode_frame(const Frame& frame, const EnvelopeGate& gate, const DecodeOptions& options) {
  Result<DecodedFrame> result;
  result->type = frame.type;
  result->consumed = kFrameHeaderSize + frame.payload.size;
  if (std::optional<Error> error =
          decode(frame.type, frame.payload, gate, options, result->envelope, result->unknown_keys)) {
    // What has no place in the payload is the fault of the header's first byte.
    error->offset = error->offset == Error::no_offset ? 0 : error->offset + kFrameHeaderSize;
    result = std::move(*error);
  }
  return result;
}

Result<DecodedFrame> decode_frame(std::span<const std::byte> bytes, const EnvelopeGate& gate,
                                  const DecodeOptions& options) {
  const Result<FrameHeader> header = parse_frame_header(bytes, MAX_PAYLOAD);
  if (!header) return header.error();
  const std::size_t whole = kFrameHeaderSize + header->payload_length;
  if (bytes.size() < whole) {
    return Error(errc::incomplete_payload, bytes.size(), {},
                 "need " + std::to_string(whole) + " bytes, got " + std::to_string(bytes.size()));
  }
  const PaddedBuffer payload = PaddedBuffer::copy_of(bytes.subspan(kFrameHeaderSize, header->payload_length));
  return decode_frame(Frame{header->type, payload.view()}, gate, options);
}

Result<void> encode_envelope(const TransportEnvelope& envelope, PaddedBuffer& out, const EncodeOptions& options) {
  const Version version = nearest_version(envelope.version);
  // The header is written last, into room that is text until then: the writer takes everything back on an error.
  json::Writer w(out, options.max_payload + kFrameHeaderSize, json::Writer::Mode::wire, MAX_DEPTH);
  w.set_version(version);
  const std::size_t begin = out.size();
  w.put("     ");
  static_assert(kFrameHeaderSize == 5);
  encode(w, envelope);
  if (const std::optional<errc> code = w.finish())
    return Error(*code, Error::no_offset, {}, refused(w, *code, version));
  const auto length = static_cast<std::uint32_t>(out.size() - begin - kFrameHeaderSize);
  write_frame_header(out.data() + begin, {message_type_of(envelope.payload, version), length});
  return {};
}

}  // namespace ft
