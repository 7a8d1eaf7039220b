// SPDX-License-Identifier: Apache-2.0
#include "tools/daemon.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "tools/run.hpp"

namespace ft::tools {
namespace {

constexpr std::chrono::milliseconds kStep{5};
constexpr int kSteps = 4000;

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int status_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Daemon::Daemon(const std::string& program, const std::vector<std::string>& arguments, std::string_view ready) {
  const std::string path = path_of(program);
  std::vector<char*> argv{const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const std::filesystem::path out = folder_.write("out", ""), err = folder_.write("err", "");

  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(::open(out.c_str(), O_WRONLY), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY), STDERR_FILENO);
    ::execv(path.c_str(), argv.data());
    ::_exit(127);
  }
  for (int i = 0; i < kSteps; ++i) {
    const std::string text = output();
    const std::size_t at = text.find(ready);
    const std::size_t end = text.find('\n', at);
    if (at != text.npos && end != text.npos) {
      address_ = text.substr(at + ready.size(), end - at - ready.size());
      return;
    }
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      throw std::runtime_error(program + " ended at once: " + errors());
    }
    std::this_thread::sleep_for(kStep);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  throw std::runtime_error(program + " does not listen");
}

Daemon::~Daemon() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void Daemon::signal(int number) const { ::kill(process_, number); }

int Daemon::wait() {
  int status = 0;
  for (int i = 0; i < kSteps; ++i) {
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return status_of(status);
    }
    std::this_thread::sleep_for(kStep);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return status_of(status);
}

std::string Daemon::output() const { return content(folder_.path() / "out"); }
std::string Daemon::errors() const { return content(folder_.path() / "err"); }

}  // namespace ft::tools
