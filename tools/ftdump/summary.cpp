// SPDX-License-Identifier: Apache-2.0
#include "ftdump/summary.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>
#include <type_traits>

#include "ftdump/text.hpp"

namespace ft::tools {

namespace {

constexpr std::size_t kMostText = 100;   // characters of a text from the wire
constexpr std::size_t kMostTables = 8;   // ids of a plan's tables
constexpr std::size_t kMostColumns = 8;  // names of a result's columns

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text, kMostText);
  return out;
}

/// A name, quoted unless it is a plain word.
std::string name_text(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= kMostText && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return plain ? std::string(name) : quoted(name);
}

std::string counted(std::uint64_t n, std::string_view noun) {
  std::string out = std::to_string(n);
  out.append(" ").append(noun);
  if (n != 1) out += 's';
  return out;
}

/// 64 MiB where that is exact, otherwise bytes.
std::string size_text(std::uint64_t bytes) {
  static constexpr std::string_view kUnits[] = {" GiB", " MiB", " KiB"};
  for (unsigned i = 0; i < 3; ++i) {
    const unsigned shift = 30 - 10 * i;
    if (bytes != 0 && (bytes & ((std::uint64_t{1} << shift) - 1)) == 0) {
      return std::to_string(bytes >> shift).append(kUnits[i]);
    }
  }
  return std::to_string(bytes) + " B";
}

/// Milliseconds since 1970 as a date, as far as years have four digits.
std::string time_text(std::uint64_t epoch_ms) {
  constexpr std::uint64_t kYear10000 = 253402300800U;
  const std::uint64_t seconds = epoch_ms / 1000;
  if (seconds >= kYear10000) return std::to_string(epoch_ms) + " ms";
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (gmtime_r(&when, &parts) == nullptr) return std::to_string(epoch_ms) + " ms";
  char text[40];
  const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + n, sizeof text - n, ".%03uZ", static_cast<unsigned>(epoch_ms % 1000));
  return text;
}

/// Looks through the nodes of a plan; expressions and the like are passed over.
class PlanSurvey {
 public:
  explicit PlanSurvey(const PhysicalPlan& root) { visit(root); }

  std::size_t nodes() const noexcept { return nodes_; }
  /// Each once, in the order in which they are met.
  const std::vector<std::uint64_t>& tables() const noexcept { return tables_; }

 private:
  void visit(const PhysicalPlan& plan) {
    ++nodes_;
    plan.visit([this](const auto& node) {
      using Node = std::decay_t<decltype(node)>;
      if constexpr (requires { node.table_id; }) add(node.table_id);
      if constexpr (requires { node.right_table_id; }) add(node.right_table_id);
      if constexpr (!std::is_same_v<Node, PhysicalPlan::Tag>) {
        for_each_child(node, [this](const auto& child) {
          if constexpr (std::is_same_v<std::decay_t<decltype(child)>, PhysicalPlan>) visit(child);
        });
      }
    });
  }

  void add(RelationId table) {
    if (std::find(tables_.begin(), tables_.end(), table.value) == tables_.end()) tables_.push_back(table.value);
  }
  template <class Other>
  void add(const Other&) {}

  std::size_t nodes_ = 0;
  std::vector<std::uint64_t> tables_;
};

std::string plan_text(const PhysicalPlan& plan) {
  std::string out(plan.name());
  const PlanSurvey survey(plan);
  if (survey.nodes() > 1) out += " of " + std::to_string(survey.nodes()) + " nodes";
  const std::vector<std::uint64_t>& tables = survey.tables();
  if (!tables.empty()) out += tables.size() == 1 ? ", table" : ", tables";
  for (std::size_t i = 0; i < std::min(tables.size(), kMostTables); ++i)
    out.append(" ").append(std::to_string(tables[i]));
  if (tables.size() > kMostTables) out += " and " + std::to_string(tables.size() - kMostTables) + " more";
  if (const auto* const no_op = plan.get_if<PhysicalPlan::InternalNoOp>()) out.append(" ").append(quoted(no_op->tag));
  return out;
}

std::string key_text(const SecretU64& key, bool show_secrets) {
  if (show_secrets) return "key " + std::to_string(key.reveal());
  return key.reveal() == 0 ? "key unset" : "key ***";
}

