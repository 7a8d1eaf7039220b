// SPDX-License-Identifier: Apache-2.0
//
// This server against the recorded clients of the nodes that run today: every conversation is played by a bare socket,
// and what the server says must be, byte for byte, what theirs said; kDifferences lists where it is not, and why.
//
// A recorded close of the client is played as the end of its stream, which to a server is the same, so that the
// server's own end can be seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/server_harness.hpp"
#include "support/conversations.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

/// What is compared where the bytes differ on purpose.
enum class Compared {
  failure,  // an Error with the same id and SQLSTATE
  end,      // no answer at all, but the end of the stream
  timeout,  // an Error with the same id, and the SQLSTATE of a timeout
  patient,  // all bytes, to a request with a longer timeout
};
struct Difference {
  std::string_view conversation;
  std::string_view reason;
  Compared compared;
};
constexpr Difference kDifferences[] = {
    {"server: invalid limits", "the texts of validation are ours", Compared::failure},
    {"server: snapshot inverted", "the texts of validation are ours", Compared::failure},
    {"server: request_id 0", "the texts of validation are ours", Compared::failure},
    {"server: panic, then a request", "what an executor throws is nobody's business", Compared::failure},
    {"server: request, then half-close", "who half-closes has left, and what ran for it is stopped", Compared::end},
    {"client: its own deadline passes", "deadlines are enforced, and this one lies in the past", Compared::timeout},
    {"server: unknown keys are ignored", "one of them is known here, and its 5 ms may pass", Compared::patient},
};

const Difference* difference_of(const Conversation& conversation) {
  const auto* const found = std::find_if(std::begin(kDifferences), std::end(kDifferences),
                                         [&](const Difference& d) { return d.conversation == conversation.name; });
  return found == std::end(kDifferences) ? nullptr : found;
}

FragmentResponse response_in(const std::string& frame) {
  return decode(frame).value().envelope.payload.get_if<TransportPayload::FragmentResult>()->value;
}

/// Runs requests as the recorded executor did: the results are the recorded ones, and what never came to its end then
/// is held here until it is told to stop.
class RecordedExecutor {
 public:
  /// `at_once`: so many requests with a tag `sleep:MS` have to run at the same time before any of them goes on.
  RecordedExecutor(const std::vector<const Conversation*>& played, std::size_t at_once) : at_once_(at_once) {
    for (const Conversation* conversation : played) {
      const Difference* const difference = difference_of(*conversation);
      if (difference && difference->compared == Compared::end) continue;
      for (const Exchange& exchange : exchanges(*conversation)) add(response_in(exchange.answered));
    }
  }

  ExecutionOutcome run(const FragmentRequest& request, const ExecutionContext& context) {
    const auto* const no_op = request.plan.get_if<PhysicalPlan::InternalNoOp>();
    const std::string tag = no_op ? no_op->tag : "";
    {
      const std::lock_guard lock(mutex_);
      started_.insert(request.request_id);
      changed_.notify_all();
    }
    if (tag.starts_with("error:")) return SqlError(tag.substr(6), "coded error");
    if (tag == "panic") throw std::runtime_error("a text that no peer may see");
    const bool sleeps = tag.starts_with("sleep:");
    const auto result = results_.find(request.request_id);
    if (sleeps && result == results_.end()) return hold(request.request_id, context);
    if (sleeps) meet();
    return results_.at(request.request_id);
  }

  void await_started(std::uint64_t id) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return started_.contains(id); })) {
      throw std::runtime_error("request never started: " + std::to_string(id));
    }
  }
  void await_stopped(std::uint64_t id) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return stopped_.contains(id); })) {
      throw std::runtime_error("request never stopped: " + std::to_string(id));
    }
  }
  bool started(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    return started_.contains(id);
  }

 private:
  void add(FragmentResponse response) {
    auto* const success = response.get_if<FragmentResponse::Success>();
    if (success) results_.emplace(success->request_id, std::move(success->result));
  }

  ExecutionOutcome hold(std::uint64_t id, const ExecutionContext& context) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, context.stop, kPatience, [] { return false; });
    if (context.stop.stop_requested()) stopped_.insert(id);
    changed_.notify_all();
    return SqlError("XX000", "nobody awaits this");
  }

  void meet() {
    std::unique_lock lock(mutex_);
    const std::size_t round = asleep_++ / at_once_;
    changed_.notify_all();
    if (!changed_.wait_for(lock, kPatience, [&] { return asleep_ >= (round + 1) * at_once_; })) {
      throw std::runtime_error("the other request does not run at the same time");
    }
  }

  const std::size_t at_once_;
  std::map<std::uint64_t, ExecutionResult> results_;

  std::mutex mutex_;  // of all below
  std::condition_variable_any changed_;
  std::size_t asleep_ = 0;
  std::set<std::uint64_t> started_;
  std::set<std::uint64_t> stopped_;
};

/// A server that has the recorded token, and whose executor knows these conversations.
struct RecordedServer {
  explicit RecordedServer(std::vector<const Conversation*> played, std::size_t at_once = 1)
      : executor(played, at_once), harness(options_for(played), threads_for(executor)) {}

