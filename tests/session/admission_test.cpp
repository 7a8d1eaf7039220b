// SPDX-License-Identifier: Apache-2.0
//
// Slots, fairness, bounds, the byte budget, drain; and a long random run against a model that is too simple to be
// wrong.
#include "ft/session/admission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <new>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/allocations.hpp"

namespace ft {
namespace {

using testing::ElementsAre;
using Slot = Admission::Slot;
using Usage = Admission::Usage;
using Verdict = Admission::Verdict;

AdmissionLimits limits(std::size_t executions, std::size_t queued = 100, std::size_t per_peer = 100) {
  AdmissionLimits limits;
  limits.max_executions = executions;
  limits.max_queued = queued;
  limits.max_queued_per_peer = per_peer;
  limits.max_bytes = 1000;
  return limits;
}

/// What runs after what, when each job ends as soon as it has a slot.
std::vector<Ticket> served(Admission& admission) {
  std::vector<Ticket> order;
  while (const std::optional<Ticket> next = admission.release(Slot::awaited)) order.push_back(*next);
  return order;
}

TEST(Admission, RunsAsManyAsThereAreSlotsAndQueuesTheRest) {
  Admission admission(limits(2));
  EXPECT_EQ(admission.submit(1, "a"), Verdict::started);
  EXPECT_EQ(admission.submit(2, "a"), Verdict::started);
  EXPECT_EQ(admission.submit(3, "a"), Verdict::queued);
  EXPECT_EQ(admission.usage(), (Usage{.running = 2, .queued = 1}));
  EXPECT_EQ(admission.release(Slot::awaited), 3U) << "the slot is handed on";
  EXPECT_EQ(admission.usage(), (Usage{.running = 2}));
  EXPECT_EQ(admission.release(Slot::awaited), std::nullopt);
  EXPECT_EQ(admission.release(Slot::awaited), std::nullopt);
  EXPECT_EQ(admission.usage(), Usage{});
}

TEST(Admission, ServesPeersInTurnAndEachInOrder) {
  Admission admission(limits(1));
  admission.submit(1, "a");
  for (Ticket t = 10; t < 15; ++t) admission.submit(t, "a");
  admission.submit(20, "b");
  admission.submit(21, "b");
  admission.submit(30, "c");
  EXPECT_THAT(served(admission), ElementsAre(10, 20, 30, 11, 21, 12, 13, 14));
  EXPECT_EQ(admission.usage(), Usage{});
}

TEST(Admission, APeerThatComesLaterStandsBehindTheOthersOnce) {
  Admission admission(limits(1));
  admission.submit(1, "a");
  admission.submit(10, "a");
  admission.submit(11, "a");
  EXPECT_EQ(admission.release(Slot::awaited), 10U);
  admission.submit(20, "b");
  EXPECT_THAT(served(admission), ElementsAre(11, 20));
}

TEST(Admission, BoundsTheQueueInAllAndPerPeer) {
  Admission admission(limits(1, 3, 2));
  admission.submit(1, "a");
  EXPECT_EQ(admission.submit(2, "a"), Verdict::queued);
  EXPECT_EQ(admission.submit(3, "a"), Verdict::queued);
  EXPECT_EQ(admission.submit(4, "a"), Verdict::queue_full) << "this peer's part";
  EXPECT_EQ(admission.submit(5, "b"), Verdict::queued);
  EXPECT_EQ(admission.submit(6, "b"), Verdict::queue_full) << "all of it";
  EXPECT_EQ(admission.usage(), (Usage{.running = 1, .queued = 3}));
  admission.release(Slot::awaited);
  EXPECT_EQ(admission.submit(6, "b"), Verdict::queued);
}

TEST(Admission, WithoutAQueueItTurnsAway) {
  Admission admission(limits(1, 0, 0));
  EXPECT_EQ(admission.submit(1, "a"), Verdict::started);
  EXPECT_EQ(admission.submit(2, "a"), Verdict::queue_full);
}

TEST(Admission, WithdrawsFromTheMiddleOfTheQueue) {
  Admission admission(limits(1));
  admission.submit(1, "a");
  for (Ticket t = 2; t < 6; ++t) admission.submit(t, t == 4 ? "b" : "a");
  EXPECT_TRUE(admission.withdraw(3));
  EXPECT_FALSE(admission.withdraw(3)) << "gone";
  EXPECT_FALSE(admission.withdraw(1)) << "runs";
  EXPECT_FALSE(admission.withdraw(99)) << "unknown";
  EXPECT_TRUE(admission.withdraw(4)) << "the last of its peer";
  EXPECT_EQ(admission.usage(), (Usage{.running = 1, .queued = 2}));
  EXPECT_THAT(served(admission), ElementsAre(2, 5));
}

TEST(Admission, AnAbandonedJobKeepsItsSlot) {
  Admission admission(limits(2));
  admission.submit(1, "a");
  admission.submit(2, "a");
  admission.abandon();
  EXPECT_EQ(admission.usage(), (Usage{.running = 2, .abandoned = 1}));
  EXPECT_EQ(admission.submit(3, "a"), Verdict::queued) << "there is hope";
  admission.abandon();
  EXPECT_EQ(admission.submit(4, "a"), Verdict::wedged);
  EXPECT_EQ(admission.usage(), (Usage{.running = 2, .abandoned = 2, .queued = 1}));
  EXPECT_EQ(admission.release(Slot::abandoned), 3U);
  EXPECT_EQ(admission.usage(), (Usage{.running = 2, .abandoned = 1}));
  EXPECT_EQ(admission.submit(4, "a"), Verdict::queued);
}

TEST(Admission, CountsBytesAllOrNothing) {
  Admission admission(limits(1));
  EXPECT_TRUE(admission.reserve(600));
  EXPECT_FALSE(admission.reserve(401));
  EXPECT_TRUE(admission.reserve(400));
  EXPECT_FALSE(admission.reserve(1));
  EXPECT_FALSE(admission.reserve(std::numeric_limits<std::size_t>::max()));
  EXPECT_EQ(admission.usage().bytes, 1000U);
  admission.unreserve(600);
  EXPECT_TRUE(admission.reserve(600));
  admission.unreserve(1000);
  EXPECT_EQ(admission.usage(), Usage{});
}

TEST(Admission, DrainEmptiesTheQueueAndLetsJobsEnd) {
  Admission admission(limits(1));
  admission.submit(1, "a");
  admission.submit(2, "a");
  admission.submit(3, "b");
  EXPECT_EQ(admission.evict(), std::nullopt) << "not before the drain";
  admission.drain();
  EXPECT_EQ(admission.submit(4, "a"), Verdict::draining);
  EXPECT_EQ(admission.release(Slot::awaited), std::nullopt) << "nothing new is started";
  EXPECT_EQ(admission.evict(), 2U);
  EXPECT_EQ(admission.evict(), 3U);
  EXPECT_EQ(admission.evict(), std::nullopt);
  EXPECT_EQ(admission.usage(), Usage{});
}

TEST(Admission, AFreeSlotCostsNoAllocation) {
  Admission admission(limits(2));
  const std::string peer = "2001:db8:0:0:0:0:0:1234";
  const std::size_t before = test::allocations();
  admission.submit(1, peer);
  admission.release(Slot::awaited);
  EXPECT_EQ(test::allocations(), before);
}

TEST(Admission, NorDoesAJobThatIsAbandoned) {
  Admission admission(limits(1));
  admission.submit(1, "a");
  const std::size_t before = test::allocations();
  admission.abandon();
  EXPECT_EQ(admission.release(Slot::abandoned), std::nullopt);
  EXPECT_EQ(test::allocations(), before);
}

/// The same rules, written down naively.
struct Model {
  AdmissionLimits limits;
  std::map<Ticket, bool> running;  // abandoned?
  std::vector<std::pair<std::string, std::deque<Ticket>>> ring;

