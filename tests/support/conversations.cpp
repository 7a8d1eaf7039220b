// SPDX-License-Identifier: Apache-2.0
#include "support/conversations.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "ft/wire/frame.hpp"
#include "support/base64.hpp"
#include "support/frames.hpp"

namespace ft::test {
namespace {

namespace bj = boost::json;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "recorded conversations: %s\n", why.c_str());
  std::abort();
}

Event event_of(const bj::array& pair) {
  const std::string_view who = pair.at(0).as_string();
  const std::string_view what = pair.at(1).as_string();
  if (who != "client" && who != "server") give_up("nobody is called " + std::string(who));
  Event event{who == "client" ? Event::Who::client : Event::Who::server, Event::What::frames, {}};
  if (what == "close") {
    event.what = Event::What::close;
  } else if (what == "half-close") {
    event.what = Event::What::half_close;
  } else if (what == "stays open") {
    event.what = Event::What::stays_open;
  } else {
    std::optional<std::string> bytes = from_base64(what);
    if (!bytes || bytes->size() < kFrameHeaderSize) give_up("no event is called " + std::string(what));
    event.bytes = std::move(*bytes);
  }
  return event;
}

std::vector<Conversation> load() {
  std::ifstream file(std::string(FT_TEST_DATA_DIR) + "/conversations.jsonl");
  std::vector<Conversation> all;
  for (std::string line; std::getline(file, line);) {
    const bj::object object = bj::parse(line).as_object();
    Conversation made{std::string(object.at("name").as_string()), object.at("driver").as_string() == "script", {}};
    for (const bj::value& pair : object.at("events").as_array()) made.events.push_back(event_of(pair.as_array()));
    all.push_back(std::move(made));
  }
  if (all.empty()) give_up("the file cannot be read");
  return all;
}

/// Appends the frames of `bytes`, one by one.
void split(const std::string& bytes, std::vector<std::string>& frames) {
  FrameReader reader(Phase::authenticated);
  reader.feed(bytes_of(bytes));
  while (const std::optional<Frame> next = reader.next().value()) {
    frames.push_back(frame(next->type, {next->payload.data, next->payload.size}));
  }
  reader.finish().value();
}

}  // namespace

const std::vector<Conversation>& conversations() {
  static const std::vector<Conversation> all = load();
  return all;
}

const Conversation& conversation(std::string_view name) {
  const auto& all = conversations();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Conversation& c) { return c.name == name; });
  if (found == all.end()) give_up("none is called " + std::string(name));
  return *found;
}

std::string test_name(const Conversation& conversation) {
  std::string name;
  bool begins = true;
  for (const char c : conversation.name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) name.push_back(begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    begins = !letter;
  }
  return name;
}

std::vector<Exchange> exchanges(const Conversation& conversation) {
  std::vector<std::string> asked;
  std::vector<std::string> answered;
  for (const Event& event : conversation.events) {
    if (event.what == Event::What::frames) split(event.bytes, event.who == Event::Who::client ? asked : answered);
  }
  if (asked.size() != answered.size()) give_up("a frame without an answer: " + conversation.name);
  std::vector<Exchange> all;
  for (std::size_t i = 0; i < asked.size(); ++i) all.push_back({std::move(asked[i]), std::move(answered[i])});
  return all;
}

}  // namespace ft::test
