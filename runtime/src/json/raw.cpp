// SPDX-License-Identifier: Apache-2.0
#include "ft/json/raw.hpp"

#include <limits>

#include "ft/json/reader.hpp"

namespace ft {

Result<Json> Json::parse(std::string_view text) {
  constexpr unsigned kDepth = 127;
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  json::Reader r(input.view(), {.depth = kDepth, .budget = std::numeric_limits<std::size_t>::max()});
  const char* const begin = json::skip_space(r.begin());
  const char* const p = json::skip_json(begin, r);
  if (p == nullptr || !r.at_end(p)) return r.take_error();
  return Json(JsonView::trusted({begin, static_cast<std::size_t>(p - begin)}));
}

}  // namespace ft
