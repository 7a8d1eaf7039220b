// SPDX-License-Identifier: Apache-2.0
#include "ft/parse.hpp"

#include <gtest/gtest.h>

#include "ft/gen/physical_plan.hpp"
#include "ft/print.hpp"

namespace ft {
namespace {

constexpr std::string_view kPlan = R"({"InternalNoOp":{"tag":"ping","notice":null}})";

TEST(FromText, IsTheCounterpartOfToText) {
  const Result<PhysicalPlan> plan = from_text<PhysicalPlan>(kPlan);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->get_if<PhysicalPlan::InternalNoOp>()->tag, "ping");
  EXPECT_EQ(to_text(*plan), kPlan);
}

TEST(FromText, TellsWhereItWentWrong) {
  const Result<PhysicalPlan> plan = from_text<PhysicalPlan>(R"({"InternalNoOp":{"tag":7,"notice":null}})");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, errc::wrong_type);
  EXPECT_EQ(plan.error().offset, 23U);
  EXPECT_EQ(plan.error().path, "$.InternalNoOp.tag");
}

TEST(FromText, WantsAllOfTheText) {
  EXPECT_EQ(from_text<PhysicalPlan>(std::string(kPlan) + " x").error().code, errc::trailing_bytes);
  EXPECT_EQ(from_text<PhysicalPlan>("").error().code, errc::unexpected_end);
}

}  // namespace
}  // namespace ft
