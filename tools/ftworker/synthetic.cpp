// SPDX-License-Identifier: Apache-2.0
#include "ftworker/synthetic.hpp"

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "ft/core/split_mix64.hpp"

namespace ft::tools {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kLongestWait = 24 * 60 * 60 * 1000;

/// `name:ARGUMENT`, or the whole text as name.
struct Tag {
  std::string_view name, argument;

  explicit Tag(std::string_view text) : name(text.substr(0, text.find(':'))) {
    if (name.size() < text.size()) argument = text.substr(name.size() + 1);
  }
  bool waits() const { return name == "sleep" || name == "spin"; }
  /// Whether playing it takes long enough to need a thread.
  bool works() const { return waits() || name == "rows" || name == "bytes" || name == "throw"; }
};

ExecutionOutcome command(std::string_view tag) {
  ExecutionResult::Command done;
  done.tag = tag;
  return ExecutionResult(std::move(done));
}

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

void sleep(milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

ResultField field(std::string_view name, DataType::Tag type, bool nullable) {
  ResultField made;
  made.name = name;
  made.data_type = DataType(type);
  made.nullable = nullable;
  return made;
}

ExecutionResult arguments(const FragmentRequest& request, const ExecutionContext& context) {
  FlatRows<Value>::Builder rows;
  const auto add = [&rows](std::string_view name, std::string_view value) {
    rows.add(Value::Text(name, rows.arena())).add(Value::Text(value, rows.arena())).end_row();
  };
  add("request_id", std::to_string(request.request_id));
  add("plan", to_text(request.plan));
  add("txn_id", std::to_string(request.txn_id));
  add("isolation", request.isolation);
  add("max_result_rows", std::to_string(request.max_result_rows));
  add("max_result_bytes", std::to_string(request.max_result_bytes));
  add("max_memory_bytes", std::to_string(request.max_memory_bytes));
  add("max_temp_bytes", std::to_string(request.max_temp_bytes));
  add("snapshot", request.snapshot ? to_text(*request.snapshot) : "null");
  add("shard_id", request.shard_id ? std::to_string(*request.shard_id) : "null");
  if (context.deadline != kNever) {
    const auto left = std::chrono::duration_cast<milliseconds>(context.deadline - std::chrono::steady_clock::now());
    add("milliseconds left", std::to_string(left.count()));
  }
  add("traceparent", context.traceparent);
  add("peer", Endpoint(context.peer->address, context.peer->port).to_string());
  add("peer name", context.peer->common_name);

  ExecutionResult::Query query;
  query.columns.push_back(field("name", DataType::Tag::Text, false));
  query.columns.push_back(field("value", DataType::Tag::Text, false));
  query.rows = std::move(rows).build();
  return ExecutionResult(std::move(query));
}

ExecutionOutcome play(std::string_view text, const FragmentRequest& request, const ExecutionContext& context) {
  const Tag tag(text);
  if (tag.name == "echo") return arguments(request, context);
  if (tag.name == "error") return SqlError(std::string(tag.argument), "as the tag asked for");
  if (tag.name == "throw") throw std::runtime_error("as the tag asked for");

  const bool rows = tag.name == "rows", bytes = tag.name == "bytes";
  if (!tag.waits() && !rows && !bytes) return command(text);
  const std::optional<std::uint64_t> n = number(tag.argument, rows ? kMaxRows : bytes ? kMaxBytes : kLongestWait);
  if (!n) return SqlError("22023", "the tag needs a number behind its colon, not too large");
  if (rows) return sample_rows(*n);
  if (bytes) {
    ExecutionResult::CopyOut copy;
    copy.data.assign(*n, 'x');
    copy.column_count = 1;
    return ExecutionResult(std::move(copy));
  }
  if (tag.name == "sleep") {
    sleep(milliseconds(*n), context.stop);
  } else {
    std::this_thread::sleep_for(milliseconds(*n));
  }
  return command(text);
}

class Synthetic final : public FragmentExecutor {
 public:
  explicit Synthetic(std::size_t threads)
      : working_(blocking_executor(threads, [](const FragmentRequest& request, const ExecutionContext& context) {
          return play(request.plan.get_if<PhysicalPlan::InternalNoOp>()->tag, request, context);
        })) {}

  void execute(FragmentRequest request, ExecutionContext context, ExecutionDone done) override {
    const auto* const plan = std::as_const(request.plan).get_if<PhysicalPlan::InternalNoOp>();
    if (plan == nullptr) {
      done(SqlError("0A000", "the synthetic executor plays the tags of InternalNoOp alone"));
    } else if (Tag(plan->tag).works()) {
      working_->execute(std::move(request), std::move(context), std::move(done));
    } else {
      done(play(plan->tag, request, context));
    }
  }

 private:
  std::shared_ptr<FragmentExecutor> working_;
};

}  // namespace

ExecutionResult sample_rows(std::uint64_t rows) {
  using Type = DataType::Tag;
  static constexpr std::string_view words[] = {"alpha", "bravo", "charlie", "delta", "écho", "golf"};
  ExecutionResult::Query query;
  for (const auto& [name, type] :
       {std::pair("id", Type::BigInt), std::pair("name", Type::Text), std::pair("score", Type::Double),
        std::pair("active", Type::Boolean), std::pair("missing", Type::Text), std::pair("created", Type::Timestamp),
        std::pair("uid", Type::Uuid), std::pair("doc", Type::Jsonb)}) {
    query.columns.push_back(field(name, type, std::string_view(name) != "id"));
  }
  FlatRows<Value>::Builder builder;
  Arena* const arena = builder.arena();
  std::string text;
  for (std::uint64_t id = 0; id < rows; ++id) {
    const std::uint64_t random = split_mix64(0, id);  // the same rows everywhere
    const std::string_view word = words[random % std::size(words)];
    builder.add(Value::BigInt(static_cast<std::int64_t>(id)));
    text.assign(word).append(" #").append(std::to_string(random % 100'000));
    builder.add(Value::Text(text, arena));
    builder.add(Value::Double(static_cast<double>(random >> 11) * 0x1p-53 * 1000));
    builder.add(Value::Boolean((random & 1) != 0));
    builder.add(Value());
    const Date day(static_cast<std::int32_t>(1990 + random % 50), static_cast<std::uint16_t>(1 + random % 365));
    const Time time(static_cast<std::uint8_t>(random % 24), static_cast<std::uint8_t>(random % 60),
                    static_cast<std::uint8_t>(random / 60 % 60), static_cast<std::uint32_t>(random % 1'000'000 * 1000));
    builder.add(Value::Timestamp(PrimitiveDateTime(day, time)));
    std::array<std::uint8_t, 16> uid;
    for (std::size_t i = 0; i < uid.size(); ++i) uid[i] = static_cast<std::uint8_t>(random >> (i * 4));
    builder.add(Value::Uuid(uid, arena));
    text.assign(R"({"k":)").append(std::to_string(id)).append(R"(,"tags":["a",")").append(word).append(R"("]})");
    builder.add(Value::Jsonb(Json::parse(text).value(), arena));
    builder.end_row();
  }
  query.rows = std::move(builder).build();
  return ExecutionResult(std::move(query));
}

std::shared_ptr<FragmentExecutor> synthetic_executor(std::size_t threads) {
  return std::make_shared<Synthetic>(threads);
}

}  // namespace ft::tools
