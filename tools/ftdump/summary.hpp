// SPDX-License-Identifier: Apache-2.0
//
// What a decoded envelope is about, in one line for a person: who asks what, within which limits; what came back.
//
//   request 7: HashJoin of 3 nodes, tables 16401 16403, txn 10 "read committed", limits 2000000 rows/64 MiB/mem 512
//   MiB/..., key ***
//
// Texts from the wire are quoted, escaped and shortened; secrets are named only as set or unset, unless asked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ft/protocol.hpp"

namespace ft::tools {

std::string summarise(const TransportPayload& payload, bool show_secrets);

/// What a receiver would object to, or wonder about, in an envelope that decodes.
std::vector<std::string> notes_on(MessageType type, const TransportEnvelope& envelope, std::size_t unknown_keys);

}  // namespace ft::tools
