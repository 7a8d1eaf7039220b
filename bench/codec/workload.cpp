// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <stdexcept>
#include <string_view>

namespace bench {
namespace {

ft::PaddedBuffer padded(std::string_view text) {
  return ft::PaddedBuffer::copy_of(std::as_bytes(std::span(text.data(), text.size())));
}

/// Appends text and numbers to a buffer that grows by doubling.
class Appender {
 public:
  explicit Appender(std::size_t capacity) { out_.reserve(capacity); }

  std::size_t size() const { return out_.size(); }
  ft::PaddedBuffer take() && { return std::move(out_); }

  Appender& operator<<(std::string_view text) {
    const std::size_t before = out_.size();
    if (before + text.size() > out_.capacity()) out_.reserve(2 * (before + text.size()));
    out_.resize(before + text.size());
    std::memcpy(out_.data() + before, text.data(), text.size());
    return *this;
  }
  template <std::integral T>
  Appender& operator<<(T number) {
    char text[24];
    return *this << std::string_view(text, std::to_chars(text, std::end(text), number).ptr);
  }
  Appender& operator<<(double number) {
    char text[32];
    const std::string_view digits(text, std::to_chars(text, std::end(text), number, std::chars_format::fixed).ptr);
    *this << digits;
    return digits.find('.') == digits.npos ? *this << ".0" : *this;
  }

 private:
  ft::PaddedBuffer out_;
};

/// The engine's output is fixed by the standard; its distributions are not, so they are made here.
class Dice {
 public:
  std::uint64_t any() { return engine_(); }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>((engine_() >> 32) * bound >> 32); }
  /// From 0 to 1, with all 53 bits.
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool coin() { return (engine_() >> 63) != 0; }
  std::string_view plain_word() { return kWords[below(5)]; }
  std::string_view word() { return kWords[below(8)]; }

 private:
  // As they stand inside a JSON string. The last three are never the last word of a text.
  static constexpr std::string_view kWords[8] = {"alpha", "bravo",       "charlie",     "delta",
                                                 "écho",  "golf\\nclub", "fox\\\"trot", "日本語"};
  std::mt19937_64 engine_{20240229};
};

constexpr std::string_view kHead =
    R"({"version":1,"auth_token":"","payload":{"FragmentResult":{"Success":)"
    R"({"request_id":7,"result":{"Query":{"columns":[)"
    R"({"name":"id","data_type":"Int","text_type_modifier":null,"nullable":false},)"
    R"({"name":"big","data_type":"BigInt","text_type_modifier":null,"nullable":false},)"
    R"({"name":"name","data_type":"Text","text_type_modifier":null,"nullable":true},)"
    R"({"name":"score","data_type":"Double","text_type_modifier":null,"nullable":true},)"
    R"({"name":"active","data_type":"Boolean","text_type_modifier":null,"nullable":true},)"
    R"({"name":"missing","data_type":"Text","text_type_modifier":null,"nullable":true},)"
    R"({"name":"created","data_type":"Timestamp","text_type_modifier":null,"nullable":true},)"
    R"({"name":"uid","data_type":"Uuid","text_type_modifier":null,"nullable":true},)"
    R"({"name":"doc","data_type":"Jsonb","text_type_modifier":null,"nullable":true}],"rows":[)";
constexpr std::string_view kTail = "]}}}}}}";

void append_row(Appender& out, Dice& dice, std::uint32_t id) {
  const auto truth = [&dice]() -> std::string_view { return dice.coin() ? "true" : "false"; };

  out << R"({"values":[{"Int":)" << id << R"(},{"BigInt":)" << static_cast<std::int64_t>(dice.any()) << "},";
  out << R"({"Text":")" << dice.word() << " " << dice.word() << " " << dice.plain_word() << " #" << dice.below(100000);
  out << R"("},{"Double":)" << 1000 * dice.unit() << R"(},{"Boolean":)" << truth() << R"(},"Null",{"Timestamp":[)";
  out << 1990 + dice.below(50) << "," << 1 + dice.below(365) << "," << dice.below(24) << "," << dice.below(60) << ","
      << dice.below(60) << "," << 1000 * dice.below(1000000) << R"(]},{"Uuid":[)";
  for (int i = 0; i < 16; ++i) out << (i == 0 ? "" : ",") << dice.below(256);
  out << R"(]},{"Jsonb":{"k":)" << id << R"(,"tags":["a",")" << dice.word() << R"("],"ratio":)";
  out << dice.below(10000000) / 7.0 << R"(,"nested":{"ok":)" << truth() << R"(,"n":null}}}]})";
}

}  // namespace

Frame cancel_frame() {
  return {ft::MSG_CANCEL_FRAGMENT, padded(R"({"version":1,"auth_token":"test-token","payload":{"CancelFragment":)"
                                          R"({"request_id":918273645,"cancel_key":12297829382473034410}}})")};
}

Frame load_frame(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const ft::Result<ft::FrameHeader> header =
      ft::parse_frame_header(std::as_bytes(std::span(bytes.data(), bytes.size())), ft::MAX_PAYLOAD);
  if (!header) throw std::runtime_error(path + ": " + header.error().message());
  const std::string_view rest = std::string_view(bytes).substr(ft::kFrameHeaderSize);
  if (rest.size() < header->payload_length) throw std::runtime_error(path + ": the frame is cut short");
  return {header->type, padded(rest.substr(0, header->payload_length))};
}

Frame rows_frame(std::size_t bytes) {
  Appender out(bytes + 1024);
  Dice dice;
  out << kHead;
  for (std::uint32_t id = 0; out.size() + kTail.size() < bytes; ++id) {
    if (id != 0) out << ",";
    append_row(out, dice, id);
  }
  out << kTail;
  return {ft::MSG_FRAGMENT_RESULT, std::move(out).take()};
}

}  // namespace bench
