// SPDX-License-Identifier: Apache-2.0
//
// What an idle connection costs the server's process.
#pragma once

#include <cstddef>

#include "transport/setup.hpp"

namespace bench {

/// Runs the server in a child process, opens `count` connections, makes one request on each, lets them idle, and
/// divides what the child's resident memory has grown by. Call it while the program has one thread.
double idle_kibibytes(const Setup& setup, bool tls, std::size_t count);

}  // namespace bench
