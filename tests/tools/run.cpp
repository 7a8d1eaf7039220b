// SPDX-License-Identifier: Apache-2.0
#include "tools/run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace ft::tools {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

struct Pipe {
  Descriptor read, write;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }
};

/// The two ends of a terminal of its own.
struct Terminal {
  Descriptor master, slave;
  Terminal() : master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (!master.open() || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) {
      throw std::runtime_error("no terminal");
    }
    slave = Descriptor(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
};

/// Takes what is there; closes at the end of the stream, which a terminal tells as an error.
void drain(Descriptor& from, std::string& to) {
  char chunk[65536];
  const ssize_t n = ::read(from.get(), chunk, sizeof chunk);
  if (n > 0) {
    to.append(chunk, static_cast<std::size_t>(n));
  } else if (n == 0 || errno != EINTR) {
    from.close();
  }
}

[[noreturn]] void become(const std::string& path, const std::vector<std::string>& arguments, const Setting& setting,
                         int in, int out, int err) {
  std::vector<std::string> variables{"PATH=/usr/bin:/bin"};
  // Sanitizers are told how to report by these.
  for (const char* const name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH"}) {
    if (const char* const value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : setting.environment) variables.push_back(name + "=" + value);
  std::vector<char*> argv{const_cast<char*>(path.c_str())}, envp;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  for (const std::string& variable : variables) envp.push_back(const_cast<char*>(variable.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  std::signal(SIGPIPE, SIG_DFL);
  ::execve(path.c_str(), argv.data(), envp.data());
  ::_exit(127);
}

}  // namespace

std::string path_of(const std::string& program) {
  return program.find('/') == program.npos ? FT_TOOL_DIR "/" + program : program;
}

Outcome run(const std::string& program, const std::vector<std::string>& arguments, const Setting& setting) {
  Pipe in, out, err;
  if (setting.closed_output) out.read.close();
  if (setting.full_output) out.write = Descriptor(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (setting.terminal) {
    Terminal terminal;
    out.read = std::move(terminal.master);
    out.write = std::move(terminal.slave);
  }
  const std::string path = path_of(program);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) become(path, arguments, setting, in.read.get(), out.write.get(), err.write.get());
  in.read.close();
  out.write.close();
  err.write.close();

  // The child may leave before it has read all.
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  Outcome outcome;
  std::string_view input = setting.input;
  if (input.empty()) in.write.close();
  while (out.read.open() || err.read.open()) {
    pollfd wait[] = {{in.write.get(), POLLOUT, 0}, {out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}};
    ::poll(wait, 3, -1);
    if (wait[0].revents != 0) {
      const ssize_t n = ::write(in.write.get(), input.data(), input.size());
      if (n > 0) input.remove_prefix(static_cast<std::size_t>(n));
      if (input.empty() || (n < 0 && errno != EAGAIN && errno != EINTR)) in.write.close();
    }
    if (wait[1].revents != 0) drain(out.read, outcome.out);
    if (wait[2].revents != 0) drain(err.read, outcome.err);
  }
  in.write.close();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::signal(SIGPIPE, before);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

}  // namespace ft::tools
