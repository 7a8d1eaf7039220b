// SPDX-License-Identifier: Apache-2.0
//
// What an operator sees of a server: metrics, log, live list and captured frames, and never a secret.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

#include "net/server_harness.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"
#include "support/temporary_folder.hpp"

namespace ft::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class ServerWatch : public testing::Test {
 protected:
  ServerWatch() {
    observer_->log([this](const LogRecord& record) {
      const std::lock_guard lock(mutex_);
      events_.push_back(record.event);
      lines_ += json_line(record);
    });
  }

  ServerOptions options() const {
    ServerOptions made = loopback_options();
    made.observer = observer_;
    return made;
  }
  ServerMetrics& metrics() { return observer_->metrics().server; }
  std::vector<LogEvent> events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  std::string live() { return observer_->live().json(Now::read()); }

  const std::shared_ptr<Observer> observer_ = std::make_shared<Observer>();
  std::mutex mutex_;
  std::vector<LogEvent> events_;
  std::string lines_;
};

TEST_F(ServerWatch, CountsConnectionsFramesAndBytes) {
  const std::string request = encode(execute(7, "SELECT"));
  {
    ServerHarness server(options());
    RawClient client(server.endpoint());
    client.send(request);
    EXPECT_EQ(client.answer(), command(7, "SELECT"));
    client.send(ping());
    EXPECT_EQ(client.answer(), acknowledged(0));
    EXPECT_EQ(metrics().connections_open.value(), 1);
  }
  EXPECT_EQ(metrics().connections_accepted.value(), 1u);
  EXPECT_EQ(metrics().connections_open.value(), 0);
  EXPECT_EQ(metrics().frames_received.value(), 2u);
  EXPECT_EQ(metrics().frames_sent.value(), 2u);
  EXPECT_EQ(metrics().pings.value(), 1u);
  EXPECT_EQ(metrics().bytes_received.value(), request.size() + encode(ping()).size());
  EXPECT_GT(metrics().bytes_sent.value(), 0u);
  EXPECT_EQ(metrics().drains.value(), 1u);
  EXPECT_THAT(events(), testing::ElementsAre(LogEvent::listening, LogEvent::drain_started, LogEvent::drain_finished));
}

TEST_F(ServerWatch, CountsRequestsByTheirEnd) {
  ServerOptions made = options();
  made.admission.max_executions = 1;
  made.admission.max_queued = 1;
  ServerHarness server(std::move(made));
  RawClient client(server.endpoint());
  const auto ends = [&](RequestEnd end) { return metrics().requests[end].value(); };

  client.send(execute(1, "SELECT"));
  client.answer();
  EXPECT_EQ(ends(RequestEnd::ok), 1u);
  client.send(execute(2, "error:42P01"));
  client.answer();
  EXPECT_EQ(ends(RequestEnd::error), 1u);
  EXPECT_EQ(metrics().errors[SqlClass::syntax_or_access].value(), 1u);
  client.send(execute(3, "throw"));
  client.answer();
  EXPECT_EQ(ends(RequestEnd::failed), 1u);
  FragmentRequest large = tagged_request(4, "bytes:5000");
  large.max_result_bytes = 1000;
  client.send(execute(large));
  client.answer();
  EXPECT_EQ(ends(RequestEnd::failed), 2u);

  client.send(execute(5, "hold"));
  server.executor().await_started(5);
  RawClient second(server.endpoint());
  second.send(execute(6, "SELECT"));
  server.await([](const FragmentServer::Stats& stats) { return stats.usage.queued == 1; });
  RawClient third(server.endpoint());
  third.send(execute(7, "SELECT"));
  third.answer();
  EXPECT_EQ(ends(RequestEnd::rejected), 1u);
  third.send(cancel(5, 0));
  third.answer();
  client.answer();
  EXPECT_EQ(ends(RequestEnd::cancelled), 1u);
  EXPECT_EQ(metrics().cancels_received.value(), 1u);
  EXPECT_EQ(metrics().cancels_matched.value(), 1u);
  EXPECT_EQ(metrics().executions_running.value(), 1);
  EXPECT_EQ(metrics().executions_abandoned.value(), 1);
  EXPECT_EQ(metrics().executions_queued.value(), 1);
  server.executor().finish(5);
  second.answer();
  EXPECT_EQ(ends(RequestEnd::ok), 2u);
  EXPECT_EQ(metrics().executions_running.value(), 0);
  EXPECT_EQ(metrics().executions_abandoned.value(), 0);

  FragmentRequest brief = tagged_request(8, "hold");
  brief.timeout_ms = 5;
  client.send(execute(brief));
  client.answer();
  EXPECT_EQ(ends(RequestEnd::timed_out), 1u);
  server.executor().await_stop(8);
  server.executor().finish(8);
  FragmentRequest invalid = tagged_request(9, "SELECT");
  invalid.max_result_rows = 0;
  client.send(execute(invalid));
  client.answer();
  EXPECT_EQ(ends(RequestEnd::invalid), 1u);

  third.send(execute(10, "hold"));
  server.executor().await_started(10);
  third.close();
  server.executor().await_stop(10);
  server.executor().finish(10);
  server.await_connections(2);  // `client` lingers until it closes
  EXPECT_EQ(ends(RequestEnd::client_left), 1u);
}

