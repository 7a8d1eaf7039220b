// SPDX-License-Identifier: Apache-2.0
#include "ftdump/foreign.hpp"

#include <iterator>

namespace ft::tools {

namespace {

using namespace std::string_view_literals;

struct Format {
  std::string_view start;
  std::string_view hint;
};

constexpr std::string_view kTls = "it looks like TLS: capture behind the end that decrypts";
constexpr std::string_view kPcap = "it looks like a packet capture: extract the TCP stream first";
constexpr std::string_view kHttp = "it looks like HTTP";

constexpr Format kFormats[] = {
    {"\x16\x03\x01"sv, kTls},
    {"\x16\x03\x03"sv, kTls},
    {"\x17\x03\x03"sv, kTls},
    {"\x15\x03\x03"sv, kTls},
    {"\xd4\xc3\xb2\xa1"sv, kPcap},
    {"\xa1\xb2\xc3\xd4"sv, kPcap},
    {"\x4d\x3c\xb2\xa1"sv, kPcap},
    {"\x0a\x0d\x0d\x0a"sv, kPcap},
    {"\x1f\x8b\x08"sv, "it looks like gzip: unpack it first"},
    {"\x28\xb5\x2f\xfd"sv, "it looks like zstd: unpack it first"},
    {"GET /"sv, kHttp},
    {"POST /"sv, kHttp},
    {"HTTP/1."sv, kHttp},
    {"{\"version\""sv, "it looks like a payload without its header"},
};

}  // namespace

std::string_view foreign_format(const Record& record) noexcept {
  if (record.error.code != errc::unknown_message_type) return {};
  for (const Format& format : kFormats) {
    if (record.bytes.starts_with(format.start)) return format.hint;
  }
  return {};
}

}  // namespace ft::tools
