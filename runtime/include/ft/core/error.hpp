// SPDX-License-Identifier: Apache-2.0
//
// What a failed operation hands back: the code, the byte, the place in the message and a sentence for a human.
//
//   ft::Error e(ft::errc::missing_key, 57, "$.payload.ExecuteFragment", "\"plan\"");
//   e.message();  // missing key "plan" at byte 57, in $.payload.ExecuteFragment; the sender must write this key
//
// Nothing in an Error ever quotes input: a path is made of names of the schema and of indices, a detail of names of the
// schema, of limits and of counts. So an Error can be logged and sent to a peer as it is.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

#include "ft/core/errc.hpp"

namespace ft {

struct Error {
  // The offset of an error that has no place in the input, such as one found on encoding.
  static constexpr std::size_t no_offset = static_cast<std::size_t>(-1);

  errc code;
  std::size_t offset;  // the first byte that is wrong, counted from the start of the frame or of the given text
  std::string path;    // JSON path of the value at fault; empty if there is none
  std::string detail;  // completes the text of the code; empty if there is nothing to add

  Error() noexcept;  // errc::internal, no place
  explicit Error(errc code_, std::size_t offset_ = no_offset, std::string path_ = {},
                 std::string detail_ = {}) noexcept;

  // What, where and what to do next. A detail that opens with a quotation mark or a bracket follows the text of the
  // code directly, any other after a colon.
  std::string message() const;

  friend bool operator==(const Error&, const Error&) = default;
};

// errc::invalid_configuration without a place: `detail` names the option, the file or the address, and what is wrong.
Error invalid_configuration(std::string detail) noexcept;

// Thrown by Result<T>::value() when there is no value; what() is the error's message.
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error);

  const Error& error() const noexcept { return *error_; }

 private:
  std::shared_ptr<const Error> error_;  // shared, because copying an exception must not throw
};

}  // namespace ft
