// SPDX-License-Identifier: Apache-2.0
//
// simdjson On-Demand once more, for processors with AVX2; the build gives this file alone the flags for it.
#define FT_SIMDJSON_AVX2
#include "simdjson_peer.cpp"
