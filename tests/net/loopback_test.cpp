// SPDX-License-Identifier: Apache-2.0
#include "net/loopback.hpp"

#include <gtest/gtest.h>

namespace ft::net {
namespace {

bool loopback(const char* address) { return is_loopback(boost::asio::ip::make_address(address)); }

TEST(Loopback, IsThisMachineInEveryForm) {
  for (const char* address : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"}) EXPECT_TRUE(loopback(address));
  for (const char* address : {"0.0.0.0", "128.0.0.1", "::", "::2", "::ffff:10.0.0.1", "::127.0.0.1"}) {
    EXPECT_FALSE(loopback(address)) << address;
  }
}

}  // namespace
}  // namespace ft::net
