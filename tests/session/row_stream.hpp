// SPDX-License-Identifier: Apache-2.0
//
// Answers to feed to a RowStream, and what becomes of them however they are split.
//
//   const Outcome outcome = run(answer(many_rows(300)), random_steps(7, 100), in_batches());
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ft/session/row_stream.hpp"
#include "support/frames.hpp"

namespace ft::test {

using Event = RowStream::Event;
using Delivery = RowStreamOptions::Delivery;
using Sizes = std::vector<std::size_t>;

inline RowStreamOptions in_batches(std::size_t rows = 4096, std::size_t bytes = std::size_t{256} << 10) {
  RowStreamOptions options;
  options.delivery = Delivery::batches;
  options.batch_rows = rows;
  options.batch_bytes = bytes;
  return options;
}

/// How many bytes come next.
using Split = std::function<std::size_t()>;

inline Split steps_of(std::size_t n) {
  return [n] { return n; };
}

inline Split random_steps(unsigned seed, std::size_t most) {
  return [random = std::mt19937(seed), most]() mutable { return 1 + random() % most; };
}

/// What became of a frame.
struct Outcome {
  std::optional<Error> error;
  TransportEnvelope envelope;
  std::vector<ResultField> columns;
  std::vector<FlatRows<Value>> batches;
  std::size_t columns_events = 0;
  bool early = false;  // rows came before the frame was whole
  std::size_t fed = 0;

  std::size_t rows() const {
    std::size_t n = 0;
    for (const auto& batch : batches) n += batch.size();
    return n;
  }
};

/// Feeds `frame` to `stream` until it ends, fails or has nothing left to read.
inline Outcome run(RowStream& stream, std::string_view frame, const Split& split) {
  Outcome outcome;
  for (;;) {
    const Result<Event> event = stream.next();
    if (!event) {
      outcome.error = event.error();
      EXPECT_EQ(stream.next().error(), event.error()) << "an error stays";
      return outcome;
    }
    switch (*event) {
      case Event::need_more: {
        if (frame.empty()) {
          outcome.error = stream.finish();
          return outcome;
        }
        const std::span<char> space = stream.prepare();
        EXPECT_FALSE(space.empty());
        const std::size_t n = std::min({split(), frame.size(), space.size()});
        std::copy_n(frame.data(), n, space.data());
        stream.commit(n);
        frame.remove_prefix(n);
        outcome.fed += n;
        break;
      }
      case Event::columns:
        ++outcome.columns_events;
        EXPECT_TRUE(stream.request_id().has_value());
        outcome.columns.assign(stream.columns().begin(), stream.columns().end());
        break;
      case Event::rows:
        outcome.early |= !frame.empty();
        outcome.batches.push_back(stream.take_rows());
        EXPECT_FALSE(outcome.batches.back().empty());
        break;
      case Event::end:
        EXPECT_EQ(*stream.next(), Event::end) << "the end stays";
        outcome.envelope = stream.take_envelope();
        return outcome;
    }
  }
}

inline Outcome run(std::string_view frame, const Split& split, const RowStreamOptions& options = RowStreamOptions()) {
  RowStream stream(options);
  return run(stream, frame, split);
}

inline const ExecutionResult::Query* query_in(const TransportEnvelope& envelope) {
  const auto* const answer = envelope.payload.get_if<TransportPayload::FragmentResult>();
  const auto* const success = answer == nullptr ? nullptr : answer->value.get_if<FragmentResponse::Success>();
  return success == nullptr ? nullptr : success->result.get_if<ExecutionResult::Query>();
}

inline Result<TransportEnvelope> at_once(std::string_view frame, const DecodeOptions& options = {}) {
  return decode_envelope(static_cast<MessageType>(frame[0]), test::bytes_of(frame.substr(kFrameHeaderSize)), {},
                         options);
}

inline std::string answer(std::string_view rows, std::string_view tail = "}}}}}}",
                          std::string_view columns = R"([{"name":"a","data_type":"Int","text_type_modifier":null,)"
                                                     R"("nullable":true}])") {
  std::string text(R"({"version":1,"auth_token":"","payload":{"FragmentResult":{"Success":{"request_id":77,)"
                   R"("result":{"Query":{"columns":)");
  text.append(columns).append(R"(,"rows":)").append(rows).append(tail);
  return test::frame(MSG_FRAGMENT_RESULT, text);
}

/// The same with its keys in another order.
inline std::string reversed_answer(std::string_view rows) {
  std::string text(R"({"payload":{"FragmentResult":{"Success":{"server_us":8,"result":{"Query":{"rows":)");
  text.append(rows).append(R"(,"columns":[]}},"request_id":9}}},"version":1,"auth_token":""})");
  return frame(MSG_FRAGMENT_RESULT, text);
}

/// A list of rows with cells of many kinds.
inline std::string many_rows(std::size_t count) {
  std::string rows = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) rows += ",";
    rows += R"({"values":[{"Int":)" + std::to_string(i) + R"(},{"Text":"row )" + std::to_string(i) +
            R"( h\u00e9llo \\ wörld, \ud83d\ude00 😀 and some more"},"Null",{"Double":)" + std::to_string(i) +
            R"(.25e1},{"Boolean":true})";
    if (i % 7 == 3) rows += R"(,{"Array":[{"Text":"nested text, long enough for the arena"},{"Array":["Null"]}]})";
    if (i % 11 == 5) rows += R"(,{"Jsonb":{"a":[1,2.5e3,null,{"b":"c"}]}},{"Blob":[1,2,255]})";
    if (i % 5 == 1) rows += R"(,{"Timestamp":[2024,60,12,30,5,123456789]},{"Numeric":{"coefficient":-5,"scale":2}})";
    rows += "]}";
  }
  return rows + "]";
}

}  // namespace ft::test