  std::size_t abandoned() const {
    return static_cast<std::size_t>(std::count_if(running.begin(), running.end(), [](auto& r) { return r.second; }));
  }
  std::size_t queued() const {
    std::size_t n = 0;
    for (const auto& [peer, tickets] : ring) n += tickets.size();
    return n;
  }
  auto find(const std::string& peer) {
    return std::find_if(ring.begin(), ring.end(), [&](auto& entry) { return entry.first == peer; });
  }
  Verdict submit(Ticket ticket, const std::string& peer) {
    if (running.size() < limits.max_executions) {
      running[ticket] = false;
      return Verdict::started;
    }
    if (abandoned() == running.size()) return Verdict::wedged;
    auto at = find(peer);
    if (queued() == limits.max_queued) return Verdict::queue_full;
    if (at != ring.end() && at->second.size() == limits.max_queued_per_peer) return Verdict::queue_full;
    if (at == ring.end()) at = ring.insert(ring.end(), {peer, {}});
    at->second.push_back(ticket);
    return Verdict::queued;
  }
  bool withdraw(Ticket ticket) {
    for (auto at = ring.begin(); at != ring.end(); ++at) {
      const auto found = std::find(at->second.begin(), at->second.end(), ticket);
      if (found == at->second.end()) continue;
      at->second.erase(found);
      if (at->second.empty()) ring.erase(at);
      return true;
    }
    return false;
  }
  std::optional<Ticket> release(Ticket ticket) {
    running.erase(ticket);
    if (ring.empty()) return std::nullopt;
    auto first = std::move(ring.front());
    ring.erase(ring.begin());
    const Ticket next = first.second.front();
    first.second.pop_front();
    if (!first.second.empty()) ring.push_back(std::move(first));
    running[next] = false;
    return next;
  }
};

TEST(Admission, DoesAsASimpleModelDoes) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return random() % n; };
    Model model{limits(1 + below(4), below(12), 1 + below(5)), {}, {}};
    Admission admission(model.limits);
    Ticket last = 0;
    for (int step = 0; step < 500; ++step) {
      const Ticket any = 1 + below(last + 1);
      switch (below(4)) {
        case 0:
        case 1: {
          const std::string peer(1, static_cast<char>('a' + below(4)));
          ++last;
          ASSERT_EQ(admission.submit(last, peer), model.submit(last, peer)) << "seed " << seed << " step " << step;
          break;
        }
        case 2:
          if (!model.running.contains(any)) {
            ASSERT_EQ(admission.withdraw(any), model.withdraw(any)) << "seed " << seed << " step " << step;
          } else if (!std::exchange(model.running[any], true)) {
            admission.abandon();
          }
          break;
        default:
          if (model.running.empty()) break;
          const auto job = std::next(model.running.begin(), static_cast<std::ptrdiff_t>(below(model.running.size())));
          const auto [ticket, abandoned] = *job;
          ASSERT_EQ(admission.release(abandoned ? Slot::abandoned : Slot::awaited), model.release(ticket))
              << "seed " << seed << " step " << step;
      }
      ASSERT_EQ(admission.usage(), (Usage{model.running.size(), model.abandoned(), model.queued(), 0}));
    }
  }
}

