// SPDX-License-Identifier: Apache-2.0
//
// What a server says: the content of its answers, and how they become bytes. Stateless.
//
// The extension keys are written only where they say something, so that in all other cases the bytes are those that
// peers without them have always got.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "ft/session/server_connection.hpp"

namespace ft {

using ErrorAnswer = FragmentResponse::Error;

/// The table's text and SQLSTATE, with `detail` behind the text. For the codes that turn a request away before it ran
/// it carries not_executed, and retry_after_ms where waiting may help.
ErrorAnswer error_answer(std::uint64_t request_id, errc why, std::string_view detail = {});
/// A text of its own, with the table's SQLSTATE.
ErrorAnswer error_answer_saying(std::uint64_t request_id, errc why, std::string_view message);
/// What the codec, the gate or a rule found wrong with a frame. A request that breaks a rule carries not_executed as
/// well, but is no better anywhere else, as its SQLSTATE says.
ErrorAnswer error_answer(std::uint64_t request_id, const Error& error);
/// What an executor found wrong: its SQLSTATE and message, made fit for the wire.
ErrorAnswer error_answer(std::uint64_t request_id, SqlError error);

/// What a request allows its answer to be.
struct AnswerLimits {
  std::uint64_t rows;
  std::uint64_t bytes;
};
/// All of these are written in the version in which they were asked for.
///
/// Appends a Success; or appends nothing and returns what has to be answered instead, because the result is larger than
/// allowed or has no form on the wire. Limits count for rows alone, those of a Query or a CopyOut.
std::optional<ErrorAnswer> append_success(Version version, std::uint64_t request_id, ExecutionResult result,
                                          AnswerLimits limits, std::optional<std::uint64_t> server_us,
                                          PaddedBuffer& out);
void append_error(Version version, ErrorAnswer answer, PaddedBuffer& out);
void append_cancel_ack(Version version, std::uint64_t request_id, PaddedBuffer& out);

}  // namespace ft
