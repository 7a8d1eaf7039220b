// SPDX-License-Identifier: Apache-2.0
//
// Where this implementation differs from its peers on purpose: one test per difference that docs/compatibility.md
// lists, and one that holds the page against the tests it names.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/frames.hpp"
#include "support/tree.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

using test::Tree;

Result<DecodedFrame> decode_answer(const std::string& payload) {
  return test::decode(test::frame(MSG_FRAGMENT_RESULT, payload));
}

const Value& only_cell(const DecodedFrame& frame) {
  const auto& response = frame.envelope.payload.get_if<TransportPayload::FragmentResult>()->value;
  const auto* const query = response.get_if<FragmentResponse::Success>()->result.get_if<ExecutionResult::Query>();
  return query->rows[0][0];
}

TEST(Compatibility, AStructIsNeverReadFromAnArray) {
  // Every struct of every golden frame in turn as the array of its values.
  std::size_t tried = 0;
  for (const test::Vector& v : test::golden()) {
    if (v.expect != test::Expect::identical) continue;
    Tree tree = Tree::parse(v.payload());
    tree.for_each_struct([&](Tree& object) {
      const Tree before = object;
      object.kind = Tree::Kind::array;
      for (auto& member : object.members) object.items.push_back(member.second);
      object.members.clear();
      const Result<DecodedFrame> decoded =
          test::decode(std::string(1, v.frame[0]) + test::frame(MSG_CANCEL_FRAGMENT, tree.text()).substr(1));
      ASSERT_FALSE(decoded) << v.name << ": " << tree.text();
      EXPECT_EQ(decoded.error().code, errc::wrong_type) << test::why(decoded) << "\n" << tree.text();
      object = before;
      ++tried;
    });
  }
  EXPECT_GT(tried, 5000U);
}

TEST(Compatibility, ASkippedValueIsChecked) {
  const auto code = [](const std::string& value) {
    const Result<DecodedFrame> decoded = test::decode(test::frame(
        MSG_CANCEL_FRAGMENT,
        R"({"version":1,"x":)" + value + R"(,"auth_token":"t","payload":{"CancelFragment":{"request_id":1}}})"));
    return decoded ? std::string("accepted") : std::string(to_name(decoded.error().code));
  };
  EXPECT_EQ(code("\"\xFF\""), "invalid_utf8");
  EXPECT_EQ(code("{\"\xC0\x80\":1}"), "invalid_utf8");
  EXPECT_EQ(code(R"("\q")"), "invalid_escape");
  EXPECT_EQ(code(R"("\ud800")"), "invalid_escape");
  EXPECT_EQ(code("\"\x01\""), "control_character");
  EXPECT_EQ(code("01"), "invalid_number");
  EXPECT_EQ(code(std::string(126, '[') + std::string(126, ']')), "accepted");
  EXPECT_EQ(code(std::string(127, '[') + std::string(127, ']')), "depth_exceeded");
  EXPECT_EQ(code("1e999"), "accepted") << "a skipped number is checked for its grammar alone";
  EXPECT_EQ(code("[-1e99999999999999999999]"), "accepted");
}

TEST(Compatibility, FloatsAreRoundedCorrectly) {
  const auto read = [](const std::string& value) { return decode_answer(test::cell(value)); };
  const std::vector<std::pair<const char*, double>> doubles = {
      {"1.7976931348623158e308", std::numeric_limits<double>::max()},  // rounds down to the largest
      {"9007199254740993", 9007199254740992.0},                        // half way: to even
      {"9007199254740993.00000000000000000000000000000001", 9007199254740994.0},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"6.9294956446009195e15", 6929495644600919.5},
      {"0.500000000000000166533453693773481063544750213623046875", 0.5000000000000002},
      {"3."
       "237883913302901289588352412501532174863037669423108059901297049552301970670676565786835742587799557860615776559"
       "838283435514391"
       "084153169252689190564396459577394618038928365305143463955100356696665629202017331344031730044369360205258345803"
       "431471660032699580"
       "731300954848363975548690010751530018881758184174569652173110473696022749934638425380623369774736560008997404060"
       "967498028389191878"
       "963968575439222206416981462690113342524002724385941651051293552601421155333430225237291523843322331326138431477"
       "823591142408800030"
       "775170625915670728657003151953664260769822494937951845801530895238439819708403389937873241463484205608000027270"
       "531106827387907791"
       "444918534771598750162812548862768493201518991668028251730299953143924168545708663913273994694463908672332763671"
       "875e-319",
       3.2379086165851934e-319},
  };
  for (const auto& [text, value] : doubles) {
    const Result<DecodedFrame> decoded = read(std::string(R"({"Double":)") + text + "}");
    ASSERT_TRUE(decoded) << text << ": " << test::why(decoded);
    EXPECT_EQ(only_cell(*decoded).as_double(), value) << text;
  }
  // A float is rounded once, from the decimal: by way of a double this would be a tie, and go down.
  const Result<DecodedFrame> single = read(R"({"Real":1.00000017881393432617187500001})");
  ASSERT_TRUE(single);
  EXPECT_EQ(only_cell(*single).as_real(), 1.0000002F);
  for (const char* text : {"1e39", "-1e39", "3.4028236e38"}) {
    const Result<DecodedFrame> decoded = read(std::string(R"({"Real":)") + text + "}");
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code, errc::out_of_range);
  }
}

