// SPDX-License-Identifier: Apache-2.0
//
// The protocol in one include: all types, their codec, whole messages in and out.
//
//   ft::PaddedBuffer out;                                         // keeps its memory from message to message
//   if (auto sent = ft::encode_envelope(envelope, out); !sent) return sent.error();
//   write(socket, out.data(), out.size());
//
//   ft::Result<ft::TransportEnvelope> in = ft::decode_envelope(frame.type, frame.payload, gate);
//   if (!in) log(in.error().message());
//
// Decoding checks everything that JSON and the types demand, and no rules: `validate` (ft/gen/validate.hpp) is for
// whoever serves a request. Every function may be called from any thread; none keeps state. Errors never quote input.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "ft/core/overloaded.hpp"
#include "ft/core/padded.hpp"
#include "ft/core/result.hpp"
#include "ft/gen/protocol.hpp"
#include "ft/gen/validate.hpp"
#include "ft/gen/walk.hpp"
#include "ft/print.hpp"
#include "ft/wire/frame.hpp"

namespace ft {

struct DecodeOptions {
  /// Heap bytes that the decoded form may take; unset: default_budget of the payload.
  std::optional<std::size_t> budget;
};

struct EncodeOptions {
  std::size_t max_payload = MAX_PAYLOAD;
};

/// The envelope in a frame's payload. `gate` is asked once version and token are known, before the payload is built: an
/// error that it returns is the result. The payload is read as the version says that the envelope names, or the nearest
/// of the window; that it is one of the window is for the gate to judge. Offsets in errors count from the start of the
/// payload.
///
/// Errors: any of json and schema; memory_budget; message_type_mismatch; what the gate says.
Result<TransportEnvelope> decode_envelope(MessageType type, PaddedView payload, const EnvelopeGate& gate = {},
                                          const DecodeOptions& options = {});

/// The same for bytes without padding behind them, which are copied first.
Result<TransportEnvelope> decode_envelope(MessageType type, std::span<const std::byte> payload,
                                          const EnvelopeGate& gate = {}, const DecodeOptions& options = {});

struct DecodedFrame {
  MessageType type{};
  TransportEnvelope envelope;
  std::size_t consumed = 0;      // bytes of the frame; what follows belongs to the next one
  std::size_t unknown_keys = 0;  // keys that this version does not know and that were passed over
};

/// The first frame of `bytes`. Offsets in errors count from the start of the frame.
///
/// Errors: also incomplete_header, unknown_message_type, payload_too_large, incomplete_payload.
Result<DecodedFrame> decode_frame(std::span<const std::byte> bytes, const EnvelopeGate& gate = {},
                                  const DecodeOptions& options = {});
/// The same for a frame whose header was read.
Result<DecodedFrame> decode_frame(const Frame& frame, const EnvelopeGate& gate = {}, const DecodeOptions& options = {});

/// Appends one whole frame to `out`; on an error `out` is as before. Allocates nothing when `out` is large enough.
///
/// The payload is written as a receiver of `envelope.version` reads it, or of the version of the window that is nearest
/// to that: a field that it does not have is left out if the schema says that it may do without (`lossy`) or if it has
/// the value that is read there, and otherwise an error, as is a variant that it does not have.
///
/// Errors: not_finite, invalid_string, depth_exceeded, output_too_large, not_in_version.
Result<void> encode_envelope(const TransportEnvelope& envelope, PaddedBuffer& out, const EncodeOptions& options = {});

}  // namespace ft
