// SPDX-License-Identifier: Apache-2.0
#include "ft/json/reader.hpp"

#include <bit>
#include <utility>

#include "scan.hpp"

namespace ft::json {

// -- errors ---------------------------------------------------------------------------------------------------

const char* Reader::fail(errc code, const char* at, std::string_view wanted) {
  if (failed_at_ != nullptr) return nullptr;
  if (at >= end_) {
    at = end_;
    if (code == errc::syntax || code == errc::control_character || code == errc::invalid_number ||
        code == errc::invalid_escape || code == errc::invalid_utf8 || code == errc::wrong_type) {
      code = errc::unexpected_end;
      wanted = {};
    }
  }
  failed_at_ = at;
  error_.code = code;
  error_.offset = offset(at);
  if (!wanted.empty()) error_.detail.assign("expected ").append(wanted);
  return nullptr;
}

const char* Reader::fail_key(errc code, const char* at, std::string_view key) {
  if (failed_at_ == nullptr) {
    fail(code, at);
    error_.detail.assign("\"").append(key).append("\"");
  }
  return nullptr;
}

const char* Reader::refuse(Error error, const char* at) {
  if (failed_at_ != nullptr) return nullptr;
  failed_at_ = at;
  error_ = std::move(error);
  error_.offset = offset(at);
  return nullptr;
}

// Steps are kept innermost first, each with its letters reversed, so that one reversal at the end gives the path.
const char* Reader::in_key(std::string_view key) {
  steps_.append(key.rbegin(), key.rend());
  steps_.push_back('.');
  return nullptr;
}

const char* Reader::in_index(std::size_t index) {
  const std::string digits = std::to_string(index);
  steps_.push_back(']');
  steps_.append(digits.rbegin(), digits.rend());
  steps_.push_back('[');
  return nullptr;
}

Error Reader::take_error() {
  error_.path = "$";
  error_.path.append(steps_.rbegin(), steps_.rend());
  return std::move(error_);
}

bool Reader::at_end(const char* p) noexcept {
  p = skip_space(p);
  if (p == end_) return true;
  fail(errc::trailing_bytes, p);
  return false;
}

const char* fail_value(const char* p, Reader& r, std::string_view wanted) {
  switch (*p) {
    case '"':
    case '{':
    case '[':
    case 't':
    case 'f':
    case 'n':
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return r.fail(errc::wrong_type, p, wanted);
    default:
      return r.fail(errc::syntax, p, wanted);
  }
}

// -- containers -----------------------------------------------------------------------------------------------

const char* open_object(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p != '{') return fail_value(p, r, "an object");
  if (!r.enter()) return r.fail(errc::depth_exceeded, p);
  return skip_space(p + 1);
}

const char* open_array(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p != '[') return fail_value(p, r, "an array");
  if (!r.enter()) return r.fail(errc::depth_exceeded, p);
  return skip_space(p + 1);
}

namespace {

/// A name, looked up: `p` is behind its opening quote, the result behind the closing one.
const char* read_name(const char* p, unsigned& index, Reader& r, const NameTable& table) {
  std::string_view name;
  p = read_text(p, name, r);
  if (p == nullptr) return nullptr;
  // Both homes of a text, the padded input and a string of at least its inline capacity, let eight bytes be read.
  index = table.find(name.data(), name.size());
  return p;
}

}  // namespace

std::string_view FieldTable::key(unsigned index) const noexcept {
  for (const NameEntry& entry : names.entries) {
    if (entry.index == index) return entry.name;
  }
  return {};
}

