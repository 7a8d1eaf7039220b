// SPDX-License-Identifier: Apache-2.0
//
// A coordinator for simulations: a pool, and the calls that are made through it, wired as a shell has to wire them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ft/session/call.hpp"
#include "ft/session/pool_core.hpp"
#include "simulated_server.hpp"

namespace ft::test {

using namespace std::chrono_literals;

class SimulatedClient {
 public:
  SimulatedClient(World& world_, SimulatedServer& server_, std::string address_, const PoolLimits& limits)
      : world(world_), server(server_), address(std::move(address_)), pool(limits), alarm(world, [this] {
          pool.expire(world.now.steady);
          pump();
        }) {
    rules.tokens = ring();
    RetryOptions retry;
    retry.first = 5ms;
    retry.longest = 100ms;
    rules.retry = retry;
    rules.budget = std::make_shared<RetryBudget>(retry);
    rules.versions.max = static_cast<Version>(1 + world.below(2));
  }

  struct Line {
    std::shared_ptr<Socket> socket;
    bool pooled = true;
    bool fresh = true;  // nothing was ever sent on it: it may have been opened for a caller that did not wait for it
    bool idle = false;
  };

  struct Caller {
    Caller(SimulatedClient& client_, FragmentRequest request, CallOptions options, Call::Rows rows)
        : client(client_),
          world(client.world),
          tag(request.plan.get_if<PhysicalPlan::InternalNoOp>()->tag),
          idempotent(options.idempotent),
          call(client.rules, std::move(request), std::move(options), rows, world.number(), world.now),
          alarm(world, [this] { tick(); }) {}
    Caller(SimulatedClient& client_, CancelRequest request, CallOptions options)
        : client(client_),
          world(client.world),
          call(client.rules, std::move(request), std::move(options), world.number(), world.now),
          alarm(world, [this] { tick(); }) {}

    void tick() {
      call.tick(world.now);
      pump();
    }
    void cancel(Call::Cancel kind) {
      call.cancel(kind, world.now);
      pump();
    }

    void pump() {
      if (pumping) return;
      pumping = true;
      do {
        while (std::optional<Call::Action> action = call.next()) {
          EXPECT_EQ(done, 0) << "an action behind the last one";
          std::visit([this](auto& a) { perform(a); }, *action);
        }
        write();
      } while (read());
      alarm.set(call.deadline());
      pumping = false;
      client.pump();
    }

    void write() {
      if (!socket || writing || !socket->has_room()) return;
      const std::span<const char> out = call.output();
      if (out.empty()) return;
      writing = true;
      world.soon([this, out, on = socket] {
        if (on != socket) return;  // released meanwhile
        writing = false;
        const std::size_t n = world.chance(80) ? out.size() : 1 + world.below(out.size());
        client.lines.at(line).fresh = false;
        socket->write(std::string_view(out.data(), n));  // into a broken one: the end is read soon
        call.written(n, world.now);
        pump();
      });
    }

    bool read() {
      if (!socket) return false;
      if (space.empty()) space = call.prepare();
      if (space.empty()) return false;
      if (socket->has_bytes()) {
        const std::size_t n = socket->read(std::exchange(space, {}));
        call.received(n, world.now);
        return true;
      }
      if (!socket->ended() || std::exchange(told, true)) return false;
      call.end_of_stream(world.now);
      return true;
    }

    // ---- actions
    void perform(const Call::Acquire&) {
      waiter = ++client.last_waiter;
      client.waiting[waiter] = this;
      client.acquire(waiter);
    }
    void perform(const Call::Withdraw&) {
      client.waiting.erase(waiter);
      client.pool.withdraw(waiter);
    }
    void perform(const Call::Release& release) {
      client.release(line, release.reusable, release.token_place);
      disconnect();
    }
    void perform(Call::SendCancel& cancel) { client.send_cancel(std::move(cancel)); }
    void perform(const Call::Learned& learned) {
      client.versions.learned(client.worker, learned.version, world.now.steady);
    }
    void perform(const Call::Retry&) {}
    void perform(const Call::Columns&) {}
    void perform(const Call::Batch&) {
      world.soon([this] {
        if (done != 0) return;
        call.rows_taken(world.now);
        pump();
      });
    }
    void perform(Call::Done& d) {
      ++done;
      result.emplace(std::move(d.result));
      disconnect();
    }

    void connect(ConnectionId id, std::shared_ptr<Socket> to, Call::Connection how) {
      how.version = client.versions.of(client.worker, world.now.steady);
      line = id;
      socket = std::move(to);
      socket->on_change = [this] { pump(); };
      call.acquired(std::move(how), world.now);
      pump();
    }
    void disconnect() {
      socket = nullptr;
      space = {};
      writing = told = false;
    }

    SimulatedClient& client;
    World& world;
    std::string tag;
    bool idempotent = true;
    Call call;
    Alarm alarm;
    WaiterId waiter = 0;
    ConnectionId line = 0;
    std::shared_ptr<Socket> socket;
    std::span<char> space;
    bool writing = false, told = false, pumping = false;
    int done = 0;
    std::optional<CallResult<Answer>> result;
  };

