// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/live.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

#include "support/allocations.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;

const Now kNow{Instant(1000h), std::chrono::system_clock::time_point(1'714'564'800'000ms)};

constexpr const char* kNothing =
    "{\"now\":\"2024-05-01T12:00:00.000Z\",\"connections\":[],\"executions\":[],"
    "\"left_out\":{\"connections\":0,\"executions\":0}}\n";

TEST(LiveList, ShowsWhatIsThere) {
  LiveList list;
  EXPECT_EQ(list.json(kNow), kNothing);
  {
    LiveConnection connection = list.accepted("10.0.0.7:4711", true, kNow.steady - 2500ms);
    connection.phase(ConnectionPhase::busy);
    connection.count_request();
    connection.count_request();
    LiveConnection dialled = list.dialled("worker:9100", false, kNow.steady);
    dialled.request(99);
    LiveExecution running = list.submitted(7, "10.0.0.7:4711", kNow.steady - 1ms, kNow.steady + 1min, "00-ab\"-01");
    running.state(ExecutionState::running);
    const LiveExecution queued = list.submitted(8, "10.0.0.8:1", kNow.steady, kNever, "");
    EXPECT_EQ(list.json(kNow),
              "{\"now\":\"2024-05-01T12:00:00.000Z\",\"connections\":[{\"peer\":\"10.0.0.7:4711\",\"direction\":\"in\","
              "\"since\":\"2024-05-01T11:59:57.500Z\",\"phase\":\"busy\",\"tls\":true,\"requests\":2,"
              "\"request_id\":null},{\"peer\":\"worker:9100\",\"direction\":\"out\","
              "\"since\":\"2024-05-01T12:00:00.000Z\",\"phase\":\"handshake\",\"tls\":false,\"requests\":0,"
              "\"request_id\":99}],"
              "\"executions\":[{\"request_id\":7,\"peer\":\"10.0.0.7:4711\",\"state\":\"running\","
              "\"since\":\"2024-05-01T11:59:59.999Z\",\"deadline\":\"2024-05-01T12:01:00.000Z\","
              "\"traceparent\":\"00-ab\\\"-01\"},"
              "{\"request_id\":8,\"peer\":\"10.0.0.8:1\",\"state\":\"queued\",\"since\":\"2024-05-01T12:00:00.000Z\","
              "\"deadline\":null,\"traceparent\":null}],\"left_out\":{\"connections\":0,\"executions\":0}}\n");
  }
  EXPECT_EQ(list.json(kNow), kNothing);
}

TEST(LiveList, FollowsHandlesThatMove) {
  LiveList list;
  LiveExecution outer;
  outer.state(ExecutionState::running);  // names nothing: no effect
  {
    LiveExecution inner = list.submitted(1, "a:1", kNow.steady, kNever, "");
    outer = std::move(inner);
  }
  outer.state(ExecutionState::abandoned);
  EXPECT_NE(list.json(kNow).find("\"state\":\"abandoned\""), std::string::npos);
  outer = LiveExecution();
  EXPECT_EQ(list.json(kNow), kNothing);
}

TEST(LiveList, BoundsItsPage) {
  LiveList list;
  std::deque<LiveConnection> connections;
  std::deque<LiveExecution> executions;
  for (std::uint64_t i = 0; i < 5; ++i) {
    connections.push_back(list.accepted("p" + std::to_string(i), false, kNow.steady));
    executions.push_back(list.submitted(i, "p", kNow.steady, kNever, std::string(1000, 't')));
  }
  executions.pop_front();
  const std::string page = list.json(kNow, 3);
  EXPECT_NE(page.find("\"left_out\":{\"connections\":2,\"executions\":1}"), std::string::npos) << page;
  EXPECT_NE(page.find("\"p2\""), std::string::npos);
  EXPECT_EQ(page.find("\"p3\""), std::string::npos);
  EXPECT_NE(page.find("\"" + std::string(64, 't') + "\""), std::string::npos);
}

TEST(LiveList, ShowsDeadlinesBeyondTheClock) {
  LiveList list;
  const LiveExecution execution = list.submitted(1, "a:1", kNow.steady, kNever - 1ns, "");
  EXPECT_NE(list.json(kNow).find("\"deadline\":\"2124-"), std::string::npos) << list.json(kNow);
}

TEST(LiveList, TakesPeersOfAnyBytes) {
  LiveList list;
  const LiveConnection connection = list.accepted("\xFF\n", false, kNow.steady);
  EXPECT_NE(list.json(kNow).find("\"peer\":\"\xEF\xBF\xBD\\n\""), std::string::npos) << list.json(kNow);
}

TEST(LiveList, CostsOneAllocationARequest) {
  if (!test::sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's";
  LiveList list;
  const std::size_t before = test::allocations();
  { const LiveExecution execution = list.submitted(1, "127.0.0.1:9100", kNow.steady, kNever, ""); }
  EXPECT_EQ(test::allocations(), before + 1);
}

TEST(LiveList, IsReadWhileItChanges) {
  LiveList list;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&list, t] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        LiveExecution execution = list.submitted(t, "a:1", kNow.steady, kNever, "");
        execution.state(ExecutionState::running);
      }
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(list.json(kNow).ends_with("}\n"));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(list.json(kNow), kNothing);
}

}  // namespace
}  // namespace ft
