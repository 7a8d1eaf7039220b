// SPDX-License-Identifier: Apache-2.0
//
// Where bytes come from: a file or standard input ("-"), raw or as hexadecimal text.
//
//   Input input;
//   if (!input.open(name, Input::Form::detect)) complain(input.error());
//   while (const std::optional<std::size_t> n = input.read(space)) if (*n == 0) break;
//
// Form::detect takes hexadecimal text for what it is if it spells a frame header at its start; no raw frame can look
// so, since no message type is a hexadecimal digit. Reads as much as is there and never waits for more, so that a pipe
// is followed as it flows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "ftdump/hex_text.hpp"

namespace ft::tools {

class Input {
 public:
  enum class Form : std::uint8_t { detect, raw, hex };

  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  bool open(const std::string& name, Form form);

  /// How many bytes went into `space`, which must not be empty; 0 at the end; nothing when reading failed.
  std::optional<std::size_t> read(std::span<char> space);

  /// Why open or read failed.
  const std::string& error() const noexcept { return error_; }

 private:
  std::optional<std::size_t> read_raw(std::span<char> space);
  bool read_head();
  bool fill_from_hex();

  int descriptor_ = -1;
  Form form_ = Form::detect;
  bool ended_ = false;
  bool failed_ = false;
  std::string ready_;      // bytes to be given out before more are read
  std::size_t given_ = 0;  // of them
  std::string chunk_;
  HexText hex_;
  std::string error_;
};

}  // namespace ft::tools
