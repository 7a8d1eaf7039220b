// SPDX-License-Identifier: Apache-2.0
//
// A coordinator: coordinator HOST:PORT TOKEN_FILE
#include <ft/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>

namespace asio = boost::asio;

asio::awaitable<void> ask(ft::ConnectionPool pool, ft::Endpoint endpoint) {
  ft::FragmentRequest request;
  request.plan = ft::PhysicalPlan::InternalNoOp();
  request.isolation = "read committed";
  request.max_result_rows = 1000;
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 1 << 20;
  ft::CallOptions options;
  options.timeout = std::chrono::seconds(5);

  const ft::FragmentClient worker(pool, endpoint);
  ft::CallResult<ft::Answer> answer = co_await worker.execute(request, options, asio::use_awaitable);
  if (answer) {
    std::cout << ft::to_text(answer->result) << '\n';
  } else {
    std::cerr << answer.error().describe() << '\n';
  }
  co_await pool.drain(asio::use_awaitable);  // ends the idle connections, so that the context runs out
}

int main(int, char** argv) {
  asio::io_context io;
  ft::PoolOptions options;
  options.tokens = ft::TokenRing::from_file(argv[2]).value();
  ft::ConnectionPool pool = ft::ConnectionPool::create(io.get_executor(), options).value();
  asio::co_spawn(io, ask(pool, ft::Endpoint::parse(argv[1]).value()), asio::detached);
  io.run();
}
