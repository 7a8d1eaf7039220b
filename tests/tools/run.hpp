// SPDX-License-Identifier: Apache-2.0
//
// Runs a program of the build as a user would, and tells what came of it.
//
//   Outcome outcome = run("ftdump", {"-v", "-"}, {.input = bytes});
//   EXPECT_EQ(outcome.status, 0) << outcome.err;
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ft::tools {

struct Outcome {
  int status = -1;  // exit status; 128 + the signal that ended it
  std::string out;
  std::string err;
};

struct Setting {
  std::string_view input = {};                          // on standard input, a pipe
  std::map<std::string, std::string> environment = {};  // added to a nearly empty one
  bool closed_output = false;                           // standard output is a pipe that nobody reads
  bool full_output = false;                             // standard output is a full disk
  bool terminal = false;                                // standard output is a terminal
};

/// Where a program is: a name without a slash is one of the tools.
std::string path_of(const std::string& program);

Outcome run(const std::string& program, const std::vector<std::string>& arguments, const Setting& setting = {});

}  // namespace ft::tools
