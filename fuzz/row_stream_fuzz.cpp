// SPDX-License-Identifier: Apache-2.0
//
// RowStream against the decoder of whole frames. Inputs are frames, whose lengths are put right; two bytes of the
// length as it stands there choose how the payload is split: any split, whole or in batches, gives the same envelope or
// the same error.
#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "ft/session/row_stream.hpp"
#include "fuzz.hpp"
#include "mutator_hooks.hpp"

namespace ft::fuzz {
namespace {

/// Puts a batch behind the rows that came before.
void append(FlatRows<Value>::Builder& all, const FlatRows<Value>& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    for (const Value& cell : batch[i]) all.add(Value(cell));
    all.end_row();
  }
}

ExecutionResult::Query* query_in(TransportEnvelope& envelope) {
  auto* const answer = envelope.payload.get_if<TransportPayload::FragmentResult>();
  auto* const success = answer == nullptr ? nullptr : answer->value.get_if<FragmentResponse::Success>();
  return success == nullptr ? nullptr : success->result.get_if<ExecutionResult::Query>();
}

Result<TransportEnvelope> stream(std::string_view frame, unsigned seed, const RowStreamOptions& options) {
  std::minstd_rand random(seed);
  const std::size_t most = std::size_t{1} << seed % 11;
  RowStream answer(options);
  FlatRows<Value>::Builder rows;
  bool batches = false;
  for (;;) {
    const Result<RowStream::Event> event = answer.next();
    if (!event) return event.error();
    switch (*event) {
      case RowStream::Event::need_more: {
        require(!frame.empty(), "what is whole needs no more");
        const std::span<char> space = answer.prepare();
        const std::size_t n = std::min({1 + random() % most, frame.size(), space.size()});
        std::copy_n(frame.data(), n, space.data());
        answer.commit(n);
        frame.remove_prefix(n);
        break;
      }
      case RowStream::Event::columns:
        require(answer.request_id().has_value(), "the request is known with the columns");
        batches = true;
        break;
      case RowStream::Event::rows:
        append(rows, answer.take_rows());
        break;
      case RowStream::Event::end: {
        require(frame.empty(), "a frame is read to its end");
        TransportEnvelope envelope = answer.take_envelope();
        if (batches) query_in(envelope)->rows = std::move(rows).build();
        return envelope;
      }
    }
  }
}

int row_stream(const std::uint8_t* data, std::size_t size) {
  if (size < kFrameHeaderSize) return 0;
  const unsigned seed = data[1] | static_cast<unsigned>(data[2]) << 8;
  const std::string_view payload(reinterpret_cast<const char*>(data) + kFrameHeaderSize, size - kFrameHeaderSize);
  std::string frame(kFrameHeaderSize, '\0');
  write_frame_header(frame.data(), {MSG_FRAGMENT_RESULT, static_cast<std::uint32_t>(payload.size())});
  frame.append(payload);
  const Result<TransportEnvelope> whole = decode_envelope(MSG_FRAGMENT_RESULT, std::as_bytes(std::span(payload)));

  RowStreamOptions in_batches;
  in_batches.delivery = RowStreamOptions::Delivery::batches;
  in_batches.batch_rows = 1 + seed % 5;
  for (const RowStreamOptions& options : {RowStreamOptions(), in_batches}) {
    const Result<TransportEnvelope> split = stream(frame, seed, options);
    require(split.has_value() == whole.has_value(), "any split decodes or none does");
    if (whole) {
      require(*split == *whole, "any split gives the same");
    } else {
      require(split.error() == whole.error(), "any split finds the same error");
    }
  }
  return 0;
}

}  // namespace
}  // namespace ft::fuzz

FT_FUZZ_TARGET(ft::fuzz::row_stream)
