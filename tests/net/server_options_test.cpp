// SPDX-License-Identifier: Apache-2.0
//
// A configuration that makes no sense is an error that names the option, before anything is bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>

#include "net/server_harness.hpp"
#include "support/frames.hpp"

namespace ft::test {
namespace {

using testing::HasSubstr;

TEST(ServerOptions, ThatAreGoodPass) { EXPECT_TRUE(loopback_options().validate()); }

struct Mistake {
  const char* names;
  std::function<void(ServerOptions&)> make;
};

class ServerOptionsMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ServerOptionsMistake, IsNamed) {
  ServerOptions options = loopback_options();
  GetParam().make(options);
  const Result<void> valid = options.validate();
  ASSERT_FALSE(valid);
  EXPECT_EQ(valid.error().code, errc::invalid_configuration);
  EXPECT_THAT(valid.error().message(), HasSubstr(GetParam().names));
}

using std::chrono::milliseconds;
INSTANTIATE_TEST_SUITE_P(
    All, ServerOptionsMistake,
    testing::Values(Mistake{"listen", [](ServerOptions& o) { o.listen.clear(); }},
                    Mistake{"listen", [](ServerOptions& o) { o.listen.resize(65, o.listen[0]); }},
                    Mistake{"host", [](ServerOptions& o) { o.listen[0].host.clear(); }},
                    Mistake{"loopback", [](ServerOptions& o) { o.listen[0].host = "0.0.0.0"; }},
                    Mistake{"loopback", [](ServerOptions& o) { o.listen[0].host = "::"; }},
                    Mistake{"tokens", [](ServerOptions& o) { o.tokens = nullptr; }},
                    Mistake{"max_connections", [](ServerOptions& o) { o.max_connections = 0; }},
                    Mistake{"reserved_connections", [](ServerOptions& o) { o.reserved_connections = 0; }},
                    Mistake{"admission.max_executions", [](ServerOptions& o) { o.admission.max_executions = 0; }},
                    Mistake{"admission.max_queued", [](ServerOptions& o) { o.admission.max_queued = 0; }},
                    Mistake{"admission.max_queued_per_peer",
                            [](ServerOptions& o) { o.admission.max_queued_per_peer = 0; }},
                    Mistake{"admission.max_bytes", [](ServerOptions& o) { o.admission.max_bytes = 1000; }},
                    Mistake{"request_timeout", [](ServerOptions& o) { o.request_timeout = milliseconds(0); }},
                    Mistake{"handshake_timeout", [](ServerOptions& o) { o.handshake_timeout = milliseconds(-1); }},
                    Mistake{"first_frame_timeout", [](ServerOptions& o) { o.first_frame_timeout = milliseconds(0); }},
                    Mistake{"idle_timeout", [](ServerOptions& o) { o.idle_timeout = milliseconds(0); }},
                    Mistake{"frame_timeout", [](ServerOptions& o) { o.frame_timeout = milliseconds(0); }},
                    Mistake{"write_timeout", [](ServerOptions& o) { o.write_timeout = milliseconds::max(); }},
                    Mistake{"drain_timeout", [](ServerOptions& o) { o.drain_timeout = milliseconds(0); }},
                    Mistake{"linger", [](ServerOptions& o) { o.linger = std::chrono::minutes(2); }},
                    Mistake{"keepalive", [](ServerOptions& o) { o.keepalive = milliseconds(10); }}));

TEST(ServerStart, OnAnAddressThatIsTakenBindsNothing) {
  ServerHarness taken;
  boost::asio::io_context io;
  ServerOptions options = loopback_options();
  options.listen.push_back(taken.endpoint());
  const auto server = FragmentServer::start(io.get_executor(), options, std::make_shared<PlayedExecutor>());
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message(), HasSubstr(taken.endpoint().to_string()));
  EXPECT_EQ(io.run(), 0u);
}

TEST(ServerStart, NeedsAnExecutor) {
  boost::asio::io_context io;
  EXPECT_FALSE(FragmentServer::start(io.get_executor(), loopback_options(), nullptr));
}

TEST(ServerStart, AllowsPlaintextElsewhereWhenToldTo) {
  ServerOptions options = loopback_options();
  options.listen[0].host = "0.0.0.0";
  options.allow_plaintext_off_loopback = true;
  ServerHarness server(std::move(options));
  RawClient client(Endpoint("127.0.0.1", server.endpoint().port));
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
}

TEST(ServerStart, LooksANameUp) {
  ServerOptions options = loopback_options();
  options.listen[0].host = "localhost";
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
}

}  // namespace
}  // namespace ft::test
