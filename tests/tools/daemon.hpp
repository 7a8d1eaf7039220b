// SPDX-License-Identifier: Apache-2.0
//
// A program of the build that serves until it is told to stop.
//
//   Daemon worker("ftworker", {"--listen", "127.0.0.1:0", "--token-file", token});
//   run("ftexec", {worker.address(), ...});
//   worker.signal(SIGTERM);
//   EXPECT_EQ(worker.wait(), 0) << worker.errors();
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_folder.hpp"

namespace ft::tools {

class Daemon {
 public:
  /// Starts it and waits for its line `listening on ADDRESS`, or for one with another beginning; throws with what it
  /// wrote on standard error if it ends before. `program` as path_of() takes it.
  Daemon(const std::string& program, const std::vector<std::string>& arguments,
         std::string_view ready = "listening on ");
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  /// Kills it.
  ~Daemon();

  /// The rest of that line.
  const std::string& address() const noexcept { return address_; }
  void signal(int number) const;
  /// The exit status, 128 + the signal that ended it. Kills it after 20 seconds.
  int wait();
  /// All it has written so far.
  std::string output() const;
  std::string errors() const;

 private:
  test::TemporaryFolder folder_;
  pid_t process_ = -1;
  std::string address_;
};

}  // namespace ft::tools
