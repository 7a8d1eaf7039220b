// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/metrics.hpp"

#include <array>

namespace ft {

namespace {

template <class Label>
using Names = std::array<std::string_view, CounterBy<Label>::kSize>;

constexpr Names<Refusal> kRefusals = {"connection_limit", "draining", "descriptor_limit", "setup_failed"};
constexpr Names<Handshake> kHandshakes = {"ok", "failed", "timed_out"};
constexpr Names<RequestEnd> kRequestEnds = {"ok",          "error",    "failed", "cancelled", "timed_out",
                                            "client_left", "rejected", "killed", "invalid"};
constexpr Names<CallEnd> kCallEnds = {"ok",          "remote_error", "cancelled", "timed_out",
                                      "unreachable", "rejected",     "failed"};
constexpr Names<PoolClose> kPoolCloses = {"idle", "aged", "surplus", "outdated", "broken", "drained"};
constexpr Names<SqlClass> kSqlClasses = {"08", "0A", "22", "23", "25", "28", "40",   "42",
                                         "53", "54", "55", "57", "58", "XX", "other"};

template <class Label>
constexpr std::string_view name(const Names<Label>& names, Label label) noexcept {
  return names[static_cast<std::size_t>(label)];
}

// A missing name would be empty.
static_assert(!kRefusals.back().empty() && !kHandshakes.back().empty() && !kRequestEnds.back().empty() &&
              !kCallEnds.back().empty() && !kPoolCloses.back().empty() && !kSqlClasses.back().empty());

}  // namespace

std::string_view to_name(Refusal refusal) noexcept { return name(kRefusals, refusal); }
std::string_view to_name(Handshake handshake) noexcept { return name(kHandshakes, handshake); }
std::string_view to_name(RequestEnd end) noexcept { return name(kRequestEnds, end); }
std::string_view to_name(CallEnd end) noexcept { return name(kCallEnds, end); }
std::string_view to_name(PoolClose reason) noexcept { return name(kPoolCloses, reason); }
std::string_view to_name(SqlClass sql_class) noexcept { return name(kSqlClasses, sql_class); }

SqlClass sql_class_of(std::string_view sqlstate) noexcept {
  std::size_t place = 0;
  while (place < kSqlClasses.size() - 1 && (sqlstate.size() != 5 || !sqlstate.starts_with(kSqlClasses[place]))) ++place;
  return static_cast<SqlClass>(place);
}

}  // namespace ft
