// SPDX-License-Identifier: Apache-2.0
#include "ft/json/encode.hpp"

#include <cmath>

namespace ft::json {

void encode_not_finite(Writer& w, double value) {
  if (!w.masked()) return w.fail(errc::not_finite);
  w.append(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

namespace {

/// The numbers 0 to 999 as digits and a comma: four characters each, and how many of them count.
struct SmallText {
  char text[4];
  unsigned length;
};
constexpr auto kSmallTexts = [] {
  std::array<SmallText, 1000> table{};
  for (unsigned i = 0; i < 1000; ++i) {
    unsigned n = 0;
    if (i >= 100) table[i].text[n++] = static_cast<char>('0' + i / 100);
    if (i >= 10) table[i].text[n++] = static_cast<char>('0' + i / 10 % 10);
    table[i].text[n++] = static_cast<char>('0' + i % 10);
    table[i].text[n++] = ',';
    table[i].length = n;
  }
  return table;
}();

/// A number below 1000 and a comma.
inline char* write_small(char* p, unsigned value) {
  const SmallText& small = kSmallTexts[value];
  std::memcpy(p, small.text, 4);
  return p + small.length;
}

/// One component and a comma. The narrow types of temporal values are below 1000 when they are valid.
template <class T>
char* write_component(char* p, T value) {
  if constexpr (sizeof(T) == 1 && std::is_unsigned_v<T>) return write_small(p, value);
  if constexpr (sizeof(T) == 2 && std::is_unsigned_v<T>) {
    if (value < kSmallTexts.size()) return write_small(p, value);
  }
  p = write_i64(p, value);
  *p++ = ',';
  return p;
}

/// The components of a value, in wire order.
template <class... Ts>
inline char* write_components(char* p, Ts... parts) {
  *p++ = '[';
  ((p = write_component(p, parts)), ...);
  p[-1] = ']';  // instead of the last comma
  return p;
}

template <std::size_t N>
inline char* write_array(char* p, const std::array<std::uint8_t, N>& bytes) {
  return std::apply([p](auto... byte) { return write_components(p, byte...); }, bytes);
}

}  // namespace

char* write(char* p, const Date& v) { return write_components(p, v.year, v.ordinal); }
char* write(char* p, const Time& v) { return write_components(p, v.hour, v.minute, v.second, v.nanosecond); }
char* write(char* p, const UtcOffset& v) { return write_components(p, v.hours, v.minutes, v.seconds); }
char* write(char* p, const PrimitiveDateTime& v) {
  return write_components(p, v.year, v.ordinal, v.hour, v.minute, v.second, v.nanosecond);
}
char* write(char* p, const OffsetDateTime& v) {
  return write_components(p, v.year, v.ordinal, v.hour, v.minute, v.second, v.nanosecond, v.offset_hours,
                          v.offset_minutes, v.offset_seconds);
}
char* write(char* p, const std::array<std::uint8_t, 6>& v) { return write_array(p, v); }
char* write(char* p, const std::array<std::uint8_t, 8>& v) { return write_array(p, v); }
char* write(char* p, const std::array<std::uint8_t, 16>& v) { return write_array(p, v); }

void encode(Writer& w, const SecretString& value) {
  if (w.hides_secrets() && !value.reveal().empty()) {  // that there is none may be known
    w.put("\"***\"");
  } else {
    w.text(value.reveal());
  }
}

void encode_bytes(Writer& w, const std::uint8_t* bytes, std::size_t count) {
  if (!w.enter()) return;
  w.put('[');
  if (count == 0) w.put(']');
  for (std::size_t i = 0; i < count;) {
    const std::size_t stop = count - i < 256 ? count : i + 256;
    char* p = w.room(4 * 256);
    for (; i < stop; ++i) {
      p = write_small(p, bytes[i]);
    }
    if (stop == count) p[-1] = ']';  // instead of the last comma
    w.wrote_to(p);
  }
  w.leave();
}

}  // namespace ft::json
