// SPDX-License-Identifier: Apache-2.0
//
// ftexec: sends a fragment to a worker and prints what comes back, or sends many and tells how long they took.
// `ftexec --help` says how.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <array>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/connection_options.hpp"
#include "common/number_option.hpp"
#include "ft/client.hpp"
#include "ft/parse.hpp"
#include "ft/print.hpp"
#include "ftexec/load.hpp"
#include "ftexec/table.hpp"

namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

enum Exit { kAnswered = 0, kFailed = 1, kUsage = 2 };

constexpr const char* kAbout = "Sends a plan fragment to a worker and prints the result, or sends many and measures.";

constexpr const char* kMore = R"(Examples:
  ftexec 127.0.0.1:9100 --token-file token --tag rows:3        a table of three rows
  ftexec worker-7:9100 --token-file token --tls-ca ca.crt --plan plan.json
  ftexec 127.0.0.1:9100 --token-file token --tag x -n 100000 -c 8
  ftexec worker-1:9100 worker-2:9100 --token-file token --tls --tag x -n 1000

Many calls go to the workers in turn. They end early when so many of them as -c says, one after another, got no
connection.

Exit status: 0 answered, 1 the call failed (or one of many did, or its result could not be written), 2 wrong usage.
)";

struct Options {
  std::vector<ft::Endpoint> workers;
  std::filesystem::path token_file;
  bool allow_short_token = false;
  bool tls = false;
  ft::TlsClientConfig tls_config;
  ft::PoolOptions pool;

  std::string tag;
  std::filesystem::path plan;
  std::string isolation = "read committed";
  std::uint64_t transaction = 1;
  std::string traceparent;
  milliseconds deadline{0}, cancel_after{0};
  bool idempotent = false, ping = false, json = false;
  ft::tools::LoadOptions load;
};

[[noreturn]] void fail(const std::string& text, Exit status = kFailed) {
  std::cerr << "ftexec: " + text + '\n';
  std::exit(status);
}

template <class T>
T or_fail(ft::Result<T> result) {
  if (!result) fail(result.error().message());
  return std::move(*result);
}

