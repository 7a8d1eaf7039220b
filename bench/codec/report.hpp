// SPDX-License-Identifier: Apache-2.0
//
// The benchmark's tables: medians by case, memory, and the goals beside what was reached.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "heap.hpp"

namespace bench {

/// Collects the medians of a run; the names of benchmarks are OPERATION/CASE/PROGRAM.
class Report final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

  void add_memory(const std::string& program, const PeakUse& use, std::size_t payload);
  void add_allocations(const std::string& what, std::size_t count);

  void print() const;

 private:
  struct Timing {
    double nanoseconds;
    double bytes_per_second;
  };
  struct Memory {
    double resident;  // times the payload
    double heap;
    std::size_t allocations;
  };

  void print_times() const;
  void print_memory() const;
  void print_goals() const;
  void print_ratio(const char* goal, const std::string& ours, const std::string& peer, double least, double aim) const;

  std::map<std::string, Timing> times_;
  std::map<std::string, Memory> memory_;
  std::map<std::string, std::size_t> allocations_;
};

}  // namespace bench
