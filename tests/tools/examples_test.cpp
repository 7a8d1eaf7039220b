// SPDX-License-Identifier: Apache-2.0
//
// The examples work, and the README shows them as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

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

TEST(Examples, ACodecReadsWhatItWrote) {
  const Outcome said = run(FT_EXAMPLE_DIR "/codec_example", {});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, ::testing::HasSubstr(R"({"Text":"one"})"));
}

// So that all of its code is compiled.
TEST(Examples, AreTheCodeInTheReadme) {
  const std::string readme = content("README.md"), opening = "```cpp\n";
  std::vector<std::string> shown, examples;
  for (std::size_t at = 0; (at = readme.find(opening, at)) != std::string::npos;) {
    at += opening.size();
    shown.push_back(readme.substr(at, readme.find("```", at) - at));
  }
  for (const char* name : {"examples/worker.cpp", "examples/coordinator.cpp", "examples/codec.cpp"}) {
    const std::string text = content(name);
    examples.push_back(text.substr(text.find("#include")));
  }
  EXPECT_EQ(shown, examples);
}

}  // namespace
}  // namespace ft::tools