/// The queues go on as if it had never been asked for, in whichever allocation the memory ends.
TEST(Admission, ARequestThatFindsNoMemoryToWaitWasNeverThere) {
  if (!test::sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's: no allocation can be made to fail";
  const std::string known = "an address too long to stand in a string itself: 1";
  const std::string stranger = "an address too long to stand in a string itself: 2";
  for (const std::string& peer : {known, stranger}) {
    for (std::size_t n = 0;; ++n) {
      SCOPED_TRACE(n);
      Admission admission(limits(1));
      admission.submit(1, known);
      for (Ticket t = 2; t < 100; ++t) admission.submit(t, known);
      bool queued = false;
      {
        const test::FailingAllocation failing(n);
        try {
          queued = admission.submit(100, peer) == Verdict::queued;
        } catch (const std::bad_alloc&) {
        }
      }
      EXPECT_EQ(admission.usage(), (Usage{.running = 1, .queued = queued ? 99U : 98U}));
      EXPECT_EQ(admission.withdraw(100), queued);
      for (Ticket t = 2; t < 99; ++t) EXPECT_TRUE(admission.withdraw(t));
      EXPECT_EQ(admission.submit(101, stranger), Verdict::queued);
      EXPECT_THAT(served(admission), ElementsAre(99, 101));
      if (!queued) continue;
      EXPECT_GT(n, 1U) << "nothing has failed";
      break;
    }
  }
}

}  // namespace
}  // namespace ft
