// SPDX-License-Identifier: Apache-2.0
//
// The look-up of names in tables that the generator laid out: both sides compute the same hash.
#include "ft/json/names.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "name_tables.hpp"

namespace ft::json {
namespace {

const std::vector<const NameTable*>& tables() {
  static const std::vector<const NameTable*> all = {&kEveryLength, &kAliases, &kMiddles,
                                                    &kBeyondAscii, &kLargest, &kOne};
  return all;
}

/// Looks up with some bytes behind the name, as in a payload. Eight bytes are readable from wherever the name begins.
unsigned find(const NameTable& table, const std::string& name, char behind = '"') {
  const std::string text = name + std::string(8, behind);
  return table.find(text.data(), name.size());
}

bool contains(const NameTable& table, std::string_view name) {
  for (const NameEntry& entry : table.entries) {
    if (entry.name == name) return true;
  }
  return false;
}

TEST(Names, EachIsFoundWhateverStandsBehindIt) {
  for (const NameTable* table : tables()) {
    for (const NameEntry& entry : table->entries) {
      for (const char behind : {'"', '\0', 'a', '\xFF'}) {
        EXPECT_EQ(find(*table, std::string(entry.name), behind), entry.index) << entry.name;
      }
    }
  }
}

TEST(Names, NoOtherIsFound) {
  std::size_t tried = 0;
  const auto expect_none = [&](const NameTable& table, const std::string& name) {
    if (contains(table, name)) return;
    EXPECT_EQ(find(table, name), NameTable::kNone) << name;
    ++tried;
  };
  for (const NameTable* table : tables()) {
    for (const NameEntry& entry : table->entries) {
      const std::string name(entry.name);
      expect_none(*table, name + "x");
      expect_none(*table, "x" + name);
      expect_none(*table, name + std::string(1, '\0'));
      for (std::size_t i = 0; i < name.size(); ++i) {
        expect_none(*table, name.substr(0, i));
        expect_none(*table, name.substr(i));
        for (const unsigned flip : {0x01U, 0x20U, 0x80U}) {
          std::string changed = name;
          changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ flip);
          expect_none(*table, changed);
        }
      }
    }
    expect_none(*table, "");
    expect_none(*table, std::string(1000, 'a'));
  }
  EXPECT_GT(tried, 5000U);
}

TEST(Names, TheLargestTableIsFull) {
  EXPECT_EQ(kLargest.entries.size(), 254U);
  EXPECT_EQ(find(kLargest, "variant_253"), 253U);
  EXPECT_EQ(find(kLargest, "variant_254"), NameTable::kNone);
}

TEST(Load, IsLittleEndian) {
  const char bytes[] = "\x01\x02\x03\x04\x05\x06\x07\x08";
  EXPECT_EQ(load64(bytes), 0x0807060504030201U);
  EXPECT_EQ(load32(bytes), 0x04030201U);
}

}  // namespace
}  // namespace ft::json
