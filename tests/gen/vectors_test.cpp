// SPDX-License-Identifier: Apache-2.0
//
// The boundary vectors in generated/vectors, made by the generator's own slow codec: every frame gets the verdict, the
// path and the canonical bytes that they say. What their lines mean is told in codegen/ftgen/emit/vectors.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

namespace bj = boost::json;

std::string text_of(const bj::object& line, std::string_view key) { return std::string(line.at(key).as_string()); }

struct File {
  bj::object head;
  std::map<std::string, bj::object> places;  // by type
  std::vector<bj::object> vectors;
};

const std::vector<File>& files() {
  static const std::vector<File> all = [] {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(FT_TEST_DATA_DIR "/../../generated/vectors"))
      paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<File> read;
    for (const auto& path : paths) {
      File& file = read.emplace_back();
      std::ifstream in(path);
      for (std::string line; std::getline(in, line);) {
        bj::object object = bj::parse(line).as_object();
        if (object.contains("banner")) {
          file.head = std::move(object);
        } else if (object.contains("before")) {
          file.places.emplace(text_of(object, "type"), std::move(object));
        } else {
          file.vectors.push_back(std::move(object));
        }
      }
    }
    return read;
  }();
  return all;
}

/// A request's first broken rule, with a path that begins at the envelope.
std::optional<Error> broken_rule(const TransportEnvelope& envelope) {
  const Version version = nearest_version(envelope.version);
  std::optional<Error> broken;
  envelope.payload.visit([&](const auto& alternative) {
    if constexpr (requires { validate(alternative.value, version); }) {
      if (const Result<void> valid = validate(alternative.value, version); !valid) broken = valid.error();
    }
  });
  if (broken) broken->path.insert(1, std::string(".payload.").append(envelope.payload.name()));
  return broken;
}

void comes_out_as_it_says(const File& file, const bj::object& vector) {
  SCOPED_TRACE(text_of(vector, "name"));
  const bj::object& place = file.places.at(text_of(vector, "type"));
  const auto whole = [&](const std::string& inner) {
    return text_of(place, "before").append(inner).append(text_of(place, "after"));
  };
  const std::string json = text_of(vector, "json"), verdict = text_of(vector, "verdict");
  const auto byte = (vector.contains("byte") ? vector : place).at("byte").to_number<std::uint8_t>();
  const Result<DecodedFrame> decoded = test::decode(test::frame(static_cast<MessageType>(byte), whole(json)));

  const std::optional<Error> wrong = decoded ? broken_rule(decoded->envelope) : decoded.error();
  EXPECT_EQ(wrong ? to_name(wrong->code) : "ok", verdict) << whole(json);
  if (wrong && verdict != "ok") {
    EXPECT_EQ(wrong->path, text_of(place, "path") + text_of(vector, "path").substr(1)) << whole(json);
  }
  if (decoded) {
    const std::string canonical = vector.contains("canonical") ? text_of(vector, "canonical") : json;
    EXPECT_EQ(test::encode_payload(decoded->envelope), whole(canonical));
  }
}

TEST(Vectors, TheFilesAreWhole) {
  ASSERT_EQ(files().size(), std::size_t{PROTOCOL_VERSION - MIN_PROTOCOL_VERSION + 1});
  for (const File& file : files()) {
    EXPECT_EQ(file.vectors.size(), file.head.at("vectors").to_number<std::size_t>());
    EXPECT_GT(file.vectors.size(), 3000U);
    EXPECT_GT(file.places.size(), 80U);
  }
}

TEST(Vectors, EachComesOutAsItSays) {
  for (const File& file : files()) {
    for (const bj::object& vector : file.vectors) comes_out_as_it_says(file, vector);
  }
}

}  // namespace
}  // namespace ft
