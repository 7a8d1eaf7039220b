// SPDX-License-Identifier: Apache-2.0
#include "ftexec/table.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ft/print.hpp"

namespace ft::tools {
namespace {

constexpr std::size_t kWidest = 40;

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

/// As JSON has it, without the quotation marks around a text: control characters are escapes there.
std::string escaped(std::string_view text) {
  std::string json = to_text(Value::Text(text));  // {"Text":"..."}
  const std::size_t opening = json.find(':') + 2;
  return json.substr(opening, json.size() - opening - 2);
}

std::string shown(const Value& value) {
  if (value.tag() == Value::Tag::Null) return "";
  const std::string json = to_text(value);  // {"Tag":payload}
  const std::size_t colon = json.find(':');
  std::string payload = json.substr(colon + 1, json.size() - colon - 2);
  if (payload.size() >= 2 && payload.front() == '"') payload = payload.substr(1, payload.size() - 2);
  return payload;
}

std::string shortened(std::string text) {
  if (width(text) <= kWidest) return text;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size(); ++end) {
    if (starts_character(text[end]) && ++characters == kWidest) break;
  }
  return text.substr(0, end) + "…";
}

void pad(std::ostream& out, const std::string& text, std::size_t to) {
  out << text << std::string(to - std::min(to, width(text)), ' ');
}

void print_row(std::ostream& out, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out << (i == 0 ? " " : " | ");
    if (i + 1 < cells.size()) {
      pad(out, cells[i], widths[i]);
    } else {
      out << cells[i];
    }
  }
  out << '\n';
}

void print_rows(std::ostream& out, const ExecutionResult::Query& query) {
  std::vector<std::vector<std::string>> lines(1);
  for (const ResultField& column : query.columns) lines.front().push_back(shortened(escaped(column.name)));
  for (std::size_t i = 0; i < query.rows.size(); ++i) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const Value& value : query.rows[i]) line.push_back(shortened(shown(value)));
  }
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  }
  print_row(out, lines.front(), widths);
  for (std::size_t i = 0; i < widths.size(); ++i) out << (i == 0 ? "-" : "-+-") << std::string(widths[i], '-');
  out << "-\n";
  for (std::size_t i = 1; i < lines.size(); ++i) print_row(out, lines[i], widths);
  out << '(' << query.rows.size() << (query.rows.size() == 1 ? " row)\n" : " rows)\n");
}

}  // namespace

void print(std::ostream& out, const ExecutionResult& result) {
  if (const auto* query = result.get_if<ExecutionResult::Query>()) {
    print_rows(out, *query);
  } else if (const auto* command = result.get_if<ExecutionResult::Command>()) {
    out << escaped(command->tag);
    if (command->rows_affected != 0) out << ' ' << command->rows_affected;
    out << '\n';
  } else if (const auto* copy = result.get_if<ExecutionResult::CopyOut>()) {
    out << copy->data;
    if (!copy->data.ends_with('\n')) out << '\n';
  } else {
    out << to_text(result) << '\n';
  }
}

}  // namespace ft::tools
