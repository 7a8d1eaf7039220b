// SPDX-License-Identifier: Apache-2.0
//
// The generated code of any protocol as a filter. It stands behind the generated sources in one file, which says
// `namespace proved = ...;` first.
//
//   in:   VERSION HEX                      the version to write, a frame
//   out:  ok CONSUMED HEX PATH TEXT        tab-separated: the frame written for that version, or the code of why not;
//                                          the first broken rule, or two dashes
//         no CODE OFFSET PATH
//         odd WHAT                         a copy differs, or what was written does not read as the same
//
// Numbers are decimal; a line in, a line out.
#include <iostream>
#include <string>
#include <string_view>

#include "ft/json/print.hpp"

namespace filter {

using proved::Wire;
using Envelope = Wire::Envelope;

inline std::string bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  return bytes;
}

inline std::string hex_of(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
    hex.push_back("0123456789abcdef"[c & 15]);
  }
  return hex;
}

/// The first broken rule of the payload.
inline std::string broken(const Envelope& envelope) {
  std::string said = "-\t-";
  Wire::payload(envelope).visit([&](const auto& alternative) {
    if constexpr (requires { validate(alternative.value, Wire::version(envelope)); }) {
      if (const auto valid = validate(alternative.value, Wire::version(envelope)); !valid) {
        said = std::string("$.").append(Wire::kPayload).append(".").append(Wire::payload(envelope).name());
        said.append(valid.error().path.substr(1)).append("\t").append(valid.error().detail);
      }
    }
  });
  return said;
}

inline std::string written(const Envelope& envelope) {
  ft::PaddedBuffer out;
  if (const auto sent = proved::encode_envelope(envelope, out); !sent)
    return std::string(ft::to_name(sent.error().code));
  return hex_of({out.data(), out.size()});
}

inline std::string answer(unsigned version, std::string_view frame) {
  auto decoded = proved::decode_frame(std::as_bytes(std::span(frame)));
  if (!decoded) {
    const ft::Error& error = decoded.error();
    return std::string("no\t").append(ft::to_name(error.code)) + "\t" + std::to_string(error.offset) + "\t" +
           error.path;
  }
  const Envelope copy = decoded->envelope;
  if (!(copy == decoded->envelope)) return "odd\tthe copy differs";
  if (ft::to_text(copy).empty()) return "odd\tnothing is printed";
  const std::string again = bytes_of(written(copy));
  const auto same = proved::decode_frame(std::as_bytes(std::span(again)));
  if (!same || !(same->envelope == copy)) return "odd\twhat is written does not read as the same";
  const std::string rule = broken(copy);
  decoded->envelope.version = static_cast<std::uint8_t>(version);
  return "ok\t" + std::to_string(decoded->consumed) + "\t" + written(decoded->envelope) + "\t" + rule;
}

}  // namespace filter

int main() {
  std::ios::sync_with_stdio(false);
  unsigned version = 0;
  std::string frame;
  while (std::cin >> version >> frame) std::cout << filter::answer(version, filter::bytes_of(frame)) << '\n';
  return std::cout.flush() ? 0 : 1;
}
