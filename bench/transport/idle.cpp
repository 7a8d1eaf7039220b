// SPDX-License-Identifier: Apache-2.0
#include "transport/idle.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include "transport/load.hpp"

namespace bench {
namespace {

void raise_descriptor_limit(std::size_t needed) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return;
  limit.rlim_cur = std::min<rlim_t>(needed, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < needed) {
    throw std::runtime_error("the limit of open files is too low: ulimit -n " + std::to_string(needed));
  }
}

double resident_kibibytes(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

/// The server in a process of its own, ended with this object, or with the parent.
class Child {
 public:
  Child(const Setup& setup, bool tls) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    process_ = fork();
    if (process_ == 0) serve(setup, tls, ends[1]);
    close(ends[1]);
    if (read(ends[0], &port_, sizeof port_) != sizeof port_) throw std::runtime_error("the server did not start");
    close(ends[0]);
  }
  ~Child() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t process() const noexcept { return process_; }
  std::uint16_t port() const noexcept { return port_; }

 private:
  [[noreturn]] static void serve(const Setup& setup, bool tls, int announce) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      boost::asio::io_context io(1);
      const OurServer server(io, setup, tls);
      const std::uint16_t port = server.port();
      if (write(announce, &port, sizeof port) == sizeof port) io.run();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "transport_bench: server: %s\n", error.what());
    }
    _exit(1);
  }

  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace

double idle_kibibytes(const Setup& setup, bool tls, std::size_t count) {
  raise_descriptor_limit(count + 100);
  const Child child(setup, tls);
  const Setup::Side side = setup.side(tls);
  const auto load = [&](std::size_t connections) {
    auto made = std::make_unique<Load>(child.port(), connections, setup.request(), setup.answer_bytes(),
                                       side.client_context.get());
    made->run(std::chrono::milliseconds(1));
    return made;
  };
  const auto warm = load(8);
  const double before = resident_kibibytes(child.process());
  const auto held = load(count);
  return (resident_kibibytes(child.process()) - before) / static_cast<double>(count);
}

}  // namespace bench
