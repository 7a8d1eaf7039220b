// SPDX-License-Identifier: Apache-2.0
#include "ft/session/cancel_registry.hpp"

#include <algorithm>
#include <utility>

namespace ft {

void CancelRegistry::add(Ticket ticket, std::uint64_t request_id, const SecretU64& key, std::string peer_address) {
  entries_.emplace(request_id, Entry{ticket, key, std::move(peer_address)});
}

void CancelRegistry::remove(Ticket ticket, std::uint64_t request_id) {
  const auto [begin, end] = entries_.equal_range(request_id);
  const auto found = std::find_if(begin, end, [ticket](const auto& entry) { return entry.second.ticket == ticket; });
  if (found != end) entries_.erase(found);
}

std::vector<Ticket> CancelRegistry::match(std::uint64_t request_id, const SecretU64& key,
                                          const std::string& peer_address) const {
  std::vector<Ticket> tickets;
  const bool own_address_alone = key == SecretU64(0);
  const auto [begin, end] = entries_.equal_range(request_id);
  for (auto entry = begin; entry != end; ++entry) {
    const Entry& e = entry->second;
    const bool known = e.key == key;
    if (known && (!own_address_alone || e.peer_address == peer_address)) tickets.push_back(e.ticket);
  }
  return tickets;
}

}  // namespace ft