TEST_F(ServerWatch, LogsWhatPeersDoWrongWithoutTheirSecrets) {
  ServerHarness server(options());
  RawClient stranger(server.endpoint());
  stranger.send(execute(1, "SELECT", "a-guessed-token"));
  stranger.answer();
  RawClient garbage(server.endpoint());
  garbage.send(frame(MSG_EXECUTE_FRAGMENT, "{"));
  garbage.answer();
  EXPECT_EQ(metrics().authentication_failures.value(), 1u);
  EXPECT_THAT(events(), Contains(LogEvent::authentication_failed));
  EXPECT_THAT(events(), Contains(LogEvent::protocol_error));
  const std::lock_guard lock(mutex_);
  EXPECT_THAT(lines_, Not(HasSubstr("a-guessed-token")));
  EXPECT_THAT(lines_, Not(HasSubstr(std::string(kToken))));
  EXPECT_THAT(lines_, HasSubstr("127.0.0.1"));
}

TEST_F(ServerWatch, TellsWhichWaitAPeerLetPass) {
  const auto impatient = [this](std::chrono::milliseconds ServerOptions::*limit) {
    ServerOptions made = options();
    made.*limit = std::chrono::milliseconds(50);
    return std::make_unique<ServerHarness>(std::move(made));
  };
  const auto timeouts = [&](PeerWait wait) { return metrics().peer_timeouts[wait].value(); };
  {
    const auto server = impatient(&ServerOptions::first_frame_timeout);
    RawClient client(server->endpoint());
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(timeouts(PeerWait::first_frame), 1u);
  }
  {
    const auto server = impatient(&ServerOptions::idle_timeout);
    RawClient client(server->endpoint());
    client.send(ping());
    client.answer();
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(timeouts(PeerWait::idle), 1u);
  }
  {
    const auto server = impatient(&ServerOptions::frame_timeout);
    RawClient client(server->endpoint());
    client.send(encode(ping()) + encode(ping()).substr(0, 20));
    client.answer();
    EXPECT_EQ(failure(client.answer()), (Failure{0, "57014"}));
    EXPECT_EQ(timeouts(PeerWait::frame), 1u);
  }
  EXPECT_EQ(timeouts(PeerWait::write), 0u);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(std::count(events_.begin(), events_.end(), LogEvent::peer_timed_out), 3);
  EXPECT_THAT(events_, Not(Contains(LogEvent::protocol_error))) << "said once";
  for (const char* wait : {"first_frame", "idle", "frame"}) {
    EXPECT_THAT(lines_, HasSubstr("\"wait\":\"" + std::string(wait) + "\",\"limit_ms\":\"50\""));
  }
  EXPECT_THAT(lines_, HasSubstr("\"peer\":\"127.0.0.1:"));
}

TEST_F(ServerWatch, NamesThePeerWhoseRequestMadeTheExecutorFail) {
  ServerHarness server(options());
  RawClient client(server.endpoint());
  client.send(execute(4711, "throw"));
  client.answer();
  const std::lock_guard lock(mutex_);
  EXPECT_THAT(lines_, HasSubstr("\"event\":\"executor_failed\",\"text\":\"a text that no peer may see\","
                                "\"peer\":\"127.0.0.1:"));
  EXPECT_THAT(lines_, HasSubstr("\"request_id\":\"4711\""));
}

TEST_F(ServerWatch, ListsWhatIsGoingOn) {
  ServerHarness server(options());
  RawClient client(server.endpoint());
  client.send(execute(4711, "hold"));
  server.executor().await_started(4711);
  EXPECT_THAT(live(), HasSubstr("\"request_id\":4711"));
  EXPECT_THAT(live(), HasSubstr("\"running\""));
  server.executor().finish(4711);
  client.answer();
  EXPECT_THAT(live(), Not(HasSubstr("4711")));
  client.close();
  server.await_connections(0);
  EXPECT_THAT(live(), Not(HasSubstr("127.0.0.1")));
}

TEST_F(ServerWatch, CapturesTheFramesOfBothDirections) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "frames";
  ASSERT_TRUE(observer_->capture(file));
  ServerHarness server(options());
  RawClient client(server.endpoint());
  client.send(execute(4711, "SELECT"));
  client.answer();
  client.close();
  server.await_connections(0);
  observer_->frames()->flush();
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const Result<DecodedFrame> request = decode(bytes);
  ASSERT_TRUE(request) << why(request);
  EXPECT_EQ(request->type, MSG_EXECUTE_FRAGMENT);
  const Result<DecodedFrame> answer = decode(bytes.substr(request->consumed));
  ASSERT_TRUE(answer) << why(answer);
  EXPECT_EQ(answer->type, MSG_FRAGMENT_RESULT);
  EXPECT_THAT(bytes, Not(HasSubstr(std::string(kToken))));
}

}  // namespace
}  // namespace ft::test
