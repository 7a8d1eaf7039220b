// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/protocol.hpp"

namespace {

using ft::MessageType;

/// Decodes behind a gate that wants the key "open"; `asked` counts how often it was asked.
ft::Result<ft::Letter> deliver(std::string_view json, int& asked) {
  const ft::EnvelopeGate gate = [&asked](const ft::Letter& head) -> std::optional<ft::Error> {
    ++asked;
    if (head.version > ft::PROTOCOL_VERSION)
      return ft::Error(ft::errc::version_unsupported, ft::Error::no_offset, "$", "");
    if (head.key.reveal() != "open") return ft::Error(ft::errc::authentication_failed, ft::Error::no_offset, "$", "");
    return std::nullopt;
  };
  const auto buffer = ft::PaddedBuffer::copy_of(std::as_bytes(std::span(json)));
  ft::json::Reader r(buffer.view(), {ft::MAX_DEPTH, ft::default_budget(json.size())});
  ft::Letter letter;
  if (decode_gated(r.begin(), letter, r, gate) == nullptr) return r.take_error();
  return letter;
}

bool carries(MessageType type, const ft::Content& content) { return ft::may_carry(type, content); }

}  // namespace

int main() {
  static_assert(ft::MIN_PROTOCOL_VERSION == 1 && ft::PROTOCOL_VERSION == 3 && ft::MAX_PAYLOAD == 1000 &&
                ft::MAX_DEPTH == 127);
  static_assert(ft::default_budget(10) == 65536 + 80);
  CHECK(ft::max_payload(ft::Phase::public_) == 100 && ft::max_payload(ft::Phase::trusted) == 1000);

  round_trip<ft::Letter>(R"({"version":1,"key":"k","content":{"Ask":{"text":"why","depth":2}}})");
  round_trip<ft::Letter>(R"({"version":3,"key":"","content":{"Answer":{"Failed":"no"}},"trace":"here"})");
  reads_as<ft::Letter>(R"({"content":{"Ask":{"text":""}},"version":2})",
                       R"({"version":2,"key":"","content":{"Ask":{"text":"","depth":1}}})");

  const ft::Content ask = ft::Content::Ask{}, stop = ft::Content::Tag::Stop;
  const ft::Content done = ft::Content::Answer(ft::Answer::Done(1)),
                    later = ft::Content::Answer(ft::Answer::Tag::Later);
  const ft::Content failed = ft::Content::Answer(ft::Answer::Failed("x"));
  const ft::Content sport = ft::Content::News(ft::News::Sport("x")),
                    weather = ft::Content::News(ft::News::Weather("x"));
  CHECK(message_type_of(ask) == ft::MSG_ASK && message_type_of(stop) == ft::MSG_STOP);
  CHECK(message_type_of(done) == ft::MSG_ANSWER && message_type_of(later) == ft::MSG_ANSWER);
  CHECK(message_type_of(failed) == ft::MSG_FAILURE);
  CHECK(message_type_of(sport) == ft::MSG_NEWS && message_type_of(weather) == ft::MSG_NEWS);
  CHECK(carries(ft::MSG_ASK, ask) && carries(ft::MSG_STOP, ask) && carries(ft::MSG_STOP, stop) &&
        !carries(ft::MSG_ASK, stop));
  CHECK(carries(ft::MSG_ANSWER, done) && carries(ft::MSG_ANSWER, failed) && carries(ft::MSG_ANSWER, later));
  CHECK(carries(ft::MSG_FAILURE, failed) && !carries(ft::MSG_FAILURE, done) && !carries(ft::MSG_NEWS, failed));
  CHECK(carries(ft::MSG_SPORT, sport) && !carries(ft::MSG_SPORT, weather) && carries(ft::MSG_NEWS, weather));
  CHECK(ft::is_message_type(0x81) && ft::is_message_type(0xff) && !ft::is_message_type(0x03));
  CHECK(static_cast<int>(ft::MSG_FAILURE) == 0x82 && to_name(ft::MSG_SPORT) == "MSG_SPORT");

  int asked = 0;
  CHECK(deliver(R"({"version":1,"key":"open","content":"Stop"})", asked).has_value() && asked == 1);
  CHECK(deliver(R"({"content":"Stop","key":"open","version":1})", asked).has_value() && asked == 2);
  CHECK(deliver(R"({"version":1,"key":"shut","content":{"Ask":5}})", asked).error().code ==
        ft::errc::authentication_failed);
  CHECK(deliver(R"({"content":{"Ask":5},"version":4,"key":"open"})", asked).error().code ==
        ft::errc::version_unsupported);
  CHECK(asked == 4);
  CHECK(deliver(R"({"version":1,"key":"open","content":{"Ask":5}})", asked).error().path == "$.content.Ask");
  CHECK(deliver(R"({"content":{"Ask":5},"version":1,"key":"open"})", asked).error().path == "$.content.Ask");
  return report();
}
