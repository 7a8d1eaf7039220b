// SPDX-License-Identifier: Apache-2.0
//
// A server for simulations: connections, admission and cancel registry, wired as a shell has to wire them, and jobs
// that take their time, honour a stop or do not.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ft/session/admission.hpp"
#include "ft/session/cancel_registry.hpp"
#include "server_harness.hpp"
#include "simulated_network.hpp"

namespace ft::test {

class SimulatedServer {
 public:
  SimulatedServer(World& world_, const ServerRules& rules_, const AdmissionLimits& limits)
      : world(world_), rules(rules_), admission(limits) {}

  /// A new connection of a client; broken from the start once the server drains.
  std::shared_ptr<Socket> accept(const std::string& peer) {
    auto [client, server] = Socket::connect(world);
    if (draining) {
      server->reset();
    } else {
      sessions.push_back(std::make_unique<Session>(*this, std::move(server), peer));
      sessions.back()->pump();
    }
    return client;
  }

  void drain(std::chrono::milliseconds limit) {
    draining = true;
    admission.drain();
    for (auto& session : sessions) session->drain();
    while (const std::optional<Ticket> ticket = admission.evict()) {
      tickets.at(*ticket).session->reject(*ticket, errc::draining);
    }
    world.in(limit, [this] {
      for (auto& session : sessions) session->kill();
    });
  }

  /// Breaks a connection, if there is one.
  void break_one() {
    if (sessions.empty()) return;
    Session& session = *sessions[world.below(sessions.size())];
    if (!session.closed) session.socket->reset();
  }

  /// Nothing is left of any request.
  void expect_clean() const {
    EXPECT_EQ(admission.usage(), Admission::Usage{});
    EXPECT_EQ(registry.size(), 0U);
    EXPECT_TRUE(tickets.empty());
    for (const auto& session : sessions) EXPECT_TRUE(session->closed);
  }

  std::map<std::string, int> executed;  // how often, by the request's tag

 private:
  struct Session {
    Session(SimulatedServer& server_, std::shared_ptr<Socket> socket_, std::string peer_)
        : server(server_),
          world(server.world),
          socket(std::move(socket_)),
          peer(std::move(peer_)),
          connection(server.rules, true, world.now),
          alarm(world, [this] {
            connection.tick(world.now);
            pump();
          }) {
      socket->on_change = [this] { pump(); };
    }

    void pump() {
      if (pumping) return;
      pumping = true;
      do {
        while (std::optional<ServerConnection::Action> action = connection.next()) {
          EXPECT_FALSE(closed) << "an action behind the last one";
          std::visit([this](auto& a) { perform(a); }, *action);
        }
        write();
      } while (read());
      alarm.set(connection.deadline());
      pumping = false;
    }

    void write() {
      if (writing || closed || !socket->has_room()) return;
      const std::span<const char> batch = connection.output();
      if (batch.empty()) return;
      writing = true;
      world.soon([this, batch, before = std::string(batch.begin(), batch.end())] {
        writing = false;
        if (closed) return;
        EXPECT_EQ(connection.output().data(), batch.data()) << "a batch under way has moved";
        EXPECT_TRUE(std::equal(before.begin(), before.end(), batch.begin()));
        if (socket->broken()) {
          connection.end_of_stream(world.now);
        } else {
          const std::size_t n = world.chance(80) ? batch.size() : 1 + world.below(batch.size());
          socket->write(before.substr(0, n));
          connection.written(n, world.now);
        }
        pump();
      });
    }

    /// Whether something was read. A read that finds nothing stays under way.
    bool read() {
      if (closed) return false;
      if (space.empty()) space = connection.prepare();
      if (space.empty()) return false;
      if (socket->has_bytes()) {
        const std::size_t n = socket->read(std::exchange(space, {}));
        connection.received(n, world.now);
        return true;
      }
      if (!socket->ended() || std::exchange(told, true)) return false;
      connection.end_of_stream(world.now);
      return true;
    }

