// SPDX-License-Identifier: Apache-2.0
#include "session/server_connection_answers.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "session/error_text.hpp"

namespace ft {
namespace {

/// When to come back: long enough for a queue of short fragments to move, short enough not to be noticed in a query
/// that takes a second. Clients that back off longer do so.
constexpr std::uint64_t kRetryAfterMs = 250;

/// Rows of COPY text format, of which each ends with a line feed; the last may lack it.
std::uint64_t copied_rows(const std::string& data) noexcept {
  const auto ended = static_cast<std::uint64_t>(std::count(data.begin(), data.end(), '\n'));
  return ended + (data.empty() || data.back() == '\n' ? 0 : 1);
}

/// The rows of a result that limits apply to; nothing for one without rows.
std::optional<std::uint64_t> rows_of(const ExecutionResult& result) noexcept {
  if (const auto* query = result.get_if<ExecutionResult::Query>()) return query->rows.size();
  if (const auto* copy = result.get_if<ExecutionResult::CopyOut>()) return copied_rows(copy->data);
  return std::nullopt;
}

Result<void> append(Version version, FragmentResponse response, PaddedBuffer& out,
                    std::size_t max_payload = MAX_PAYLOAD) {
  TransportEnvelope envelope;
  envelope.version = version;
  envelope.payload.emplace<TransportPayload::FragmentResult>().value = std::move(response);
  return encode_envelope(envelope, out, {.max_payload = max_payload});
}

/// Such a code is only ever given to a request that was not run.
bool turns_away(errc why) noexcept {
  switch (why) {
    case errc::queue_full:
    case errc::executors_wedged:
    case errc::draining:
    case errc::too_many_connections:
    case errc::byte_budget:
      return true;
    default:
      return false;
  }
}

}  // namespace

ErrorAnswer error_answer_saying(std::uint64_t request_id, errc why, std::string_view message) {
  ErrorAnswer answer;
  answer.request_id = request_id;
  answer.message = message;
  answer.sql_state = info(why).sqlstate;
  return answer;
}

ErrorAnswer error_answer(std::uint64_t request_id, errc why, std::string_view detail) {
  ErrorAnswer answer = error_answer_saying(request_id, why, info(why).text);
  if (!detail.empty()) answer.message.append(": ").append(detail);
  if (turns_away(why)) {
    answer.not_executed = true;
    if (why != errc::draining) answer.retry_after_ms = kRetryAfterMs;  // it will not come back
  }
  return answer;
}

ErrorAnswer error_answer(std::uint64_t request_id, const Error& error) {
  switch (error.code) {
    case errc::version_unsupported:
    case errc::authentication_failed:
      return error_answer(request_id, error.code, error.detail);
    case errc::rule_violated: {
      ErrorAnswer answer = error_answer_saying(request_id, error.code, error.detail);
      answer.not_executed = true;
      return answer;
    }
    default:
      return error_answer_saying(request_id, error.code, error.message());
  }
}

ErrorAnswer error_answer(std::uint64_t request_id, SqlError error) {
  ErrorAnswer answer;
  answer.request_id = request_id;
  answer.message = std::move(error.message);
  shorten_message(answer.message);
  answer.sql_state = is_sqlstate(error.sqlstate) ? std::move(error.sqlstate) : info(errc::internal).sqlstate;
  return answer;
}

std::optional<ErrorAnswer> append_success(Version version, std::uint64_t request_id, ExecutionResult result,
                                          AnswerLimits limits, std::optional<std::uint64_t> server_us,
                                          PaddedBuffer& out) {
  const std::optional<std::uint64_t> rows = rows_of(result);
  if (rows && *rows > limits.rows) {
    const std::string detail = std::to_string(*rows) + " rows, limit " + std::to_string(limits.rows);
    return error_answer(request_id, errc::result_too_large, detail);
  }
  FragmentResponse response;
  auto& success = response.emplace<FragmentResponse::Success>();
  success.request_id = request_id;
  success.result = std::move(result);
  success.server_us = server_us;
  const bool limited = rows && limits.bytes < MAX_PAYLOAD;
  const Result<void> appended =
      append(version, std::move(response), out, limited ? static_cast<std::size_t>(limits.bytes) : MAX_PAYLOAD);
  if (appended) return std::nullopt;
  if (limited && appended.error().code == errc::output_too_large) {
    const std::string detail = "more than " + std::to_string(limits.bytes) + " bytes";
    return error_answer(request_id, errc::result_too_large, detail);
  }
  return error_answer(request_id, appended.error());
}

void append_error(Version version, ErrorAnswer answer, PaddedBuffer& out) {
  FragmentResponse response(answer);
  if (append(version, std::move(response), out)) return;
  // Texts of this library always have a form on the wire; those of executors need not be UTF-8.
  answer.message = "the executor failed with a message that is not UTF-8";
  append(version, FragmentResponse(std::move(answer)), out).value();
}

void append_cancel_ack(Version version, std::uint64_t request_id, PaddedBuffer& out) {
  FragmentResponse response;
  response.emplace<FragmentResponse::CancelAck>().request_id = request_id;
  append(version, std::move(response), out).value();
}

}  // namespace ft
