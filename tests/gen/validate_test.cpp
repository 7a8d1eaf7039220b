// SPDX-License-Identifier: Apache-2.0
//
// The rules of the schema: each broken alone, exactly at its limit and one beyond; and their order.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

FragmentRequest good() {
  FragmentRequest request;
  request.request_id = 1;
  request.isolation = "read committed";
  request.max_result_rows = 1000;
  request.max_result_bytes = kMiB;
  request.max_memory_bytes = 16 * kMiB;
  request.max_temp_bytes = 64 * kMiB;
  FragmentSnapshot& snapshot = request.snapshot.emplace();
  snapshot.xmin = 10;
  snapshot.xmax = 20;
  snapshot.active = {10, 19, 15, 15};
  return request;
}

using Change = std::function<void(FragmentRequest&)>;

/// The rules in the order in which they are judged: how to break each, what the peer is told, and where.
struct Rule {
  const char* message;
  const char* path;
  Change break_it;
};
const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
      {"request_id must not be 0", "$", [](FragmentRequest& r) { r.request_id = 0; }},
      {"isolation must not be blank", "$", [](FragmentRequest& r) { r.isolation = ""; }},
      {"isolation must be at most 64 bytes", "$", [](FragmentRequest& r) { r.isolation = std::string(65, 'x'); }},
      {"max_result_rows must not be 0", "$", [](FragmentRequest& r) { r.max_result_rows = 0; }},
      {"max_result_bytes must not be 0", "$", [](FragmentRequest& r) { r.max_result_bytes = 0; }},
      {"max_memory_bytes must not be 0", "$", [](FragmentRequest& r) { r.max_memory_bytes = 0; }},
      {"max_temp_bytes must not be 0", "$", [](FragmentRequest& r) { r.max_temp_bytes = 0; }},
      {"max_result_rows must be at most 2000000", "$", [](FragmentRequest& r) { r.max_result_rows = 2000001; }},
      {"max_result_bytes must be at most 67108864 (64 MiB)", "$",
       [](FragmentRequest& r) { r.max_result_bytes = 64 * kMiB + 1; }},
      {"max_memory_bytes must be at most 536870912 (512 MiB)", "$",
       [](FragmentRequest& r) { r.max_memory_bytes = 512 * kMiB + 1; }},
      {"max_temp_bytes must be at most 1073741824 (1 GiB)", "$",
       [](FragmentRequest& r) { r.max_temp_bytes = 1024 * kMiB + 1; }},
      {"max_result_bytes must not be above max_memory_bytes", "$",
       [](FragmentRequest& r) { r.max_result_bytes = r.max_memory_bytes + 1; }},
      {"max_temp_bytes must not be below max_memory_bytes", "$",
       [](FragmentRequest& r) { r.max_temp_bytes = r.max_memory_bytes - 1; }},
      {"snapshot xmin must not be above xmax", "$.snapshot", [](FragmentRequest& r) { r.snapshot->xmin = 21; }},
      {"snapshot active must list at most 1048576 transactions", "$.snapshot",
       [](FragmentRequest& r) { r.snapshot->active.assign(1048577, 15); }},
      {"snapshot active ids must be at least xmin and below xmax", "$.snapshot",
       [](FragmentRequest& r) { r.snapshot->active.push_back(9); }},
  };
  return all;
}

void expect_good(const Change& change) {
  FragmentRequest request = good();
  change(request);
  const Result<void> result = validate(request);
  EXPECT_TRUE(result) << test::why(result);
}

TEST(Validate, LetsAGoodRequestPass) {
  expect_good([](FragmentRequest&) {});
  expect_good([](FragmentRequest& r) { r.snapshot.reset(); });
}

TEST(Validate, FindsEachRuleBrokenAlone) {
  for (const Rule& rule : rules()) {
    FragmentRequest request = good();
    rule.break_it(request);
    const Result<void> result = validate(request);
    ASSERT_FALSE(result) << rule.message;
    EXPECT_EQ(result.error().code, errc::rule_violated);
    EXPECT_EQ(result.error().detail, rule.message);
    EXPECT_EQ(result.error().path, rule.path) << rule.message;
    EXPECT_EQ(result.error().offset, Error::no_offset);
    EXPECT_NE(result.error().message().find(rule.message), std::string::npos) << result.error().message();
    EXPECT_EQ(info(result.error().code).sqlstate, "08P01");
  }
}