TEST(Compatibility, OpaqueJsonIsKeptByteForByte) {
  for (const char* json : {R"({ "z" : 1 , "a":[ 1.0,1e2 , -0 ], "z":2 })", "1.10", "12345678901234567890123456789",
                           R"("\u0041\/")", "[ ]", "-0"}) {
    const std::string payload = test::cell(std::string(R"({"Jsonb":)") + json + "}");
    const Result<DecodedFrame> decoded = decode_answer(payload);
    ASSERT_TRUE(decoded) << json << ": " << test::why(decoded);
    EXPECT_EQ(only_cell(*decoded).as_jsonb().text(), json);
    EXPECT_NE(test::encode_payload(decoded->envelope).find(json), std::string::npos);
  }
  // White space around it is no part of it.
  const Result<DecodedFrame> spaced = decode_answer(test::cell(R"({"Jsonb": [1] })"));
  ASSERT_TRUE(spaced);
  EXPECT_EQ(only_cell(*spaced).as_jsonb().text(), "[1]");
  for (const char* json : {"1e999", "[[-1e309]]"}) {
    const Result<DecodedFrame> decoded = decode_answer(test::cell(std::string(R"({"Jsonb":)") + json + "}"));
    ASSERT_FALSE(decoded) << json;
    EXPECT_EQ(decoded.error().code, errc::out_of_range);
  }
}

TEST(Compatibility, AKnownKeyOfTheWrongTypeIsRefusedEvenIfItMayBeMissing) {
  const std::string request = test::request("\"Checkpoint\"");
  for (const auto& [key, wrong] : std::vector<std::pair<std::string, std::string>>{
           {"\"snapshot\":null", "\"snapshot\":7"},
           {"\"deadline_epoch_ms\":null", "\"deadline_epoch_ms\":\"soon\""},
           {"\"shard_id\":null", "\"shard_id\":4294967296"},
           {"\"cancel_key\":0", "\"cancel_key\":null"},
       }) {
    std::string payload = request;
    payload.replace(payload.find(key), key.size(), wrong);
    EXPECT_FALSE(test::decode(test::frame(MSG_EXECUTE_FRAGMENT, payload))) << wrong;
    payload = request;
    payload.replace(payload.find(key), key.size(), "\"unknown\":0");
    EXPECT_TRUE(test::decode(test::frame(MSG_EXECUTE_FRAGMENT, payload))) << key << " may be missing";
  }
}

std::string answer_with(const std::string& keys) {
  return test::envelope(R"({"FragmentResult":{"Error":{"request_id":7,"message":"m","sql_state":"53400")" + keys +
                        "}}}");
}

TEST(Compatibility, AnExtensionKeyOfTheWrongTypeIsRefused) {
  const auto code_of_request = [](const std::string& key) {
    const Result<DecodedFrame> decoded =
        test::decode(test::frame(MSG_EXECUTE_FRAGMENT, test::request("\"Checkpoint\"", key)));
    return decoded ? "accepted" : std::string(to_name(decoded.error().code));
  };
  EXPECT_EQ(code_of_request(R"(,"timeout_ms":250)"), "accepted");
  EXPECT_EQ(code_of_request(R"(,"timeout_ms":null)"), "accepted") << "as if it were missing";
  EXPECT_EQ(code_of_request(R"(,"timeout_ms":"250")"), "wrong_type");
  EXPECT_EQ(code_of_request(R"(,"timeout_ms":-1)"), "out_of_range");
  EXPECT_EQ(code_of_request(R"(,"timeout_ms":1.5)"), "wrong_type");
  EXPECT_EQ(code_of_request(R"(,"traceparent":7)"), "wrong_type");

  const auto code_of_answer = [](const std::string& key) {
    const Result<DecodedFrame> decoded = decode_answer(answer_with(key));
    return decoded ? "accepted" : std::string(to_name(decoded.error().code));
  };
  EXPECT_EQ(code_of_answer(R"(,"not_executed":true,"server_us":1,"retry_after_ms":2)"), "accepted");
  EXPECT_EQ(code_of_answer(R"(,"not_executed":1)"), "wrong_type");
  EXPECT_EQ(code_of_answer(R"(,"server_us":"1")"), "wrong_type");
  EXPECT_EQ(code_of_answer(R"(,"retry_after_ms":[])"), "wrong_type");
}

