// SPDX-License-Identifier: Apache-2.0
//
// The codec without a connection: a message becomes a frame, and a frame a message.
#include <ft/protocol.hpp>

#include <iostream>
#include <span>

int main() {
  ft::FragmentResponse::Success success;
  success.request_id = 7;
  ft::FlatRows<ft::Value>::Builder rows;
  rows.add(ft::Value::Int(1)).add(ft::Value::Text("one")).end_row();
  ft::ExecutionResult::Query query;
  query.rows = std::move(rows).build();
  success.result = std::move(query);
  ft::TransportEnvelope envelope;
  envelope.version = ft::PROTOCOL_VERSION;
  envelope.payload = ft::TransportPayload::FragmentResult(std::move(success));

  ft::PaddedBuffer out;  // keeps its memory from message to message
  if (auto sent = ft::encode_envelope(envelope, out); !sent) {
    std::cerr << sent.error().message() << '\n';
    return 1;
  }

  ft::Result<ft::DecodedFrame> frame = ft::decode_frame(std::as_bytes(std::span(out.data(), out.size())));
  if (!frame) {
    std::cerr << frame.error().message() << '\n';
    return 1;
  }
  std::cout << frame->envelope << '\n';  // as JSON for people: secrets are masked
}