const char* decode_fields(const char* p, void* object, Reader& r, const FieldTable& table, std::uint64_t seen) {
  bool first = seen == 0;
  for (;;) {
    p = skip_space(p);
    if (*p == '}') break;
    if (!first) {
      if (*p != ',') return r.fail(errc::syntax, p, "a comma or the closing brace");
      p = skip_space(p + 1);
    }
    first = false;
    if (*p != '"') return r.fail(errc::syntax, p, "a key");
    const char* const key_at = p;
    unsigned index = NameTable::kNone;
    p = read_name(p + 1, index, r, table.names);
    if (p == nullptr) return nullptr;
    p = skip_space(p);
    if (*p != ':') return r.fail(errc::syntax, p, "a colon");
    p = skip_space(p + 1);
    if (index == NameTable::kNone || (table.known >> index & 1U) == 0) {
      r.count_unknown_key();
      p = skip_value(p, r);
      if (p == nullptr) return nullptr;
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << index;
    if ((seen & bit) != 0) return r.fail_key(errc::duplicate_key, key_at, table.key(index));
    seen |= bit;
    p = table.decode(index, p, object, r);
    if (p == nullptr) return r.in_key(table.key(index));
  }
  if (const std::uint64_t missing = table.required & ~seen; missing != 0) {
    return r.fail_key(errc::missing_key, p, table.key(static_cast<unsigned>(std::countr_zero(missing))));
  }
  r.leave();
  return p + 1;
}

// -- sums -----------------------------------------------------------------------------------------------------

namespace {

/// Whether the name was one of a variant that the version has.
bool known(unsigned index, const Reader& r, const VariantTable& table) noexcept {
  return index != NameTable::kNone && (table.ranges == nullptr || in_range(table.ranges[index], r.version()));
}

}  // namespace

const char* open_variant(const char* p, VariantHead& head, Reader& r, const VariantTable& table) {
  // Canonical, with a payload and a name of at most sixteen bytes: one look finds the name's end.
  if (p[0] == '{' && p[1] == '"') [[likely]] {
    const unsigned mask = special_mask16(p + 2);
    const char* const end = p + 2 + (mask == 0 ? 0 : std::countr_zero(mask));
    if (end[0] == '"' && end[1] == ':') [[likely]] {
      head.index = table.names.find(p + 2, static_cast<std::size_t>(end - (p + 2)));
      if (known(head.index, r, table) && !table.is_unit(head.index)) [[likely]] {
        if (!r.enter()) return r.fail(errc::depth_exceeded, p);
        head.whole = false;
        return end + 2;
      }
    }
  }
  p = skip_space(p);
  const char* const at = p;
  if (*p == '"') {
    p = read_name(p + 1, head.index, r, table.names);
    if (p == nullptr) return nullptr;
    if (!known(head.index, r, table)) return r.fail(errc::unknown_variant, at);
    if (!table.is_unit(head.index)) return r.fail(errc::wrong_type, at, "an object: this variant has a payload");
    head.whole = true;
    return p;
  }
  if (*p != '{') return fail_value(p, r, "a variant: a string, or an object with one key");
  if (!r.enter()) return r.fail(errc::depth_exceeded, p);
  p = skip_space(p + 1);
  if (*p != '"') {
    return *p == '}' ? r.fail(errc::wrong_type, at, "an object with one key") : r.fail(errc::syntax, p, "a key");
  }
  const char* const name_at = p;
  p = read_name(p + 1, head.index, r, table.names);
  if (p == nullptr) return nullptr;
  if (!known(head.index, r, table)) return r.fail(errc::unknown_variant, name_at);
  if (*p != ':') {
    p = skip_space(p);
    if (*p != ':') return r.fail(errc::syntax, p, "a colon");
  }
  ++p;
  head.whole = table.is_unit(head.index);
  if (!head.whole) return p;
  p = skip_space(p);
  if (!starts_with(p, "null")) return fail_value(p, r, "null: this variant has no payload");
  return close_variant(p + 4, r);
}

const char* close_variant_slow(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p == ',') return r.fail(errc::wrong_type, p, "an object with one key");
  if (*p != '}') return r.fail(errc::syntax, p, "the closing brace");
  r.leave();
  return p + 1;
}

const char* read_unit(const char* p, unsigned& index, Reader& r, const VariantTable& table) {
  VariantHead head;
  p = open_variant(p, head, r, table);
  index = head.index;
  return p;
}

}  // namespace ft::json
