// SPDX-License-Identifier: Apache-2.0
//
// The handler of an operation until the operation is over: keeps the handler's executor at work, and calls it there.
//
//   Completion<CallResult<Answer>> completion(std::move(handler), pool_executor);
//   std::move(completion)(std::move(answer));          // from wherever; inline where the executor allows it
//
// Destroyed without a call, it destroys the handler, as Asio does with what is pending when a context goes.
#pragma once

#include <new>
#include <tuple>
#include <utility>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/prefer.hpp>

namespace ft::net {

template <class... Results>
class Completion {
 public:
  using Handler = boost::asio::any_completion_handler<void(Results...)>;

  /// `fallback`: where a handler runs that has no executor of its own.
  Completion(Handler handler, const boost::asio::any_io_executor& fallback)
      : executor_(at_work(boost::asio::get_associated_executor(handler, fallback))), handler_(std::move(handler)) {}

  /// Of the handler; belongs to its executor, and is cleared there before the handler is called.
  boost::asio::cancellation_slot slot() const noexcept { return handler_.get_cancellation_slot(); }

  void operator()(Results... results) && {
    auto call = [handler = std::move(handler_), arguments = std::tuple<Results...>(std::move(results)...)]() mutable {
      if (auto slot = handler.get_cancellation_slot(); slot.is_connected()) slot.clear();
      std::apply(std::move(handler), std::move(arguments));
    };
    boost::asio::dispatch(boost::asio::bind_executor(std::exchange(executor_, {}), std::move(call)));
  }

 private:
  static boost::asio::any_completion_executor at_work(const boost::asio::any_completion_executor& executor) {
    if (!executor) throw std::bad_alloc();  // so says Asio that it found no memory for one
    return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
  }

  boost::asio::any_completion_executor executor_;
  Handler handler_;
};

}  // namespace ft::net
