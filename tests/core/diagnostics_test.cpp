// SPDX-License-Identifier: Apache-2.0
#include "ft/core/diagnostics.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ft {
namespace {

TEST(Diagnostics, TakeTextAndSqlstateFromTheCode) {
  const Diagnostics d(errc::connect_failed, Outcome::not_executed);
  EXPECT_EQ(d.code, errc::connect_failed);
  EXPECT_EQ(d.sqlstate, info(errc::connect_failed).sqlstate);
  EXPECT_EQ(d.message, info(errc::connect_failed).text);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(Diagnostics, TellWhatAnErrorTells) {
  const Error error(errc::missing_key, 57, "$.payload", "\"plan\"");
  const Diagnostics d(error, Outcome::unknown);
  EXPECT_EQ(d.code, errc::missing_key);
  EXPECT_EQ(d.sqlstate, "08P01");
  EXPECT_EQ(d.message, error.message());
}

TEST(Diagnostics, ClaimNothingByDefault) {
  const Diagnostics d;
  EXPECT_EQ(d.code, errc::internal);
  EXPECT_EQ(d.sqlstate, "XX000");
  EXPECT_EQ(d.outcome, Outcome::unknown);
}

TEST(Diagnostics, DescribeThemselvesInOneLine) {
  const std::string hint(info(errc::connection_lost).hint);
  Diagnostics d(errc::connection_lost, Outcome::unknown);
  EXPECT_EQ(d.describe(), "connection_lost (08006); outcome unknown; " + hint);
  d.message += ": the answer was cut off";
  EXPECT_EQ(d.describe(), "connection_lost (08006): the answer was cut off; outcome unknown; " + hint);
  d.peer = "worker-7:9100";
  d.request_id = 7;
  d.attempts = 3;
  d.message = "the worker went away";
  d.outcome = Outcome::executed;
  EXPECT_EQ(d.describe(),
            "connection_lost (08006): the worker went away; peer worker-7:9100; request 7; outcome executed after 3 "
            "attempts; " +
                hint);
}

TEST(Diagnostics, SayNothingTwiceOfAnError) {
  const Error error(errc::connect_failed, Error::no_offset, {}, "worker-7:9100: Connection refused");
  EXPECT_EQ(Diagnostics(error, Outcome::not_executed).describe(),
            "connect_failed (08001): worker-7:9100: Connection refused; check the address and that the peer listens; "
            "outcome not_executed");
}

TEST(Diagnostics, NameOutcomes) {
  EXPECT_EQ(to_name(Outcome::not_executed), "not_executed");
  EXPECT_EQ(to_name(Outcome::executed), "executed");
  EXPECT_EQ(to_name(Outcome::unknown), "unknown");
}

TEST(Diagnostics, AreThrownByAResultWithoutAValue) {
  const CallResult<int> none = Diagnostics(errc::timed_out, Outcome::unknown);
  try {
    (void)none.value();
    FAIL() << "no exception";
  } catch (const CallException& thrown) {
    EXPECT_EQ(thrown.diagnostics().code, errc::timed_out);
    EXPECT_EQ(thrown.what(), none.error().describe());
    const CallException copy(thrown);
    EXPECT_EQ(&copy.diagnostics(), &thrown.diagnostics()) << "copying cannot fail";
  }
  EXPECT_EQ(CallResult<int>(5).value(), 5);
}

}  // namespace
}  // namespace ft
