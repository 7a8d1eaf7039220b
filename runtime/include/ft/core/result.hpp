// SPDX-License-Identifier: Apache-2.0
//
// A value or an ft::Error, for everything that can fail because of its input.
//
//   ft::Result<Plan> plan = decode_plan(text);
//   if (!plan) return plan.error();
//   use(*plan);               // or plan.value(), which throws ft::Exception when there is no value
//
// It is boost::system::result, so has_value(), value(), error() and operator bool behave as documented there.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include "ft/core/error.hpp"

namespace ft {

template <class T>
using Result = boost::system::result<T, Error>;

// Found by boost::system::result through argument-dependent lookup.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace ft
