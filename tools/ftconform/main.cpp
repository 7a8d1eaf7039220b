// SPDX-License-Identifier: Apache-2.0
//
// ftconform: the door for differential testing. Another implementation sends frames, this one tells what it makes of
// them.
//
//   in:   {"id": any JSON value, "frame": base64, "version": to encode it in; that of the frame if it is left out}
//   out:  {"id": ..., "ok": true, "consumed": N, "canonical": base64 of the re-encoded whole frame, "broken": null}
//         {"id": ..., "ok": false, "code": ..., "offset": N, "path": ..., "message": ...}
//
// A line in, a line out, in order; empty lines are passed over. Frames are decoded and encoded again; "broken" is the
// first rule of the schema that the payload of a good frame breaks, if there is one: {"path": ..., "rule": its
// sentence}. A line that is not a request itself gets an answer with the code "bad_request". Exit status: 0 at the end
// of the input, 2 for wrong usage, 3 when input or output fail.
#include <boost/json.hpp>

#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "../common/base64.hpp"
#include "ft/protocol.hpp"

namespace {

namespace json = boost::json;

json::object refusal(const json::value& id, std::string_view code, const ft::Error& error) {
  json::object answer{{"id", id}, {"ok", false}, {"code", code}};
  if (error.offset == ft::Error::no_offset) {
    answer["offset"] = nullptr;
  } else {
    answer["offset"] = error.offset;
  }
  answer["path"] = error.path;
  answer["message"] = error.message();
  return answer;
}

json::object bad_request(const json::value& id, std::string_view message) {
  return {{"id", id}, {"ok", false}, {"code", "bad_request"}, {"offset", nullptr}, {"path", ""}, {"message", message}};
}

/// The first rule that the payload breaks, with a path that begins at the envelope; null if it keeps all of them.
json::value broken_rule(const ft::TransportEnvelope& envelope) {
  const ft::Version version = ft::nearest_version(envelope.version);
  json::value broken;
  envelope.payload.visit([&](const auto& alternative) {
    if constexpr (requires { validate(alternative.value, version); }) {
      if (const ft::Result<void> valid = validate(alternative.value, version); !valid) {
        const std::string path =
            std::string("$.payload.").append(envelope.payload.name()).append(valid.error().path.substr(1));
        broken = {{"path", path}, {"rule", valid.error().detail}};
      }
    }
  });
  return broken;
}

json::object answer(const json::value& id, std::string_view frame, std::optional<ft::Version> version,
                    ft::PaddedBuffer& out) {
  ft::Result<ft::DecodedFrame> decoded = ft::decode_frame(std::as_bytes(std::span(frame)));
  if (!decoded) return refusal(id, ft::to_name(decoded.error().code), decoded.error());
  const json::value broken = broken_rule(decoded->envelope);
  if (version) decoded->envelope.version = *version;
  out.resize(0);
  if (const ft::Result<void> encoded = ft::encode_envelope(decoded->envelope, out); !encoded) {
    return refusal(id, ft::to_name(encoded.error().code), encoded.error());
  }
  return {{"id", id},
          {"ok", true},
          {"consumed", decoded->consumed},
          {"canonical", ft::tools::encode_base64({out.data(), out.size()})},
          {"broken", broken}};
}

json::object answer_line(std::string_view line, ft::PaddedBuffer& out) {
  boost::system::error_code failed;
  const json::value request = json::parse(line, failed);
  if (failed || !request.is_object()) return bad_request(nullptr, "the line is not a JSON object");
  const json::object& object = request.as_object();
  const json::value* const given = object.if_contains("id");
  const json::value id = given != nullptr ? *given : json::value();
  const json::value* const frame = object.if_contains("frame");
  if (frame == nullptr || !frame->is_string()) return bad_request(id, "\"frame\" must be a string of base64");
  const std::optional<std::string> bytes = ft::tools::decode_base64(frame->as_string());
  if (!bytes) return bad_request(id, "\"frame\" is not base64");
  std::optional<ft::Version> version;
  if (const json::value* const wanted = object.if_contains("version")) {
    const boost::system::result<ft::Version> number = json::try_value_to<ft::Version>(*wanted);
    if (!number || !ft::speaks(*number)) return bad_request(id, "\"version\" must be one that is spoken here");
    version = *number;
  }
  return answer(id, *bytes, version, out);
}

}  // namespace

int main(int argc, char**) {
  if (argc != 1) {
    std::cerr << "usage: ftconform < REQUESTS > ANSWERS\n"
                 "Each line in is {\"id\": ..., \"frame\": base64}, with \"version\": N to encode the frame in another "
                 "version;\n"
                 "each line out tells whether the frame decodes, and its canonical form. There are no options.\n";
    return 2;
  }
  std::ios::sync_with_stdio(false);
  ft::PaddedBuffer out;
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::cout << json::serialize(answer_line(line, out)) << '\n';
    if (std::cin.rdbuf()->in_avail() <= 0) std::cout.flush();  // whoever waits for this answer gets it
  }
  std::cout.flush();
  return std::cin.bad() || !std::cout ? 3 : 0;
}
