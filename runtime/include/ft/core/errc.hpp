// SPDX-License-Identifier: Apache-2.0
//
// Every way in which the codec and the framing can fail, as one enumeration with one table behind it.
//
//   std::error_code ec = ft::errc::depth_exceeded;          // category "ft"
//   std::string_view name = ft::to_name(ft::errc::syntax);  // "syntax", stable: for logs, tools and tests
//   const ft::ErrcInfo& i = ft::info(ft::errc::syntax);     // text, hint, SQLSTATE, retry class
//
// Limits: 0 is no error and has no name here, as std::error_code demands. Names are stable, numbers are not.
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>

namespace ft {

enum class errc : std::uint8_t {
  // frame
  incomplete_header = 1,  // fewer bytes than a frame header; more may follow
  unknown_message_type,   // the first byte is no message of this protocol
  payload_too_large,      // the header announces more than this phase of the connection allows
  incomplete_payload,     // the header is whole, the payload is not; more may follow
  message_type_mismatch,  // the header's byte may not carry this payload
  // json
  unexpected_end,     // the text ends inside a value
  syntax,             // not JSON
  control_character,  // a raw character below 0x20 inside a string
  invalid_utf8,       // a string is not UTF-8
  invalid_escape,     // an unknown escape or a lone surrogate
  invalid_number,     // a number that JSON's grammar does not allow
  trailing_bytes,     // something other than white space behind the value
  depth_exceeded,     // too many containers open at once
  // schema
  wrong_type,       // another JSON type than the schema's
  out_of_range,     // a number or date outside the range of its type
  missing_key,      // a required key is absent
  duplicate_key,    // a known key stands twice
  unknown_variant,  // no variant of this sum has this name
  wrong_length,     // an array of fixed length has another one
  too_many_items,   // a list above its limit
  too_long,         // a string above its limit
  memory_budget,    // the decoded form would take more memory than the decode may use
  // encode
  not_finite,        // NaN or an infinity has no form on the wire
  output_too_large,  // the encoded message is above the frame's limit
  invalid_string,    // a std::string that is not UTF-8 has no form on the wire
  not_in_version,    // a field or variant that the receiver's version does not have, and may not do without
  // validate
  rule_violated,  // a well-formed message breaks a rule of the schema
  // gate
  version_unsupported,    // the peer speaks a version outside the accepted window
  authentication_failed,  // the peer's token is not accepted
  // configuration
  invalid_configuration,  // options, a file or an address that cannot be used; nothing was started
  // connection
  connect_failed,     // no connection to the peer: name, network, refusal
  tls_failed,         // the TLS handshake failed, on either side
  connection_lost,    // the connection ended before the answer did
  response_mismatch,  // an answer that cannot belong to the request: id, version or kind
  // call
  cancelled,         // the caller gave up, or somebody who knows the cancel key did
  timed_out,         // a deadline or a timeout passed
  remote_error,      // the peer answered with an error; it brings an SQLSTATE of its own
  pool_closed,       // the client drains or has been destroyed
  too_many_waiters,  // as many calls as allowed already wait for a connection
  // load
  too_many_connections,  // the server is at its connection limit
  queue_full,            // as many requests as allowed already wait for an execution slot
  byte_budget,           // the server holds as many bytes of requests and answers as it may
  executors_wedged,      // every slot is held by a job that was given up and does not end
  result_too_large,      // more rows or bytes than the request allows
  executor_failed,       // the executor threw, or dropped its request
  // end
  draining,            // the server is shutting down; the request was not run
  killed_by_drain,     // the server shut down before the request ended
  unexpected_message,  // a message that this side never receives
  internal,            // a defect of this side
};

// Whether doing the same again can help.
enum class RetryClass : std::uint8_t {
  never,       // the same bytes fail in the same way everywhere
  more_input,  // repeat when more bytes have arrived
  elsewhere,   // another peer may take it, or the same one after its configuration changed
};

// What a caller asks of an error rather than its exact code: `if (ec == ft::condition::timeout)`.
enum class condition : std::uint8_t {
  retry_elsewhere = 1,  // another peer, or this one later, may succeed: RetryClass::elsewhere
  timeout,              // a deadline or a timeout passed
  security,             // credentials: token, certificate, TLS
};

// One row of the table. All texts are static, zero-terminated and free of input.
struct ErrcInfo {
  errc code;
  std::string_view name;      // snake_case, as in the enumeration
  std::string_view text;      // what happened
  std::string_view hint;      // what to do next
  std::string_view sqlstate;  // five characters: what a server answers for it
  RetryClass retry;
};

// The row of `code`; a value that is no enumerator gets the row of `internal`.
const ErrcInfo& info(errc code) noexcept;

inline std::string_view to_name(errc code) noexcept { return info(code).name; }

// The category of all errc; its name is "ft".
const std::error_category& error_category() noexcept;

std::error_condition make_error_condition(condition what) noexcept;
inline std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), error_category()}; }

}  // namespace ft

template <>
struct std::is_error_code_enum<ft::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<ft::condition> : std::true_type {};
