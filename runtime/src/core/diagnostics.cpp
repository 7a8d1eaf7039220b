// SPDX-License-Identifier: Apache-2.0
#include "ft/core/diagnostics.hpp"

#include <memory>
#include <utility>

namespace ft {

std::string_view to_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::not_executed:
      return "not_executed";
    case Outcome::executed:
      return "executed";
    case Outcome::unknown:
      break;
  }
  return "unknown";
}

Diagnostics::Diagnostics() : Diagnostics(errc::internal, Outcome::unknown) {}

Diagnostics::Diagnostics(errc code_, Outcome outcome_)
    : code(code_), sqlstate(info(code_).sqlstate), message(info(code_).text), outcome(outcome_) {}

Diagnostics::Diagnostics(const Error& error, Outcome outcome_) : Diagnostics(error.code, outcome_) {
  message = error.message();
}

std::string Diagnostics::describe() const {
  const ErrcInfo& row = info(code);
  const bool own_text = message.starts_with(row.text);  // which the name says already
  std::string text(row.name);
  text.append(" (").append(sqlstate).append(own_text ? ")" : "): ").append(message, own_text ? row.text.size() : 0);
  if (!peer.empty()) text.append("; peer ").append(peer);
  if (request_id != 0) text.append("; request ").append(std::to_string(request_id));
  text.append("; outcome ").append(to_name(outcome));
  if (attempts > 1) text.append(" after ").append(std::to_string(attempts)).append(" attempts");
  if (!message.ends_with(row.hint)) text.append("; ").append(row.hint);
  return text;
}

CallException::CallException(Diagnostics diagnostics)
    : std::runtime_error(diagnostics.describe()),
      diagnostics_(std::make_shared<const Diagnostics>(std::move(diagnostics))) {}

void throw_exception_from_error(const Diagnostics& diagnostics, const boost::source_location&) {
  throw CallException(diagnostics);
}

}  // namespace ft
