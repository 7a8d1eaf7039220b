// SPDX-License-Identifier: Apache-2.0
//
// Any value of the fragment transport as text for people: its JSON, with secrets as "***" and never an error.
//
//   std::cout << request << '\n';
//   log(ft::to_text(plan));
#pragma once

#include "ft/gen/codec.hpp"
#include "ft/json/print.hpp"
