// SPDX-License-Identifier: Apache-2.0
//
// Whole conversations of the nodes that run today, as a socket saw them: tests/data/conversations.jsonl, one JSON
// object a line.
//
//   for (const test::Conversation& c : test::conversations()) {
//     for (const test::Exchange& exchange : test::exchanges(c)) ...
//   }
//
// The worker's executor played the tags of InternalNoOp: `rows:N`, `sleep:MS`, `error:STATE`, `panic`; anything else
// answers Command{tag}. A file that cannot be read or understood ends the test program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ft::test {

/// The token that both sides had.
inline constexpr std::string_view kRecordedToken = "shared-secret-for-recorded-conversations";

struct Event {
  enum class Who { client, server };
  enum class What {
    frames,      // `bytes`, at least one whole frame
    close,       // the end of this side's stream
    half_close,  // the same, by a side that goes on reading
    stays_open,  // nothing comes, and the next request would be served
  };
  Who who;
  What what;
  std::string bytes;
};

struct Conversation {
  std::string name;
  /// Frames made by hand; otherwise those of a client at work.
  bool scripted;
  std::vector<Event> events;
};

const std::vector<Conversation>& conversations();
const Conversation& conversation(std::string_view name);
/// Its name in letters that a test may be called by.
std::string test_name(const Conversation& conversation);

/// One frame of the client, and the server's answer to it.
struct Exchange {
  std::string asked;
  std::string answered;
};
/// Answers come in the order of their requests, so the n-th frame of one side belongs to the n-th of the other.
std::vector<Exchange> exchanges(const Conversation& conversation);

}  // namespace ft::test
