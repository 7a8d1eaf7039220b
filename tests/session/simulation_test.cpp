// SPDX-License-Identifier: Apache-2.0
//
// Clients and a server against each other: calls and their pool on one side, connections, admission and cancels on the
// other, bytes that come late and in pieces, connections that break, clocks that jump, callers that give up, drains.
// One seed is one run. What must hold in every one:
//   - a call has exactly one outcome, and it is true: what is called not executed never was, what is called executed
//   was;
//   - no request is executed twice unless it is idempotent;
//   - nobody says anything on an idle connection;
//   - in the end every slot, reserved byte, registered cancel and pooled connection has been given back.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "simulated_client.hpp"

namespace ft::test {
namespace {

/// What happened in all runs together, so that it shows when the simulation has stopped reaching something.
struct Tally {
  int calls = 0, succeeded = 0, sql_errors = 0, not_executed = 0, unknown = 0, repeated = 0, retried = 0;
};

ServerRules simulated_rules(World& world) {
  ServerRules rules;
  rules.tokens = ring();
  rules.first_frame_timeout = 1s;
  rules.idle_timeout = 3s;
  rules.frame_timeout = 500ms;
  rules.write_timeout = 500ms;
  rules.request_timeout = 200ms;
  rules.max_pipelined_bytes = 20'000;
  rules.versions.max = static_cast<Version>(1 + world.below(2));
  return rules;
}

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : world(seed), server(world, simulated_rules(world), admission_limits()) {
    for (const char* address : {"10.0.0.1", "10.0.0.2"}) {
      clients.push_back(std::make_unique<SimulatedClient>(world, server, address, pool_limits()));
    }
    for (int i = 0; i < 12; ++i) plan_call("call " + std::to_string(i));
    for (std::size_t i = world.below(6); i > 0; --i) sometime([this] { server.break_one(); });
    if (world.chance(30)) sometime([this] { server.drain(50ms); });
  }

  void run(Tally& tally) {
    constexpr int most = 200'000;
    int steps = 0;
    // All the timeouts of a server that nobody talks to are over then.
    world.in(1h, [] {});
    world.in(2s, [this] {
      for (auto& client : clients) client->drain();
    });
    while (world.step() && ++steps < most) {
    }
    ASSERT_LT(steps, most) << "something goes on for ever";
    for (const auto& client : clients) {
      for (const auto& caller : client->callers) judge(*caller, tally);
      EXPECT_EQ(client->usage(), PoolCore::Usage{});
      EXPECT_FALSE(client->has_lines());
    }
    server.expect_clean();
  }

 private:
  AdmissionLimits admission_limits() {
    AdmissionLimits limits;
    limits.max_executions = 1 + world.below(4);
    limits.max_queued = world.below(6);
    limits.max_queued_per_peer = 1 + world.below(4);
    limits.max_bytes = 50'000 + world.below(200'000);
    return limits;
  }
  PoolLimits pool_limits() {
    PoolLimits limits;
    limits.max_connections_per_host = 1 + world.below(4);
    limits.max_idle_per_host = 1 + world.below(2);
    limits.max_waiters_per_host = 1 + world.below(8);
    limits.idle_timeout = 300ms;
    limits.max_age = 500ms;
    limits.validate_after = 20ms;
    return limits;
  }
  void sometime(std::function<void()> what) { world.in(std::chrono::milliseconds(world.below(400)), std::move(what)); }

  void plan_call(std::string tag) {
    FragmentRequest request = a_request(1 + world.below(5), tag);  // ids collide
    request.cancel_key = SecretU64(world.chance(10) ? 0 : world.number());
    request.max_result_rows = 2000;
    request.max_result_bytes = 110'000;
    if (world.chance(10)) {
      request.plan.get_if<PhysicalPlan::InternalNoOp>()->notice = std::string(60'000 + world.below(40'000), 'n');
    }
    if (world.chance(20)) request.timeout_ms = 1 + world.below(150);
    CallOptions options;
    if (world.chance(30)) options.timeout = std::chrono::milliseconds(1 + world.below(150));
    options.idempotent = world.chance(30);
    const Call::Rows rows = world.chance(50) ? Call::Rows::gather : Call::Rows::deliver;
    SimulatedClient& client = *clients[world.below(clients.size())];
    sometime([this, &client, request = std::move(request), options, rows]() mutable {
      auto& caller = client.start(std::move(request), options, rows);
      if (!world.chance(30)) return;
      const auto kind = static_cast<Call::Cancel>(world.below(3));
      world.in(std::chrono::milliseconds(world.below(60)), [&caller, kind] { caller.cancel(kind); });
    });
  }

  void judge(const SimulatedClient::Caller& caller, Tally& tally) {
    SCOPED_TRACE(caller.tag);
    ++tally.calls;
    ASSERT_EQ(caller.done, 1) << "outcomes";
    const int executed = server.executed[caller.tag];
    if (!caller.idempotent) {
      EXPECT_LE(executed, 1);
    }
    tally.repeated += executed > 1;
    tally.retried += caller.call.attempts() > 1;
    if (const CallResult<Answer>& result = *caller.result; result) {
      ++tally.succeeded;
      EXPECT_GE(executed, 1);
      if (const auto* command = result->result.get_if<ExecutionResult::Command>()) {
        EXPECT_EQ(command->tag, caller.tag) << "an answer to another call";
      }
      return;
    }
    const Diagnostics& failure = caller.result->error();
    if (failure.sqlstate == "23505") {
      ++tally.sql_errors;
      EXPECT_EQ(failure.message, caller.tag) << "an answer to another call";
    }
    switch (failure.outcome) {
      case Outcome::not_executed:
        ++tally.not_executed;
        EXPECT_EQ(executed, 0) << failure.describe();
        break;
      case Outcome::executed:
        EXPECT_GE(executed, 1) << failure.describe();
        break;
      case Outcome::unknown:
        ++tally.unknown;
        break;
    }
  }

  World world;
  SimulatedServer server;
  std::vector<std::unique_ptr<SimulatedClient>> clients;
};

TEST(Simulation, EveryCallHasOneTrueOutcomeAndNothingIsLeftBehind) {
  // A seed that failed can be run alone: FT_SIMULATION_SEED=17 session_tests --gtest_filter='Simulation.*'
  const char* const alone = std::getenv("FT_SIMULATION_SEED");
  const std::uint64_t first = alone ? std::strtoull(alone, nullptr, 10) : 0;
  const std::uint64_t runs = alone ? 1 : 400;
  Tally tally;
  for (std::uint64_t seed = first; seed < first + runs && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed);
    simulation.run(tally);
  }
  if (alone) return;
  RecordProperty("calls", tally.calls);
  EXPECT_GT(tally.succeeded, tally.calls / 4);
  EXPECT_GT(tally.sql_errors, 0);
  EXPECT_GT(tally.not_executed, 0);
  EXPECT_GT(tally.unknown, 0);
  EXPECT_GT(tally.repeated, 0) << "no idempotent call was ever executed twice";
  EXPECT_GT(tally.retried, 0);
}

}  // namespace
}  // namespace ft::test
