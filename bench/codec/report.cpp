// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <cstdio>

namespace bench {

bool Report::ReportContext(const Context& context) {
  std::printf("%d CPUs at %.0f MHz\n", context.cpu_info.num_cpus, context.cpu_info.cycles_per_second / 1e6);
  return true;
}

void Report::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    const std::string name = run.run_name.function_name;
    if (run.error_occurred) std::fprintf(stderr, "codec_bench: %s: %s\n", name.c_str(), run.error_message.c_str());
    const bool alone = run.run_type == Run::RT_Iteration && run.repetitions <= 1;
    if (run.error_occurred || (!alone && run.aggregate_name != "median")) continue;
    const auto rate = run.counters.find("bytes_per_second");
    times_[name] = {run.GetAdjustedCPUTime(), rate == run.counters.end() ? 0 : rate->second.value};
  }
}

void Report::add_memory(const std::string& program, const PeakUse& use, std::size_t payload) {
  const double bytes = static_cast<double>(payload);
  memory_[program] = {static_cast<double>(use.resident) / bytes, static_cast<double>(use.heap.peak) / bytes,
                      use.heap.allocations};
}

void Report::add_allocations(const std::string& what, std::size_t count) { allocations_[what] = count; }

void Report::print() const {
  print_times();
  print_memory();
  print_goals();
}

void Report::print_times() const {
  std::printf("\n%-34s %12s %12s %20s\n", "median", "ns", "MB/s", "time, ours = 1");
  for (const auto& [name, time] : times_) {
    std::printf("%-34s %12.0f %12.0f", name.c_str(), time.nanoseconds, time.bytes_per_second / 1e6);
    const auto ours = times_.find(name.substr(0, name.rfind('/')) + "/ours");
    if (ours != times_.end()) std::printf(" %20.2f", time.nanoseconds / ours->second.nanoseconds);
    std::printf("\n");
  }
}

void Report::print_memory() const {
  if (memory_.empty()) return;
  std::printf("\npeak memory of decoding 60 MiB of rows above the payload, as a multiple of the payload\n");
  std::printf("%-34s %12s %12s %12s\n", "", "resident", "heap", "allocations");
  for (const auto& [program, use] : memory_) {
    std::printf("%-34s %12.2f %12.2f %12zu\n", program.c_str(), use.resident, use.heap, use.allocations);
  }
}

void Report::print_ratio(const char* goal, const std::string& ours, const std::string& peer, double least,
                         double aim) const {
  const auto a = times_.find(ours), b = times_.find(peer);
  if (a == times_.end() || b == times_.end()) return;
  const double ratio = b->second.nanoseconds / a->second.nanoseconds;
  std::printf("%-52s %9.2f x   at least %.1f x", goal, ratio, least);
  if (aim > 0) std::printf(", aim %.1f x", aim);
  std::printf(": %s\n", ratio >= least ? "reached" : "short");
}

void Report::print_goals() const {
  std::printf("\ngoals\n");
  print_ratio("decode rows, against simdjson On-Demand", "decode/rows/ours", "decode/rows/simdjson", 2, 3.4);
  print_ratio("decode rows, against Boost.JSON and conversion", "decode/rows/ours", "decode/rows/boost", 4.5, 7);
  print_ratio("encode rows, against boost::json::serialize", "encode/rows/ours", "encode/rows/boost_string", 6, 8);
  print_ratio("the same, against its serializer on a kept buffer", "encode/rows/ours", "encode/rows/boost", 6, 8);
  print_ratio("decode cancel, against Boost.JSON and conversion", "decode/cancel/ours", "decode/cancel/boost", 4, 0);
  print_ratio("decode join, against Boost.JSON's parser alone", "decode/join/ours", "decode/join/boost_parse", 1.5, 0);

  const auto verdict = [](const char* goal, double value, const char* limit, bool reached) {
    std::printf("%-52s %9.4g     %s: %s\n", goal, value, limit, reached ? "reached" : "short");
  };
  if (const auto use = memory_.find("ours"); use != memory_.end()) {
    verdict("peak memory, multiple of a payload of 60 MiB", use->second.resident, "at most 1.2",
            use->second.resident <= 1.2);
  }
  for (const auto& [what, count] : allocations_) {
    const auto n = static_cast<double>(count);
    if (what.starts_with("encode/")) verdict(("allocations, " + what).c_str(), n, "none", count == 0);
    if (what == "decode/rows") verdict("allocations, decode/rows", n, "fewer than 30", count < 30);
  }
}

}  // namespace bench
