// SPDX-License-Identifier: Apache-2.0
#include "ftexec/load.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <utility>

namespace ft::tools {
namespace {

using Clock = std::chrono::steady_clock;

/// Keeps `concurrency` calls under way: each starts the next when it ends. All on the thread that runs the context.
class Load {
 public:
  Load(asio::io_context& io, std::span<const FragmentClient> workers, const FragmentRequest& request,
       const LoadOptions& options)
      : io_(io), workers_(workers), request_(request), options_(options), lanes_(options.concurrency), tick_(io) {
    report_.latencies.reserve(options.calls);
  }

  LoadReport run() {
    started_ = ended_ = Clock::now();
    for (Lane& lane : lanes_) start_one(lane);
    if (options_.progress) show_progress();
    while (under_way_ != 0) io_.run_one();
    report_.wanted = options_.calls;
    report_.took = ended_ - started_;
    if (options_.progress) std::cerr << "\r\033[K" << std::flush;
    std::sort(report_.latencies.begin(), report_.latencies.end());
    return std::move(report_);
  }

 private:
  using Lane = asio::cancellation_signal;  // of the call that is under way on it

  void start_one(Lane& lane) {
    if (started_calls_ == options_.calls || report_.gave_up) return;
    const FragmentClient& worker = workers_[started_calls_ % workers_.size()];
    ++started_calls_;
    ++under_way_;
    const Clock::time_point from = Clock::now();
    auto handler = [this, &lane, from](const CallResult<Answer>& answer) { ended(lane, from, answer); };
    worker.execute(request_, options_.call,
                   asio::bind_executor(io_, asio::bind_cancellation_slot(lane.slot(), std::move(handler))));
  }

  void ended(Lane& lane, Clock::time_point from, const CallResult<Answer>& answer) {
    --under_way_;
    if (report_.gave_up) return;  // it was cancelled, and tells nothing
    ended_ = Clock::now();
    if (answer) {
      report_.latencies.push_back(ended_ - from);
    } else {
      ++report_.failures[std::string(to_name(answer.error().code)) + " (" + answer.error().sqlstate + ")"];
    }
    // The peer stands there once there was a connection.
    const bool unreachable = !answer && answer.error().peer.empty();
    unreachable_ = unreachable ? unreachable_ + 1 : 0;
    if (unreachable_ == lanes_.size()) return give_up(answer.error());
    start_one(lane);
  }

  void give_up(const Diagnostics& why) {
    if (started_calls_ == options_.calls && under_way_ == 0) return;  // that was all there was to do
    report_.gave_up = why.describe();
    for (Lane& each : lanes_) each.emit(asio::cancellation_type::terminal);
  }

  void show_progress() {
    tick_.expires_after(std::chrono::seconds(1));
    tick_.async_wait([this](const boost::system::error_code& failed) {
      if (failed) return;
      const std::uint64_t calls = report_.latencies.size() + report_.failed();
      std::cerr << "\r\033[K" << calls << " of " << options_.calls << " calls, " << 100 * calls / options_.calls << " %"
                << std::flush;
      show_progress();
    });
  }

  asio::io_context& io_;
  std::span<const FragmentClient> workers_;
  const FragmentRequest& request_;
  const LoadOptions& options_;
  std::vector<Lane> lanes_;
  asio::steady_timer tick_;
  LoadReport report_;
  std::uint64_t started_calls_ = 0;
  std::size_t under_way_ = 0;
  std::size_t unreachable_ = 0;  // calls in a row that got no connection
  Clock::time_point started_, ended_;
};

std::string milliseconds(std::chrono::nanoseconds time) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(3) << std::chrono::duration<double, std::milli>(time).count() << " ms";
  return text.str();
}

}  // namespace

LoadOptions::LoadOptions() = default;
LoadReport::LoadReport() = default;

std::uint64_t LoadReport::failed() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [what, count] : failures) sum += count;
  return sum;
}

std::chrono::nanoseconds LoadReport::percentile(double share) const noexcept {
  if (latencies.empty()) return {};
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(latencies.size())));
  return latencies[std::min(latencies.size(), std::max<std::size_t>(rank, 1)) - 1];
}

LoadReport run_load(asio::io_context& io, std::span<const FragmentClient> workers, const FragmentRequest& request,
                    const LoadOptions& options) {
  return Load(io, workers, request, options).run();
}

void print(std::ostream& out, const LoadReport& report) {
  const double seconds = std::chrono::duration<double>(report.took).count();
  const std::uint64_t calls = report.latencies.size() + report.failed();
  out << calls << " calls in " << std::fixed << std::setprecision(2) << seconds << " s: " << std::setprecision(0)
      << (seconds > 0 ? static_cast<double>(calls) / seconds : 0) << " req/s\n";
  if (!report.latencies.empty()) {
    out << "p50 " << milliseconds(report.percentile(0.5)) << "   p99 " << milliseconds(report.percentile(0.99))
        << "   p99.9 " << milliseconds(report.percentile(0.999)) << "   max " << milliseconds(report.latencies.back())
        << '\n';
  }
  for (const auto& [what, count] : report.failures) out << count << " failed: " << what << '\n';
  if (report.gave_up) {
    out << "gave up after " << calls << " of " << report.wanted
        << " calls, no worker can be reached: " << *report.gave_up << '\n';
  }
}

}  // namespace ft::tools