void add_call_options(CLI::App& app, Options& options) {
  using ft::tools::add_number;
  constexpr const char* kWhat = "What to execute, exactly one of";
  app.add_option("--tag", options.tag, "An InternalNoOp with this tag")->group(kWhat);
  app.add_option("--plan", options.plan, "A PhysicalPlan as JSON; - is standard input")
      ->type_name("FILE")
      ->group(kWhat);
  app.add_flag("--ping", options.ping, "Nothing: ask for a sign of life")->group(kWhat);

  constexpr std::uint64_t kDay = 86'400'000;
  add_number(app, "-n", options.load.calls, 1, 100'000'000, "Calls; more than one measures instead of printing");
  add_number(app, "-c", options.load.concurrency, 1, 10'000, "Calls at once");
  add_number(app, "--deadline-ms", options.deadline, 1, kDay, "Most time for a call, waiting and connecting included");
  add_number(app, "--cancel-after-ms", options.cancel_after, 1, kDay, "Cancel the call when it has run that long");
  app.add_flag("--idempotent", options.idempotent,
               "The fragment may be run more than once: retry although it may have run");
  app.add_option("--isolation", options.isolation, "Isolation level")->capture_default_str();
  add_number(app, "--txn", options.transaction, 0, std::numeric_limits<std::uint64_t>::max(), "Transaction id");
  app.add_option("--traceparent", options.traceparent, "Trace context to send along");
  app.add_flag("--json", options.json, "Print the result as JSON");
}

void add_connection_options(CLI::App& app, Options& options) {
  ft::tools::add_endpoint(
      app, "WORKER", [&options](ft::Endpoint at) { options.workers.push_back(std::move(at)); },
      "The worker to ask; many calls may have several")
      ->required()
      ->expected(-1);  // one or more
  app.add_option("--token-file", options.token_file, "The token of the cluster; file mode 600")
      ->type_name("FILE")
      ->required();
  app.add_flag("--allow-short-token", options.allow_short_token, "Take a token under 32 bytes as well");
  app.add_flag("--allow-plaintext", options.pool.allow_plaintext_off_loopback,
               "Talk without TLS to other addresses than loopback");

  constexpr const char* kTls = "TLS";
  ft::TlsClientConfig& tls = options.tls_config;
  app.add_flag("--tls", options.tls, "Use TLS, with the system's CAs unless --tls-ca is given")->group(kTls);
  app.add_option("--tls-ca", tls.ca, "CA of the worker's certificate (PEM)")->type_name("FILE")->group(kTls);
  app.add_option("--tls-cert", tls.certificate, "Own certificate, for mutual TLS")->type_name("FILE")->group(kTls);
  app.add_option("--tls-key", tls.key, "Its key (mode 600)")->type_name("FILE")->group(kTls);
  app.add_option("--tls-server-name", tls.server_name, "Name to expect instead of the dialled one")
      ->type_name("NAME")
      ->group(kTls);
  CLI::Validator known = CLI::IsMember({"none", "ca", "full"});
  app.add_option_function<std::string>(
         "--tls-verify",
         [&tls](const std::string& how) {
           tls.verify = how == "none" ? ft::TlsVerify::none : how == "ca" ? ft::TlsVerify::ca : ft::TlsVerify::full;
         },
         "How the worker's certificate is checked: none, ca or full (the default)")
      ->type_name("HOW")
      ->check(known.description(""))
      ->group(kTls);
  app.add_option("--tls-key-log", tls.key_log, "To debug: write the keys there that decrypt a capture (mode 600)")
      ->type_name("FILE")
      ->group(kTls);
}

/// What options mean together.
void check(const CLI::App& app, Options& options) {
  for (const char* const option :
       {"--tls-ca", "--tls-cert", "--tls-key", "--tls-server-name", "--tls-verify", "--tls-key-log"}) {
    options.tls = options.tls || app.count(option) != 0;
  }
  if (app.count("--tag") + app.count("--plan") + app.count("--ping") != 1) {
    throw CLI::ValidationError("exactly one of --tag, --plan and --ping is needed");
  }
  if (options.workers.size() > 1 && options.load.calls == 1) {
    throw CLI::ValidationError("WORKER", "a single call goes to one worker");
  }
  if (options.cancel_after.count() != 0 && options.load.calls != 1) {
    throw CLI::ValidationError("--cancel-after-ms", "goes with a single call");
  }
}

ft::PhysicalPlan read_plan(const std::filesystem::path& file) {
  std::ifstream stream;
  if (file != "-") {
    stream.open(file, std::ios::binary);
    if (!stream) fail(file.string() + ": cannot be read");
  }
  std::istream& in = file == "-" ? std::cin : stream;
  // One that is larger than a frame could not be sent.
  std::string text;
  std::array<char, 65536> piece;
  while (text.size() <= ft::MAX_PAYLOAD && (in.read(piece.data(), piece.size()), in.gcount() > 0)) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) fail(file.string() + ": cannot be read");
  if (text.empty()) fail(file.string() + ": is empty; a PhysicalPlan as JSON is wanted");
  if (text.size() > ft::MAX_PAYLOAD) fail(file.string() + ": larger than a frame may be");
  ft::Result<ft::PhysicalPlan> plan = ft::from_text<ft::PhysicalPlan>(text);
  if (!plan) fail(file.string() + ": " + plan.error().message());
  return std::move(*plan);
}

ft::FragmentRequest request_of(const Options& options) {
  ft::FragmentRequest request;
  if (options.plan.empty()) {
    ft::PhysicalPlan::InternalNoOp plan;
    plan.tag = options.tag;
    request.plan = std::move(plan);
  } else {
    request.plan = read_plan(options.plan);
  }
  request.txn_id = options.transaction;
  request.isolation = options.isolation;
  request.max_result_rows = 2'000'000;
  request.max_result_bytes = ft::MAX_PAYLOAD;
  request.max_memory_bytes = std::uint64_t{512} << 20;
  request.max_temp_bytes = std::uint64_t{1} << 30;
  if (!options.traceparent.empty()) request.traceparent = options.traceparent;
  return request;
}

