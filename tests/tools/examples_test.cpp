// SPDX-License-Identifier: Apache-2.0
//
// The examples work, and the README shows them as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "daemon.hpp"
#include "run.hpp"
#include "support/temporary_folder.hpp"

namespace ft::tools {
namespace {

std::string content(const std::string& file) {
  std::ifstream in(std::string(FT_SOURCE_DIR "/") + file);
  std::string text(std::istreambuf_iterator<char>(in), {});
  EXPECT_NE(text, "") << file;
  return text;
}

TEST(Examples, ACoordinatorAndAWorkerTalk) {
  const test::TemporaryFolder folder;
  const std::string token = folder.write("token", "a token of the tests, longer than 32 bytes\n").string();
  const Daemon worker(FT_EXAMPLE_DIR "/worker_example", {"127.0.0.1:0", token});
  const Outcome asked = run(FT_EXAMPLE_DIR "/coordinator_example", {worker.address(), token});
  EXPECT_EQ(asked.status, 0);
  EXPECT_EQ(asked.out, "{\"Command\":{\"tag\":\"InternalNoOp\",\"rows_affected\":0}}\n") << asked.err;
}

TEST(Examples, StandInTheReadme) {
  const std::string readme = content("README.md");
  for (const char* name : {"examples/worker.cpp", "examples/coordinator.cpp"}) {
    const std::string text = content(name);
    EXPECT_THAT(readme, ::testing::HasSubstr(text.substr(text.find("#include")))) << name;
  }
}

}  // namespace
}  // namespace ft::tools
