// SPDX-License-Identifier: Apache-2.0
//
// What the command lines of the network tools have in common: durations and addresses.
#pragma once

#include <CLI/CLI.hpp>

#include <chrono>
#include <functional>
#include <string>

#include "ft/core/endpoint.hpp"

namespace ft::tools {

/// An option that reads `500ms`, `30s`, `5m`, `1h`; never a number alone, which everybody reads otherwise.
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& value,
                          const std::string& help);

/// An option or positional that reads HOST:PORT and hands it to `take`, every time it is given.
CLI::Option* add_endpoint(CLI::App& app, const std::string& name, std::function<void(Endpoint)> take,
                          const std::string& help);

}  // namespace ft::tools
