// SPDX-License-Identifier: Apache-2.0
#include "ft/core/errc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ft {
namespace {

constexpr int kLast = static_cast<int>(errc::internal);

TEST(Errc, EveryCodeHasAFullRowOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 1; i <= kLast; ++i) {
    const ErrcInfo& row = info(static_cast<errc>(i));
    EXPECT_EQ(static_cast<int>(row.code), i);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos) << row.name;
    EXPECT_FALSE(row.text.empty()) << row.name;
    EXPECT_FALSE(row.hint.empty()) << row.name;
    EXPECT_EQ(row.sqlstate.size(), 5U) << row.name;
  }
}

TEST(Errc, NamesAreThoseOfTheEnumeration) {
  EXPECT_EQ(to_name(errc::incomplete_header), "incomplete_header");
  EXPECT_EQ(to_name(errc::message_type_mismatch), "message_type_mismatch");
  EXPECT_EQ(to_name(errc::syntax), "syntax");
  EXPECT_EQ(to_name(errc::depth_exceeded), "depth_exceeded");
  EXPECT_EQ(to_name(errc::memory_budget), "memory_budget");
  EXPECT_EQ(to_name(errc::invalid_string), "invalid_string");
  EXPECT_EQ(to_name(errc::internal), "internal");
}

TEST(Errc, ValuesOutsideTheEnumerationReadAsInternal) {
  EXPECT_EQ(info(static_cast<errc>(0)).code, errc::internal);
  EXPECT_EQ(info(static_cast<errc>(kLast + 1)).code, errc::internal);
  EXPECT_EQ(info(static_cast<errc>(255)).code, errc::internal);
}

TEST(Errc, SqlstatesFollowTheProtocol) {
  EXPECT_EQ(info(errc::authentication_failed).sqlstate, "28000");
  EXPECT_EQ(info(errc::version_unsupported).sqlstate, "08006");
  EXPECT_EQ(info(errc::incomplete_header).sqlstate, "08P01");
  EXPECT_EQ(info(errc::incomplete_payload).sqlstate, "08P01");
  EXPECT_EQ(info(errc::syntax).sqlstate, "08P01");
  EXPECT_EQ(info(errc::rule_violated).sqlstate, "08P01");
  EXPECT_EQ(info(errc::payload_too_large).sqlstate, "54000");
  EXPECT_EQ(info(errc::output_too_large).sqlstate, "54000");
  EXPECT_EQ(info(errc::memory_budget).sqlstate, "53200");
  EXPECT_EQ(info(errc::internal).sqlstate, "XX000");
}

TEST(Errc, SqlstatesOfAServerThatIsLoadedOrLeaving) {
  EXPECT_EQ(info(errc::too_many_connections).sqlstate, "53300");
  EXPECT_EQ(info(errc::queue_full).sqlstate, "53400");
  EXPECT_EQ(info(errc::byte_budget).sqlstate, "53200");
  EXPECT_EQ(info(errc::executors_wedged).sqlstate, "53000");
  EXPECT_EQ(info(errc::result_too_large).sqlstate, "54000");
  EXPECT_EQ(info(errc::cancelled).sqlstate, "57014");
  EXPECT_EQ(info(errc::timed_out).sqlstate, "57014");
  EXPECT_EQ(info(errc::draining).sqlstate, "57P03");
  EXPECT_EQ(info(errc::killed_by_drain).sqlstate, "57P01");
  EXPECT_EQ(info(errc::executor_failed).sqlstate, "XX000");
}

TEST(Errc, AnswersTheQuestionsOfACaller) {
  const std::error_code busy = errc::queue_full, late = errc::timed_out, stranger = errc::authentication_failed;
  EXPECT_EQ(busy, condition::retry_elsewhere);
  EXPECT_NE(late, condition::retry_elsewhere);
  EXPECT_EQ(late, condition::timeout);
  EXPECT_NE(busy, condition::timeout);
  EXPECT_EQ(stranger, condition::security);
  EXPECT_NE(std::make_error_code(std::errc::timed_out), condition::timeout);
  EXPECT_FALSE(make_error_condition(condition::timeout).message().empty());
}

TEST(Errc, OnlyIncompleteInputWaitsForMore) {
  for (int i = 1; i <= kLast; ++i) {
    const errc code = static_cast<errc>(i);
    const bool incomplete = code == errc::incomplete_header || code == errc::incomplete_payload;
    EXPECT_EQ(info(code).retry == RetryClass::more_input, incomplete) << to_name(code);
  }
  EXPECT_EQ(info(errc::version_unsupported).retry, RetryClass::elsewhere);
}

TEST(Errc, BecomesAnErrorCode) {
  const std::error_code code = errc::depth_exceeded;
  EXPECT_TRUE(code);
  EXPECT_EQ(code, errc::depth_exceeded);
  EXPECT_NE(code, errc::syntax);
  EXPECT_STREQ(code.category().name(), "ft");
  EXPECT_EQ(code.message(), info(errc::depth_exceeded).text);
}

}  // namespace
}  // namespace ft
