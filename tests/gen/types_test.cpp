// SPDX-License-Identifier: Apache-2.0
//
// The generated types as C++ values: sums, enumerations, tree walks, printing. Cells and rows have tests of their own.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ft/protocol.hpp"
#include "support/allocations.hpp"
#include "support/frames.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

// Sizes are a part of the design: a message holds these by the thousand.
static_assert(sizeof(Value) == 24);
static_assert(sizeof(PhysicalPlan) == 16 && sizeof(LogicalPlan) == 16 && sizeof(TypedExprKind) == 16);
static_assert(sizeof(DataType) == 16 && sizeof(TextTypeModifier) == 16 && sizeof(ScalarFunction) == 16);
static_assert(sizeof(ScanAccessPath) == 16 && sizeof(ValueBound) == 16 && sizeof(MergeActionPlan) == 16);
static_assert(sizeof(CypherPipelineOp) == 16 && sizeof(CypherForeachOp) == 16 && sizeof(PrivilegeTarget) == 16);
static_assert(sizeof(TransportPayload) == 16 && sizeof(FragmentResponse) == 16 && sizeof(ExecutionResult) == 16);
static_assert(sizeof(JoinType) == 1 && sizeof(WindowFunctionKind) == 1 && sizeof(PgLockMode) == 1);
static_assert(sizeof(RelationId) == 8 && sizeof(IndexId) == 8 && sizeof(MacAddr) == 6 && sizeof(MacAddr8) == 8);
static_assert(sizeof(FlatRows<Value>) == 16);
static_assert(sizeof(TypedExpr) == 40 && sizeof(SortExpr) == 48);
static_assert(sizeof(CancelRequest) == 16);
#if defined(__GLIBCXX__)
static_assert(sizeof(ResultField) == 80 && sizeof(ProjectionExpr) == 120);
static_assert(sizeof(FragmentSnapshot) == 40 && sizeof(FragmentRequest) == 232 && sizeof(TransportEnvelope) == 56);
#endif

// Moving never throws, so that vectors move instead of copying, and nothing is an aggregate (some compilers miscompile
// temporaries of aggregates in coroutines).
template <class... Ts>
constexpr bool kMovesWithoutThrowing = ((std::is_nothrow_move_constructible_v<Ts> &&
                                         std::is_nothrow_move_assignable_v<Ts> && std::is_nothrow_destructible_v<Ts> &&
                                         !std::is_aggregate_v<Ts>)&&...);
static_assert(kMovesWithoutThrowing<Value, PhysicalPlan, LogicalPlan, TypedExprKind, TypedExpr, ProjectionExpr,
                                    ResultField, FragmentRequest, FragmentSnapshot, TransportEnvelope, TransportPayload,
                                    FragmentResponse, ExecutionResult, CypherQueryPlan, MergePlan, FlatRows<Value>>);

/// A plan of some depth with lists, text and expressions in it.
PhysicalPlan some_plan() {
  const std::string frame = test::golden("type.PhysicalPlan.AggregateSource.full").frame;
  const TransportEnvelope envelope = test::decode(frame).value().envelope;
  return envelope.payload.get_if<TransportPayload::ExecuteFragment>()->value.plan;
}

TEST(Sum, ADefaultIsTheOneOfTheSchema) {
  EXPECT_EQ(PhysicalPlan().tag(), PhysicalPlan::Tag::Checkpoint);
  EXPECT_EQ(LogicalPlan().tag(), LogicalPlan::Tag::Checkpoint);
  EXPECT_EQ(DataType().tag(), DataType::Tag::Int);
  EXPECT_EQ(TypedExprKind().tag(), TypedExprKind::Tag::Literal);
  EXPECT_EQ(ScanAccessPath().tag(), ScanAccessPath::Tag::SeqScan);
  EXPECT_EQ(ValueBound().tag(), ValueBound::Tag::Unbounded);
  EXPECT_EQ(FragmentResponse().tag(), FragmentResponse::Tag::CancelAck);
  EXPECT_EQ(ExecutionResult().tag(), ExecutionResult::Tag::Command);
  EXPECT_EQ(TransportPayload().tag(), TransportPayload::Tag::CancelFragment);
}

TEST(Sum, ADefaultWithPayloadCostsNothingUntilItIsChanged) {
  const std::size_t before = test::allocations();
  TransportPayload payload;
  const TransportPayload& read = payload;
  ASSERT_NE(read.get_if<TransportPayload::CancelFragment>(), nullptr);
  EXPECT_EQ(read.get_if<TransportPayload::CancelFragment>()->value.request_id, 0U);
  EXPECT_TRUE(payload == TransportPayload());
  EXPECT_EQ(test::allocations(), before);

  payload.get_if<TransportPayload::CancelFragment>()->value.request_id = 5;
  EXPECT_EQ(test::allocations(), before + 1);
  EXPECT_FALSE(payload == TransportPayload());
  EXPECT_EQ(TransportPayload().get_if<TransportPayload::CancelFragment>()->value.request_id, 0U)
      << "defaults are not shared";
  payload.get_if<TransportPayload::CancelFragment>()->value.request_id = 0;
  EXPECT_TRUE(payload == TransportPayload()) << "equality looks at the payload, not at where it is";
}