std::string shown(std::chrono::microseconds time) {
  return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() % 1000 / 100) + " ms";
}

int ping(asio::io_context& io, const ft::ConnectionPool& pool, const ft::FragmentClient& worker, milliseconds timeout) {
  std::optional<ft::CallResult<std::chrono::microseconds>> result;
  worker.ping(timeout, [&](ft::CallResult<std::chrono::microseconds> time) {
    result.emplace(std::move(time));
    pool.drain(asio::detached);
  });
  io.run();
  if (!*result) fail(result->error().describe());
  std::cout << worker.worker().to_string() << " answers after " << shown(**result) << '\n';
  return kAnswered;
}

int call(asio::io_context& io, const ft::ConnectionPool& pool, const ft::FragmentClient& worker,
         const Options& options) {
  std::optional<ft::CallResult<ft::Answer>> result;
  asio::steady_timer patience(io);
  ft::CallHandle handle;
  worker.execute(request_of(options), handle, options.load.call, [&](ft::CallResult<ft::Answer> answer) {
    result.emplace(std::move(answer));
    patience.cancel();
    pool.drain(asio::detached);
  });
  if (options.cancel_after.count() != 0) {
    patience.expires_after(options.cancel_after);
    patience.async_wait([&handle](const boost::system::error_code& ended) {
      if (!ended) handle.cancel();
    });
  }
  io.run();
  if (!*result) fail(result->error().describe());
  const ft::Answer& answer = **result;
  if (options.json) {
    std::cout << ft::to_text(answer.result) << '\n';
  } else {
    ft::tools::print(std::cout, answer.result);
  }
  std::cout.flush();
  std::cerr << "request " << answer.request_id << " answered by " << answer.peer << " in "
            << shown(answer.timings.total);
  if (answer.timings.server) std::cerr << ", " << shown(*answer.timings.server) << " of it in the worker";
  if (answer.attempts > 1) std::cerr << " after " << answer.attempts << " attempts";
  std::cerr << '\n';
  return kAnswered;
}

int load(asio::io_context& io, const ft::ConnectionPool& pool, const Options& options) {
  std::vector<ft::FragmentClient> workers;
  for (const ft::Endpoint& worker : options.workers) workers.emplace_back(pool, worker);
  const ft::FragmentRequest request = request_of(options);
  const ft::tools::LoadReport report = ft::tools::run_load(io, workers, request, options.load);
  pool.drain(asio::detached);
  io.restart();
  io.run();
  ft::tools::print(std::cout, report);
  return report.failed() == 0 ? kAnswered : kFailed;
}

int run(Options options) {
  ft::TokenPolicy policy;
  policy.allow_short = options.allow_short_token;
  options.pool.tokens = or_fail(ft::TokenRing::from_file(options.token_file, policy));
  if (options.tls) options.pool.tls = or_fail(ft::TlsClientCredentials::load(options.tls_config));
  options.pool.max_connections_per_host = options.load.concurrency;
  options.pool.max_idle_per_host = options.load.concurrency;
  options.load.call.idempotent = options.idempotent;
  if (options.deadline.count() != 0) options.load.call.timeout = options.deadline;
  options.load.progress = ::isatty(STDERR_FILENO) == 1;

  asio::io_context io(1);
  const ft::ConnectionPool pool = or_fail(ft::ConnectionPool::create(io.get_executor(), options.pool));
  const ft::FragmentClient worker(pool, options.workers.front());
  if (options.ping) return ping(io, pool, worker, options.load.call.timeout.value_or(options.pool.connect_timeout));
  return options.load.calls == 1 ? call(io, pool, worker, options) : load(io, pool, options);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Options options;
  CLI::App app(kAbout, "ftexec");
  add_connection_options(app, options);
  add_call_options(app, options);
  app.footer(kMore);
  try {
    app.parse(argc, argv);
    check(app, options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kAnswered : kUsage;
  }
  try {
    const int status = run(std::move(options));
    if (!std::cout.flush()) fail("standard output cannot be written");
    return status;
  } catch (const std::exception& error) {
    fail(error.what());
  }
}
