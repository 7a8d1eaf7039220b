// SPDX-License-Identifier: Apache-2.0
//
// The same message in other words: keys in any order, white space, escapes, unknown keys, keys left out, nulls. Derived
// from the golden frames by a seeded generator; what is derived is JSON to an independent parser, and decodes to what
// the canonical form decodes to.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/frames.hpp"
#include "support/tree.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

using test::Tree;

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  /// Below `bound`; the same on every platform.
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937 engine_;
};

/// Other spellings of a quoted string: some characters as \u escapes.
std::string escaped(const std::string& quoted, Random& random) {
  std::string out;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const char c = quoted[i];
    const bool edge = i == 0 || i + 1 == quoted.size();
    if (c == '\\') {
      const std::size_t length = quoted[i + 1] == 'u' ? 6 : 2;
      out.append(quoted, i, length);
      i += length - 1;
    } else if (!edge && c > 0x20 && c < 0x7F && random.one_in(3)) {
      constexpr const char* hex[] = {"0123456789abcdef", "0123456789ABCDEF"};
      const char* digits = hex[random.below(2)];
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    } else if (!edge && c == '/') {
      out += "\\/";
    } else {
      out += c;
    }
  }
  return out;
}

template <class Items>
void shuffle(Items& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

/// Something that no type of the schema expects, valid throughout.
Tree unknown_value(Random& random) {
  constexpr const char* values[] = {
      "null",
      "true",
      "-0",
      "1e999",
      "-12.5E-7",
      "\"\"",
      R"("\ud83d\ude00 \u0000")",
      "[]",
      "{}",
      R"([1,[2,{"a":[]}],"x"])",
      R"({"version":9,"version":9,"payload":{}})",
      "\"é😀\"",
      "123456789012345678901234567890",
  };
  return Tree::of(values[random.below(std::size(values))]);
}

struct Sample {
  const test::Vector* vector;
  MessageType type;
  Tree tree;
  TransportEnvelope envelope;
};
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> list;
    for (const test::Vector& v : test::golden()) {
      if (v.expect != test::Expect::identical) continue;
      DecodedFrame decoded = test::decode(v.frame).value();
      list.push_back({&v, decoded.type, Tree::parse(v.payload()), std::move(decoded.envelope)});
    }
    return list;
  }();
  return all;
}

bool is_json(const std::string& text) {
  boost::json::parse_options options;
  options.max_depth = 256;
  boost::json::error_code failed;
  boost::json::parse(text, failed, {}, options);
  return !failed;
}

void expect_same(const Sample& sample, const std::string& payload) {
  ASSERT_TRUE(is_json(payload)) << "the test itself is wrong: " << payload;
  const Result<DecodedFrame> decoded = test::decode(test::frame(sample.type, payload));
  ASSERT_TRUE(decoded) << sample.vector->name << ": " << test::why(decoded) << "\n" << payload;
  EXPECT_TRUE(decoded->envelope == sample.envelope) << sample.vector->name << "\n" << payload;
  EXPECT_EQ(test::encode(decoded->envelope), sample.vector->frame);
}

TEST(AnyForm, TheTreeIsFaithful) {
  for (const Sample& sample : samples()) EXPECT_EQ(sample.tree.text(), sample.vector->payload());
}

TEST(AnyForm, KeysInAnyOrder) {
  Random random(1);
  for (const Sample& sample : samples()) {
    Tree reversed = sample.tree;
    reversed.for_each_struct([](Tree& object) { std::reverse(object.members.begin(), object.members.end()); });
    expect_same(sample, reversed.text());
    Tree shuffled = sample.tree;
    shuffled.for_each_struct([&](Tree& object) { shuffle(object.members, random); });
    expect_same(sample, shuffled.text());
    // The canonical order, left late: the fast path gives up in the middle.
    Tree swapped = sample.tree;
    swapped.for_each_struct([&](Tree& object) {
      if (object.members.size() > 1)
        std::swap(object.members.back(), object.members[random.below(object.members.size() - 1)]);
    });
    expect_same(sample, swapped.text());
  }
}

TEST(AnyForm, WhiteSpaceAnywhere) {
  Random random(2);
  const auto some = [&random] {
    std::string space;
    while (random.one_in(3)) space += " \t\r\n"[random.below(4)];
    return space;
  };
  for (const Sample& sample : samples()) {
    expect_same(sample, sample.tree.text([] { return std::string(" "); }));
    expect_same(sample, sample.tree.text(some));
  }
}

TEST(AnyForm, EscapesInKeysNamesAndTexts) {
  Random random(3);
  for (const Sample& sample : samples()) {
    Tree tree = sample.tree;
    tree.for_each_string([&](std::string& text) { text = escaped(text, random); });
    expect_same(sample, tree.text());
  }
}