TEST(Sum, AnAlternativeIsFoundByItsTypeAlone) {
  PhysicalPlan plan = PhysicalPlan::SeqScan();
  EXPECT_EQ(plan.tag(), PhysicalPlan::Tag::SeqScan);
  EXPECT_EQ(plan.name(), "SeqScan");
  EXPECT_EQ(plan.get_if<PhysicalPlan::Gather>(), nullptr);
  ASSERT_NE(plan.get_if<PhysicalPlan::SeqScan>(), nullptr);
  plan.get_if<PhysicalPlan::SeqScan>()->table_id = RelationId(9);
  EXPECT_EQ(std::as_const(plan).get_if<PhysicalPlan::SeqScan>()->table_id, RelationId(9));

  PhysicalPlan::Gather& gather = plan.emplace<PhysicalPlan::Gather>();
  gather.num_workers = 3;
  EXPECT_EQ(plan.get_if<PhysicalPlan::SeqScan>(), nullptr);
  EXPECT_EQ(plan.get_if<PhysicalPlan::Gather>()->num_workers, 3U);
  EXPECT_EQ(PhysicalPlan(PhysicalPlan::Tag::Gather).get_if<PhysicalPlan::Gather>()->num_workers, 0U);
}

TEST(Sum, VisitCallsTheAlternativeOrTheTagOfAUnit) {
  const auto what = [](const PhysicalPlan& plan) {
    return plan.visit(overloaded{
        [](const PhysicalPlan::SeqScan& scan) { return "scan of " + std::to_string(scan.table_id.value); },
        [](PhysicalPlan::Tag tag) { return std::string(tag == PhysicalPlan::Tag::Checkpoint ? "unit" : "wrong"); },
        [](const auto&) { return std::string("other"); },
    });
  };
  PhysicalPlan::SeqScan scan;
  scan.table_id = RelationId(4);
  EXPECT_EQ(what(PhysicalPlan(scan)), "scan of 4");
  EXPECT_EQ(what(PhysicalPlan()), "unit");
  EXPECT_EQ(what(PhysicalPlan(PhysicalPlan::Gather())), "other");
}

TEST(Sum, ACopyIsDeepAndEqual) {
  const PhysicalPlan plan = some_plan();
  PhysicalPlan copy = plan;
  EXPECT_TRUE(copy == plan);
  auto* const aggregate = copy.get_if<PhysicalPlan::AggregateSource>();
  ASSERT_NE(aggregate, nullptr);
  EXPECT_NE(aggregate, plan.get_if<PhysicalPlan::AggregateSource>());
  aggregate->distinct = !aggregate->distinct;
  EXPECT_FALSE(copy == plan);
  copy = plan;
  EXPECT_TRUE(copy == plan);
  copy = *&copy;
  EXPECT_TRUE(copy == plan) << "assigned to itself";
  copy = std::move(*&copy);
  EXPECT_TRUE(copy == plan) << "moved to itself";
}

TEST(Sum, AMovedFromSumIsTheDefault) {
  PhysicalPlan plan = some_plan();
  PhysicalPlan taken = std::move(plan);
  EXPECT_TRUE(plan == PhysicalPlan());
  EXPECT_TRUE(taken == some_plan());

  PhysicalPlan target = PhysicalPlan::SeqScan();
  target = std::move(taken);
  EXPECT_TRUE(taken == PhysicalPlan());
  EXPECT_TRUE(target == some_plan());

  FragmentResponse answer = FragmentResponse::Error();
  FragmentResponse moved = std::move(answer);
  EXPECT_TRUE(answer == FragmentResponse());
  EXPECT_EQ(moved.tag(), FragmentResponse::Tag::Error);
}

TEST(Sum, AChildMayBeMovedIntoItsParent) {
  PhysicalPlan plan;
  PhysicalPlan::ProjectSource& outer = plan.emplace<PhysicalPlan::ProjectSource>();
  outer.source = some_plan();
  plan =
      std::move(plan.get_if<PhysicalPlan::ProjectSource>()->source);  // LeakSanitizer tells whether the parent is gone
  EXPECT_TRUE(plan == some_plan());

  DataType type;
  type.emplace<DataType::Array>().value = DataType::Array();
  type = type.get_if<DataType::Array>()->value;
  EXPECT_EQ(type.tag(), DataType::Tag::Array);
}

