// SPDX-License-Identifier: Apache-2.0
//
// Which executions a cancel may hit: an entry per execution, added before it is queued, removed when it is answered.
//
// Ids collide, because every coordinator counts from 1, so a cancel hits the executions with its id *and* its key. Key
// 0 is what older clients send; anybody could guess it, so it hits only executions that came from the canceller's own
// address. Bounded by whoever admits executions. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "ft/core/secret.hpp"
#include "ft/session/admission.hpp"

namespace ft {

class CancelRegistry {
 public:
  /// `peer_address` without port. `request_id` is not 0: a cancel of 0 is a ping.
  void add(Ticket ticket, std::uint64_t request_id, const SecretU64& key, std::string peer_address);
  /// Does nothing if it is gone already.
  void remove(Ticket ticket, std::uint64_t request_id);
  /// The executions that this cancel is allowed to stop. Compares keys in constant time.
  std::vector<Ticket> match(std::uint64_t request_id, const SecretU64& key, const std::string& peer_address) const;
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    Ticket ticket;
    SecretU64 key;
    std::string peer_address;
  };
  std::unordered_multimap<std::uint64_t, Entry> entries_;  // by request id
};

}  // namespace ft