    void perform(const ServerConnection::Reserve& reserve) {
      connection.reserved(server.admission.reserve(reserve.bytes), world.now);
    }
    void perform(const ServerConnection::Unreserve& unreserve) { server.admission.unreserve(unreserve.bytes); }
    void perform(ServerConnection::Start& start) {
      const Ticket id = ++server.last_ticket;
      ticket = id;
      const std::uint64_t request = start.request.request_id;
      server.registry.add(id, request, start.request.cancel_key, peer);
      server.tickets[id] = {this, start.execution, request,
                            start.request.plan.get_if<PhysicalPlan::InternalNoOp>()->tag};
      switch (server.admission.submit(id, peer)) {
        case Admission::Verdict::started:
          return server.run(id);
        case Admission::Verdict::queued:
          return;
        case Admission::Verdict::queue_full:
          return reject(id, errc::queue_full);
        case Admission::Verdict::wedged:
          return reject(id, errc::executors_wedged);
        case Admission::Verdict::draining:
          return reject(id, errc::draining);
      }
    }
    void perform(const ServerConnection::Stop& stop) {
      Execution& execution = server.tickets.at(ticket);
      EXPECT_EQ(execution.id, stop.execution);
      server.registry.remove(ticket, execution.request_id);
      if (server.admission.withdraw(ticket)) {
        server.tickets.erase(ticket);
      } else {
        execution.stopped = true;
        server.admission.abandon();
        if (execution.heeds && execution.running) server.end_soon(ticket);
      }
    }
    void perform(const ServerConnection::Cancel& cancel) {
      for (const Ticket hit : server.registry.match(cancel.request_id, cancel.key, peer)) {
        const Execution& execution = server.tickets.at(hit);
        execution.session->connection.cancel(execution.id, world.now);
        execution.session->pump();
      }
    }
    void perform(const ServerConnection::Close& close) {
      closed = true;
      if (close.linger) {
        socket->linger();
      } else {
        socket->close();
      }
    }

    void reject(Ticket id, errc why) {
      const Execution execution = server.forget(id);
      connection.rejected(execution.id, why, world.now);
      pump();
    }
    void drain() {
      connection.drain(world.now);
      pump();
    }
    void kill() {
      connection.kill(world.now);
      pump();
    }

    SimulatedServer& server;
    World& world;
    std::shared_ptr<Socket> socket;
    std::string peer;
    ServerConnection connection;
    Alarm alarm;
    Ticket ticket = 0;      // the last one
    std::span<char> space;  // of the read under way
    bool writing = false;
    bool pumping = false;
    bool told = false;  // of the end of the stream
    bool closed = false;
  };

  struct Execution {
    Session* session = nullptr;
    ExecutionId id = 0;
    std::uint64_t request_id = 0;
    std::string tag;
    bool stopped = false;
    bool running = false;
    bool heeds = true;  // a stop
  };

  Execution forget(Ticket ticket) {
    Execution execution = std::move(tickets.extract(ticket).mapped());
    registry.remove(ticket, execution.request_id);
    return execution;
  }

  /// It has a slot. Whoever had to wait for it gets it by way of the connection's strand, and may be stopped till then.
  void run(Ticket ticket) {
    Execution& execution = tickets.at(ticket);
    if (execution.stopped) return end(ticket);
    execution.running = true;
    execution.heeds = world.chance(70);
    execution.session->connection.started(execution.id);
    ++executed[execution.tag];
    if (world.chance(20)) return end(ticket);  // at once, on the caller's stack
    const std::size_t longest = world.chance(10) ? 5000 : 20;
    world.in(std::chrono::milliseconds(world.below(longest)), [this, ticket] { end(ticket); });
  }
  void end_soon(Ticket ticket) {
    world.soon([this, ticket] { end(ticket); });
  }
  void end(Ticket ticket) {
    if (!tickets.contains(ticket)) return;  // a stop was faster
    const Execution execution = forget(ticket);
    const auto slot = execution.stopped ? Admission::Slot::abandoned : Admission::Slot::awaited;
    const std::optional<Ticket> next = admission.release(slot);
    if (next) world.soon([this, next] { run(*next); });
    if (execution.stopped) return;
    execution.session->connection.finished(execution.id, outcome(execution.tag), world.now);
    execution.session->pump();
  }
  ExecutionOutcome outcome(const std::string& tag) {
    if (world.chance(15)) return SqlError("23505", tag);
    if (world.chance(10)) return copy_out(std::string(world.below(120'000), 'x'));
    if (world.chance(10)) return query(world.below(3000));
    return command(tag);
  }

  World& world;
  const ServerRules rules;
  Admission admission;
  CancelRegistry registry;
  Ticket last_ticket = 0;
  std::map<Ticket, Execution> tickets;
  std::vector<std::unique_ptr<Session>> sessions;
  bool draining = false;
};

}  // namespace ft::test
