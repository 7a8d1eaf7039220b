// SPDX-License-Identifier: Apache-2.0
#include "ftdump/tree.hpp"

#include <algorithm>
#include <string>

#include "ftdump/text.hpp"

namespace ft::tools {

namespace {

constexpr std::size_t kWidth = 120;       // columns of a line, where lines can be broken
constexpr std::size_t kMostItems = 10;    // of a list
constexpr std::size_t kMostNumbers = 16;  // of a list of numbers
constexpr std::size_t kMostText = 400;    // bytes of a string's JSON

bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }

class Tree {
 public:
  Tree(std::string_view json, const TreeStyle& style, Output& out)
      : p_(json.data()), end_(json.data() + json.size()), style_(style), out_(out) {}

  /// The root is always opened up.
  void print() {
    const std::string lead(style_.indent, ' ');
    if (peek() == '{') {
      object(lead, style_.indent, {});
    } else {
      value(lead, style_.indent, {});
    }
  }

 private:
  char peek() noexcept {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
    return p_ != end_ ? *p_ : '\0';
  }

  /// Takes `c` if it is next.
  bool take(char c) noexcept {
    if (peek() != c) return false;
    ++p_;
    return true;
  }

  std::string_view scalar() noexcept {
    const char* const begin = p_;
    if (p_ != end_ && *p_ == '"') {
      for (++p_; p_ != end_ && *p_ != '"'; ++p_) {
        if (*p_ == '\\' && p_ + 1 != end_) ++p_;
      }
      if (p_ != end_) ++p_;
    } else {
      while (p_ != end_ && std::string_view(",:]} \n\r\t").find(*p_) == std::string_view::npos) ++p_;
    }
    return {begin, static_cast<std::size_t>(p_ - begin)};
  }

  void skip() noexcept {
    std::size_t depth = 0;
    do {
      const char c = peek();
      if (c == '{' || c == '[') {
        ++depth;
        ++p_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++p_;
      } else if (c == ',' || c == ':') {
        ++p_;
      } else {
        scalar();
      }
    } while (depth != 0 && p_ != end_);
  }

  /// A key, without its quotation marks if it is a plain word.
  std::string key() {
    peek();
    const std::string_view token = scalar();
    take(':');
    const std::string_view word = token.size() < 2 ? std::string_view() : token.substr(1, token.size() - 2);
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    std::string out;
    append_safe_json(out, plain ? word : token);
    return out;
  }

  void append_scalar(std::string& line) {
    const std::string_view token = scalar();
    if (token.size() <= kMostText || style_.full) return append_safe_json(line, token);
    // Cut between characters and outside of escapes, the longest of which has six bytes, or twelve as a pair.
    std::size_t cut = 1;
    while (cut < kMostText) {
      if (token[cut] == '\\') {
        cut += token[cut + 1] == 'u' ? 6 : 2;
      } else {
        cut += std::max<std::size_t>(1, first_character(token.substr(cut)).length);
      }
    }
    append_safe_json(line, token.substr(0, cut));
    line.append("...\" (").append(std::to_string(token.size() - 2)).append(" bytes)");
  }

  /// The value on one line of at most `room` characters; false, with the cursor as it was, if there is no room.
  bool fits(std::string& line, std::size_t room) {
    const char* const begin = p_;
    const char* const end = end_;
    const std::size_t had = line.size();
    // A line is hardly shorter than its JSON: what does not end within twice the room is not read any further.
    if (static_cast<std::size_t>(end_ - p_) > 2 * room) end_ = p_ + 2 * room;
    const bool fit = append_inline(line, had + room) && p_ != end_;
    end_ = end;
    if (fit) return true;
    p_ = begin;
    line.resize(had);
    return false;
  }

