// SPDX-License-Identifier: Apache-2.0
//
// ftworker: a worker daemon over the library, with the synthetic executor. `ftworker --help` says how.
//
// SIGTERM and SIGINT drain it, a second one ends it at once; SIGHUP reads token and certificates again.
#include <CLI/CLI.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/connection_options.hpp"
#include "common/number_option.hpp"
#include "ft/net/admin_server.hpp"
#include "ft/server.hpp"
#include "ftworker/synthetic.hpp"

namespace {

namespace asio = boost::asio;

enum Exit { kDrained = 0, kFailed = 1, kUsage = 2 };

constexpr const char* kAbout =
    "Serves plan fragments over TCP or TLS. Prints `listening on HOST:PORT` when it is ready,\n"
    "and a line of JSON on standard error for whatever an operator should know.";

constexpr const char* kMore =
    R"(The synthetic executor plays the tags of InternalNoOp: sleep:MS (stops when told to), spin:MS (does not), rows:N,
bytes:N, error:SQLSTATE, throw, echo; it answers any other tag with itself.

SIGTERM drains: nothing new is accepted, what runs may finish until the drain timeout; a second one ends it at once.
SIGHUP reads token and certificates again; the last good ones stay when the new ones are not usable.

Exit status: 0 drained, 1 could not start or was ended before it had drained, 2 wrong usage.
)";

struct Options {
  std::filesystem::path token_file;
  ft::TlsServerConfig tls;
  ft::ServerOptions server;
  bool allow_short_token = false;
  std::optional<ft::Endpoint> admin;
  std::filesystem::path capture;
  std::string executor = "synthetic";
  std::size_t threads = 1;
};

[[noreturn]] void fail(const std::string& text) {
  std::cerr << "ftworker: " + text + '\n';
  std::exit(kFailed);
}

template <class T>
T or_fail(ft::Result<T> result) {
  if (!result) fail(result.error().message());
  return std::move(*result);
}
void or_fail(const ft::Result<void>& result) {
  if (!result) fail(result.error().message());
}

void add_options(CLI::App& app, Options& options) {
  ft::ServerOptions& server = options.server;
  ft::tools::add_endpoint(
      app, "--listen", [&server](ft::Endpoint at) { server.listen.push_back(std::move(at)); },
      "Where to listen; port 0 takes a free one")
      ->required();
  app.add_option("--token-file", options.token_file, "Accepted tokens, one a line; 32 bytes or longer, file mode 600")
      ->type_name("FILE")
      ->required();
  app.add_flag("--allow-short-token", options.allow_short_token, "Take tokens under 32 bytes as well");

  app.add_option("--tls-cert", options.tls.certificate, "Certificate chain (PEM)")->type_name("FILE");
  app.add_option("--tls-key", options.tls.key, "Its key (PEM, mode 600)")->type_name("FILE");
  app.add_option("--client-ca", options.tls.client_ca, "Clients must have a certificate of this CA")->type_name("FILE");
  app.add_option("--allow-peer", options.tls.allowed_peers, "... and one of these names (SAN)")->type_name("NAME");
  app.add_option("--tls-key-log", options.tls.key_log,
                 "To debug: write the keys there that decrypt a capture (mode 600)")
      ->type_name("FILE");
  app.add_flag("--allow-plaintext", server.allow_plaintext_off_loopback,
               "Listen without TLS on other addresses than loopback");

  using ft::tools::add_number;
  add_number(app, "--max-connections", server.max_connections, 1, 1'000'000, "Connections at once");
  add_number(app, "--max-executions", server.admission.max_executions, 1, 1024, "Executions at once, each on a thread");
  add_number(app, "--max-queued", server.admission.max_queued, 1, 1'000'000, "Requests that may wait for one");
  ft::tools::add_duration(app, "--request-timeout", server.request_timeout, "Most time for a request");
  ft::tools::add_duration(app, "--idle-timeout", server.idle_timeout, "Ends connections that ask nothing");
  ft::tools::add_duration(app, "--drain-timeout", server.drain_timeout, "Most time that SIGTERM leaves to requests");
  app.add_flag("--report-server-time", server.report_server_time, "Put server_us into answers");

  ft::tools::add_endpoint(
      app, "--admin", [&options](ft::Endpoint at) { options.admin = std::move(at); },
      "Serves /metrics, /health and /inflight over HTTP")
      ->expected(1);
  app.add_option("--capture", options.capture, "Writes every frame, without secrets, for ftdump")->type_name("FILE");
  CLI::Validator known = CLI::IsMember({"synthetic"});
  app.add_option("--executor", options.executor, "What runs the fragments; there is one, described below")
      ->type_name("NAME")
      ->check(known.description(""))
      ->capture_default_str();
  add_number(app, "--threads", options.threads, 1, 256, "Threads for the network");
  app.footer(kMore);
}

