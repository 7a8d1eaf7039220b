// SPDX-License-Identifier: Apache-2.0
#include "observe/text.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "json/scan.hpp"

namespace ft {

namespace {

/// The length of a character that may be shown as it is; 0 if it may not.
std::size_t showable(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
  char bytes[4] = {};
  text.copy(bytes, sizeof bytes);
  const std::size_t length = json::utf8_length(bytes);
  if (length == 0) return 0;
  const std::string_view character = text.substr(0, length);
  const bool c1 = lead == 0xC2 && character[1] < '\xA0';
  // U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF: zero width, line ends, directions.
  const bool hidden = (character.starts_with("\xE2\x80") && ((character[2] >= '\x8B' && character[2] <= '\x8F') ||
                                                             (character[2] >= '\xA8' && character[2] <= '\xAE'))) ||
                      (character.starts_with("\xE2\x81") && character[2] >= '\xA0' && character[2] <= '\xAF') ||
                      character == "\xEF\xBB\xBF";
  return c1 || hidden ? 0 : length;
}

}  // namespace

std::string utc_text(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(ms);
  const auto seconds = static_cast<std::time_t>(whole.count());
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[96];
  const int length =
      std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                    parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>((ms - whole).count()));
  return {text, static_cast<std::size_t>(length)};
}

std::string plain_text(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view kCut = "...";
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(std::min(text.size(), max_bytes));
  std::size_t cut = 0;  // how much of `out` may stay if an end has to be put to it
  while (!text.empty()) {
    const std::size_t length = showable(text);
    if (length != 0) {
      out += text.substr(0, length);
    } else {
      const auto byte = static_cast<unsigned char>(text.front());
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
    if (out.size() > max_bytes) {
      out.resize(cut);
      return out += kCut;
    }
    if (out.size() + kCut.size() <= max_bytes) cut = out.size();
  }
  return out;
}

}  // namespace ft
