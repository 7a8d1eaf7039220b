// SPDX-License-Identifier: Apache-2.0
//
// The frames that the codec is held to: tests/data/golden.jsonl and tests/data/decode.jsonl, one JSON object a line.
//
//   for (const test::Vector& v : test::golden()) {
//     SCOPED_TRACE(v.name);
//     ...
//   }
//
// A file that cannot be read or understood ends the test program: no test may pass because its data is missing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ft::test {

/// What has to become of a frame.
enum class Expect {
  identical,  // it decodes, and encoding the result gives the same bytes
  accept,     // it decodes
  reject,     // it does not
};

struct Vector {
  std::string name;
  std::string frame;  // all bytes, header included; more than one frame may stand in there
  Expect expect;
  std::optional<std::size_t> consumed;   // bytes of the first frame
  std::optional<std::string> canonical;  // the payload that encoding the result gives
  std::string note;                      // why other implementations may differ

  /// The payload of the first frame.
  std::string payload() const;
};

/// One frame per type, variant and remarkable value.
const std::vector<Vector>& golden();
/// Frames in unusual or broken form.
const std::vector<Vector>& decode_vectors();

/// The golden frame of this name.
const Vector& golden(const std::string& name);

}  // namespace ft::test
