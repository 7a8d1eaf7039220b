// SPDX-License-Identifier: Apache-2.0
//
// Changes to frames that know the schema: other variants, keys dropped, doubled, in another order, numbers at an edge,
// lists longer and shorter, parts exchanged with parts of the same type; now and then under another message byte.
//
//   std::string changed = mutate(frame, seed);            // the header has the right length
//   std::string mixed = cross_over(frame, other, seed);   // a part of `other` in the place of one of `frame`
//
// Everything follows from the seed. A frame whose payload is no JSON, or no object, is nobody's to change: the result
// is empty. Numbers pass through Boost.JSON, so those of more than 64 bits come out shorter.
#pragma once

#include <string>
#include <string_view>

namespace ft::fuzz {

std::string mutate(std::string_view frame, unsigned seed);
std::string cross_over(std::string_view frame, std::string_view other, unsigned seed);

}  // namespace ft::fuzz
