// SPDX-License-Identifier: Apache-2.0
//
// Who may have access to a file with a secret, whoever runs the tests.
#include "security/secret_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ios>

#include "support/temporary_folder.hpp"

namespace ft {
namespace {

constexpr uid_t kRoot = 0, kUser = 1000;

TEST(SecretFile, OfAUserIsTheirsAlone) {
  for (const mode_t mode : {0600U, 0400U, 0700U, 0000U})
    EXPECT_FALSE(is_open_to_others(kUser, mode)) << std::oct << mode;
  for (const mode_t mode : {0640U, 0440U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0777U}) {
    EXPECT_TRUE(is_open_to_others(kUser, mode)) << std::oct << mode;
  }
}

TEST(SecretFile, OfRootMayBeReadByItsGroup) {
  for (const mode_t mode : {0600U, 0400U, 0640U, 0440U})
    EXPECT_FALSE(is_open_to_others(kRoot, mode)) << std::oct << mode;
  for (const mode_t mode : {0660U, 0620U, 0650U, 0610U, 0644U, 0604U, 0602U, 0601U, 0777U}) {
    EXPECT_TRUE(is_open_to_others(kRoot, mode)) << std::oct << mode;
  }
}

TEST(SecretFile, IsJudgedByItsOwnerAndMode) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("secret", "x", 0640);
  struct stat status = {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(read_secret_file("secret", file).has_value(), status.st_uid == 0);
}

}  // namespace
}  // namespace ft