std::string text_of(const FragmentRequest& request, bool show_secrets) {
  std::string out = "request " + std::to_string(request.request_id) + ": " + plan_text(request.plan);
  out += ", txn " + std::to_string(request.txn_id) + " " + quoted(request.isolation);
  if (const auto& snapshot = request.snapshot) {
    out += ", snapshot " + std::to_string(snapshot->xmin) + ".." + std::to_string(snapshot->xmax);
    if (!snapshot->active.empty()) out += " (" + std::to_string(snapshot->active.size()) + " active)";
  }
  if (request.shard_id) out += ", shard " + std::to_string(*request.shard_id);
  out += ", limits " + counted(request.max_result_rows, "row") + "/" + size_text(request.max_result_bytes) + "/mem " +
         size_text(request.max_memory_bytes) + "/temp " + size_text(request.max_temp_bytes);
  if (request.deadline_epoch_ms) out += ", deadline " + time_text(*request.deadline_epoch_ms);
  return out + ", " + key_text(request.cancel_key, show_secrets);
}

std::string text_of(const CancelRequest& cancel, bool show_secrets) {
  const std::string key = key_text(cancel.cancel_key, show_secrets);
  if (cancel.request_id == 0) return "ping (cancel of request 0), " + key;
  return "cancel of request " + std::to_string(cancel.request_id) + ", " + key;
}

std::string text_of(const ExecutionResult::Query& query) {
  std::string out = counted(query.rows.size(), "row") + " of " + counted(query.columns.size(), "column");
  for (std::size_t i = 0; i < std::min(query.columns.size(), kMostColumns); ++i) {
    out += (i == 0 ? ": " : ", ") + name_text(query.columns[i].name);
  }
  if (query.columns.size() > kMostColumns) out += ", ...";
  return out;
}

std::string text_of(const ExecutionResult::Command& command) {
  return "command " + quoted(command.tag) + ", " + counted(command.rows_affected, "row") + " affected";
}

std::string text_of(const ExecutionResult::CopyIn& copy) {
  return "copy into table " + std::to_string(copy.table_id.value) + ", " + counted(copy.columns.size(), "column");
}

std::string text_of(const ExecutionResult::CopyOut& copy) {
  return "copy out, " + counted(copy.data.size(), "byte") + " of " + counted(copy.column_count, "column");
}

std::string text_of(const FragmentResponse::Success& success) {
  return "answer to " + std::to_string(success.request_id) + ": " +
         success.result.visit([](const auto& result) { return text_of(result); });
}

std::string text_of(const FragmentResponse::Error& error) {
  const std::string state = error.sql_state ? quoted(*error.sql_state) : std::string("without SQLSTATE");
  const std::string who = error.request_id == 0 ? "connection" : "request " + std::to_string(error.request_id);
  return "error of " + who + ": " + state + " " + quoted(error.message);
}

std::string text_of(const FragmentResponse::CancelAck& ack) {
  if (ack.request_id == 0) return "answer to a ping";
  return "cancel of " + std::to_string(ack.request_id) + " acknowledged";
}

}  // namespace

std::string summarise(const TransportPayload& payload, bool show_secrets) {
  switch (payload.tag()) {
    case TransportPayload::Tag::ExecuteFragment:
      return text_of(payload.get_if<TransportPayload::ExecuteFragment>()->value, show_secrets);
    case TransportPayload::Tag::CancelFragment:
      return text_of(payload.get_if<TransportPayload::CancelFragment>()->value, show_secrets);
    case TransportPayload::Tag::FragmentResult:
      break;
  }
  const FragmentResponse& response = payload.get_if<TransportPayload::FragmentResult>()->value;
  return response.visit([](const auto& answer) { return text_of(answer); });
}

std::vector<std::string> notes_on(MessageType type, const TransportEnvelope& envelope, std::size_t unknown_keys) {
  std::vector<std::string> notes;
  if (envelope.version < MIN_PROTOCOL_VERSION || envelope.version > PROTOCOL_VERSION) {
    notes.push_back("version outside " + std::to_string(MIN_PROTOCOL_VERSION) + ".." +
                    std::to_string(PROTOCOL_VERSION));
  }
  if (message_type_of(envelope.payload) != type) {
    notes.push_back("usually sent as " + std::string(to_name(message_type_of(envelope.payload))));
  }
  if (unknown_keys != 0) notes.push_back(counted(unknown_keys, "unknown key") + " passed over");
  if (const auto* const execute = envelope.payload.get_if<TransportPayload::ExecuteFragment>()) {
    if (const Result<void> valid = validate(execute->value); !valid) {
      notes.push_back("a server refuses this: " + valid.error().detail);
    }
  }
  return notes;
}

}  // namespace ft::tools
