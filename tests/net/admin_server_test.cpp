// SPDX-License-Identifier: Apache-2.0
#include "ft/net/admin_server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace ft {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A blocking client; the server's own timeout bounds its waits.
class Client {
 public:
  explicit Client(const Endpoint& server) { socket_.connect({asio::ip::make_address(server.host), server.port}); }

  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  /// Everything until the end of the stream, which must be a proper one.
  std::string rest() {
    std::string text;
    boost::system::error_code error;
    asio::read(socket_, asio::dynamic_buffer(text), error);
    EXPECT_EQ(error, asio::error::eof) << error.message();
    return text;
  }
  /// Whether the connection ends without a byte.
  bool ended() {
    char byte;
    boost::system::error_code error;
    return socket_.read_some(asio::buffer(&byte, 1), error) == 0 && error;
  }

 private:
  asio::io_context io_;
  tcp::socket socket_{io_};
};

class AdminServerTest : public testing::Test {
 protected:
  ~AdminServerTest() override {
    server_.reset();
    // With the server gone nothing is left to wait for.
    if (thread_.joinable()) thread_.join();
  }

  AdminOptions options() {
    AdminOptions options;
    options.listen = Endpoint("127.0.0.1", 0);
    options.observer = observer_;
    options.healthy = [this] { return healthy_.load(); };
    return options;
  }
  void start(AdminOptions options) {
    auto started = AdminServer::start(io_.get_executor(), std::move(options));
    ASSERT_TRUE(started) << started.error().message();
    server_ = std::move(*started);
    thread_ = std::thread([this] { io_.run(); });
  }
  std::string ask(std::string_view request) {
    Client client(server_->endpoint());
    client.send(request);
    return client.rest();
  }
  std::string get(std::string_view target) {
    return ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  asio::io_context io_;
  std::shared_ptr<Observer> observer_ = std::make_shared<Observer>();
  std::atomic<bool> healthy_{true};
  std::optional<AdminServer> server_;
  std::thread thread_;
};

TEST_F(AdminServerTest, ShowsMetrics) {
  observer_->metrics().server.drains.add(41);
  start(options());
  const std::string answer = get("/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n" + observer_->metrics().prometheus()));
  EXPECT_THAT(answer, HasSubstr("\nft_server_drains_total 41\n"));
}

TEST_F(AdminServerTest, ShowsHealth) {
  start(options());
  EXPECT_THAT(get("/health"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(get("/health?verbose=1"), EndsWith("\r\n\r\nok\n"));
  healthy_ = false;
  EXPECT_THAT(get("/health"), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(get("/health"), EndsWith("\r\n\r\ndraining\n"));
}

TEST_F(AdminServerTest, IsHealthyWithoutAFunction) {
  AdminOptions without = options();
  without.healthy = nullptr;
  start(without);
  EXPECT_THAT(get("/health"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, ShowsWhatIsInFlight) {
  const LiveExecution execution =
      observer_->live().submitted(7, "10.0.0.7:4711", Now::read().steady, kNever, "00-abc-01");
  start(options());
  const std::string answer = get("/inflight");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(answer, HasSubstr("{\"request_id\":7,\"peer\":\"10.0.0.7:4711\",\"state\":\"queued\","));
}

TEST_F(AdminServerTest, RefusesWhatItDoesNotHave) {
  start(options());
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(get("/metrics/x"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  const std::string head = ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nAllow: GET\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  // The body is larger than the head may be, is not read, and yet no reset eats the answer.
  const std::string post =
      "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + std::string(20'000, 'x');
  EXPECT_THAT(ask(post), StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
}

TEST_F(AdminServerTest, RefusesWhatIsNoRequest) {
  start(options());
  EXPECT_THAT(ask("\x01\x10\x00\x00 hello\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(ask("GET /metrics HTTP/7.3\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  const std::string long_head = "GET /metrics HTTP/1.1\r\nCookie: " + std::string(10'000, 'c') + "\r\n\r\n";
  EXPECT_THAT(ask(long_head), StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
  EXPECT_THAT(get("/health"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, AnswersOneRequestAConnection) {
  start(options());
  const std::string request = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n";
  const std::string answers = ask(request + request);
  EXPECT_EQ(answers.find("HTTP/1.1", 1), std::string::npos) << answers;
}

TEST_F(AdminServerTest, EndsConnectionsThatAreSlowOrTooMany) {
  AdminOptions tight = options();
  tight.max_connections = 2;
  tight.timeout = std::chrono::seconds(1);
  start(tight);
  Client silent(server_->endpoint()), half(server_->endpoint());
  half.send("GET /health HTT");
  Client third(server_->endpoint());
  EXPECT_TRUE(third.ended());
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(half.ended());
  EXPECT_THAT(get("/health"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, StopsAtOnce) {
  AdminOptions patient = options();
  patient.timeout = std::chrono::hours(1);
  start(patient);
  Client silent(server_->endpoint());
  EXPECT_THAT(get("/health"), StartsWith("HTTP/1.1 200 OK\r\n"));  // so the one before it was accepted
  server_->stop();
  server_->stop();
  EXPECT_TRUE(silent.ended());
  thread_.join();  // nothing keeps the context at work
  EXPECT_THROW(Client{server_->endpoint()}, boost::system::system_error);
}

// On the only thread of the executor, where closing the port takes at once who has connected to it.
TEST_F(AdminServerTest, StopsOnItsOwnThreadWhileSomebodyConnects) {
  for (const bool by_destruction : {false, true}) {
    start(options());
    std::promise<void> stopped;
    asio::post(io_, [&] {
      const Client late(server_->endpoint());
      by_destruction ? server_.reset() : server_->stop();
      stopped.set_value();
    });
    ASSERT_EQ(stopped.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    thread_.join();
    io_.restart();
  }
}

TEST_F(AdminServerTest, ListensOnIpv6) {
  AdminOptions six = options();
  six.listen = Endpoint("::1", 0);
  start(six);
  EXPECT_NE(server_->endpoint().port, 0);
  EXPECT_THAT(get("/health"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, ChecksItsOptions) {
  const auto refusal = [this](auto change) {
    AdminOptions changed = options();
    change(changed);
    const auto started = AdminServer::start(io_.get_executor(), changed);
    EXPECT_FALSE(started);
    if (started) return std::string();
    EXPECT_EQ(started.error().code, errc::invalid_configuration);
    return started.error().message();
  };
  EXPECT_THAT(refusal([](AdminOptions& o) { o.listen.host = "localhost"; }), HasSubstr("no IP address"));
  EXPECT_THAT(refusal([](AdminOptions& o) { o.listen.host = ""; }), HasSubstr("no IP address"));
  EXPECT_THAT(refusal([](AdminOptions& o) { o.listen.host = "0.0.0.0"; }), HasSubstr("allow_off_loopback"));
  EXPECT_THAT(refusal([](AdminOptions& o) { o.max_connections = 0; }), HasSubstr("max_connections"));
  EXPECT_THAT(refusal([](AdminOptions& o) { o.timeout = std::chrono::milliseconds(0); }), HasSubstr("timeout"));
  EXPECT_THAT(refusal([](AdminOptions& o) { o.observer = nullptr; }), HasSubstr("observer"));
  start(options());
  EXPECT_THAT(refusal([this](AdminOptions& o) { o.listen = server_->endpoint(); }), HasSubstr("cannot listen on"));
}

}  // namespace
}  // namespace ft