TEST(Sum, UnitsOfOneSumDiffer) {
  EXPECT_TRUE(DataType(DataType::Tag::Text) == DataType(DataType::Tag::Text));
  EXPECT_FALSE(DataType(DataType::Tag::Text) == DataType(DataType::Tag::Uuid));
  EXPECT_FALSE(DataType(DataType::Tag::Text) == DataType(DataType::Array()));
  ScalarFunction generic = ScalarFunction::Generic();
  EXPECT_FALSE(generic == ScalarFunction(ScalarFunction::Tag::Upper));
  generic.get_if<ScalarFunction::Generic>()->value = "f";
  EXPECT_FALSE(generic == ScalarFunction(ScalarFunction::Generic()));
}

TEST(Sum, AnAllocationThatFailsLosesNothing) {
  const PhysicalPlan plan = some_plan();
  PhysicalPlan target = PhysicalPlan::SeqScan();
  std::size_t failures = 0;
  for (bool done = false; !done; ++failures) {
    const test::FailingAllocation failing(failures);
    try {
      target = plan;
      done = true;
    } catch (const std::bad_alloc&) {
      EXPECT_TRUE(target == PhysicalPlan(PhysicalPlan::SeqScan())) << "assignment is all or nothing";
    }
  }
  EXPECT_GT(failures, 5U);
  EXPECT_TRUE(target == plan);

  {
    const test::FailingAllocation failing(0);
    EXPECT_THROW(target.emplace<PhysicalPlan::Gather>(), std::bad_alloc);
  }
  EXPECT_TRUE(target == plan);
}

TEST(Names, AreThoseOfTheWire) {
  EXPECT_EQ(to_name(JoinType::Semi), "Semi");
  EXPECT_EQ(to_name(WindowFunctionKind::StddevSamp), "StddevSamp");
  EXPECT_EQ(to_name(ViewCheckOption::Cascaded), "cascaded") << "the one enumeration in snake case";
  EXPECT_EQ(to_name(MSG_FRAGMENT_RESULT), "MSG_FRAGMENT_RESULT");
  EXPECT_EQ(ScalarFunction(ScalarFunction::Tag::RegexNotMatchBoolInsensitive).name(), "RegexNotMatchBoolInsensitive");
  EXPECT_EQ(Value::TimestampTz({}).name(), "TimestampTz");
  EXPECT_EQ(FragmentResponse(FragmentResponse::Error()).name(), "Error");
}

TEST(Messages, CarryWhatTheProtocolSays) {
  const TransportPayload execute = TransportPayload::ExecuteFragment();
  const TransportPayload cancel = TransportPayload::CancelFragment();
  const TransportPayload success = TransportPayload::FragmentResult(FragmentResponse(FragmentResponse::Success()));
  const TransportPayload error = TransportPayload::FragmentResult(FragmentResponse(FragmentResponse::Error()));
  const TransportPayload ack = TransportPayload::FragmentResult(FragmentResponse(FragmentResponse::CancelAck()));

  EXPECT_EQ(message_type_of(execute), MSG_EXECUTE_FRAGMENT);
  EXPECT_EQ(message_type_of(cancel), MSG_CANCEL_FRAGMENT);
  for (const TransportPayload* answer : {&success, &error, &ack})
    EXPECT_EQ(message_type_of(*answer), MSG_FRAGMENT_RESULT);

  const std::vector<const TransportPayload*> all = {&execute, &cancel, &success, &error, &ack};
  const auto carried_by = [&](MessageType type) {
    std::string carried;
    for (const TransportPayload* payload : all) carried += may_carry(type, *payload) ? '1' : '0';
    return carried;
  };
  EXPECT_EQ(carried_by(MSG_EXECUTE_FRAGMENT), "10000");
  EXPECT_EQ(carried_by(MSG_CANCEL_FRAGMENT), "01000");
  EXPECT_EQ(carried_by(MSG_FRAGMENT_RESULT), "00111");
  EXPECT_EQ(carried_by(MSG_FRAGMENT_ERROR), "00010");
  EXPECT_EQ(carried_by(MSG_CANCEL_ACK), "00001");

  std::string known;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (is_message_type(static_cast<std::uint8_t>(byte))) known += std::to_string(byte) + " ";
  }
  EXPECT_EQ(known, "1 2 129 130 131 ");
}

// -- printing -------------------------------------------------------------------------------------------------

constexpr std::string_view kNeedle = "needle-in-the-hay-of-24";

/// One of each type that holds a secret, with all of them set.
template <class Plan>
std::vector<Plan> role_plans() {
  typename Plan::CreateRole create;
  create.name = "role";
  create.password = SecretString(kNeedle);
  typename Plan::AlterRole alter;
  alter.current_password_hash = SecretString(kNeedle);
  alter.new_password = SecretString(kNeedle);
  return {Plan(create), Plan(alter)};
}