TEST(Compatibility, ExtensionKeysAreWrittenLastAndOnlyIfSet) {
  FragmentRequest request;
  request.cancel_key = SecretU64(9);
  const auto written = [&] {
    TransportEnvelope envelope;
    envelope.version = PROTOCOL_VERSION;
    envelope.payload = TransportPayload(TransportPayload::ExecuteFragment(request));
    return test::encode_payload(envelope);
  };
  const auto ends_with = [](const std::string& text, std::string_view end) { return text.ends_with(end) ? "" : text; };
  EXPECT_EQ(ends_with(written(), R"("cancel_key":9}}})"), "");
  request.traceparent = "00-1";
  EXPECT_EQ(ends_with(written(), R"("cancel_key":9,"traceparent":"00-1"}}})"), "");
  request.timeout_ms = 250;
  EXPECT_EQ(ends_with(written(), R"("cancel_key":9,"timeout_ms":250,"traceparent":"00-1"}}})"), "");

  for (const char* keys : {"", R"(,"not_executed":false)", R"(,"server_us":1,"retry_after_ms":2)",
                           R"(,"not_executed":true,"server_us":1,"retry_after_ms":2)"}) {
    const Result<DecodedFrame> decoded = decode_answer(answer_with(keys));
    ASSERT_TRUE(decoded) << keys << ": " << test::why(decoded);
    EXPECT_EQ(test::encode_payload(decoded->envelope), answer_with(keys));
  }
}

TEST(Compatibility, AFrameBeyondTheMemoryBudgetIsRefused) {
  std::string sets = "[]";
  for (int i = 0; i < 3000000; ++i) sets += ",[]";
  const std::string payload = test::request(
      R"({"Aggregate":{"table_id":1,"group_by":[],"grouping_sets":[)" + sets +
      R"(],"aggregates":[],"having":null,"filter":null,"order_by":[],"limit":null,"offset":null,"distinct":false,)"
      R"("distinct_on":[],"access_path":"SeqScan"}})");
  const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_EXECUTE_FRAGMENT, payload));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, errc::memory_budget);
  EXPECT_TRUE(test::decode(test::frame(MSG_EXECUTE_FRAGMENT, payload), {.budget = std::size_t{1} << 30}));
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Compatibility, EveryTestThatThePageNamesExists) {
  const std::string root = std::string(FT_TEST_DATA_DIR) + "/../../";
  const std::string page = text_of_file(root + "docs/compatibility.md");
  ASSERT_FALSE(page.empty());
  const std::regex mention(R"(`(tests/[\w/]+\.cpp)`: `(\w+)\.(\w+)`)");
  std::set<std::string> files;
  std::size_t named = 0;
  for (std::sregex_iterator m(page.begin(), page.end(), mention), end; m != end; ++m, ++named) {
    const std::string source = text_of_file(root + m->str(1));
    EXPECT_NE(source.find("TEST(" + m->str(2) + ", " + m->str(3) + ")"), std::string::npos) << m->str();
    files.insert(m->str(1));
  }
  EXPECT_GE(named, 10U);
  EXPECT_GE(files.size(), 4U);
  for (int number = 1; number <= 7; ++number) {
    EXPECT_NE(page.find("\n## " + std::to_string(number) + ". "), std::string::npos) << "difference " << number;
  }
}

TEST(Compatibility, EveryDifferenceInTheRecordedFramesIsOneOfThePage) {
  // The recorded frames that peers read differently carry a note; each note belongs to a difference that is listed.
  std::size_t notes = 0;
  for (const auto* vectors : {&test::golden(), &test::decode_vectors()}) {
    for (const test::Vector& v : *vectors) {
      if (v.note.empty()) continue;
      ++notes;
      const bool listed =
          v.note.find("never read from a JSON array") != std::string::npos ||
          v.note.find("skipped") != std::string::npos || v.note.find("rounded correctly") != std::string::npos ||
          v.note.find("f32 out of range") != std::string::npos || v.note.find("dims is reset") != std::string::npos;
      EXPECT_TRUE(listed) << v.name << ": " << v.note;
    }
  }
  EXPECT_EQ(notes, 13U);
}

}  // namespace
}  // namespace ft
