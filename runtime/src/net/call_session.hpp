// SPDX-License-Identifier: Apache-2.0
//
// The shell around one Call: gets it a connection, moves its bytes, keeps its time, hands over its outcome.
//
//   std::optional<UnderWay> under_way = pool->begin_call();                 // or begin_cancel(worker)
//   auto session = std::make_shared<CallSession>(pool, worker, std::move(*under_way), std::move(call), sink,
//                                                std::move(completion));
//   session->start();
//   session->cancel(Call::Cancel::partial);               // from any thread
//
// Everything else happens on the session's own strand: an event is fed to the machine, then pump() performs what the
// machine wants, writes, and arms one wait for reading, one for writing and one timer. A connection's operations run on
// the strand of the call that leases it.
//
// Lifetime: the timer is armed for as long as the call lasts, and its handler holds the session; so an execution
// context that goes takes its calls with it, though nobody else holds them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "ft/client.hpp"
#include "ft/session/call.hpp"
#include "net/call_watch.hpp"
#include "net/completion.hpp"
#include "net/connector.hpp"
#include "net/lazy_timer.hpp"
#include "net/pool.hpp"
#include "net/stream.hpp"

namespace ft::net {

class CallSession final : public Waiter, public std::enable_shared_from_this<CallSession> {
 public:
  using Completed = Completion<CallResult<Answer>>;

  /// A call goes over a connection of the pool, a cancel over one of its own, beside the pool and its limits. `sink`
  /// may be null; it outlives the call. `token_place`: for a cancel, the token to begin with.
  CallSession(std::shared_ptr<Pool> pool, std::shared_ptr<const Endpoint> worker, UnderWay under_way,
              std::unique_ptr<Call> call, RowSink* sink, Completed completed, std::size_t token_place = 0);

  void start();
  void cancel(Call::Cancel kind);
  void rows_taken();
  void granted(WaiterId waiter, Lease lease) override;

 private:
  template <class F>
  void event(F&& f);
  void pump(Now now);
  bool write(Now now);
  void listen();
  void read(Now now, bool last);
  void arm();

  // What the machine wants.
  void perform(Call::Acquire&);
  void perform(Call::Withdraw&);
  void perform(Call::Release& release);
  void perform(Call::SendCancel& cancel);
  void perform(Call::Learned& learned);
  void perform(Call::Retry& retry);
  void perform(Call::Columns& columns);
  void perform(Call::Batch& batch);
  void perform(Call::Done& done);

  void take(Lease lease, Now now);
  void acquired(Call::Connection connection, Now now);
  void connect();
  void connected(Result<std::shared_ptr<Stream>> stream, Now now);
  void let_go();
  void close();
  void give_back(Lease lease);

  void fail(const char* why);
  void complete();

  const std::shared_ptr<Pool> pool_;
  const std::shared_ptr<const Endpoint> worker_;
  UnderWay under_way_;
  const bool pooled_;  // not a cancel
  const Strand strand_;
  const std::unique_ptr<Call> call_;
  RowSink* const sink_;
  std::optional<Completed> completed_;        // until it is called
  std::optional<CallResult<Answer>> result_;  // for it
  LazyTimer<Strand> timer_;
  CallWatch watch_;

  const std::size_t direct_token_place_;
  std::optional<WaiterId> waiting_;  // for the pool
  std::weak_ptr<Connector> connector_;
  Instant connecting_since_{};
  LiveConnection dialling_;    // shows a connection that is being made
  Lease lease_;                // the link is empty while there is none
  std::uint64_t attempt_ = 0;  // handlers of an earlier one are stale
  bool awaiting_read_ = false;
  bool awaiting_write_ = false;
  bool write_failed_ = false;  // no more can be sent, but an answer may have arrived before
  bool batch_out_ = false;
};

}  // namespace ft::net
