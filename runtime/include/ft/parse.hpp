// SPDX-License-Identifier: Apache-2.0
//
// Any generated value from its JSON text: the counterpart of ft/print.hpp, for plans in files and on command lines.
//
//   ft::Result<ft::PhysicalPlan> plan = ft::from_text<ft::PhysicalPlan>(text);
#pragma once

#include <span>
#include <string_view>

#include "ft/core/padded.hpp"
#include "ft/core/result.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/protocol.hpp"

namespace ft {

/// All of `text` must be the value. Copies it once; the value does not refer to it. Limits are those of a message of
/// this size. Errors: any of json and schema; memory_budget.
template <class T>
Result<T> from_text(std::string_view text) {
  const PaddedBuffer copy = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  json::Reader reader(copy.view(), {.depth = MAX_DEPTH, .budget = default_budget(text.size())});
  Result<T> value;
  const char* const end = decode(reader.begin(), *value, reader);
  if (end == nullptr || !reader.at_end(end)) value = reader.take_error();
  return value;
}

}  // namespace ft
