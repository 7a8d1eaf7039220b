// SPDX-License-Identifier: Apache-2.0
//
// ftdump: shows captured frames to a person, or as JSON to a program. `ftdump --help` says how.
//
// Files are read as they come, so they may be of any size, and a pipe may stay open: memory is bounded by the largest
// frame.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/number_option.hpp"
#include "ftdump/input.hpp"
#include "ftdump/output.hpp"
#include "ftdump/renderer.hpp"
#include "ftdump/scanner.hpp"
#include "ftdump/text.hpp"

namespace {

enum Exit { kClean = 0, kAnomalies = 1, kUsage = 2, kUnreadable = 3 };

constexpr const char* kAbout =
    "Shows frames of the fragment transport: one, or many back to back, as they were captured from a connection.\n"
    "Each frame is a line; secrets are masked, and so is whatever cannot be decoded.";

constexpr const char* kMore = R"(A line reads: offset, -> request or <- answer, type, size, version, token, content.
A line with !! is an anomaly: garbage, a frame that was cut or does not decode. The next plausible frame is found.
In the capture of a program, #3 before the arrow is the number of the frame's connection; a restart begins at #1 again.

Examples:
  ftdump capture.bin                     a line per frame
  ftdump -v capture.bin | less           each as a tree
  ftdump --connection 3 capture.bin      what was said on one connection
  ftdump --json *.bin | jq .envelope     one JSON object a line
  nc -l 7000 | tee raw.bin | ftdump -    follows a connection
  xxd raw.bin | ftdump -                 hexadecimal text is recognised

Exit status: 0 all is well, 1 anomalies, 2 wrong usage, 3 something could not be read or written.
)";

struct Options {
  std::vector<std::string> files;
  ft::tools::Format format;
  ft::tools::Input::Form form = ft::tools::Input::Form::detect;
  std::string colour = "auto";
  std::optional<std::uint64_t> connection;  // show no other
};

bool want_colour(const std::string& when) {
  if (when != "auto") return when == "always";
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string_view(value != nullptr ? value : "");
  };
  return variable("NO_COLOR").empty() && variable("TERM") != "dumb" && ::isatty(STDOUT_FILENO) == 1;
}

void complain(const std::string& about, const std::string& text) {
  std::string line = "ftdump: ";
  ft::tools::append_plain(line, about);
  line += ": ";
  ft::tools::append_plain(line, text);
  std::cerr << line + '\n';
}

class Dump {
 public:
  Dump(const Options& options, ft::tools::Output& out) : options_(options), out_(out), renderer_(options.format, out) {}

  int run() {
    for (const std::string& file : options_.files) {
      if (out_.open()) dump(file);
    }
    out_.flush();
    if (out_.error() != 0) {
      complain("standard output", std::strerror(out_.error()));
      status_ = kUnreadable;
    }
    return status_;
  }

 private:
  void dump(const std::string& name) {
    const std::string file = name == "-" ? "standard input" : name;
    ft::tools::Input input;
    if (!input.open(name, options_.form)) return fail(file, input.error());
    renderer_.start(file);
    ft::tools::Scanner scanner;
    std::uint64_t frames = 0, anomalies = 0, lost = 0;
    for (bool more = true; more && out_.open();) {
      const std::span<char> space = scanner.prepare();
      const std::optional<std::size_t> n = input.read(space);
      more = n.value_or(0) != 0;
      if (more) {
        scanner.commit(*n);
      } else {
        scanner.finish();
      }
      while (out_.open()) {
        const std::optional<ft::tools::Record> record = scanner.next();
        if (!record) break;
        if (options_.connection && record->captured.connection != options_.connection) continue;
        const bool good = record->kind == ft::tools::Record::Kind::frame;
        ++(good ? frames : anomalies);
        if (!good) lost += record->length;
        renderer_.show(*record);
      }
      out_.flush();  // whoever follows a connection sees each frame as it comes
      if (!n) fail(file, input.error());
    }
    if (anomalies == 0) return;
    if (status_ == kClean) status_ = kAnomalies;
    complain(file, std::to_string(frames) + (frames == 1 ? " frame, " : " frames, ") + std::to_string(anomalies) +
                       (anomalies == 1 ? " anomaly of " : " anomalies of ") + std::to_string(lost) + " bytes");
  }

  void fail(const std::string& file, const std::string& why) {
    complain(file, why);
    status_ = kUnreadable;
  }

  const Options& options_;
  ft::tools::Output& out_;
  ft::tools::Renderer renderer_;
  int status_ = kClean;
};

/// Reads the command line; a value is the exit status of a program that has nothing more to do.
std::optional<int> parse(int argc, char** argv, Options& options) {
  CLI::App app(kAbout, "ftdump");
  app.footer(kMore);
  app.get_formatter()->column_width(24);
  bool hex = false;
  app.add_option("FILE", options.files, "Files to show; - is standard input, and so is none when it is no terminal")
      ->type_name("");
  ft::tools::add_number(app, "--connection", options.connection, 0, std::numeric_limits<std::uint64_t>::max(),
                        "Of a program's capture: frames of this connection alone");
  app.add_flag("-v,--verbose", options.format.tree, "Below each line the content, as a tree");
  app.add_flag("--hex", options.format.hex, "Below each line the bytes, secrets as **");
  app.add_flag("--json", options.format.json, "One JSON object a line, instead");
  app.add_flag("--full", options.format.full, "With -v: do not shorten lists and texts");
  app.add_flag("--show-secrets", options.format.show_secrets,
               "Show tokens, keys, passwords, and what cannot be decoded");
  app.add_flag("--from-hex", hex, "The input is hexadecimal text (xxd, hexdump -C, plain), even if it looks otherwise");
  CLI::Validator known = CLI::IsMember({"auto", "always", "never"});
  app.add_option("--color,--colour", options.colour, "auto, always or never; auto is on a terminal, unless NO_COLOR")
      ->type_name("WHEN")
      ->check(known.description(""));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    app.exit(asked_for_help);
    std::cout.flush();
    return std::cout ? kClean : kUnreadable;
  } catch (const CLI::ParseError& error) {
    complain("usage", std::string(error.what()) + "; see ftdump --help");
    return kUsage;
  }
  if (options.format.json && (options.format.tree || options.format.hex)) {
    complain("usage", "--json goes neither with -v nor with --hex; see ftdump --help");
    return kUsage;
  }
  if (options.files.empty()) {
    if (::isatty(STDIN_FILENO) == 1) {
      complain("usage", "no file to show; see ftdump --help");
      return kUsage;
    }
    options.files.emplace_back("-");
  }
  if (hex) options.form = ft::tools::Input::Form::hex;
  options.format.headings = options.files.size() > 1;
  options.format.colour = want_colour(options.colour);
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    Options options;
    if (const std::optional<int> done = parse(argc, argv, options)) return *done;
    ft::tools::Output out(STDOUT_FILENO);
    return Dump(options, out).run();
  } catch (const std::exception& failure) {
    complain("failed", failure.what());
    return kUnreadable;
  }
}