TEST(Validate, JudgesInTheOrderOfTheSchema) {
  // Any two broken at once, the earlier one last, so that it stays broken: it is the one that is told.
  for (std::size_t first = 0; first < rules().size(); ++first) {
    for (std::size_t second = first + 1; second < rules().size(); ++second) {
      FragmentRequest request = good();
      rules()[second].break_it(request);
      rules()[first].break_it(request);
      const Result<void> result = validate(request);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().detail, rules()[first].message) << "with: " << rules()[second].message;
    }
  }
}

TEST(Validate, AllowsWhatIsExactlyAtALimit) {
  expect_good([](FragmentRequest& r) { r.request_id = 18446744073709551615U; });
  expect_good([](FragmentRequest& r) { r.isolation = "x"; });
  expect_good([](FragmentRequest& r) { r.isolation = std::string(64, 'x'); });
  expect_good(
      [](FragmentRequest& r) { r.max_result_rows = r.max_result_bytes = r.max_memory_bytes = r.max_temp_bytes = 1; });
  expect_good([](FragmentRequest& r) { r.max_result_rows = 2000000; });
  expect_good([](FragmentRequest& r) { r.max_result_bytes = r.max_memory_bytes = r.max_temp_bytes = 64 * kMiB; });
  expect_good([](FragmentRequest& r) { r.max_memory_bytes = r.max_temp_bytes = 512 * kMiB; });
  expect_good([](FragmentRequest& r) { r.max_temp_bytes = 1024 * kMiB; });
  expect_good([](FragmentRequest& r) { r.max_result_bytes = r.max_memory_bytes; });
  expect_good([](FragmentRequest& r) { r.max_temp_bytes = r.max_memory_bytes; });
  expect_good([](FragmentRequest& r) {
    r.snapshot->xmin = r.snapshot->xmax;
    r.snapshot->active.clear();
  });
  expect_good([](FragmentRequest& r) { r.snapshot->active.assign(1048576, 15); });
  expect_good([](FragmentRequest& r) { r.snapshot->active = {19, 10}; });
  expect_good([](FragmentRequest& r) {
    r.snapshot->xmin = 0;
    r.snapshot->xmax = 18446744073709551615U;
    r.snapshot->active = {0, 18446744073709551614U};
  });
}

TEST(Validate, AnActiveIdMustLieInTheHalfOpenRange) {
  for (const std::uint64_t id :
       {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{20}, std::uint64_t{18446744073709551615U}}) {
    FragmentRequest request = good();
    request.snapshot->active = {id};
    const Result<void> result = validate(request);
    ASSERT_FALSE(result) << id;
    EXPECT_EQ(result.error().detail, "snapshot active ids must be at least xmin and below xmax");
  }
}

TEST(Validate, ASnapshotMayBeJudgedAlone) {
  FragmentSnapshot snapshot;
  EXPECT_TRUE(validate(snapshot));
  snapshot.xmin = 1;
  const Result<void> result = validate(snapshot);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().path, "$");
}

bool blank(const std::string& isolation) {
  FragmentRequest request = good();
  request.isolation = isolation;
  const Result<void> result = validate(request);
  return !result && result.error().detail == "isolation must not be blank";
}

std::string utf8(char32_t c) {
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  return {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
          static_cast<char>(0x80 | (c & 0x3F))};
}

TEST(Validate, BlankIsWhateverUnicodeCallsWhiteSpace) {
  std::string all;
  for (char32_t c = 0; c < 0x10000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    // The property White_Space, as a list.
    const bool space = (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
                       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
                       c == 0x3000;
    EXPECT_EQ(blank(utf8(c)), space) << std::hex << static_cast<std::uint32_t>(c);
    if (space) all += utf8(c);
  }
  EXPECT_TRUE(blank(all)) << "longer than is allowed, but blank comes first";
  EXPECT_FALSE(blank(all + "x"));
  EXPECT_FALSE(blank("x" + all));
  EXPECT_FALSE(blank("\xE2\x80"));  // cut off
}

TEST(Validate, IsNoPartOfDecoding) {
  const std::string payload = test::envelope(
      R"({"ExecuteFragment":{"request_id":0,"plan":"Checkpoint","txn_id":1,"isolation":"","max_result_rows":0,)"
      R"("max_result_bytes":9,"max_memory_bytes":8,"max_temp_bytes":7,"snapshot":{"xmin":2,"xmax":1,"active":[5]}}})");
  const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_EXECUTE_FRAGMENT, payload));
  ASSERT_TRUE(decoded) << test::why(decoded);
  EXPECT_FALSE(validate(decoded->envelope.payload.get_if<TransportPayload::ExecuteFragment>()->value));
}

}  // namespace
}  // namespace ft