/// Reacts to signals until the server has drained, then lets the context run out.
class Signals {
 public:
  Signals(asio::io_context& io, ft::FragmentServer server, std::optional<ft::AdminServer> admin)
      : io_(io), signals_(io, SIGTERM, SIGINT, SIGHUP), server_(std::move(server)), admin_(std::move(admin)) {
    wait();
  }

  bool drained() const noexcept { return drained_; }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& failed, int signal) {
      if (!failed) handle(signal);
    });
  }

  void handle(int signal) {
    if (signal == SIGHUP) {
      // What went wrong is in the log.
      static_cast<void>(server_.reload());
    } else if (draining_) {
      io_.stop();
      return;
    } else {
      draining_ = true;
      server_.drain([this](const ft::FragmentServer::DrainReport& report) {
        std::cerr << "ftworker: drained in " << report.took.count() << " ms: " << report.finished << " finished, "
                  << report.rejected << " not run, " << report.killed << " given up\n";
        drained_ = true;
        io_.stop();
      });
    }
    wait();
  }

  asio::io_context& io_;
  asio::signal_set signals_;
  ft::FragmentServer server_;
  std::optional<ft::AdminServer> admin_;
  bool draining_ = false;
  bool drained_ = false;
};

/// All that can be known to be wrong before anything is made.
void check(const Options& options, const ft::AdminOptions& admin) {
  or_fail(options.server.validate());
  if (!options.admin) return;
  if (!admin.validate()) {
    fail("--admin: " + admin.listen.to_string() +
         " is no IP address of the loopback; the pages are for this machine alone, so put a proxy in front of them");
  }
  for (const ft::Endpoint& where : options.server.listen) {
    if (where.port != 0 && where == admin.listen) fail("--admin: " + where.to_string() + " is taken by --listen");
  }
}

int serve(Options options) {
  ft::TokenPolicy policy;
  policy.allow_short = options.allow_short_token;
  options.server.tokens = or_fail(ft::TokenRing::from_file(options.token_file, policy));
  if (!options.tls.certificate.empty() || !options.tls.key.empty() || !options.tls.client_ca.empty() ||
      !options.tls.allowed_peers.empty() || !options.tls.key_log.empty()) {
    options.server.tls = or_fail(ft::TlsServerCredentials::load(options.tls));
  }

  const auto observer = std::make_shared<ft::Observer>();
  observer->log([](const ft::LogRecord& record) { std::cerr << ft::json_line(record) << std::flush; });
  options.server.observer = observer;
  ft::AdminOptions pages;
  pages.listen = options.admin.value_or(ft::Endpoint());
  pages.observer = observer;
  check(options, pages);
  if (!options.capture.empty()) or_fail(observer->capture(options.capture));

  asio::io_context io(static_cast<int>(options.threads));
  const std::size_t executions = options.server.admission.max_executions;
  ft::FragmentServer server = or_fail(ft::FragmentServer::start(io.get_executor(), std::move(options.server),
                                                                ft::tools::synthetic_executor(executions)));
  std::optional<ft::AdminServer> admin;
  if (options.admin) {
    pages.healthy = [server] { return !server.stats().draining; };
    admin = or_fail(ft::AdminServer::start(io.get_executor(), std::move(pages)));
    std::cout << "admin on " << admin->endpoint().to_string() << '\n';
  }
  for (const ft::Endpoint& bound : server.endpoints()) std::cout << "listening on " << bound.to_string() << '\n';
  std::cout << std::flush;

  const Signals signals(io, server, std::move(admin));
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < options.threads; ++i) helpers.emplace_back([&io] { io.run(); });
  io.run();
  helpers.clear();
  const int status = signals.drained() ? kDrained : kFailed;
  // A job that was given up and does not listen would hold up the end for as long as it likes.
  if (server.stats().usage.running != 0) std::_Exit(status);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a capture at the limit of file sizes is an error like a full disk
  Options options;
  CLI::App app(kAbout, "ftworker");
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDrained : kUsage;
  }
  try {
    return serve(std::move(options));
  } catch (const std::exception& error) {
    fail(error.what());
  }
}
