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

#include "ft/core/overloaded.hpp"
#include "ft/gen/frames.hpp"
#include "ft/gen/validate.hpp"
#include "ft/gen/walk.hpp"
#include "ft/print.hpp"
