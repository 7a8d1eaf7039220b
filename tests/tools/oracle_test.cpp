// SPDX-License-Identifier: Apache-2.0
//
// The codec held against the generator's own, a slow one that reads the schema: both say the same of the golden frames
// and of changed ones. More of them: cmake/ftgen-python -m tests.oracle.differ build/bin/ftconform --count 1000000
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "run.hpp"

namespace ft::tools {
namespace {

TEST(Oracle, SaysTheSameOfGoldenAndChangedFrames) {
  Setting setting;
  for (const char* name : {"PATH", "Python3_EXECUTABLE"}) {
    if (const char* const value = std::getenv(name)) setting.environment[name] = value;
  }
  const Outcome outcome = run(FT_SOURCE_DIR "/cmake/ftgen-python",
                              {"-m", "tests.oracle.differ", path_of("ftconform"), "--count", "5000"}, setting);
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("7119 frames, 0 differences"), std::string::npos) << outcome.out << outcome.err;
}

}  // namespace
}  // namespace ft::tools
