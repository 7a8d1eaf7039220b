// SPDX-License-Identifier: Apache-2.0
#include "ft/session/answer.hpp"

namespace ft {

CallOptions::CallOptions() = default;
Answer::Answer() = default;

}  // namespace ft
