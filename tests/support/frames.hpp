// SPDX-License-Identifier: Apache-2.0
//
// Frames made, decoded and encoded in one call, and failures that say what came instead.
//
//   const auto decoded = test::decode(test::frame(MSG_FRAGMENT_RESULT, test::cell(R"({"Int":7})")));
//   ASSERT_TRUE(decoded) << test::why(decoded);
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ft/protocol.hpp"

namespace ft::test {

/// A header for `payload`, and the payload.
inline std::string frame(MessageType type, std::string_view payload) {
  std::string bytes(kFrameHeaderSize, '\0');
  write_frame_header(bytes.data(), {type, static_cast<std::uint32_t>(payload.size())});
  return bytes.append(payload);
}

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// A copy on the heap without a spare byte, so that AddressSanitizer sees every read beyond it.
class ExactBuffer {
 public:
  explicit ExactBuffer(std::string_view text) : size_(text.size()), data_(new std::byte[text.size()]) {
    std::memcpy(data_.get(), text.data(), text.size());
  }
  std::span<const std::byte> span() const { return {data_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte[]> data_;
};

inline Result<DecodedFrame> decode(std::string_view frame, const DecodeOptions& options = {}) {
  const ExactBuffer buffer(frame);
  return decode_frame(buffer.span(), {}, options);
}

/// The whole frame; throws ft::Exception when the envelope cannot be encoded.
inline std::string encode(const TransportEnvelope& envelope) {
  PaddedBuffer out;
  encode_envelope(envelope, out).value();
  return {out.data(), out.size()};
}

/// The payload alone.
inline std::string encode_payload(const TransportEnvelope& envelope) {
  return encode(envelope).substr(kFrameHeaderSize);
}

/// For failure texts: the error, or that there is none.
template <class T>
std::string why(const Result<T>& result) {
  if (result) return "no error";
  return std::string(to_name(result.error().code)) + ": " + result.error().message();
}

// Payloads around a piece of JSON.

inline std::string envelope(std::string_view payload, std::string_view token = "token-of-the-tests") {
  std::string text(R"({"version":1,"auth_token":")");
  return text.append(token).append(R"(","payload":)").append(payload).append("}");
}
inline std::string rows(std::string_view rows) {
  return envelope(std::string(R"({"FragmentResult":{"Success":{"request_id":7,"result":{"Query":{"columns":[],"rows":)")
                      .append(rows)
                      .append("}}}}}"));
}
/// One row of one value.
inline std::string cell(std::string_view value) {
  return rows(std::string(R"([{"values":[)").append(value).append("]}]"));
}
inline std::string request(std::string_view plan, std::string_view more = "") {
  return envelope(std::string(R"({"ExecuteFragment":{"request_id":7,"plan":)")
                      .append(plan)
                      .append(R"(,"txn_id":1,"isolation":"read committed","max_result_rows":1,"max_result_bytes":1,)"
                              R"("max_memory_bytes":1,"max_temp_bytes":1,"snapshot":null,"deadline_epoch_ms":null,)"
                              R"("shard_id":null,"cancel_key":0)")
                      .append(more)
                      .append("}}"));
}
/// A plan that filters by this TypedExprKind.
inline std::string filter(std::string_view kind) {
  return request(std::string(R"({"DeleteFromTable":{"table_id":1,"filter":{"kind":)")
                     .append(kind)
                     .append(R"(,"data_type":"Int","nullable":true},"returning":[],"using_table_ids":[]}})"));
}

}  // namespace ft::test
