// SPDX-License-Identifier: Apache-2.0
//
// The memory budget: short JSON cannot become a huge heap, whatever it says; and allocations that fail lose nothing.
#include <gtest/gtest.h>

#include <new>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/allocations.hpp"
#include "support/frames.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

std::string repeat(std::string_view item, std::size_t times) {
  std::string list;
  for (std::size_t i = 0; i < times; ++i) {
    if (i != 0) list += ',';
    list += item;
  }
  return list;
}

/// The smallest budget under which the frame decodes.
std::size_t smallest_budget(const std::string& frame) {
  std::size_t low = 0, high = std::size_t{1} << 30;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(frame), {}, {.budget = middle});
    if (decoded) {
      high = middle;
    } else {
      EXPECT_EQ(decoded.error().code, errc::memory_budget) << test::why(decoded);
      low = middle + 1;
    }
  }
  return low;
}

/// Heap that the decoded form holds.
std::size_t heap_of(const std::string& frame) {
  const std::size_t before = test::heap_in_use();
  const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(frame));
  EXPECT_TRUE(decoded) << test::why(decoded);
  return test::heap_in_use() - before;
}

/// Frames whose decoded form is many times their text.
std::vector<std::string> swelling_frames(std::size_t items) {
  const std::string expression = R"({"kind":{"Literal":"Null"},"data_type":"Int","nullable":true})";
  const std::string field = R"({"name":"","data_type":"Int","text_type_modifier":null,"nullable":true})";
  return {
      test::frame(MSG_EXECUTE_FRAGMENT, test::request(R"({"Lock":{"table_ids":[)" + repeat("1", items) +
                                                      R"(],"mode":"Share","nowait":true}})")),
      test::frame(MSG_EXECUTE_FRAGMENT, test::filter(R"({"Coalesce":{"args":[)" + repeat(expression, items) + "]}}")),
      test::frame(MSG_EXECUTE_FRAGMENT, test::filter(R"({"Literal":{"Array":[)" + repeat("\"Null\"", items) + "]}}")),
      test::frame(MSG_EXECUTE_FRAGMENT,
                  test::request(R"({"Gather":{"child":"Checkpoint","num_workers":1,"output_fields":[)" +
                                repeat(field, items) + R"(],"preserve_order":false}})")),
      test::frame(
          MSG_EXECUTE_FRAGMENT,
          test::request(R"({"Aggregate":{"table_id":1,"group_by":[],"grouping_sets":[)" + repeat("[]", items) +
                        R"(],"aggregates":[],"having":null,"filter":null,"order_by":[],"limit":null,"offset":null,)"
                        R"("distinct":false,)"
                        R"("distinct_on":[],"access_path":"SeqScan"}})")),
      test::frame(MSG_EXECUTE_FRAGMENT,
                  test::request(R"({"DistributedAppend":{"fragments":[)" + repeat("\"Checkpoint\"", items) +
                                R"(],"output_fields":[],"order_by":[],"limit":null,"offset":null}})")),
      test::frame(MSG_FRAGMENT_RESULT, test::rows("[{\"values\":[" + repeat("\"Null\"", items) + "]}]")),
      test::frame(MSG_FRAGMENT_RESULT, test::rows("[{\"values\":[" + repeat(R"({"Array":["Null"]})", items) + "]}]")),
      test::frame(
          MSG_FRAGMENT_RESULT,
          test::rows("[{\"values\":[" +
                     repeat(R"({"Numeric":{"coefficient":1,"scale":1,"big":{"limbs":[1],"negative":false}}})", items) +
                     "]}]")),
      test::frame(MSG_FRAGMENT_RESULT,
                  test::rows("[{\"values\":[" + repeat(R"({"Vector":{"dims":1,"values":[1.5]}})", items) + "]}]")),
      test::frame(MSG_FRAGMENT_RESULT,
                  test::rows("[{\"values\":[\"Null\"]}," + repeat("{\"values\":[]}", items) + "]")),
      test::frame(
          MSG_FRAGMENT_RESULT,
          test::rows("[{\"values\":[" + repeat(R"({"Text":"a text of more than twenty-two bytes"})", items) + "]}]")),
      test::frame(MSG_FRAGMENT_RESULT,
                  test::rows("[{\"x\":0,\"values\":[" + repeat(R"({"Blob":[1,2,3]})", items) + "]}]")),
      test::frame(
          MSG_FRAGMENT_RESULT,
          test::rows("[" +
                     repeat(R"({"x":0,"values":[{"Jsonb":"a json text of more than twenty-two bytes"}]})", items) +
                     "]")),
  };
}