template <class T>
void expect_masked(const T& value, std::size_t secrets) {
  std::ostringstream streamed;
  streamed << value;
  const std::string text = to_text(value);
  EXPECT_EQ(streamed.str(), text);
  EXPECT_EQ(text.find(kNeedle), std::string::npos) << text;
  EXPECT_EQ(text.find("8675309"), std::string::npos) << text;
  std::size_t masked = 0;
  for (std::size_t at = text.find("\"***\""); at != std::string::npos; at = text.find("\"***\"", at + 1)) ++masked;
  EXPECT_EQ(masked, secrets) << text;
}

TEST(Printing, MasksEverySecret) {
  TransportEnvelope envelope;
  envelope.auth_token = SecretString(kNeedle);
  expect_masked(envelope, 2);  // with the cancel key of its payload

  FragmentRequest request;
  request.cancel_key = SecretU64(8675309);
  expect_masked(request, 1);
  CancelRequest cancel;
  cancel.cancel_key = SecretU64(8675309);
  expect_masked(cancel, 1);

  const std::vector<PhysicalPlan> physical = role_plans<PhysicalPlan>();
  expect_masked(physical[0], 1);
  expect_masked(physical[1], 2);
  const std::vector<LogicalPlan> logical = role_plans<LogicalPlan>();
  expect_masked(logical[0], 1);
  expect_masked(logical[1], 2);

  PhysicalPlan::ProjectSource nested;
  nested.source = physical[1];
  request.plan = nested;
  envelope.payload = TransportPayload::ExecuteFragment(request);
  expect_masked(envelope, 4);
}

TEST(Printing, AnAbsentSecretIsNull) {
  EXPECT_NE(to_text(PhysicalPlan::CreateRole()).find("\"password\":null"), std::string::npos);
}

TEST(Printing, NamesWhatTheWireCannotSay) {
  EXPECT_EQ(to_text(Value::Double(std::numeric_limits<double>::quiet_NaN())), R"({"Double":NaN})");
  EXPECT_EQ(to_text(Value::Real(-std::numeric_limits<float>::infinity())), R"({"Real":-Infinity})");
  EXPECT_EQ(to_text(Value::Text("a\xFF\x62")), "{\"Text\":\"a\xEF\xBF\xBD\x62\"}");
}

TEST(Printing, CutsOffWhatIsTooDeep) {
  DataType type;
  for (int i = 0; i < 1000; ++i) {
    DataType outer;
    outer.emplace<DataType::Array>().value = std::move(type);
    type = std::move(outer);
  }
  const std::string text = to_text(type);
  EXPECT_LT(text.size(), 5000U);
  EXPECT_NE(text.find("..."), std::string::npos);
}

// -- walking --------------------------------------------------------------------------------------------------

/// Counts the structs and sums below a node, by what the test is after.
struct Counter {
  std::size_t expressions = 0;
  std::size_t fields = 0;
  std::size_t plans = 0;

  template <class T>
  void operator()(const T& node) {
    expressions += std::is_same_v<T, TypedExpr> ? 1 : 0;
    fields += std::is_same_v<T, ResultField> ? 1 : 0;
    plans += std::is_same_v<T, PhysicalPlan> || std::is_same_v<T, LogicalPlan> ? 1 : 0;
    if constexpr (requires { for_each_child(node, *this); }) for_each_child(node, *this);
  }
};

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(Walk, VisitsEveryExpressionAndEveryField) {
  std::size_t seen = 0;
  for (const test::Vector& v : test::golden()) {
    if (v.expect != test::Expect::identical) continue;
    const TransportEnvelope envelope = test::decode(v.frame).value().envelope;
    Counter counter;
    counter(envelope);
    const std::string payload = v.payload();
    EXPECT_EQ(counter.expressions, count(payload, "{\"kind\":")) << v.name << ": " << payload;
    EXPECT_EQ(counter.fields, count(payload, "\"text_type_modifier\":") - count(payload, "\"has_default\":") -
                                  count(payload, "{\"AlterTableAlterColumnType\":"))
        << v.name << ": " << payload;
    seen += counter.expressions;
  }
  EXPECT_GT(seen, 1000U);
}

TEST(Walk, FindsPlansInPlansAndInExpressions) {
  PhysicalPlan::HashJoin join;
  join.left = PhysicalPlan::SeqScan();
  TypedExprKind::ExistsSubquery exists;
  exists.plan = LogicalPlan::SeqScan();
  TypedExpr condition;
  condition.kind = exists;
  join.condition = condition;
  Counter counter;
  counter(PhysicalPlan(join));
  EXPECT_EQ(counter.plans, 4U);  // itself, left, the default on the right, the subquery
  EXPECT_EQ(counter.expressions, 1U);
}

}  // namespace
}  // namespace ft
