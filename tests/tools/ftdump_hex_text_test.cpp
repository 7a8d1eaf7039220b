// SPDX-License-Identifier: Apache-2.0
#include "ftdump/hex_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ft::tools {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kBytes = "\x02\x10\x00\x00\x00{\"version\":1 }\xc3\xa9\n0123"sv;

/// What `text` spells, however it is split; "!" and the line where it is refused.
std::string bytes_of(std::string_view text, std::size_t step = 0) {
  HexText hex;
  std::string out;
  bool good = true;
  if (step == 0) step = text.size() + 1;
  for (std::size_t at = 0; good && at < text.size(); at += step) good = hex.feed(text.substr(at, step), out);
  if (good) good = hex.finish(out);
  return good ? out : std::string("!").append(std::to_string(hex.line()));
}

void expect_bytes(std::string_view text) {
  EXPECT_EQ(bytes_of(text), kBytes) << text;
  for (const std::size_t step : {1U, 2U, 3U, 7U, 16U}) EXPECT_EQ(bytes_of(text, step), kBytes) << step << '\n' << text;
}

TEST(FtdumpHexText, PlainDigits) {
  expect_bytes("02100000007b2276657273696f6e223a31207dc3a90a30313233");
  expect_bytes("02 10 00 00 00 7B 22 76 65 72 73\r\n69 6f 6e 22 3a 31 20 7d c3 a9 0a 30 31 32 33\n\n");
  expect_bytes("# copied from a log\n0210 0000 007b 2276 6572 7369 6f6e 223a 3120 7dc3 a90a 3031 3233");
  expect_bytes(
      R"(\x02\x10\x00\x00\x00\x7b\x22\x76\x65\x72\x73\x69\x6f\x6e\x22\x3a\x31\x20\x7d\xc3\xa9\x0a\x30\x31\x32\x33)");
  expect_bytes(
      "0x02, 0x10, 0x00, 0x00, 0x00, 0x7b, 0x22, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x22, 0x3a, 0x31,\n"
      "0x20, 0x7d, 0xc3, 0xa9, 0x0a, 0x30, 0x31, 0x32, 0x33\n");
}

TEST(FtdumpHexText, DumpsOfWellKnownTools) {
  // xxd
  expect_bytes(
      "00000000: 0210 0000 007b 2276 6572 7369 6f6e 223a  .....{\"version\":\n"
      "00000010: 3120 7dc3 a90a 3031 3233                 1 }...0123\n");
  // hexdump -C
  expect_bytes(
      "00000000  02 10 00 00 00 7b 22 76  65 72 73 69 6f 6e 22 3a  |.....{\"version\":|\n"
      "00000010  31 20 7d c3 a9 0a 30 31  32 33                    |1 }...0123|\n"
      "0000001a\n");
  // od -Ax -tx1
  expect_bytes(
      "000000 02 10 00 00 00 7b 22 76 65 72 73 69 6f 6e 22 3a\n"
      "000010 31 20 7d c3 a9 0a 30 31 32 33\n"
      "00001a\n");
  // tcpdump -X
  expect_bytes(
      "\t0x0000:  0210 0000 007b 2276 6572 7369 6f6e 223a  .....{\"version\":\n"
      "\t0x0010:  3120 7dc3 a90a 3031 3233                 1.}...0123\n");
  // Wireshark
  expect_bytes(
      "0000   02 10 00 00 00 7b 22 76 65 72 73 69 6f 6e 22 3a   .....{\"version\":\n"
      "0010   31 20 7d c3 a9 0a 30 31 32 33                     1 }...0123\n");
}

TEST(FtdumpHexText, ALineOfAnyLength) {
  std::string text, bytes;
  for (int i = 0; i < 20000; ++i) {
    text += "6a ";
    bytes += 'j';
  }
  EXPECT_EQ(bytes_of(text), bytes);
  EXPECT_EQ(bytes_of(text, 1000), bytes);
}

TEST(FtdumpHexText, WhatIsNoHexIsRefusedWithItsLine) {
  EXPECT_EQ(bytes_of("02 10\nhello\n"), "!2");
  EXPECT_EQ(bytes_of("02 1\n"), "!1");
  EXPECT_EQ(bytes_of("0 2\n"), "!1");
  EXPECT_EQ(bytes_of("00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000040\n"),
            "!2");
  EXPECT_EQ(bytes_of("02 | 10"), "!1");
  EXPECT_EQ(bytes_of(std::string(3000, '0') + "1"), "!1");
}

}  // namespace
}  // namespace ft::tools