TEST(Budget, TheDefaultIsTheOneOfTheSchema) {
  EXPECT_EQ(default_budget(0), std::size_t{16} << 20);
  EXPECT_EQ(default_budget(1000), (std::size_t{16} << 20) + 8000);
}

TEST(Budget, IsAnOption) {
  const std::string frame = test::golden("type.PhysicalPlan.HashJoin.full").frame;
  for (const std::size_t tiny : {std::size_t{0}, std::size_t{1}, std::size_t{64}}) {
    const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(frame), {}, {.budget = tiny});
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, errc::memory_budget);
    EXPECT_EQ(decoded.error().path.substr(0, 9), "$.payload");
    EXPECT_EQ(info(decoded.error().code).sqlstate, "53200");
  }
  EXPECT_TRUE(decode_frame(test::bytes_of(frame), {}, {.budget = 1 << 20}));
}

TEST(Budget, ItsSmallestIsSharp) {
  for (const char* name :
       {"type.PhysicalPlan.HashJoin.full", "type.PhysicalPlan.CreateTable.full", "value.Text.long_1000",
        "value.Blob.all256", "value.Numeric.big60", "value.Array.nested", "type.PhysicalPlan.CypherQuery.full"}) {
    const std::string frame = test::golden(name).frame;
    const std::size_t least = smallest_budget(frame);
    EXPECT_GT(least, 0U) << name;
    EXPECT_LT(least, 64U << 10) << name;
    EXPECT_TRUE(decode_frame(test::bytes_of(frame), {}, {.budget = least})) << name;
    EXPECT_FALSE(decode_frame(test::bytes_of(frame), {}, {.budget = least - 1})) << name;
  }
}

TEST(Budget, CoversTheHeapThatIsHeld) {
  // What malloc adds (16 bytes a block, and the chunks of an arena) is not charged: a factor of two and a constant
  // allow for it.
  std::vector<std::string> frames = swelling_frames(3000);
  for (std::size_t i = 0; i < test::golden().size(); i += 7) {
    if (test::golden()[i].expect == test::Expect::identical) frames.push_back(test::golden()[i].frame);
  }
  for (const std::string& frame : frames) {
    const std::size_t held = heap_of(frame), least = smallest_budget(frame);
    EXPECT_LE(held, 2 * least + Arena::kMinChunk + 2048) << frame.substr(kFrameHeaderSize, 400);
  }
}

TEST(Budget, RefusesWhatWouldSwell) {
  // Under a budget of no more than the text, none of these decodes, and the refusal comes before the memory is taken.
  for (const std::string& frame : swelling_frames(20000)) {
    const std::size_t least = smallest_budget(frame);
    const std::size_t budget = least / 4;
    const std::size_t before = test::heap_in_use();
    const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(frame), {}, {.budget = budget});
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, errc::memory_budget) << test::why(decoded);
    EXPECT_LT(test::heap_in_use(), before + 4096) << "nothing stays behind";
    EXPECT_NE(decoded.error().path, "$") << "the place is told";
  }
}

