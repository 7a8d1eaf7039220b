// SPDX-License-Identifier: Apache-2.0
#include "ft/json/decode.hpp"

#include "ft/json/number.hpp"
#include "small_integers.hpp"

namespace ft::json {

const char* fail_integer(const char* begin, Reader& r) {
  const char* p = begin;
  p += *p == '-';
  const auto digit = [](char c) { return static_cast<unsigned char>(c - '0') <= 9; };
  if (!digit(*p)) return p == begin ? fail_value(begin, r, "an integer") : r.fail(errc::invalid_number, begin);
  if (*p == '0' && digit(p[1])) return r.fail(errc::invalid_number, begin, "a number without leading zeros");
  while (digit(*p)) ++p;
  if (*p == '.' || (*p | 0x20) == 'e')
    return r.fail(errc::wrong_type, begin, "an integer without fraction or exponent");
  if (begin[0] == '-' && begin[1] == '0') return r.fail(errc::out_of_range, begin, "an integer; -0 is none");
  return r.fail(errc::out_of_range, begin);
}

const char* decode(const char* p, bool& out, Reader& r) {
  p = skip_space(p);
  if (starts_with(p, "true")) {
    out = true;
    return p + 4;
  }
  if (starts_with(p, "false")) {
    out = false;
    return p + 5;
  }
  return fail_value(p, r, "true or false");
}

namespace {

template <class T, class Parse>
const char* decode_number(const char* p, T& out, Reader& r, std::string_view wanted, Parse parse) {
  p = skip_space(p);
  if (*p != '-' && static_cast<unsigned char>(*p - '0') > 9) return fail_value(p, r, wanted);
  errc code{};
  const char* const behind = parse(p, out, code);
  return behind != nullptr ? behind : r.fail(code, p, wanted);
}

}  // namespace

const char* decode(const char* p, double& out, Reader& r) { return decode_number(p, out, r, "a number", parse_f64); }
const char* decode(const char* p, float& out, Reader& r) { return decode_number(p, out, r, "a number", parse_f32); }

const char* decode(const char* p, Int128& out, Reader& r) {
  p = decode_number(p, out, r, "an integer",
                    [](const char* at, Int128& value, errc& code) { return parse(at, value, code); });
  if (p != nullptr && (*p == '.' || (*p | 0x20) == 'e'))
    return r.fail(errc::wrong_type, p, "an integer without fraction or exponent");
  return p;
}

// -- strings and opaque values --------------------------------------------------------------------------------

const char* read_string(const char* p, std::string_view& text, Reader& r, std::size_t max_bytes) {
  if (*p != '"') {
    p = skip_space(p);
    if (*p != '"') return fail_value(p, r, "a string");
  }
  const char* const at = p;
  p = read_text(p + 1, text, r);
  if (p != nullptr && text.size() > max_bytes) return r.fail(errc::too_long, at);
  return p;
}

const char* decode_string(const char* p, std::string& out, Reader& r, std::size_t max_bytes) {
  std::string_view text;
  p = read_string(p, text, r, max_bytes);
  if (p == nullptr) return nullptr;
  if (text.size() > 15 && !r.charge(text.size() + 1)) return r.fail(errc::memory_budget, p);
  out.assign(text);
  return p;
}

const char* decode(const char* p, SecretString& out, Reader& r) {
  std::string_view text;
  p = read_string(p, text, r);
  if (p != nullptr) {
    if (text.size() <= 15 || r.charge(text.size() + 1)) {
      out.reveal_mutable().assign(text);  // into a fresh secret: one allocation, of the final size
    } else {
      p = r.fail(errc::memory_budget, p);
    }
  }
  if (!r.scratch.empty()) r.wipe_scratch();  // an escaped secret, whole or not
  return p;
}

const char* decode(const char* p, Json& out, Reader& r) {
  p = skip_space(p);
  const char* const behind = skip_json(p, r);
  if (behind == nullptr) return nullptr;
  const std::string_view text(p, static_cast<std::size_t>(behind - p));
  if (!r.charge(text.size() + 1)) return r.fail(errc::memory_budget, p);
  out = Json(JsonView::trusted(text));
  return behind;
}

// -- arrays of small integers ---------------------------------------------------------------------------------

namespace {

/// The components of a temporal value, in wire order; an array of exactly these.
template <class... Ts>
const char* decode_components(const char* p, Reader& r, Ts&... parts) {
  std::tuple<Ts...> values;
  p = decode(p, values, r);
  if (p != nullptr) std::tie(parts...) = values;
  return p;
}

template <class T>
const char* checked(const char* p, const char* at, const T& value, Reader& r) {
  if (p != nullptr && !valid(value)) return r.fail(errc::out_of_range, at, "a date or time that exists");
  return p;
}

/// Behind the array when it is canonical and free of signs, otherwise nullptr (and no error).
const char* decode_timestamp_fast(const char* p, PrimitiveDateTime& out) {
  if (*p != '[') return nullptr;
  SmallIntegers<32> next(p + 1);  // years of six digits fit
  out.year = static_cast<std::int32_t>(next.next9());
  out.ordinal = static_cast<std::uint16_t>(next.next3());
  const unsigned hour = next.next3(), minute = next.next3(), second = next.next3();
  out.nanosecond = next.next9(']');
  out.hour = static_cast<std::uint8_t>(hour);
  out.minute = static_cast<std::uint8_t>(minute);
  out.second = static_cast<std::uint8_t>(second);
  return next.canonical() && (hour | minute | second) <= 255 ? next.end() : nullptr;
}

}  // namespace

const char* decode_bytes(const char* p, std::uint8_t* out, std::size_t count, Reader& r) {
  p = skip_space(p);
  if (*p == '[' && r.depth() < r.depth_limit()) {
    const char* behind = nullptr;
    if (count == 16) behind = read_small_bytes<16>(p + 1, out);
    if (count == 8) behind = read_small_bytes<8>(p + 1, out);
    if (count == 6) behind = read_small_bytes<6>(p + 1, out);
    if (behind != nullptr) return behind;
  }
  return detail::decode_exactly(p, r, count, [&](const char* at, std::size_t i) { return decode(at, out[i], r); });
}

const char* decode(const char* p, Date& out, Reader& r) {
  p = skip_space(p);
  return checked(decode_components(p, r, out.year, out.ordinal), p, out, r);
}

const char* decode(const char* p, Time& out, Reader& r) {
  p = skip_space(p);
  return checked(decode_components(p, r, out.hour, out.minute, out.second, out.nanosecond), p, out, r);
}

const char* decode(const char* p, UtcOffset& out, Reader& r) {
  p = skip_space(p);
  const char* const behind = decode_components(p, r, out.hours, out.minutes, out.seconds);
  out = UtcOffset::normalised(out.hours, out.minutes, out.seconds);
  return checked(behind, p, out, r);
}

const char* decode(const char* p, PrimitiveDateTime& out, Reader& r) {
  p = skip_space(p);
  if (const char* const behind = decode_timestamp_fast(p, out);
      behind != nullptr && valid(out) && r.depth() < r.depth_limit()) {
    return behind;
  }
  return checked(decode_components(p, r, out.year, out.ordinal, out.hour, out.minute, out.second, out.nanosecond), p,
                 out, r);
}

const char* decode(const char* p, OffsetDateTime& out, Reader& r) {
  p = skip_space(p);
  std::int8_t hours = 0, minutes = 0, seconds = 0;
  const char* const behind = decode_components(p, r, out.year, out.ordinal, out.hour, out.minute, out.second,
                                               out.nanosecond, hours, minutes, seconds);
  out = OffsetDateTime(out.date(), out.time(), UtcOffset::normalised(hours, minutes, seconds));
  return checked(behind, p, out, r);
}

const char* decode(const char* p, Month& out, Reader& r) {
  p = skip_space(p);
  std::uint8_t number = 0;
  const char* const behind = decode(p, number, r);
  if (behind == nullptr) return nullptr;
  if (number < 1 || number > 12) return r.fail(errc::out_of_range, p, "a month, 1 to 12");
  out = Month(number);
  return behind;
}

// -- lists ----------------------------------------------------------------------------------------------------

const char* next_item_slow(const char* p, bool& more, Reader& r) {
  p = skip_space(p);
  if (*p != ',' && *p != ']') return r.fail(errc::syntax, p, "a comma or the closing bracket");
  return next_item(p, more, r);
}

}  // namespace ft::json