TEST(AnyForm, UnknownKeysAtEveryLevel) {
  Random random(4);
  for (const Sample& sample : samples()) {
    Tree tree = sample.tree;
    std::size_t added = 0;
    tree.for_each_struct([&](Tree& object) {
      constexpr const char* keys[] = {"\"unknown\"", "\"\"",        "\"Version\"",
                                      "\"payloa\"",  "\"\\u00e9\"", "\"a key of more than sixteen bytes\""};
      for (const char* key : keys) {
        if (!random.one_in(3)) continue;
        const std::size_t at = random.below(object.members.size() + 1);
        object.members.insert(object.members.begin() + static_cast<std::ptrdiff_t>(at), {key, unknown_value(random)});
        ++added;
      }
    });
    expect_same(sample, tree.text());
    EXPECT_EQ(test::decode(test::frame(sample.type, tree.text())).value().unknown_keys, added) << sample.vector->name;
  }
}

TEST(AnyForm, AllOfItAtOnce) {
  Random random(5);
  for (int round = 0; round < 3; ++round) {
    for (const Sample& sample : samples()) {
      Tree tree = sample.tree;
      tree.for_each_string([&](std::string& text) {
        if (random.one_in(2)) text = escaped(text, random);
      });
      tree.for_each_struct([&](Tree& object) {
        if (random.one_in(2)) object.members.emplace_back("\"unknown\"", unknown_value(random));
        if (random.one_in(2)) shuffle(object.members, random);
      });
      expect_same(sample, tree.text([&random] { return std::string(random.one_in(4) ? " " : ""); }));
    }
  }
}

TEST(AnyForm, AUnitMayBeAnObjectWithNull) {
  // Every bare name of a unit, wherever it stands in a golden frame, as {"Name":null}.
  std::size_t tried = 0;
  const std::function<void(const Sample&, Tree&, Tree&)> visit = [&](const Sample& sample, Tree& root, Tree& node) {
    const auto replace = [&](Tree& value) {
      if (value.kind == Tree::Kind::scalar && value.scalar.size() > 2 && value.scalar[0] == '"' &&
          value.scalar[1] >= 'A' && value.scalar[1] <= 'Z') {
        const Tree before = value;
        value = Tree::of("{" + before.scalar + ":null}");
        const Result<DecodedFrame> decoded = test::decode(test::frame(sample.type, root.text()));
        // A text that looks like a name is the other possibility, and an object is refused there.
        if (decoded) {
          EXPECT_TRUE(decoded->envelope == sample.envelope) << root.text();
          ++tried;
        } else {
          EXPECT_EQ(decoded.error().code, errc::wrong_type) << root.text();
        }
        value = before;
      } else {
        visit(sample, root, value);
      }
    };
    for (Tree& item : node.items) replace(item);
    for (auto& member : node.members) {
      if (member.first != "\"Jsonb\"" && member.first != "\"pattern\"") replace(member.second);
    }
  };
  for (std::size_t i = 0; i < samples().size(); i += 3) {
    Tree tree = samples()[i].tree;
    visit(samples()[i], tree, tree);
  }
  EXPECT_GT(tried, 500U);
}

TEST(AnyForm, ADuplicateOfAKnownKeyIsRefused) {
  Random random(6);
  std::size_t tried = 0;
  for (const Sample& sample : samples()) {
    Tree probe = sample.tree;
    std::size_t structs = 0;
    probe.for_each_struct([&](Tree&) { ++structs; });
    for (int round = 0; round < 4; ++round) {
      const std::size_t chosen = random.below(structs);
      Tree tree = sample.tree;
      std::size_t number = 0;
      std::string key;
      tree.for_each_struct([&](Tree& object) {
        if (number++ != chosen) return;
        std::pair<std::string, Tree> twice = object.members[random.below(object.members.size())];
        key = twice.first;
        if (random.one_in(2)) twice.first = escaped(twice.first, random);
        const std::size_t at = random.below(object.members.size() + 1);
        object.members.insert(object.members.begin() + static_cast<std::ptrdiff_t>(at), std::move(twice));
      });
      const Result<DecodedFrame> decoded = test::decode(test::frame(sample.type, tree.text()));
      ASSERT_FALSE(decoded) << tree.text();
      EXPECT_EQ(decoded.error().code, errc::duplicate_key) << test::why(decoded) << "\n" << tree.text();
      EXPECT_EQ(decoded.error().detail, key);
      ++tried;
    }
  }
  EXPECT_GT(tried, 4000U);
}

/// The keys that may be missing although they are no options, and what they then read as.
const std::map<std::string, std::string>& defaults() {
  static const std::map<std::string, std::string> all = {
      {"active", "[]"},
      {"cancel_key", "0"},
      {"element_type", "\"Float32\""},
      {"on_delete", "\"NoAction\""},
      {"on_update", "\"NoAction\""},
      {"on_delete_set_columns", "[]"},
      {"on_update_set_columns", "[]"},
      {"match_type", "\"Simple\""},
      {"prenormalised", "false"},
      {"range_pushdown", "[]"},
      {"rel_type_alternatives", "[]"},
  };
  return all;
}