  Caller& start(FragmentRequest request, CallOptions options, Call::Rows rows) {
    callers.push_back(std::make_unique<Caller>(*this, std::move(request), std::move(options), rows));
    callers.back()->pump();
    return *callers.back();
  }

  void pump() {
    while (std::optional<PoolCore::Event> event = pool.next()) {
      if (const auto* grant = std::get_if<PoolCore::Grant>(&*event)) {
        std::visit([&](const auto& what) { use(grant->waiter, what); }, grant->what);
      } else {
        close(std::get<PoolCore::Close>(*event).connection);
      }
    }
    alarm.set(pool.deadline());
  }

  void drain() {
    pool.drain();
    pump();
  }
  PoolCore::Usage usage() const { return pool.usage(); }
  bool has_lines() const { return !lines.empty(); }

  std::vector<std::unique_ptr<Caller>> callers;

 private:
  friend struct Caller;

  void acquire(WaiterId waiter) {
    const PoolCore::Verdict verdict = pool.acquire(PoolKey(worker, 0, 0), waiter, world.now.steady);
    std::visit([&](const auto& what) { use(waiter, what); }, verdict);
  }
  void use(WaiterId, const PoolCore::Wait&) {}
  void use(WaiterId waiter, const PoolCore::Refused& refused) {
    world.soon([this, waiter, why = refused.why] { fail(waiter, why); });
  }
  void use(WaiterId waiter, const PoolCore::Reuse& reuse) {
    lines.at(reuse.connection).idle = false;
    lines.at(reuse.connection).socket->on_change = nullptr;
    world.soon([this, waiter, reuse] {
      Caller* const caller = take(waiter);
      if (caller == nullptr) return release(reuse.connection, true, reuse.token_place);
      Call::Connection how;
      how.fresh = lines.at(reuse.connection).fresh;
      how.ping_first = reuse.ping_first;
      caller->connect(reuse.connection, lines.at(reuse.connection).socket, std::move(how));
    });
  }
  void use(WaiterId waiter, const PoolCore::Open& open) {
    world.soon([this, waiter, id = open.connection] {
      if (world.chance(5)) {
        pool.open_failed(id, world.now.steady);
        fail(waiter, errc::connect_failed);
        return pump();
      }
      lines[id].socket = server.accept(address);
      pool.opened(id, world.number(), world.now.steady);
      Caller* const caller = take(waiter);
      if (caller == nullptr) return release(id, true, 0);
      caller->connect(id, lines.at(id).socket, Call::Connection());
    });
  }
  Caller* take(WaiterId waiter) {
    const auto found = waiting.extract(waiter);
    return found ? found.mapped() : nullptr;
  }
  void fail(WaiterId waiter, errc why) {
    if (Caller* const caller = take(waiter)) {
      caller->call.acquire_failed(Error(why), world.now);
      caller->pump();
    }
  }

  void release(ConnectionId id, bool reusable, std::size_t token_place) {
    const bool pooled = lines.at(id).pooled;
    if (reusable && pooled) {
      Line& line = lines.at(id);
      line.idle = true;
      line.socket->on_change = [this, id] { idle_changed(id); };
      world.soon([this, id] { idle_changed(id); });
    } else {
      close(id);
    }
    if (pooled) pool.release(id, reusable, token_place, world.now.steady);
    pump();
  }
  void idle_changed(ConnectionId id) {
    const auto line = lines.find(id);
    if (line == lines.end() || !line->second.idle) return;
    EXPECT_FALSE(line->second.socket->has_bytes()) << "something unasked on an idle connection";
    if (!line->second.socket->ended() || !pool.lost(id)) return;
    close(id);
    pump();
  }
  void close(ConnectionId id) {
    const auto line = lines.extract(id);
    if (!line) return;
    line.mapped().socket->on_change = nullptr;
    if (world.chance(10)) {
      line.mapped().socket->reset();
    } else {
      line.mapped().socket->close();
    }
  }

  /// On a connection of its own, which no pool knows.
  void send_cancel(Call::SendCancel cancel) {
    CallOptions options;
    options.timeout = 2s;
    options.max_retries = 0;
    cancels.push_back(std::make_unique<Caller>(*this, std::move(cancel.request), options));
    Caller& caller = *cancels.back();
    world.soon([this, &caller] {
      while (std::optional<Call::Action> action = caller.call.next()) {
      }  // Acquire
      const ConnectionId id = --last_cancel_line;
      Line& line = lines[id];
      line.socket = server.accept(address);
      line.pooled = false;
      caller.connect(id, line.socket, Call::Connection());
    });
  }

  World& world;
  SimulatedServer& server;
  std::string address;
  const Endpoint worker{"w", 1};
  CallRules rules;
  PeerVersions versions;
  PoolCore pool;
  Alarm alarm;
  std::map<ConnectionId, Line> lines;
  std::map<WaiterId, Caller*> waiting;
  WaiterId last_waiter = 0;
  ConnectionId last_cancel_line = 0;
  std::vector<std::unique_ptr<Caller>> cancels;
};

}  // namespace ft::test
