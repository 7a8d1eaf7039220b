// SPDX-License-Identifier: Apache-2.0
#include "ft/json/writer.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "scan.hpp"

namespace ft::json {

Writer::Writer(PaddedBuffer& out, std::size_t limit, Mode mode, unsigned depth_limit)
    : out_(out),
      base_(out.size()),
      limit_(limit),
      cursor_(nullptr),
      end_(nullptr),
      depth_limit_(depth_limit),
      mode_(mode) {
  out_.reserve(base_ + kBlock);
  cursor_ = out_.data() + base_;
  end_ = out_.data() + out_.capacity();
}

std::optional<errc> Writer::finish() {
  if (!failed_ && written() > limit_) fail(errc::output_too_large);
  out_.resize(failed_ ? base_ : base_ + written());
  finished_ = true;
  if (failed_) return error_;
  return std::nullopt;
}

void Writer::fail(errc code) noexcept {
  if (!failed_) error_ = code;
  failed_ = true;
  depth_limit_ = 0;
}

void Writer::fail_version(std::string_view what, std::string_view variant) noexcept {
  if (masked()) return;
  if (!failed_) {
    refused_ = what;
    refused_variant_ = variant;
  }
  fail(errc::not_in_version);
}

std::string Writer::refused() const {
  std::string text(refused_);
  if (!refused_variant_.empty()) text.append("::").append(refused_variant_);
  return text;
}

bool Writer::enter_slow() {
  --depth_;
  if (masked()) {
    append("\"...\"");
  } else {
    fail(errc::depth_exceeded);
  }
  return false;
}

void Writer::grow(std::size_t n) {
  const std::size_t used = written();
  if (used > limit_) fail(errc::output_too_large);
  if (failed_) {
    // Whatever still comes overwrites itself: the constructor made room for one block.
    cursor_ = out_.data() + base_;
    return;
  }
  out_.resize(base_ + used);
  out_.reserve(std::max(base_ + used + n, out_.capacity() * 2));
  cursor_ = out_.data() + base_ + used;
  end_ = out_.data() + out_.capacity();
}

void Writer::append_long(std::string_view text) {
  for (; text.size() > kBlock; text.remove_prefix(kBlock)) append(text.substr(0, kBlock));
  append(text);
}

namespace {

/// Nonzero if one of the eight bytes is special (see special_mask16); the lowest set bit is in the first such byte.
std::uint64_t special_bits(std::uint64_t v) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
  const auto zero_bytes = [](std::uint64_t x) { return (x - ones) & ~x; };
  return (((v - ones * 0x20) & ~v) | zero_bytes(v ^ (ones * '"')) | zero_bytes(v ^ (ones * '\\')) | v) & tops;
}

/// `count` bytes from `s`, 1 to 8, the first of them lowest; zeros behind. Nothing before `begin` or behind them is
/// read.
std::uint64_t load_at_most8(const char* s, unsigned count, const char* begin) noexcept {
  if (count == 8) return load64(s);
  if (s + count - begin >= 8) return load64(s + count - 8) >> (64 - 8 * count);
  std::uint64_t word = 0;
  for (unsigned i = 0; i < count; ++i) word |= static_cast<std::uint64_t>(static_cast<unsigned char>(s[i])) << (8 * i);
  return word;
}

void store64(char* p, std::uint64_t word) noexcept {
  if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) word = __builtin_bswap64(word);
  std::memcpy(p, &word, sizeof word);
}

/// How a quote, a backslash or a control character is written: eight bytes, of which `length` count.
struct Escape {
  char text[7];
  std::uint8_t length;
};
constexpr auto kEscapes = [] {
  std::array<Escape, 128> table{};
  constexpr char hex[] = "0123456789abcdef";
  for (unsigned c = 0; c < 0x20; ++c) table[c] = {{'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6};
  constexpr std::string_view letters = "\"\"\\\\\bb\tt\nn\ff\rr";
  for (std::size_t i = 0; i < letters.size(); i += 2) {
    table[static_cast<std::size_t>(letters[i])] = {{'\\', letters[i + 1]}, 2};
  }
  return table;
}();

}  // namespace

void Writer::text(std::string_view text) {
  const char* s = text.data();
  const char* const end = s + text.size();
  constexpr std::ptrdiff_t kStep = 32;  // more than one turn writes
  char* p = room(kStep);
  *p++ = '"';
  while (s != end) {
    // Copy first, look afterwards: what is special is overwritten.
    if (end_ - p < kStep) [[unlikely]] {
      cursor_ = p;
      p = room(kStep);
    }
    const auto left = static_cast<std::size_t>(end - s);
    if (left >= 16) {
      std::memcpy(p, s, 16);
      const unsigned mask = special_mask16(s);
      const unsigned plain = mask == 0 ? 16U : static_cast<unsigned>(std::countr_zero(mask));
      s += plain;
      p += plain;
      if (mask == 0) continue;
    } else {
      // The last bytes as one word, zeros behind them.
      const unsigned taken = left < 8 ? static_cast<unsigned>(left) : 8U;
      const std::uint64_t word = load_at_most8(s, taken, text.data());
      store64(p, word);
      const std::uint64_t bits = special_bits(word) | (taken < 8 ? std::uint64_t{0x80} << (8 * taken) : 0);
      const auto plain = bits == 0 ? 8U : static_cast<unsigned>(std::countr_zero(bits)) / 8;
      s += plain;
      p += plain;
      if (plain == taken) continue;
    }
    const auto byte = static_cast<unsigned char>(*s);
    if (byte < 0x80) {
      const Escape& escape = kEscapes[byte];
      std::memcpy(p, &escape, sizeof escape);
      p += escape.length;
      ++s;
      continue;
    }
    char sequence[4] = {};
    if (end - s >= 4) {
      std::memcpy(sequence, s, 4);
    } else {
      std::copy(s, end, sequence);
    }
    if (const std::size_t length = utf8_length(sequence); length != 0) {
      std::memcpy(p, sequence, 4);
      p += length;
      s += length;
    } else if (masked()) {
      std::memcpy(p, "\xEF\xBF\xBD", 3);
      p += 3;
      ++s;
    } else {
      cursor_ = p;
      return fail(errc::invalid_string);
    }
  }
  *p++ = '"';
  cursor_ = p;
}

}  // namespace ft::json
