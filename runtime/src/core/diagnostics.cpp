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
  std::string text(to_name(code));
  text.append(" (").append(sqlstate).append("): ").append(message);
  if (!peer.empty()) text.append("; peer ").append(peer);
  if (request_id != 0) text.append("; request ").append(std::to_string(request_id));
  text.append("; outcome ").append(to_name(outcome));
  if (attempts > 1) text.append(" after ").append(std::to_string(attempts)).append(" attempts");
  text.append("; ").append(info(code).hint);
  return text;
}

CallException::CallException(Diagnostics diagnostics)
    : std::runtime_error(diagnostics.describe()),
      diagnostics_(std::make_shared<const Diagnostics>(std::move(diagnostics))) {}

void throw_exception_from_error(const Diagnostics& diagnostics, const boost::source_location&) {
  throw CallException(diagnostics);
}

}  // namespace ft