  bool append_inline(std::string& line, std::size_t most) {
    const char open = peek();
    if (open != '{' && open != '[') {
      append_safe_json(line, scalar());
      return line.size() <= most;
    }
    const char shut = open == '{' ? '}' : ']';
    ++p_;
    line += open;
    for (bool first = true; !take(shut); first = false) {
      if (p_ == end_) return false;
      if (!first) {
        take(',');
        line += ", ";
        peek();
      }
      if (open == '{') line.append(key()).append(": ");
      if (!append_inline(line, most)) return false;
    }
    line += shut;
    return line.size() <= most;
  }

  /// `lead` is what the line starts with already; lines below it are indented by `indent`.
  void value(std::string lead, std::size_t indent, const std::string& name) {
    if (!out_.open()) return skip();
    const char kind = peek();
    std::string line = lead;
    if (!name.empty()) line.append(style_.key_on).append(name).append(style_.key_off).append(": ");
    const std::size_t used = lead.size() + name.size() + 2;
    const bool container = kind == '{' || kind == '[';
    if (!container) append_scalar(line);
    const bool joins = p_ + 2 < end_ && kind == '{' && p_[1] == '"' && is_capital(p_[2]);
    if (!container || (!joins && fits(line, used < kWidth ? kWidth - used : 0))) {
      out_ << line << '\n';
    } else if (kind == '{') {
      object(lead, indent, name);
    } else {
      list(lead, indent, name);
    }
  }

  void object(const std::string& lead, std::size_t indent, const std::string& name) {
    take('{');
    std::string first_lead = lead;
    bool first = true, headed = name.empty();
    while (!take('}') && p_ != end_) {
      take(',');
      peek();
      const bool alternative = p_ + 1 < end_ && is_capital(p_[1]);
      const std::string member = key();
      if (alternative) {
        value(first ? first_lead : std::string(indent, ' '), indent, name.empty() ? member : name + "." + member);
      } else {
        if (!headed) {
          out_ << first_lead << style_.key_on << name << style_.key_off << ":\n";
          headed = true;
        }
        const std::size_t inner = name.empty() ? indent : indent + 2;
        value(first && name.empty() ? first_lead : std::string(inner, ' '), inner, member);
      }
      first = false;
    }
  }

  void list(const std::string& lead, std::size_t indent, const std::string& name) {
    take('[');
    const char kind = peek();
    if (kind != '{' && kind != '[' && kind != '"' && !style_.full) return numbers(lead, name);
    if (!name.empty()) out_ << lead << style_.key_on << name << style_.key_off << ":\n";
    const std::size_t inner = name.empty() ? indent : indent + 2;
    std::size_t count = 0;
    for (; !take(']') && p_ != end_; ++count) {
      take(',');
      if (count >= kMostItems && !style_.full) {
        skip();
        continue;
      }
      const bool continues = count == 0 && name.empty();
      value((continues ? lead : std::string(inner, ' ')) + "- ", inner + 2, {});
    }
    if (count > kMostItems && !style_.full) {
      out_ << std::string(inner, ' ') << "... " << std::to_string(count - kMostItems) << " more of "
           << std::to_string(count) << '\n';
    }
  }

  void numbers(const std::string& lead, const std::string& name) {
    std::string line = lead;
    if (!name.empty()) line.append(style_.key_on).append(name).append(style_.key_off).append(": ");
    line += '[';
    std::size_t count = 0;
    for (; !take(']') && p_ != end_; ++count) {
      take(',');
      peek();
      if (count >= kMostNumbers) {
        skip();
        continue;
      }
      if (count != 0) line += ", ";
      if (!fits(line, kWidth)) {
        skip();
        line += "...";
      }
    }
    if (count > kMostNumbers)
      line += ", ... " + std::to_string(count - kMostNumbers) + " more of " + std::to_string(count);
    out_ << line << "]\n";
  }

  const char* p_;
  const char* end_;
  const TreeStyle& style_;
  Output& out_;
};

}  // namespace

void print_tree(std::string_view json, const TreeStyle& style, Output& out) { Tree(json, style, out).print(); }

}  // namespace ft::tools
