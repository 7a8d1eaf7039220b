// SPDX-License-Identifier: Apache-2.0
#include "ft/json/encode.hpp"

#include <cmath>

namespace ft::json {

namespace {

template <class T>
std::string_view name_of_not_finite(T value) {
  return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

template <class T, class Write>
void encode_float(Writer& w, T value, Write write) {
  if (!std::isfinite(value)) [[unlikely]] {
    if (w.masked()) return w.append(name_of_not_finite(value));
    return w.fail(errc::not_finite);
  }
  w.wrote_to(write(w.room(32), value));
}

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
  if constexpr (sizeof(T) <= 2 && std::is_unsigned_v<T>) {
    if (value < kSmallTexts.size()) return write_small(p, value);
  }
  p = write_i64(p, value);
  *p++ = ',';
  return p;
}

/// The components of a temporal value, in wire order.
template <class... Ts>
void encode_components(Writer& w, Ts... parts) {
  if (!w.enter()) return;
  char* p = w.room(33 * sizeof...(Ts));
  *p++ = '[';
  ((p = write_component(p, parts)), ...);
  p[-1] = ']';  // instead of the last comma
  w.wrote_to(p);
  w.leave();
}

}  // namespace

void encode(Writer& w, double value) { encode_float(w, value, write_f64); }
void encode(Writer& w, float value) { encode_float(w, value, write_f32); }
void encode(Writer& w, const Int128& value) { w.wrote_to(write(w.room(Int128::max_digits), value)); }
void encode(Writer& w, const Month& value) { encode(w, value.number); }

void encode(Writer& w, const Date& v) { encode_components(w, v.year, v.ordinal); }
void encode(Writer& w, const Time& v) { encode_components(w, v.hour, v.minute, v.second, v.nanosecond); }
void encode(Writer& w, const UtcOffset& v) { encode_components(w, v.hours, v.minutes, v.seconds); }
void encode(Writer& w, const PrimitiveDateTime& v) {
  encode_components(w, v.year, v.ordinal, v.hour, v.minute, v.second, v.nanosecond);
}
void encode(Writer& w, const OffsetDateTime& v) {
  encode_components(w, v.year, v.ordinal, v.hour, v.minute, v.second, v.nanosecond, v.offset_hours, v.offset_minutes,
                    v.offset_seconds);
}

void encode(Writer& w, const SecretString& value) {
  if (w.masked() && !value.reveal().empty()) {  // that there is none may be known
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
