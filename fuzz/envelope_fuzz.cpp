// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"
#include "mutator_hooks.hpp"
FT_FUZZ_TARGET(ft::fuzz::frame)
