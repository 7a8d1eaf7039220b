// SPDX-License-Identifier: Apache-2.0
//
// The frames of the fragment transport: ft::Frame, ft::FrameHeader, ft::FrameReader. What they do is told in
// ft/wire/framing.hpp.
#pragma once

#include "ft/gen/frames.hpp"