/// Calls `f(object, index)` for every key of every struct; `f` may change the object and must mend it.
void for_each_key(Tree& tree, const std::function<void(Tree&, std::size_t)>& f) {
  tree.for_each_struct([&](Tree& object) {
    for (std::size_t i = 0; i < object.members.size(); ++i) f(object, i);
  });
}

TEST(AnyForm, AKeyLeftOutReadsAsItsDefaultOrIsMissed) {
  std::map<std::string, std::set<std::string>> read_as;  // by key: what a left-out key was read as
  std::set<std::string> missed;
  for (const Sample& sample : samples()) {
    Tree tree = sample.tree;
    for_each_key(tree, [&](Tree& object, std::size_t i) {
      const auto left_out = object.members[i];
      const std::string key = left_out.first.substr(1, left_out.first.size() - 2);
      object.members.erase(object.members.begin() + static_cast<std::ptrdiff_t>(i));
      const Result<DecodedFrame> decoded = test::decode(test::frame(sample.type, tree.text()));
      if (decoded) {
        // What encoding puts back is null (of an option) or the default of the schema.
        const std::string canonical = test::encode_payload(decoded->envelope);
        bool found = false;
        for (const std::string& value :
             {std::string("null"), defaults().contains(key) ? defaults().at(key) : std::string("null")}) {
          object.members.insert(object.members.begin() + static_cast<std::ptrdiff_t>(i),
                                {left_out.first, Tree::of(value)});
          if (tree.text() == canonical) {
            found = true;
            read_as[key].insert(value);
          }
          object.members.erase(object.members.begin() + static_cast<std::ptrdiff_t>(i));
        }
        // The number of elements is written by itself.
        EXPECT_TRUE(found || key == "dims") << key << " of " << sample.vector->name << ": " << canonical;
        if (left_out.second.scalar == "null") {
          EXPECT_TRUE(decoded->envelope == sample.envelope) << tree.text();
        }
      } else {
        EXPECT_EQ(decoded.error().code, errc::missing_key) << test::why(decoded) << "\n" << tree.text();
        EXPECT_EQ(decoded.error().detail, left_out.first);
        const bool opaque = key == "pattern";  // where null is a value like any other
        EXPECT_TRUE(opaque || left_out.second.scalar != "null") << "what is written as null may be missing: " << key;
        missed.insert(key);
      }
      object.members.insert(object.members.begin() + static_cast<std::ptrdiff_t>(i), left_out);
    });
  }
  for (const auto& [key, value] : defaults()) EXPECT_TRUE(read_as[key].contains(value)) << key;
  for (const char* key : {"version", "auth_token", "payload", "request_id", "plan", "isolation", "kind", "nullable",
                          "values", "outputs", "table_id"}) {
    EXPECT_TRUE(missed.contains(key)) << key;
  }
  EXPECT_GT(missed.size(), 100U);
}

TEST(AnyForm, NullIsForOptionsAlone) {
  std::size_t options = 0, refused = 0;
  for (const Sample& sample : samples()) {
    Tree tree = sample.tree;
    for_each_key(tree, [&](Tree& object, std::size_t i) {
      auto& [key, value] = object.members[i];
      if (key == "\"pattern\"") return;  // opaque in one place
      const Tree before = value;
      value = Tree::of("null");
      const Result<DecodedFrame> decoded = test::decode(test::frame(sample.type, tree.text()));
      if (decoded) {
        EXPECT_EQ(test::encode_payload(decoded->envelope), tree.text());
        ++options;
      } else {
        EXPECT_EQ(decoded.error().code, errc::wrong_type) << test::why(decoded) << "\n" << tree.text();
        EXPECT_NE(before.scalar, "null");
        ++refused;
      }
      value = before;
    });
  }
  EXPECT_GT(options, 1000U);
  EXPECT_GT(refused, 5000U);
}

TEST(AnyForm, AnEnumObjectHasExactlyOneKey) {
  Random random(7);
  std::size_t tried = 0;
  const std::function<void(const Sample&, Tree&, Tree&)> visit = [&](const Sample& sample, Tree& root, Tree& node) {
    for (Tree& item : node.items) visit(sample, root, item);
    for (auto& member : node.members) visit(sample, root, member.second);
    if (node.kind != Tree::Kind::variant || !random.one_in(4)) return;
    const auto only = node.members;
    for (const int change : {0, 1, 2}) {
      if (change == 0) node.members.clear();
      if (change == 1) node.members.push_back(node.members[0]);
      if (change == 2) node.members.emplace_back("\"unknown\"", Tree::of("null"));
      const Result<DecodedFrame> decoded = test::decode(test::frame(sample.type, root.text()));
      ASSERT_FALSE(decoded) << root.text();
      EXPECT_EQ(decoded.error().code, errc::wrong_type) << test::why(decoded) << "\n" << root.text();
      node.members = only;
      ++tried;
    }
  };
  for (const Sample& sample : samples()) {
    Tree tree = sample.tree;
    visit(sample, tree, tree);
  }
  EXPECT_GT(tried, 3000U);
}

}  // namespace
}  // namespace ft
