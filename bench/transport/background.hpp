// SPDX-License-Identifier: Apache-2.0
//
// A server's thread, and the processor time it has taken.
#pragma once

#include <pthread.h>
#include <time.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <thread>

namespace bench {

class Background {
 public:
  Background() : thread_([this] { io_.run(); }) { pthread_getcpuclockid(thread_.native_handle(), &clock_); }
  ~Background() {
    io_.stop();
    thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  boost::asio::io_context& io() noexcept { return io_; }

  std::chrono::nanoseconds processor_time() const {
    timespec time{};
    clock_gettime(clock_, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  clockid_t clock_{};
  std::thread thread_;
};

}  // namespace bench
