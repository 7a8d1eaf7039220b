// SPDX-License-Identifier: Apache-2.0
//
// The key-value store of examples/kv works, and docs/your-own-protocol.md shows its files as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "daemon.hpp"
#include "run.hpp"

namespace ft::tools {
namespace {

std::string content(const std::string& file) {
  std::ifstream in(std::string(FT_SOURCE_DIR "/") + file);
  std::string text(std::istreambuf_iterator<char>(in), {});
  EXPECT_NE(text, "") << file;
  return text;
}

/// What a client prints that asks the store one thing.
std::string ask(const Daemon& store, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), store.address());
  const Outcome outcome = run(FT_EXAMPLE_DIR "/kv_client", arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  return outcome.out;
}

TEST(KvExample, KeepsValues) {
  const Daemon store(FT_EXAMPLE_DIR "/kv_server", {"127.0.0.1:0"});
  EXPECT_EQ(ask(store, {"get", "color"}), "{\"Answer\":\"Absent\"}\n");
  EXPECT_EQ(ask(store, {"put", "color", "blue"}), "{\"Answer\":\"Done\"}\n");
  EXPECT_EQ(ask(store, {"get", "color"}), "{\"Answer\":{\"Value\":\"blue\"}}\n");
  EXPECT_EQ(ask(store, {"put", "", "x"}), "{\"Answer\":{\"Refused\":\"a key has 1 to 256 bytes\"}}\n");
  EXPECT_EQ(ask(store, {"delete", "color"}), "{\"Answer\":\"Done\"}\n");
  EXPECT_EQ(ask(store, {"delete", "color"}), "{\"Answer\":\"Absent\"}\n");
}

TEST(KvExample, TellsWhoWatches) {
  const Daemon store(FT_EXAMPLE_DIR "/kv_server", {"127.0.0.1:0"});
  Daemon watcher(FT_EXAMPLE_DIR "/kv_client", {store.address(), "watch", "col", "3"}, "{\"Answer\":\"Done\"}");
  ask(store, {"put", "color", "red"});
  ask(store, {"put", "shape", "round"});  // not watched
  ask(store, {"put", "color", "blue"});
  ask(store, {"delete", "color"});
  EXPECT_EQ(watcher.wait(), 0) << watcher.errors();
  EXPECT_EQ(watcher.output(),
            "{\"Answer\":\"Done\"}\n"
            "{\"Changed\":{\"key\":\"color\",\"value\":\"red\"}}\n"
            "{\"Changed\":{\"key\":\"color\",\"value\":\"blue\",\"previous\":\"red\"}}\n"
            "{\"Changed\":{\"key\":\"color\",\"value\":null,\"previous\":\"blue\"}}\n");
}

TEST(KvExample, StandsInTheWalkThrough) {
  const std::string page = content("docs/your-own-protocol.md");
  for (const char* name : {"kv.yaml", "CMakeLists.txt", "connection.hpp", "store.hpp", "server.cpp", "client.cpp"})
    EXPECT_THAT(page, ::testing::HasSubstr(content(std::string("examples/kv/") + name))) << name;
}

TEST(KvExample, HasTheHeadersOfTheWalkThrough) {
  const std::string page = content("docs/your-own-protocol.md");
  const std::regex row("\n\\| `(ft/kv/gen/\\w+\\.hpp)` \\|");
  int headers = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it, ++headers)
    EXPECT_NE(content("examples/kv/generated/include/" + (*it)[1].str()), "");
  EXPECT_GE(headers, 6);
}

}  // namespace
}  // namespace ft::tools
