// SPDX-License-Identifier: Apache-2.0
//
// Records as text: a line each, with a tree or the bytes below it on request, or a JSON object each.
//
//   Renderer renderer({.view = View::line, .tree = true}, out);
//   renderer.start("capture.frame");
//   renderer.show(record);
//
// Secrets: none is shown unless `show_secrets`. What does not decode is not shown at all then, for a cut or malformed
// frame may hold a token anywhere; nor are the bytes of a frame whose secrets cannot be told apart from the rest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ftdump/output.hpp"
#include "ftdump/scanner.hpp"

namespace ft::tools {

struct Format {
  bool json = false;  // one object a line, instead of text
  bool tree = false;  // below the line
  bool hex = false;   // below the line
  bool full = false;  // shorten nothing in the tree
  bool show_secrets = false;
  bool headings = false;  // name each file
  bool colour = false;
};

class Renderer {
 public:
  Renderer(const Format& format, Output& out) : format_(format), out_(out) {}

  /// The records that follow are those of this file.
  void start(std::string_view file);
  void show(const Record& record);

 private:
  void show_line(const Record& record);
  void show_json(const Record& record);
  void show_tree(const Record& record);
  void show_hex(const Record& record);
  void show_problem(const Record& record);
  std::string_view encode(const TransportEnvelope& envelope, bool masked, PaddedBuffer& buffer) const;
  std::string_view colour(std::string_view code) const noexcept { return format_.colour ? code : std::string_view(); }

  Format format_;
  Output& out_;
  std::string file_;  // as JSON
  bool started_ = false;
  PaddedBuffer buffer_, wire_;  // for the texts of one envelope
};

}  // namespace ft::tools
