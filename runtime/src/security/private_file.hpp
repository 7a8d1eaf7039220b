// SPDX-License-Identifier: Apache-2.0
//
// Opens a file to append to that nobody but its owner may read: key logs, captures.
//
//   const ft::PrivateFile file = ft::open_private("/var/log/keys.log");
//   if (file.descriptor < 0) give_up(file.error);
//
// Owner and mode are those of the file that was opened, so nothing can change between the check and the first write.
#pragma once

#include <filesystem>
#include <string>

namespace ft {

struct PrivateFile {
  int descriptor = -1;  // the caller's to close
  std::string error;    // why there is none

  PrivateFile();
};

/// Creates it with mode 600 if it does not exist. Refused, at once: a link, a pipe, a device, a folder, a file of
/// another user, one with a mode beyond 600. `flags` are added to those of open(2).
PrivateFile open_private(const std::filesystem::path& file, int flags = 0);

}  // namespace ft
