// SPDX-License-Identifier: Apache-2.0
#include "ft/session/pool_core.hpp"

#include <new>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocations.hpp"

namespace ft {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

PoolLimits small() {
  PoolLimits limits;
  limits.max_connections_per_host = 2;
  limits.max_idle_per_host = 2;
  limits.max_waiters_per_host = 3;
  limits.age_jitter = 0;
  return limits;
}

PoolKey key(std::uint64_t tls = 0, std::uint64_t token = 0, std::string host = "a") {
  return PoolKey(Endpoint(std::move(host), 9100), tls, token);
}

struct Pool {
  explicit Pool(const PoolLimits& limits = small()) : core(limits) {}

  template <class Verdict>
  Verdict acquire(WaiterId waiter = 1, const PoolKey& k = key()) {
    const PoolCore::Verdict verdict = core.acquire(k, waiter, now);
    if (const auto* wanted = std::get_if<Verdict>(&verdict)) return *wanted;
    ADD_FAILURE() << "verdict " << verdict.index();
    return {};
  }
  /// A new connection in use.
  ConnectionId open(const PoolKey& k = key()) {
    const ConnectionId id = acquire<PoolCore::Open>(1, k).connection;
    core.opened(id, 0, now);
    return id;
  }
  void release(ConnectionId id, bool reusable = true, std::size_t place = 0) { core.release(id, reusable, place, now); }
  ConnectionId idle(const PoolKey& k = key()) {
    const ConnectionId id = open(k);
    release(id);
    return id;
  }
  PoolCore::Grant granted() {
    const std::optional<PoolCore::Event> event = core.next();
    if (event && std::holds_alternative<PoolCore::Grant>(*event)) return std::get<PoolCore::Grant>(*event);
    ADD_FAILURE() << "no grant";
    return {};
  }
  std::vector<ConnectionId> closed() {
    std::vector<ConnectionId> ids;
    while (const auto event = core.next()) {
      if (const auto* close = std::get_if<PoolCore::Close>(&*event)) {
        ids.push_back(close->connection);
        reasons.push_back(close->reason);
      } else {
        ADD_FAILURE() << "a grant";
      }
    }
    return ids;
  }

