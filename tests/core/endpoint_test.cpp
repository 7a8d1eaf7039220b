// SPDX-License-Identifier: Apache-2.0
#include "ft/core/endpoint.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ft {
namespace {

TEST(Endpoint, ReadsNamesAndAddresses) {
  const auto expect = [](const char* text, const char* host, std::uint16_t port) {
    const Result<Endpoint> endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text << ": " << endpoint.error().message();
    EXPECT_EQ(*endpoint, Endpoint(host, port)) << text;
    EXPECT_EQ(endpoint->to_string(), text);
  };
  expect("worker-7:9100", "worker-7", 9100);
  expect("worker_7.cluster.example:1", "worker_7.cluster.example", 1);
  expect("10.0.0.7:65535", "10.0.0.7", 65535);
  expect("localhost:0", "localhost", 0);
  expect("[::1]:9100", "::1", 9100);
  expect("[::]:9100", "::", 9100);
  expect("[fe80::1%eth0]:9100", "fe80::1%eth0", 9100);
  expect("[::ffff:10.0.0.7]:9100", "::ffff:10.0.0.7", 9100);
  const std::string longest(253, 'x');
  expect((longest + ":1").c_str(), longest.c_str(), 1);
}

TEST(Endpoint, SaysWhatIsWrong) {
  const auto refused = [](std::string_view text) {
    const Result<Endpoint> endpoint = Endpoint::parse(text);
    if (endpoint) return std::string("taken");
    EXPECT_EQ(endpoint.error().code, errc::invalid_configuration);
    return endpoint.error().detail;
  };
  const std::string port = "the port must be 0 to 65535";
  for (const char* text : {"h:65536", "h:-1", "h:+1", "h:1x", "h: 1", "h:0x1", "h:99999999999999999999", "[::1]:x"}) {
    EXPECT_EQ(refused(text), port) << text;
  }
  const std::string no_port = "the address needs a port, as in 127.0.0.1:9100";
  for (const char* text : {"", "h", "h:", "[::1]", "[::1]:", "[::1]9100"}) EXPECT_EQ(refused(text), no_port) << text;
  EXPECT_EQ(refused(":9100"), "the address needs a host, as in 127.0.0.1:9100");
  EXPECT_EQ(refused("::1:9100"), "an IPv6 address needs brackets, as in [::1]:9100");
  EXPECT_EQ(refused("[::1:9100"), "an address that opens with [ needs a ] before its port");
  EXPECT_EQ(refused("[localhost]:9100"), "only an IPv6 address stands in brackets");
  EXPECT_EQ(refused("[]:9100"), "only an IPv6 address stands in brackets");
  EXPECT_EQ(refused(std::string(254, 'x') + ":1"), "the host is longer than 253 bytes");
  const std::string character = "the host holds a character that no name or address has";
  for (const char* text : {"h h:1", " h:1", "h\n:1", "h/x:1", "h@x:1", "h%x:1", "[:: 1]:1", "h\xC3\xA9:1"}) {
    EXPECT_EQ(refused(text), character) << text;
  }
}

TEST(Endpoint, IsOrderedByHostThenPort) {
  const std::set<Endpoint> sorted{Endpoint("b", 1), Endpoint("a", 2), Endpoint("a", 1), Endpoint("a", 2)};
  EXPECT_EQ(sorted.size(), 3U);
  EXPECT_EQ(sorted.begin()->to_string(), "a:1");
}

}  // namespace
}  // namespace ft
