// SPDX-License-Identifier: Apache-2.0
//
// transport_bench: what the server costs per request beside a raw Asio echo of the same bytes, how fast large results
// come, how many connections a second, and what an idle one holds.
//
//   transport_bench              everything, about two minutes
//   transport_bench --quick      a tenth of the time, for a look
//   transport_bench --only=idle  one part: round-trips, bulk, connections, idle
//
// Each server runs on a thread of its own, the load on another; both on loopback. Servers that are compared are
// measured in turns, and what is printed is the median of the ratios of neighbours, so that a slow minute of the
// machine hits both. The exit status says whether it ran, not how fast: 0, 1 after an error, 2 for wrong usage.
#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "ft/client.hpp"
#include "ft/protocol.hpp"
#include "ft/server.hpp"
#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"
#include "transport/background.hpp"
#include "transport/bulk.hpp"
#include "transport/echo.hpp"
#include "transport/idle.hpp"
#include "transport/load.hpp"
#include "transport/setup.hpp"

namespace bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Cost {
  double processor;  // nanoseconds of the server's thread per request
  double rate;       // requests a second
};

Cost measure(const Background& server, Load& load, milliseconds time) {
  const nanoseconds before = server.processor_time();
  const auto started = std::chrono::steady_clock::now();
  const std::uint64_t requests = load.run(time);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const auto processor = static_cast<double>((server.processor_time() - before).count());
  return {processor / static_cast<double>(requests), static_cast<double>(requests) / took};
}

void round_trips(const Setup& setup, milliseconds slice) {
  constexpr std::size_t rounds = 9;
  std::printf("small request, small answer; server processor time per request, beside a raw Asio echo\n");
  std::printf("%-6s %5s %14s %14s %14s %14s %8s\n", "", "conns", "echo req/s", "echo us/req", "ours req/s",
              "ours us/req", "ratio");
  for (const bool tls : {false, true}) {
    for (const std::size_t connections : {1U, 8U, 64U}) {
      const Setup::Side side = setup.side(tls);
      Background echo_thread, our_thread;
      const EchoServer echo(echo_thread.io(), setup.request().size(), side.server_context.get());
      const OurServer ours(our_thread.io(), setup, tls);
      Load echo_load(echo.port(), connections, setup.request(), setup.request().size(), side.client_context.get());
      Load our_load(ours.port(), connections, setup.request(), setup.answer_bytes(), side.client_context.get());
      measure(echo_thread, echo_load, slice / 4);
      measure(our_thread, our_load, slice / 4);

      std::vector<double> ratios, echo_cost, our_cost, echo_rate, our_rate;
      for (std::size_t i = 0; i < rounds; ++i) {
        const Cost theirs = measure(echo_thread, echo_load, slice);
        const Cost mine = measure(our_thread, our_load, slice);
        ratios.push_back(mine.processor / theirs.processor);
        echo_cost.push_back(theirs.processor / 1000);
        our_cost.push_back(mine.processor / 1000);
        echo_rate.push_back(theirs.rate);
        our_rate.push_back(mine.rate);
      }
      std::printf("%-6s %5zu %14.0f %14.2f %14.0f %14.2f %8.2f\n", tls ? "tls" : "plain", connections,
                  median(echo_rate), median(echo_cost), median(our_rate), median(our_cost), median(ratios));
      std::fflush(stdout);
    }
  }
  std::printf("goal: at most 1.35 at 8 and 64 connections\n\n");
}

void bulk(const Setup& setup, bool quick) {
  std::printf("rows; from the first byte received to the decoded result, beside decode_envelope of the same bytes\n");
  std::printf("%-10s %12s %20s %14s %14s %8s %22s\n", "payload", "decode ms", "beside copies ms", "read alone ms",
              "receive ms", "ratio", "client.execute ms");
  for (const std::size_t mebibytes : {8U, 60U}) {
    const BulkFigures figures = measure_bulk(setup, mebibytes << 20, quick ? 3 : 11);
    std::printf("%3zu MiB    %12.1f %20.1f %14.1f %14.1f %8.2f %22.1f\n", mebibytes, figures.decode_ms,
                figures.beside_ms, figures.read_ms, figures.receive_ms, figures.ratio, figures.execute_ms);
    std::fflush(stdout);
  }
  std::printf("goal: at most 1.15 at 60 MiB\n\n");
}

void connections(const Setup& setup, milliseconds time) {
  std::printf("connect, ask, close; one client\n");
  for (const bool tls : {false, true}) {
    Background thread;
    const OurServer ours(thread.io(), setup, tls);
    const Setup::Side side = setup.side(tls);
    const nanoseconds before = thread.processor_time();
    const std::uint64_t made =
        connect_repeatedly(ours.port(), setup.request(), setup.answer_bytes(), side.client_context.get(), time);
    const double processor =
        static_cast<double>((thread.processor_time() - before).count()) / 1000 / static_cast<double>(made);
    std::printf("%-6s %10.0f connections/s %10.1f us of the server each\n", tls ? "tls" : "plain",
                static_cast<double>(made) / std::chrono::duration<double>(time).count(), processor);
  }
  std::printf("\n");
}

void idle(const Setup& setup, bool quick) {
  const std::size_t count = quick ? 800 : 8000;
  std::printf("idle connections, each with one request behind it; what the server's process holds for them\n");
  for (const bool tls : {false, true}) {
    const double kib = idle_kibibytes(setup, tls, count);
    std::printf("%-6s %6zu connections %8.1f KiB each\n", tls ? "tls" : "plain", count, kib);
    std::fflush(stdout);
  }
  std::printf("goal: under 100 KiB with TLS\n");
}

int run(int argc, char** argv) {
  bool quick = false;
  std::string_view only;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--quick") {
      quick = true;
    } else if (argument.starts_with("--only=")) {
      only = argument.substr(7);
    } else {
      std::fprintf(stderr, "usage: transport_bench [--quick] [--only=round-trips|bulk|connections|idle]\n");
      return 2;
    }
  }
  const auto wanted = [only](std::string_view part) { return only.empty() || only == part; };
  const Setup setup;
  if (wanted("idle")) idle(setup, quick);  // first: it forks, and threads do not survive that
  if (wanted("round-trips")) round_trips(setup, milliseconds(quick ? 50 : 500));
  if (wanted("bulk")) bulk(setup, quick);
  if (wanted("connections")) connections(setup, milliseconds(quick ? 300 : 3000));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "transport_bench: %s\n", error.what());
    return 1;
  }
}
