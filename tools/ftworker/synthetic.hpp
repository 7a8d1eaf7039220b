// SPDX-License-Identifier: Apache-2.0
//
// The synthetic executor: plays whatever the tag of an InternalNoOp asks for, so that clients, networks and limits can
// be tried without a database.
//
//   sleep:MS      waits, and stops at once when it is told to          -> Command "sleep:MS"
//   spin:MS       waits and does not listen                            -> Command "spin:MS"
//   rows:N        N rows of eight columns, the same for the same N      -> Query
//   bytes:N       N bytes of COPY text                                 -> CopyOut
//   error:STATE   fails with this SQLSTATE
//   throw         throws an exception
//   echo          the arguments of the request as rows name | value    -> Query
//   anything else                                                      -> Command with this tag
//
// Another plan than an InternalNoOp fails with 0A000. MS is at most a day, N at most kMaxRows or kMaxBytes; a number
// that does not read as one fails with 22023.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "ft/server.hpp"

namespace ft::tools {

inline constexpr std::uint64_t kMaxRows = 2'000'000;
inline constexpr std::uint64_t kMaxBytes = 64U << 20;

/// `threads`: for the tags that wait, work or throw; all others are played where they arrive.
std::shared_ptr<FragmentExecutor> synthetic_executor(std::size_t threads);

/// The rows of `rows:N`.
ExecutionResult sample_rows(std::uint64_t rows);

}  // namespace ft::tools
