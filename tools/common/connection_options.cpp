// SPDX-License-Identifier: Apache-2.0
#include "common/connection_options.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace ft::tools {
namespace {

bool read_duration(std::string_view text, std::chrono::milliseconds& value) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0) return false;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, factor] :
       {std::pair<std::string_view, std::int64_t>("ms", 1), {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}) {
    if (unit != name) continue;
    if (count > std::numeric_limits<std::int64_t>::max() / factor) return false;
    value = std::chrono::milliseconds(count * factor);
    return true;
  }
  return false;
}

std::string shown(std::chrono::milliseconds value) {
  const std::int64_t count = value.count();
  if (count != 0 && count % 3'600'000 == 0) return std::to_string(count / 3'600'000) + "h";
  if (count != 0 && count % 60'000 == 0) return std::to_string(count / 60'000) + "m";
  if (count != 0 && count % 1000 == 0) return std::to_string(count / 1000) + "s";
  return std::to_string(count) + "ms";
}

}  // namespace

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [&value, name](const std::string& text) {
            if (!read_duration(text, value)) throw CLI::ValidationError(name, "wants a duration such as 500ms or 30s");
          },
          help)
      ->type_name("TIME")
      ->default_str(shown(value));
}

CLI::Option* add_endpoint(CLI::App& app, const std::string& name, std::function<void(Endpoint)> take,
                          const std::string& help) {
  return app
      .add_option_function<std::vector<std::string>>(
          name,
          [name, take = std::move(take)](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              Result<Endpoint> endpoint = Endpoint::parse(text);
              if (!endpoint) throw CLI::ValidationError(name, endpoint.error().detail);
              take(std::move(*endpoint));
            }
          },
          help)
      ->type_name("HOST:PORT");
}

}  // namespace ft::tools
