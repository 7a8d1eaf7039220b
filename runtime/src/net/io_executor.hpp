// SPDX-License-Identifier: Apache-2.0
//
// The executor below every connection's strand: any I/O executor, with a short way for that of an io_context, which is
// what nearly everybody uses.
//
// A strand asks its inner executor many things for each handler. any_io_executor answers through tables of function
// pointers and, for some questions, from the heap: two allocations for each readiness of a socket. Here the answers are
// known to the compiler. Behaves as the executor that it was made from, except that work is not tracked, because a
// connection always waits for something.
#pragma once

#include <concepts>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/require.hpp>

namespace ft::net {

class IoExecutor {
  using Blocking = boost::asio::execution::blocking_t;

 public:
  // No other type: an executor must not look as if it could be made from itself by way of any_io_executor.
  template <std::same_as<boost::asio::any_io_executor> Any>
  IoExecutor(const Any& executor) {
    if (const auto* const io = executor.template target<boost::asio::io_context::executor_type>()) {
      io_ = &io->context();
    } else {
      other_ = executor;
    }
  }

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return io_ ? *io_ : boost::asio::query(other_, boost::asio::execution::context);
  }
  Blocking query(Blocking) const noexcept {
    return may_block_ ? Blocking(Blocking::possibly) : Blocking(Blocking::never);
  }
  IoExecutor require(Blocking::possibly_t) const noexcept { return with(true); }
  IoExecutor require(Blocking::never_t) const noexcept { return with(false); }

  template <class F>
  void execute(F&& f) const {
    io_ ? execute_on(io_->get_executor(), std::forward<F>(f)) : execute_on(other_, std::forward<F>(f));
  }

  friend bool operator==(const IoExecutor& a, const IoExecutor& b) noexcept {
    return a.io_ == b.io_ && a.other_ == b.other_ && a.may_block_ == b.may_block_;
  }
  friend bool operator!=(const IoExecutor& a, const IoExecutor& b) noexcept { return !(a == b); }

 private:
  IoExecutor with(bool may_block) const noexcept {
    IoExecutor changed = *this;
    changed.may_block_ = may_block;
    return changed;
  }

  template <class Executor, class F>
  void execute_on(const Executor& executor, F&& f) const {
    if (may_block_) return executor.execute(std::forward<F>(f));
    boost::asio::require(executor, Blocking::never).execute(std::forward<F>(f));
  }

  boost::asio::io_context* io_ = nullptr;
  boost::asio::any_io_executor other_;  // empty with an io_context
  bool may_block_ = true;               // execute may run the function before it returns
};

}  // namespace ft::net