  PoolCore core;
  Instant now{std::chrono::hours(1)};
  std::vector<PoolCore::Reason> reasons;  // of all that closed() has returned
};

using Ids = std::vector<ConnectionId>;
using Usage = PoolCore::Usage;

TEST(PoolCore, OpensThenReusesTheOneUsedLast) {
  Pool pool;
  const ConnectionId first = pool.open();
  const ConnectionId second = pool.open();
  EXPECT_NE(first, second);
  pool.release(first);
  pool.release(second);
  EXPECT_EQ(pool.core.usage(), (Usage{2, 2, 0}));
  EXPECT_EQ(pool.acquire<PoolCore::Reuse>().connection, second);
  EXPECT_EQ(pool.acquire<PoolCore::Reuse>().connection, first);
}

TEST(PoolCore, PingsFirstWhatWasIdleForLong) {
  Pool pool;
  const ConnectionId id = pool.idle();
  pool.now += seconds(5) - milliseconds(1);
  EXPECT_FALSE(pool.acquire<PoolCore::Reuse>().ping_first);
  pool.release(id);
  pool.now += seconds(5);
  EXPECT_TRUE(pool.acquire<PoolCore::Reuse>().ping_first);
}

TEST(PoolCore, WaitersAreServedFirstComeFirstServed) {
  Pool pool;
  const ConnectionId a = pool.open(), b = pool.open();
  pool.acquire<PoolCore::Wait>(10);
  pool.acquire<PoolCore::Wait>(11);
  pool.acquire<PoolCore::Wait>(12);
  EXPECT_EQ(pool.acquire<PoolCore::Refused>(13).why, errc::too_many_waiters);
  EXPECT_EQ(pool.core.usage(), (Usage{2, 0, 3}));

  pool.release(b);
  PoolCore::Grant grant = pool.granted();
  EXPECT_EQ(grant.waiter, 10u);
  EXPECT_EQ(std::get<PoolCore::Reuse>(grant.what).connection, b);
  EXPECT_FALSE(std::get<PoolCore::Reuse>(grant.what).ping_first);

  pool.release(a, false);
  grant = pool.granted();
  EXPECT_EQ(grant.waiter, 11u);
  const ConnectionId c = std::get<PoolCore::Open>(grant.what).connection;
  EXPECT_NE(c, a);

  pool.core.open_failed(c, pool.now);
  grant = pool.granted();
  EXPECT_EQ(grant.waiter, 12u);
  EXPECT_TRUE(std::holds_alternative<PoolCore::Open>(grant.what));
  EXPECT_EQ(pool.core.usage(), (Usage{2, 0, 0}));
}

TEST(PoolCore, WaiterThatGaveUpIsPassedOver) {
  Pool pool;
  const ConnectionId a = pool.open();
  pool.open();
  pool.acquire<PoolCore::Wait>(10);
  pool.acquire<PoolCore::Wait>(11);
  EXPECT_TRUE(pool.core.withdraw(10));
  EXPECT_FALSE(pool.core.withdraw(10));
  pool.release(a);
  EXPECT_EQ(pool.granted().waiter, 11u);
  EXPECT_FALSE(pool.core.withdraw(11));
}

TEST(PoolCore, HostsDoNotShareLimits) {
  Pool pool;
  pool.open();
  pool.open();
  pool.acquire<PoolCore::Wait>(10);
  pool.acquire<PoolCore::Open>(11, key(0, 0, "b"));
  PoolKey other_port = key();
  other_port.endpoint.port = 9101;
  pool.acquire<PoolCore::Open>(12, other_port);
}

TEST(PoolCore, OldestIdleConnectionGoesWhenThereAreTooMany) {
  PoolLimits limits = small();
  limits.max_connections_per_host = 3;
  Pool pool(limits);
  const ConnectionId a = pool.open(), b = pool.open(), c = pool.open();
  pool.release(b);
  pool.release(a);
  pool.release(c);
  EXPECT_EQ(pool.closed(), Ids{b});
  EXPECT_EQ(pool.core.usage(), (Usage{2, 2, 0}));
}

TEST(PoolCore, IdleTimeout) {
  Pool pool;
  const ConnectionId a = pool.open(), b = pool.open();
  pool.release(a);
  pool.now += seconds(10);
  pool.release(b);
  EXPECT_EQ(pool.core.deadline(), pool.now + seconds(50));
  pool.now = pool.core.deadline() - milliseconds(1);
  pool.core.expire(pool.now);
  EXPECT_EQ(pool.closed(), Ids{});
  pool.now += milliseconds(1);
  pool.core.expire(pool.now);
  EXPECT_EQ(pool.closed(), Ids{a});
  pool.now = pool.core.deadline();
  pool.core.expire(pool.now);
  EXPECT_EQ(pool.closed(), Ids{b});
  EXPECT_EQ(pool.core.deadline(), kNever);
  EXPECT_EQ(pool.core.usage(), Usage());
}

TEST(PoolCore, ExpiredConnectionIsNotReusedThoughTheTimerIsLate) {
  Pool pool;
  const ConnectionId a = pool.idle();
  pool.now += seconds(60);
  const ConnectionId b = pool.acquire<PoolCore::Open>().connection;
  EXPECT_NE(a, b);
  EXPECT_EQ(pool.closed(), Ids{a});
}

TEST(PoolCore, OldConnectionIsClosedWhenIdleOrReleased) {
  PoolLimits limits = small();
  limits.max_age = seconds(30);
  Pool pool(limits);
  const ConnectionId a = pool.open(), b = pool.open();
  pool.release(a);
  EXPECT_EQ(pool.core.deadline(), pool.now + seconds(30));
  pool.now += seconds(30);
  pool.release(b);
  pool.core.expire(pool.now);
  EXPECT_EQ(pool.closed(), (Ids{b, a}));
}

TEST(PoolCore, WaiterGetsANewConnectionInPlaceOfAnOldOne) {
  PoolLimits limits = small();
  limits.max_connections_per_host = 1;
  limits.max_age = seconds(30);
  Pool pool(limits);
  const ConnectionId a = pool.open();
  pool.acquire<PoolCore::Wait>(10);
  pool.now += seconds(30);
  pool.release(a);
  const std::optional<PoolCore::Event> close = pool.core.next();
  ASSERT_TRUE(close);
  EXPECT_EQ(std::get<PoolCore::Close>(*close).connection, a);
  EXPECT_TRUE(std::holds_alternative<PoolCore::Open>(pool.granted().what));
}

TEST(PoolCore, AgeLimitIsSpreadByJitter) {
  PoolLimits limits = small();
  limits.idle_timeout = limits.max_age = seconds(100);
  limits.age_jitter = 0.1;
  const auto age = [&](std::uint64_t random) {
    Pool pool(limits);
    const ConnectionId id = pool.acquire<PoolCore::Open>().connection;
    pool.core.opened(id, random, pool.now);
    pool.release(id);
    return pool.core.deadline() - pool.now;
  };
  EXPECT_EQ(age(0), seconds(100));
  EXPECT_NEAR(std::chrono::duration<double>(age(std::uint64_t{1} << 63)).count(), 95, 0.001);
  EXPECT_NEAR(std::chrono::duration<double>(age(~std::uint64_t{0})).count(), 90, 0.001);
}

TEST(PoolCore, NewCredentialsCloseIdleConnectionsAndRetireBusyOnes) {
  for (const PoolKey& renewed : {key(1, 0), key(0, 1)}) {
    Pool pool;
    const ConnectionId busy = pool.open();
    const ConnectionId idle = pool.idle();
    const ConnectionId fresh = pool.acquire<PoolCore::Open>(1, renewed).connection;
    EXPECT_EQ(pool.closed(), Ids{idle});
    pool.core.opened(fresh, 0, pool.now);
    pool.release(busy);
    EXPECT_EQ(pool.closed(), Ids{busy});
    pool.release(fresh);
    EXPECT_EQ(pool.acquire<PoolCore::Reuse>(1, renewed).connection, fresh);
  }
}

TEST(PoolCore, LateCallerWithOldCredentialsDoesNotCloseNewConnections) {
  Pool pool;
  const ConnectionId id = pool.idle(key(2, 2));
  EXPECT_EQ(pool.acquire<PoolCore::Reuse>(1, key(1, 1)).connection, id);
}

TEST(PoolCore, RemembersWhichTokenTheHostTook) {
  Pool pool;
  const ConnectionId a = pool.open();
  pool.release(a, true, 1);
  EXPECT_EQ(pool.acquire<PoolCore::Reuse>().token_place, 1u);
  EXPECT_EQ(pool.acquire<PoolCore::Open>().token_place, 1u);
  pool.release(a, false, 0);
  EXPECT_EQ(pool.acquire<PoolCore::Open>().token_place, 1u) << "a broken connection proves nothing";
}

TEST(PoolCore, NewTokensStartAgainWithTheFirst) {
  Pool pool;
  pool.release(pool.open(), true, 1);
  EXPECT_EQ(pool.acquire<PoolCore::Open>(1, key(0, 1)).token_place, 0u);
}

TEST(PoolCore, LostIdleConnectionIsForgotten) {
  Pool pool;
  const ConnectionId idle = pool.idle();
  EXPECT_TRUE(pool.core.lost(idle));
  EXPECT_FALSE(pool.core.lost(idle));
  EXPECT_EQ(pool.core.usage(), Usage());
  const ConnectionId busy = pool.open();
  EXPECT_FALSE(pool.core.lost(busy)) << "its user finds out";
  EXPECT_EQ(pool.core.usage(), (Usage{1, 0, 0}));
  EXPECT_FALSE(pool.core.next());
}

TEST(PoolCore, DrainClosesIdleOnesAndKeepsNone) {
  Pool pool;
  const ConnectionId busy = pool.open();
  const ConnectionId idle = pool.idle();
  pool.core.drain();
  EXPECT_EQ(pool.closed(), Ids{idle});
  const ConnectionId other = pool.open();
  pool.acquire<PoolCore::Wait>(10);
  pool.release(busy);
  EXPECT_EQ(pool.granted().waiter, 10u);
  pool.release(other);
  EXPECT_EQ(pool.closed(), Ids{other});
  pool.release(busy);
  EXPECT_EQ(pool.closed(), Ids{busy});
  EXPECT_EQ(pool.core.usage(), Usage());
}

TEST(PoolCore, SaysWhyItCloses) {
  using Reason = PoolCore::Reason;
  PoolLimits limits = small();
  limits.max_idle_per_host = 1;
  limits.idle_timeout = seconds(10);
  limits.max_age = seconds(15);
  limits.age_jitter = 0;
  Pool pool(limits);
  const ConnectionId a = pool.open(), b = pool.open();
  pool.release(a);
  pool.release(b);
  EXPECT_EQ(pool.closed(), Ids{a});
  pool.now += seconds(10);
  pool.core.expire(pool.now);
  EXPECT_EQ(pool.closed(), Ids{b});

  const ConnectionId c = pool.open(), d = pool.open();
  pool.now += seconds(10);
  pool.release(c);
  pool.now += seconds(5);
  pool.core.expire(pool.now);
  pool.release(d);
  EXPECT_EQ(pool.closed(), (Ids{c, d}));

  const ConnectionId e = pool.idle(), f = pool.acquire<PoolCore::Open>(1, key(1, 0)).connection;
  EXPECT_EQ(pool.closed(), Ids{e});
  pool.core.opened(f, 0, pool.now);
  pool.release(f);
  const ConnectionId g = pool.acquire<PoolCore::Reuse>(1, key(1, 0)).connection;
  pool.core.drain();
  pool.release(g);
  EXPECT_EQ(pool.closed(), Ids{g});
  EXPECT_EQ(pool.reasons, (std::vector<Reason>{Reason::surplus, Reason::idle, Reason::aged, Reason::aged,
                                               Reason::outdated, Reason::drained}));
}

/// A model that knows only the promises: limits hold, each waiter is served once and in order, ids are not reused.
// Memory is asked for by acquire alone; what does not get it leaves no trace.
TEST(PoolCore, WithoutMemoryNothingIsBegun) {
  if (!test::sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's: no allocation can be made to fail";
  for (const bool waits : {false, true}) {
    std::size_t n = 0;
    for (bool failed = true; failed; ++n) {
      SCOPED_TRACE(n);
      PoolLimits limits = small();
      limits.max_connections_per_host = 1;
      Pool pool(limits);
      const PoolKey host = key();
      if (waits) pool.open(host);
      const PoolCore::Usage before = pool.core.usage();
      {
        const test::FailingAllocation failing(n);
        failed = false;
        try {
          pool.core.acquire(host, 7, pool.now);
        } catch (const std::bad_alloc&) {
          failed = true;
        }
      }
      if (failed) {
        EXPECT_EQ(pool.core.usage(), before);
      }
    }
    EXPECT_GT(n, 2U);
  }
}

TEST(PoolCore, AsksForNoMemoryBehindAcquire) {
  if (!test::sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's";
  Pool pool;
  const ConnectionId first = pool.open(), second = pool.open();
  pool.acquire<PoolCore::Wait>(7);
  pool.acquire<PoolCore::Wait>(8);
  const std::size_t before = test::allocations();
  pool.release(first);          // to the first waiter
  pool.release(second, false);  // the second waiter makes one in its place
  static_cast<void>(pool.core.next());
  const auto granted = pool.core.next();
  const ConnectionId third = std::get<PoolCore::Open>(std::get<PoolCore::Grant>(*granted).what).connection;
  pool.core.opened(third, 0, pool.now);
  pool.release(first);
  pool.release(third);
  pool.core.lost(first);
  pool.core.drain();
  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(pool.closed(), std::vector<ConnectionId>{third});
  EXPECT_EQ(pool.core.usage(), PoolCore::Usage());
}

TEST(PoolCore, RandomUseKeepsThePromises) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    Pool pool;
    std::set<ConnectionId> in_use, ever;
    std::vector<WaiterId> waiting;
    WaiterId next_waiter = 1;
    std::uint64_t generation = 0;
    const auto use = [&](const auto& what) {
      if constexpr (std::is_same_v<std::decay_t<decltype(what)>, PoolCore::Open>) {
        EXPECT_TRUE(ever.insert(what.connection).second);
        pool.core.opened(what.connection, random(), pool.now);
      }
      EXPECT_TRUE(in_use.insert(what.connection).second);
    };
    const auto settle = [&] {
      while (const auto event = pool.core.next()) {
        if (const auto* grant = std::get_if<PoolCore::Grant>(&*event)) {
          ASSERT_FALSE(waiting.empty());
          EXPECT_EQ(grant->waiter, waiting.front());
          waiting.erase(waiting.begin());
          std::visit(use, grant->what);
        } else {
          EXPECT_EQ(in_use.count(std::get<PoolCore::Close>(*event).connection), 0u);
        }
      }
      const Usage usage = pool.core.usage();
      EXPECT_EQ(usage.waiting, waiting.size());
      EXPECT_EQ(usage.open, in_use.size() + usage.idle);
      EXPECT_LE(usage.open, 2u);
      EXPECT_TRUE(waiting.empty() || usage.idle == 0);
    };
    const auto finish_one = [&] {
      const ConnectionId id = *std::next(in_use.begin(), static_cast<long>(random() % in_use.size()));
      in_use.erase(id);
      pool.release(id, random() % 3 != 0);
    };
    for (int step = 0; step < 500; ++step) {
      pool.now += milliseconds(random() % 20'000);
      generation += random() % 50 == 0 ? 1 : 0;
      switch (random() % 5) {
        case 0:
        case 1: {
          const PoolCore::Verdict verdict = pool.core.acquire(key(generation), next_waiter, pool.now);
          if (const auto* reuse = std::get_if<PoolCore::Reuse>(&verdict)) use(*reuse);
          if (const auto* open = std::get_if<PoolCore::Open>(&verdict)) use(*open);
          if (std::holds_alternative<PoolCore::Wait>(verdict)) waiting.push_back(next_waiter);
          ++next_waiter;
          break;
        }
        case 2:
          if (!in_use.empty()) finish_one();
          break;
        case 3:
          if (!waiting.empty() && random() % 4 == 0) {
            EXPECT_TRUE(pool.core.withdraw(waiting.back()));
            waiting.pop_back();
          }
          break;
        default:
          pool.core.expire(pool.now);
      }
      settle();
    }
    while (!in_use.empty()) {
      finish_one();
      settle();
    }
    pool.core.drain();
    settle();
    EXPECT_EQ(pool.core.usage(), Usage());
  }
}

}  // namespace
}  // namespace ft