TEST(Budget, DenseButHonestFramesFitTheDefault) {
  // One more id than validation allows, which is none of the decoder's business.
  std::string request = test::request("\"Checkpoint\"");
  request.replace(request.find("\"snapshot\":null"), 15,
                  R"("snapshot":{"xmin":0,"xmax":9,"active":[)" + repeat("1", 1048577) + "]}");
  const std::vector<std::string> frames = {
      test::frame(MSG_EXECUTE_FRAGMENT, request),
      test::frame(MSG_FRAGMENT_RESULT,
                  test::rows("[" + repeat(R"({"values":["Null","Null","Null","Null"]})", 200000) + "]")),
      test::frame(MSG_FRAGMENT_RESULT,
                  test::cell(R"({"Vector":{"dims":1000000,"values":[)" + repeat("1", 1000000) + "]}}")),
      test::frame(MSG_FRAGMENT_RESULT, test::cell(R"({"Blob":[)" + repeat("1", 2000000) + "]}")),
  };
  for (const std::string& frame : frames) {
    const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(frame));
    EXPECT_TRUE(decoded) << frame.substr(0, 200) << test::why(decoded);
  }
}

TEST(Budget, EveryGoldenFrameFitsTheDefault) {
  for (const test::Vector& v : test::golden()) {
    if (v.expect == test::Expect::reject) continue;
    EXPECT_TRUE(decode_frame(test::bytes_of(v.frame))) << v.name;
    EXPECT_LE(smallest_budget(v.frame), std::size_t{16} << 10) << v.name;
  }
}

TEST(Budget, UnknownKeysAreFree) {
  const std::string payload = R"({"version":1,"auth_token":"t","unknown":[)" +
                              repeat(R"({"k":["a text of more than twenty-two bytes",1e5]})", 10000) +
                              R"(],"payload":{"CancelFragment":{"request_id":1}}})";
  EXPECT_TRUE(decode_frame(test::bytes_of(test::frame(MSG_CANCEL_FRAGMENT, payload)), {}, {.budget = 1000}));
}

TEST(Budget, AnAllocationThatFailsLosesNothing) {
  // The n-th allocation fails, for every n: bad_alloc comes out, and LeakSanitizer sees that nothing else does.
  for (const char* name :
       {"type.PhysicalPlan.AggregateSource.full", "type.PhysicalPlan.CreateTable.full",
        "type.PhysicalPlan.CypherQuery.full", "type.PhysicalPlan.MergeTable.full", "value.Numeric.big60",
        "value.Array.nested", "value.Vector.extremes", "value.Blob.all256", "envelope.result.error_unicode"}) {
    SCOPED_TRACE(name);
    const test::Vector& v = test::golden(name);
    const TransportEnvelope expected = test::decode(v.frame).value().envelope;
    std::size_t failures = 0;
    for (bool done = false; !done;) {
      const test::FailingAllocation failing(failures);
      try {
        const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(v.frame));
        ASSERT_TRUE(decoded) << test::why(decoded);
        EXPECT_TRUE(decoded->envelope == expected);
        done = true;
      } catch (const std::bad_alloc&) {
        ++failures;
      }
    }
    EXPECT_GT(failures, 1U);

    // And once more for a copy.
    for (std::size_t n = 0;; ++n) {
      const test::FailingAllocation failing(n);
      try {
        const TransportEnvelope copy = expected;
        EXPECT_TRUE(copy == expected);
        break;
      } catch (const std::bad_alloc&) {
      }
    }
  }
}

TEST(Budget, ErrorsThatFailToAllocateThrowAndLeakNothing) {
  const std::string broken =
      test::frame(MSG_EXECUTE_FRAGMENT, test::filter(R"({"LogicalNot":{"expr":{"kind":{"Literal":{"Int":1.5}}}}})"));
  for (std::size_t n = 0;; ++n) {
    const test::FailingAllocation failing(n);
    try {
      const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(broken));
      ASSERT_FALSE(decoded);
      EXPECT_EQ(decoded.error().code, errc::wrong_type);
      break;
    } catch (const std::bad_alloc&) {
    }
  }
}

}  // namespace
}  // namespace ft
