// SPDX-License-Identifier: Apache-2.0
//
// Executions without a server around them: owners that the test plays.
#include "net/executions.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <vector>

#include "support/net.hpp"

namespace ft::net {
namespace {

using Verdict = Executions::Verdict;

class Owner final : public ExecutionOwner {
 public:
  bool granted(std::shared_ptr<Execution>) override { return true; }
  void evicted(std::shared_ptr<Execution>) override {
    if (forgetful) throw std::bad_alloc();
    was_evicted = true;
  }
  void cancelled(std::shared_ptr<Execution>) override {}
  void ended(std::shared_ptr<Execution>, ExecutionOutcome) override {}
  bool here() const noexcept override { return false; }

  bool forgetful = false;
  bool was_evicted = false;
};

class ExecutionsTest : public testing::Test {
 protected:
  std::shared_ptr<Execution> make(std::uint64_t id) {
    ServerConnection::Start start{id, test::tagged_request(id, "x"), kNever};
    return std::make_shared<Execution>(all_, std::move(start), std::make_shared<PeerIdentity>(), Instant());
  }
  Verdict submit(Execution& execution, Owner& owner) {
    return all_->submit(execution, owner, SecretU64(0), "127.0.0.1");
  }
  static AdmissionLimits one_at_a_time() {
    AdmissionLimits limits;
    limits.max_executions = 1;
    return limits;
  }

  const std::shared_ptr<Executions> all_ = std::make_shared<Executions>(one_at_a_time(), nullptr);
};

TEST_F(ExecutionsTest, ADrainEvictsTheRestWhenOneCannotBeTold) {
  Owner first, second, third;
  second.forgetful = true;
  const auto runs = make(1), waits = make(2), waits_too = make(3);
  ASSERT_EQ(submit(*runs, first), Verdict::started);
  ASSERT_EQ(submit(*waits, second), Verdict::queued);
  ASSERT_EQ(submit(*waits_too, third), Verdict::queued);
  EXPECT_NO_THROW(all_->drain());
  EXPECT_FALSE(first.was_evicted);
  EXPECT_TRUE(third.was_evicted);
  EXPECT_EQ(all_->usage().queued, 0U);
}

TEST_F(ExecutionsTest, AnExecutionIsAbandonedOnce) {
  Owner owner;
  const auto execution = make(1);
  ASSERT_EQ(submit(*execution, owner), Verdict::started);
  all_->give_up(*execution);
  all_->give_up(*execution);
  EXPECT_EQ(all_->usage(), (Admission::Usage{.running = 1, .abandoned = 1}));
  execution->failed(nullptr);
  EXPECT_EQ(all_->usage(), Admission::Usage());
}

}  // namespace
}  // namespace ft::net
