// SPDX-License-Identifier: Apache-2.0
#include "ft/session/version_window.hpp"

#include <algorithm>
#include <charconv>

namespace ft {

namespace {

/// The number that stands at the beginning of the text, which then begins behind it.
std::optional<Version> take_version(std::string_view& text) noexcept {
  Version version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return version;
}

}  // namespace

std::optional<VersionWindow> window_in(std::string_view refusal) noexcept {
  constexpr std::string_view between = "..=";
  const std::size_t bracket = refusal.find('[');
  if (bracket == std::string_view::npos) return std::nullopt;
  refusal.remove_prefix(bracket + 1);
  const std::optional<Version> min = take_version(refusal);
  if (!min || !refusal.starts_with(between)) return std::nullopt;
  refusal.remove_prefix(between.size());
  const std::optional<Version> max = take_version(refusal);
  if (!max || !refusal.starts_with(']') || *min > *max) return std::nullopt;
  return VersionWindow{*min, *max};
}

std::optional<Version> common_version(VersionWindow a, VersionWindow b) noexcept {
  const Version newest = std::min(a.max, b.max);
  if (newest < std::max(a.min, b.min)) return std::nullopt;
  return newest;
}

std::optional<Version> PeerVersions::of(const Endpoint& peer, Instant now) const {
  const auto known = known_.find(peer);
  if (known == known_.end() || now - known->second.asked >= kLifetime) return std::nullopt;
  return known->second.version;
}

void PeerVersions::learned(const Endpoint& peer, Version version, Instant now) {
  known_.insert_or_assign(peer, Known{version, now});
  if (known_.size() <= kMost) return;
  const auto older = [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; };
  known_.erase(std::min_element(known_.begin(), known_.end(), older));
}

}  // namespace ft
