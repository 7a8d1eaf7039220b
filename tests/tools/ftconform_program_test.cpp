// SPDX-License-Identifier: Apache-2.0
//
// ftconform as another implementation meets it: a line in, a line out.
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <string>
#include <vector>

#include "common/base64.hpp"
#include "run.hpp"
#include "support/frames.hpp"

namespace ft::tools {
namespace {

std::vector<boost::json::object> answers(const std::string& lines) {
  const Outcome outcome = run("ftconform", {}, {.input = lines});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  std::vector<boost::json::object> all;
  for (std::size_t begin = 0; begin < outcome.out.size();) {
    const std::size_t end = outcome.out.find('\n', begin);
    all.push_back(boost::json::parse(outcome.out.substr(begin, end - begin)).as_object());
    begin = end + 1;
  }
  return all;
}

std::string cancel_frame(const std::string& payload) {
  std::string frame = {'\x02', static_cast<char>(payload.size()), 0, 0, 0};
  return frame.append(payload);
}

const std::string kPayload =
    R"({"version":1,"auth_token":"t","payload":{"CancelFragment":{"request_id":1,"cancel_key":2}}})";

std::string request(const std::string& id, const std::string& frame) {
  return R"({"id":)" + id + R"(,"frame":")" + encode_base64(frame) + "\"}\n";
}

TEST(FtconformProgram, AnswersInOrderWithTheCanonicalFrame) {
  const std::string spaced =
      R"({ "payload" : {"CancelFragment":{"cancel_key":2,"request_id":1}}, "auth_token":"t","version":1})";
  const auto all = answers(request("7", cancel_frame(kPayload)) + "\n" + request("\"b\"", cancel_frame(spaced)));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("id"), 7);
  EXPECT_EQ(all[1].at("id"), "b");
  for (const boost::json::object& answer : all) {
    EXPECT_EQ(answer.at("ok"), true);
    EXPECT_EQ(answer.at("canonical").as_string(), encode_base64(cancel_frame(kPayload)));
  }
  EXPECT_EQ(all[1].at("consumed").to_number<std::size_t>(), spaced.size() + 5);
}

TEST(FtconformProgram, TellsWhatIsWrongAndWhere) {
  const std::string payload = R"({"version":1,"auth_token":"t","payload":{"CancelFragment":{"cancel_key":2}}})";
  const auto all = answers(request("null", cancel_frame(payload)));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at("ok"), false);
  EXPECT_EQ(all[0].at("code"), "missing_key");
  EXPECT_EQ(all[0].at("path"), "$.payload.CancelFragment");
  EXPECT_EQ(all[0].at("offset").to_number<std::size_t>(), 5 + payload.find("}}}"));
}

TEST(FtconformProgram, TellsWhichRuleIsBroken) {
  const std::string good = test::request(R"("Checkpoint")");
  std::string bad = good;
  const std::string_view none = R"("snapshot":null)";
  bad.replace(bad.find(none), none.size(), R"("snapshot":{"xmin":2,"xmax":1})");
  const auto all = answers(request("1", test::frame(MSG_EXECUTE_FRAGMENT, good)) +
                           request("2", test::frame(MSG_EXECUTE_FRAGMENT, bad)));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].at("broken").is_null());
  EXPECT_EQ(all[1].at("ok"), true);
  EXPECT_EQ(all[1].at("broken").at("path"), "$.payload.ExecuteFragment.snapshot");
  EXPECT_EQ(all[1].at("broken").at("rule"), "snapshot xmin must not be above xmax");
}

TEST(FtconformProgram, EncodesInTheVersionThatIsWanted) {
  std::string later = kPayload;
  later.replace(later.find(":1"), 2, ":9");
  const std::string plain = R"({"frame":")" + encode_base64(cancel_frame(later)) + '"';
  const auto all = answers(plain + "}\n" + plain + R"(,"version":1})" + "\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("canonical").as_string(), encode_base64(cancel_frame(later)));
  EXPECT_EQ(all[1].at("canonical").as_string(), encode_base64(cancel_frame(kPayload)));
}

TEST(FtconformProgram, AnswersLinesThatAreNoRequest) {
  const std::string frame = R"({"id":5,"frame":")" + encode_base64(cancel_frame(kPayload)) + '"';
  const auto all = answers("no json\n{\"id\":3}\n{\"id\":4,\"frame\":\"%\"}\n" + frame + R"(,"version":0})" + "\n" +
                           frame + R"(,"version":"1"})" + "\n");
  ASSERT_EQ(all.size(), 5U);
  for (const boost::json::object& answer : all) EXPECT_EQ(answer.at("code"), "bad_request");
  EXPECT_EQ(all[2].at("id"), 4);
}

TEST(FtconformProgram, HasNoOptions) { EXPECT_EQ(run("ftconform", {"--help"}).status, 2); }

TEST(Base64, ReadsBackWhatItWrites) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 37));
  }
  EXPECT_EQ(encode_base64("fo"), "Zm8=");
}

TEST(Base64, RefusesWhatIsNoBase64) {
  for (const char* text : {"Zm8", "Zm9=", "Zm8=Zm8=", "Zm 8", "====", "Zm8*"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace ft::tools
