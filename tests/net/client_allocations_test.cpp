// SPDX-License-Identifier: Apache-2.0
//
// What a small call on a warm connection asks of operator new, counted.
#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "net/raw_worker.hpp"
#include "support/allocations.hpp"

namespace ft {
namespace {

TEST(ClientAllocations, OfASmallCallAreFew) {
  constexpr int warm_up = 20, counted = 100;
  test::RawWorker worker;
  std::thread script([&worker] {
    test::RawConnection connection = worker.accept();
    for (int i = 0; i < warm_up + counted; ++i) {
      const FragmentRequest request = connection.request();
      connection.answer(test::command(request.request_id, "SELECT"));
    }
  });
  asio::io_context io;
  const ConnectionPool pool = ConnectionPool::create(io.get_executor(), test::quick_options()).value();
  FragmentClient client(pool, worker.endpoint());
  const auto call = [&io, &client](int times) {
    for (int i = 0; i < times; ++i) {
      std::optional<bool> good;
      FragmentRequest request = test::request_of("SELECT");
      client.execute(std::move(request), CallOptions(),
                     [&good](const CallResult<Answer>& answer) { good = answer.has_value(); });
      while (!good) io.run_one();
      ASSERT_TRUE(*good);
    }
  };
  call(warm_up);
  const std::size_t before = test::allocations();
  call(counted);
  const std::size_t per_call = (test::allocations() - before) / counted;
  script.join();
  // Session, strand, machine, its stream and its envelope, request and answer: all of it lives as long as the call.
  EXPECT_LE(per_call, 25u);
  RecordProperty("allocations_per_call", static_cast<int>(per_call));
}

}  // namespace
}  // namespace ft
