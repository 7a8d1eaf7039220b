// SPDX-License-Identifier: Apache-2.0
//
// Two-stage decoding of an envelope: its head is judged before the payload is built.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "ft/json/reader.hpp"

namespace ft::json {

/// The counterpart of decode_fields for an envelope. `head` are the keys that `judge(out, r)` needs, `payload` is the
/// key that it guards; an error that it returns ends the decode. If the payload comes first it is checked and passed
/// over, and decoded when the head is known. (In canonical order the generated code needs none of this.)
template <class T, class Judge>
const char* decode_gated_fields(const char* p, T& out, Reader& r, const Judge& judge, const FieldTable& fields,
                                std::uint64_t seen, std::uint64_t head, unsigned payload) {
  struct State {
    T& out;
    const Judge& judge;
    const FieldTable& fields;
    std::uint64_t missing;
    unsigned payload;
    const char* deferred = nullptr;

    const char* decode_payload(const char* at, Reader& reader) {
      if (std::optional<Error> refusal = judge(out, reader)) return reader.refuse(std::move(*refusal), at);
      return fields.decode(payload, at, &out, reader);
    }
  } state{out, judge, fields, head & ~seen, payload};

  FieldTable gated = fields;
  gated.decode = [](unsigned index, const char* at, void* object, Reader& reader) -> const char* {
    State& s = *static_cast<State*>(object);
    if (index != s.payload) {
      s.missing &= ~(std::uint64_t{1} << index);
      return s.fields.decode(index, at, &s.out, reader);
    }
    if (s.missing == 0) return s.decode_payload(at, reader);
    s.deferred = at;
    return skip_value(at, reader);
  };

  p = decode_fields(p, &state, r, gated, seen);
  if (p == nullptr || state.deferred == nullptr) return p;
  r.enter();
  if (state.decode_payload(state.deferred, r) == nullptr) return r.in_key(fields.key(payload));
  r.leave();
  return p;
}

}  // namespace ft::json