  static ServerOptions options_for(const std::vector<const Conversation*>& played) {
    ServerOptions options = loopback_options();
    options.tokens = TokenRing::create({AuthToken(kRecordedToken)}).value();
    // In these the server gave up by itself.
    for (const Conversation* conversation : played) {
      if (conversation->name.find(" timeout") != std::string::npos) {
        options.request_timeout = std::chrono::milliseconds(250);
      }
    }
    return options;
  }
  static std::shared_ptr<FragmentExecutor> threads_for(RecordedExecutor& executor) {
    return blocking_executor(2, [&executor](const FragmentRequest& request, const ExecutionContext& context) {
      return executor.run(request, context);
    });
  }

  RecordedExecutor executor;
  ServerHarness harness;
};

void expect_answer(const Difference* difference, const std::string& answer, const std::string& recorded) {
  const std::optional<Failure> was = failure(response_in(recorded));
  const Compared* const compared = difference ? &difference->compared : nullptr;
  if (compared && *compared == Compared::failure && was) {
    EXPECT_EQ(failure(response_in(answer)), was);
    EXPECT_NE(answer, recorded) << "no difference: " << difference->reason;
  } else if (compared && *compared == Compared::timeout) {
    const std::uint64_t id = response_in(recorded).get_if<FragmentResponse::Success>()->request_id;
    EXPECT_EQ(failure(response_in(answer)), (Failure{id, "57014"}));
  } else {
    EXPECT_EQ(answer, recorded);
  }
}

std::string with_more_time(std::string bytes) {
  const std::string_view key = "\"timeout_ms\": 5";
  bytes.insert(bytes.find(key) + key.size(), "0000");
  return frame(MSG_EXECUTE_FRAGMENT, std::string_view(bytes).substr(kFrameHeaderSize));
}

void play(RecordedServer& server, const Conversation& conversation) {
  SCOPED_TRACE(conversation.name);
  const Difference* const difference = difference_of(conversation);
  RawClient client(server.harness.endpoint());
  for (const Event& event : conversation.events) {
    if (event.who == Event::Who::client) {
      if (event.what == Event::What::frames) {
        const bool patient = difference && difference->compared == Compared::patient;
        client.send(patient ? std::string_view(with_more_time(event.bytes)) : std::string_view(event.bytes));
      }
      if (event.what == Event::What::half_close) server.executor.await_started(1);
      if (event.what != Event::What::frames) client.half_close();
    } else if (event.what == Event::What::frames) {
      if (difference && difference->compared == Compared::end) continue;
      const std::optional<std::string> answer = client.receive_bytes();
      ASSERT_TRUE(answer) << "the stream ended instead of an answer";
      expect_answer(difference, *answer, event.bytes);
    } else if (event.what == Event::What::stays_open) {
      client.send(cancel(0, 0, kRecordedToken));
      EXPECT_EQ(client.answer(), acknowledged(0));
    } else {
      EXPECT_TRUE(client.ended());
    }
  }
}

// These stand in pairs: both connections at the same time.
constexpr std::string_view kCancel = "server: cancel with the right key, second connection";
constexpr std::string_view kCancelled = "server: the cancelled request, first connection";
constexpr std::string_view kFirstOfTwo = "client: two at once, two connections#1";
constexpr std::string_view kSecondOfTwo = "client: two at once, two connections#2";

class RecordedClients : public testing::TestWithParam<const Conversation*> {};

TEST_P(RecordedClients, AreAnsweredAsTheyWere) {
  RecordedServer server({GetParam()});
  play(server, *GetParam());
}

std::vector<const Conversation*> played_alone() {
  std::vector<const Conversation*> alone;
  for (const Conversation& c : conversations()) {
    const bool paired = c.name == kCancel || c.name == kCancelled || c.name == kFirstOfTwo || c.name == kSecondOfTwo;
    if (!paired) alone.push_back(&c);
  }
  return alone;
}
INSTANTIATE_TEST_SUITE_P(Conversations, RecordedClients, testing::ValuesIn(played_alone()),
                         [](const auto& played) { return test_name(*played.param); });

TEST(RecordedServerPairs, ACancelFromASecondConnection) {
  const Conversation& cancelled = conversation(kCancelled);
  const Conversation& canceller = conversation(kCancel);
  RecordedServer server({&cancelled, &canceller});
  auto first = std::async(std::launch::async, [&] { play(server, cancelled); });
  server.executor.await_started(50);
  play(server, canceller);
  first.get();
  server.executor.await_stopped(50);
}

TEST(RecordedServerPairs, TwoAtOnce) {
  const Conversation& one = conversation(kFirstOfTwo);
  const Conversation& other = conversation(kSecondOfTwo);
  RecordedServer server({&one, &other}, 2);
  auto first = std::async(std::launch::async, [&] { play(server, one); });
  play(server, other);
  first.get();
}

// What the differences promise beyond the bytes.

TEST(RecordedServerDifferences, AHalfCloseStopsWhatRuns) {
  const Conversation& c = conversation("server: request, then half-close");
  RecordedServer server({&c});
  play(server, c);
  server.executor.await_stopped(1);
}

TEST(RecordedServerDifferences, NothingRunsBeyondItsDeadline) {
  const Conversation& c = conversation("client: its own deadline passes");
  RecordedServer server({&c});
  play(server, c);
  EXPECT_FALSE(server.executor.started(1));
}

TEST(RecordedServerDifferences, AreOfConversationsThatExist) {
  for (const Difference& difference : kDifferences) EXPECT_FALSE(conversation(difference.conversation).events.empty());
}

}  // namespace
}  // namespace ft::test
