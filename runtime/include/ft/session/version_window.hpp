// SPDX-License-Identifier: Apache-2.0
//
// Which version two nodes speak with each other. A node takes the versions of its window and answers in the one in
// which it was asked. A client asks in its own newest; who does not speak that refuses it and names its window in the
// text, "server accepts [1..=2], got 3", and the client goes on in the newest version that both have.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>

#include "ft/core/endpoint.hpp"
#include "ft/gen/version.hpp"
#include "ft/session/time.hpp"

namespace ft {

struct VersionWindow {
  Version min = MIN_PROTOCOL_VERSION;
  Version max = PROTOCOL_VERSION;

  bool contains(Version version) const noexcept { return min <= version && version <= max; }
  /// The one of the window that is closest to what a peer says it speaks.
  Version nearest(Version version) const noexcept { return std::clamp(version, min, max); }
};

/// The window that a refusal names; nothing if it names none.
std::optional<VersionWindow> window_in(std::string_view refusal) noexcept;

/// The newest version that both speak.
std::optional<Version> common_version(VersionWindow a, VersionWindow b) noexcept;

/// What the peers of one client speak, as far as it was asked lately: a peer that was upgraded is noticed when what was
/// known of it is forgotten. At most kMost peers; beyond, the one that was asked first is forgotten. Not thread safe.
class PeerVersions {
 public:
  static constexpr std::size_t kMost = 1024;
  static constexpr std::chrono::nanoseconds kLifetime = std::chrono::minutes(1);

  std::optional<Version> of(const Endpoint& peer, Instant now) const;
  void learned(const Endpoint& peer, Version version, Instant now);

 private:
  struct Known {
    Version version;
    Instant asked;
  };
  std::map<Endpoint, Known> known_;
};

}  // namespace ft
