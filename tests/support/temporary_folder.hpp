// SPDX-License-Identifier: Apache-2.0
//
// A folder for the files of one test, removed with all that is in it.
//
//   const test::TemporaryFolder folder;
//   const std::filesystem::path file = folder.write("token", "secret\n");  // mode 600
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ft::test {

class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const noexcept { return path_; }

  /// Makes or replaces a file and gives it `mode`. Ends the test program if it cannot.
  std::filesystem::path write(const std::string& name, std::string_view content, unsigned mode = 0600) const;

 private:
  std::filesystem::path path_;
};

}  // namespace ft::test
