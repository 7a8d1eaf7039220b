// SPDX-License-Identifier: Apache-2.0
#include "ft/core/error.hpp"

#include <utility>

#include "ft/core/result.hpp"

namespace ft {

Error::Error() noexcept : Error(errc::internal) {}

Error::Error(errc code_, std::size_t offset_, std::string path_, std::string detail_) noexcept
    : code(code_), offset(offset_), path(std::move(path_)), detail(std::move(detail_)) {}

std::string Error::message() const {
  const ErrcInfo& row = info(code);
  std::string text(row.text);
  if (!detail.empty()) {
    const bool direct = detail.front() == '"' || detail.front() == '(';
    text += direct ? " " : ": ";
    text += detail;
  }
  if (offset != no_offset) {
    text += " at byte ";
    text += std::to_string(offset);
  }
  if (!path.empty()) {
    text += ", in ";
    text += path;
  }
  text += "; ";
  text += row.hint;
  return text;
}

Error invalid_configuration(std::string detail) noexcept {
  return Error(errc::invalid_configuration, Error::no_offset, {}, std::move(detail));
}

Exception::Exception(Error error)
    : std::runtime_error(error.message()), error_(std::make_shared<const Error>(std::move(error))) {}

void throw_exception_from_error(const Error& error, const boost::source_location&) { throw Exception(error); }

}  // namespace ft
