// SPDX-License-Identifier: Apache-2.0
//
// A worker: worker HOST:PORT TOKEN_FILE
#include <ft/server.hpp>

#include <boost/asio/io_context.hpp>

#include <iostream>

int main(int, char** argv) {
  boost::asio::io_context io;
  ft::ServerOptions options;
  options.listen = {ft::Endpoint::parse(argv[1]).value()};
  options.tokens = ft::TokenRing::from_file(argv[2]).value();

  // A blocking executor of four threads: gets the request and what is known of it, returns rows, a command tag or an
  // error.
  auto run = [](const ft::FragmentRequest& request, const ft::ExecutionContext& context) -> ft::ExecutionOutcome {
    if (context.stop.stop_requested()) return ft::SqlError("57014", "canceling statement");
    ft::ExecutionResult::Command done;
    done.tag = request.plan.name();
    return ft::ExecutionResult(std::move(done));
  };
  auto server = ft::FragmentServer::start(io.get_executor(), options, ft::blocking_executor(4, run)).value();
  std::cout << "listening on " << server.endpoints().front().to_string() << std::endl;
  io.run();
}
