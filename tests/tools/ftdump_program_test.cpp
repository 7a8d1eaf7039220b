// SPDX-License-Identifier: Apache-2.0
//
// ftdump as a user meets it: the built program, run in all of its modes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "common/base64.hpp"
#include "tools/frames.hpp"
#include "tools/run.hpp"

namespace ft::tools {
namespace {

using namespace std::string_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Arguments = std::vector<std::string>;

Outcome dump(std::string_view input, Arguments arguments = {}, Setting setting = {}) {
  arguments.emplace_back("-");
  setting.input = input;
  return run("ftdump", arguments, setting);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string hex_of(std::string_view bytes, std::string_view between) {
  std::string out;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out.append(out.empty() ? "" : between).append(digits);
  }
  return out;
}

const std::string kAck = ack_frame(9);
const std::vector<Arguments> kModes = {{},        {"-v"},          {"-v", "--full"},     {"--json"},
                                       {"--hex"}, {"-v", "--hex"}, {"--color", "always"}};

// -- what is shown --------------------------------------------------------------------------------------------

/// As a capture writes it.
std::string captured(std::string frame, unsigned connection) {
  std::string payload = frame.substr(kFrameHeaderSize, frame.size() - kFrameHeaderSize - 1);
  payload += ",\"connection\":" + std::to_string(connection) + "}";
  return frame_of(static_cast<std::uint8_t>(frame[0]), payload);
}

TEST(FtdumpProgram, TellsTheConnectionsOfACaptureApart) {
  const std::string capture = captured(frame_of(request("***", 0)), 3) + captured(kAck, 12) + captured(kAck, 3) + kAck;
  const std::vector<std::string> all = lines_of(dump(capture).out);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_THAT(all[0], StartsWith("       0  #3   -> MSG_EXECUTE_FRAGMENT "));
  EXPECT_THAT(all[1], HasSubstr("  #12  <- MSG_FRAGMENT_RESULT "));
  EXPECT_THAT(all[2], HasSubstr("  #3   <- MSG_FRAGMENT_RESULT "));
  EXPECT_THAT(all[3], HasSubstr("  <- MSG_FRAGMENT_RESULT "));
  EXPECT_THAT(all[3], Not(HasSubstr("#")));
  for (const std::string& line : all) EXPECT_THAT(line, Not(HasSubstr("unknown key")));
  EXPECT_EQ(lines_of(dump(capture, {"--connection", "3"}).out), (std::vector{all[0], all[2]}));
  EXPECT_EQ(dump(capture, {"--connection", "-3"}).status, 2);
  const auto object = boost::json::parse(lines_of(dump(capture, {"--json"}).out)[1]).as_object();
  EXPECT_EQ(object.at("connection"), 12);
  EXPECT_EQ(object.at("unknown_keys"), 0);
  EXPECT_THAT(dump(capture, {"--hex"}).out, Not(HasSubstr("withheld")));
}

TEST(FtdumpProgram, KeysThatOnlyLookLikeACapturesAreUnknown) {
  for (const char* value : {"-1", "\"3\"", "3.5", "99999999999999999999"}) {
    std::string payload = kAck.substr(kFrameHeaderSize, kAck.size() - kFrameHeaderSize - 1);
    payload += std::string(",\"connection\":") + value + "}";
    EXPECT_THAT(dump(frame_of(static_cast<std::uint8_t>(kAck[0]), payload)).out,
                HasSubstr("[1 unknown key passed over]"))
        << value;
  }
}

TEST(FtdumpProgram, TellsWhyAFrameWasNotCaptured) {
  const std::string record =
      frame_of(0x01, R"({"not_captured":"51 bytes: unexpected \u001b end","connection":3})") + captured(kAck, 3);
  const Outcome outcome = dump(record);
  EXPECT_EQ(outcome.status, 1);
  ASSERT_EQ(lines_of(outcome.out).size(), 2U);
  EXPECT_THAT(lines_of(outcome.out)[0], HasSubstr("  #3   -> MSG_EXECUTE_FRAGMENT "));
  EXPECT_THAT(lines_of(outcome.out)[0], HasSubstr(" B  !! not captured: 51 bytes: unexpected "));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(dump(record, {"-v"}).out, HasSubstr("its bytes are not in the capture"));
  const auto object = boost::json::parse(lines_of(dump(record, {"--json"}).out)[0]).as_object();
  EXPECT_EQ(object.at("not_captured"), "51 bytes: unexpected \x1b end");
  EXPECT_EQ(object.at("connection"), 3);
}

TEST(FtdumpProgram, ALineForEachFrame) {
  const Outcome outcome = dump(frame_of(request("sesame", 5)) + kAck);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  const std::vector<std::string> lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], StartsWith("       0  -> MSG_EXECUTE_FRAGMENT "));
  EXPECT_THAT(lines[0],
              HasSubstr(" v1 token=***(6 bytes)  request 7: InternalNoOp \"ping\", txn 10 \"read committed\", "
                        "limits 1000 rows/1 MiB/mem 1 MiB/temp 1 MiB, key ***"));
  EXPECT_THAT(lines[1], HasSubstr("<- MSG_FRAGMENT_RESULT "));
  EXPECT_THAT(lines[1], EndsWith("v1 token=\"\"  cancel of 9 acknowledged"));
  // In a capture that a program wrote, nobody knows any more how long it was.
  const std::string redacted = frame_of(request("***", 5));
  EXPECT_THAT(dump(redacted).out, HasSubstr(" v1 token=***  request 7: "));
  EXPECT_TRUE(boost::json::parse(lines_of(dump(redacted, {"--json"}).out)[0]).at("token_bytes").is_null());
}

TEST(FtdumpProgram, TheDemoFiles) {
  const Outcome rows = run("ftdump", {demo_file("answer_with_rows.frame")});
  EXPECT_EQ(rows.status, 0);
  EXPECT_THAT(rows.out, HasSubstr("answer to 7: 3 rows of 9 columns: id, big, name, score"));
  const Outcome join = run("ftdump", {demo_file("join_plan.frame")});
  EXPECT_THAT(join.out, HasSubstr("request 1: HashJoin of 3 nodes, tables 16401 16402, txn 10"));
  const Outcome talk = run("ftdump", {demo_file("conversation.frame")});
  EXPECT_EQ(talk.status, 0);
  EXPECT_EQ(lines_of(talk.out).size(), 6U);
  EXPECT_THAT(talk.out, HasSubstr("error of request 50: \"57014\" \"query canceled\""));
  const Outcome broken = run("ftdump", {demo_file("broken_capture.frame")});
  EXPECT_EQ(broken.status, 1);
  EXPECT_EQ(lines_of(broken.out).size(), 8U);
  EXPECT_THAT(broken.err, HasSubstr("4 frames, 4 anomalies of 764 bytes"));
}

TEST(FtdumpProgram, NotesOnWhatAReceiverWouldNotTake) {
  TransportEnvelope envelope = request("t", 1, 0);
  envelope.version = 9;
  EXPECT_THAT(dump(frame_of(envelope)).out, HasSubstr("[version outside 1..1]  [a server refuses this: request_id"));
  const std::string payload =
      R"({"version":1,"auth_token":"","x":1,"payload":{"FragmentResult":{"CancelAck":{"request_id":1}}}})";
  const Outcome outcome = dump(frame_of(0x83, payload));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("[usually sent as MSG_FRAGMENT_RESULT]  [1 unknown key passed over]"));
}

TEST(FtdumpProgram, ATree) {
  EXPECT_THAT(dump(frame_of(request("sesame", 5)), {"-v"}).out,
              HasSubstr("\n    version: 1\n    auth_token: \"***\"\n    payload.ExecuteFragment:\n"
                        "      request_id: 7\n      plan.InternalNoOp: {tag: \"ping\", notice: null}\n"));
}

TEST(FtdumpProgram, JsonIsAnObjectALine) {
  const Outcome outcome = dump(frame_of(request("sesame", 5)) + "garbage" + kAck, {"--json"});
  EXPECT_EQ(outcome.status, 1);
  const std::vector<std::string> lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 3U);
  const boost::json::value frame = boost::json::parse(lines[0]);
  EXPECT_EQ(frame.at("offset"), 0);
  EXPECT_EQ(frame.at("type"), "MSG_EXECUTE_FRAGMENT");
  EXPECT_EQ(frame.at("direction"), "request");
  EXPECT_EQ(frame.at("token_bytes"), 6);
  EXPECT_EQ(frame.at("envelope").at("payload").at("ExecuteFragment").at("plan").at("InternalNoOp").at("tag"), "ping");
  EXPECT_EQ(frame.at("envelope").at("auth_token"), "***");
  const boost::json::value garbage = boost::json::parse(lines[1]);
  EXPECT_EQ(garbage.at("length"), 7);
  EXPECT_TRUE(garbage.at("type").is_null());
  EXPECT_EQ(garbage.at("error").at("code"), "unknown_message_type");
  EXPECT_EQ(garbage.at("error").at("offset"), garbage.at("offset"));
  EXPECT_EQ(garbage.at("next"), boost::json::parse(lines[2]).at("offset"));
}

TEST(FtdumpProgram, JsonHoldsExactlyWhatWasSent) {
  for (const char* const name : {"answer_with_rows.frame", "join_plan.frame"}) {
    const std::string frame = read_file(demo_file(name));
    const Outcome outcome = dump(frame, {"--json", "--show-secrets"});
    ASSERT_EQ(outcome.status, 0);
    EXPECT_EQ(boost::json::parse(outcome.out).at("envelope"), boost::json::parse(frame.substr(5))) << name;
  }
}

TEST(FtdumpProgram, HexShowsTheBytesAroundSecrets) {
  const std::string frame = frame_of(request("sesame", 12345));
  const Outcome outcome = dump(frame, {"--hex"});
  EXPECT_THAT(outcome.out, HasSubstr("\n  00000000  01 "));
  EXPECT_THAT(outcome.out, HasSubstr("7b 22 76  65 72 73 69 6f 6e 22 3a  |"));
  EXPECT_THAT(outcome.out, HasSubstr("|1,\"auth_token\":*|"));
  EXPECT_THAT(outcome.out, HasSubstr("|*******,\"payload|"));
  const Outcome bare = dump(frame, {"--hex", "--show-secrets"});
  EXPECT_EQ(dump(bare.out.substr(bare.out.find('\n') + 1), {"--from-hex"}).out, dump(frame).out);
}

// -- input ----------------------------------------------------------------------------------------------------

TEST(FtdumpProgram, HexadecimalTextIsRecognised) {
  const std::string frames = frame_of(request("sesame", 5)) + kAck;
  const std::string wanted = dump(frames).out;
  EXPECT_EQ(dump(hex_of(frames, "")).out, wanted);
  EXPECT_EQ(dump(hex_of(frames, " ") + "\n").out, wanted);
  EXPECT_EQ(dump(hex_of(frames, ""), {"--from-hex"}).out, wanted);
  EXPECT_EQ(dump("").status, 0);
  EXPECT_EQ(dump("0102").status, 1);  // four bytes that are no frame
}

TEST(FtdumpProgram, TextThatIsNoHexIsUnreadable) {
  const Outcome outcome = dump(hex_of(kAck, "") + "\nand so on\n", {"--from-hex"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(lines_of(outcome.out).size(), 1U);
  EXPECT_THAT(outcome.err, HasSubstr("line 2"));
}

TEST(FtdumpProgram, SeveralFilesHaveHeadings) {
  const std::string a = demo_file("join_plan.frame"), b = demo_file("answer_with_rows.frame");
  const Outcome outcome = run("ftdump", {a, b});
  EXPECT_THAT(outcome.out, StartsWith("==> " + a + " <==\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\n\n==> " + b + " <==\n"));
}

TEST(FtdumpProgram, UnreadableFilesDoNotStopTheOthers) {
  const Outcome outcome = run("ftdump", {"/no/such\x1b[31m", "/", demo_file("join_plan.frame")});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.out, HasSubstr("HashJoin"));
  EXPECT_THAT(outcome.err, HasSubstr("ftdump: /no/such\\u001b[31m: No such file"));
  EXPECT_THAT(outcome.err, HasSubstr("ftdump: /: Is a directory"));
}

// -- the command line and the outside world -------------------------------------------------------------------

TEST(FtdumpProgram, WrongUsage) {
  for (const Arguments& wrong : {Arguments{"--nonsense"}, Arguments{"--json", "-v", "-"},
                                 Arguments{"--json", "--hex", "-"}, Arguments{"--color", "sometimes", "-"}}) {
    const Outcome outcome = run("ftdump", wrong);
    EXPECT_EQ(outcome.status, 2) << wrong[0];
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("ftdump --help"));
  }
}

TEST(FtdumpProgram, Help) {
  const Outcome outcome = run("ftdump", {"--help"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("Exit status: 0 all is well, 1 anomalies, 2 wrong usage, 3"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(FtdumpProgram, AClosedPipeIsQuiet) {
  std::string many;
  while (many.size() < 1000000) many += kAck;
  for (const Arguments& mode : kModes) {
    const Outcome outcome = dump(many, mode, {.closed_output = true});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.err, IsEmpty());
  }
}

TEST(FtdumpProgram, AFullDiskIsToldAndIsAnError) {
  const Outcome outcome = dump(kAck, {}, {.full_output = true});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.err, HasSubstr("standard output: No space left"));
}

TEST(FtdumpProgram, HelpThatCannotBeWrittenIsAnErrorToo) {
  EXPECT_EQ(ft::tools::run("ftdump", {"--help"}, {.full_output = true}).status, 3);
  EXPECT_EQ(ft::tools::run("ftdump", {"--help"}).status, 0);
}

TEST(FtdumpProgram, ColourOnATerminalOnly) {
  const std::string escape = "\x1b[";
  EXPECT_THAT(dump(kAck).out, Not(HasSubstr(escape)));
  EXPECT_THAT(dump(kAck, {"--color", "always"}).out, HasSubstr(escape));
  const std::string file = demo_file("join_plan.frame");
  const auto on_terminal = [&](std::map<std::string, std::string> environment, Arguments arguments) {
    arguments.push_back(file);
    return run("ftdump", arguments, {.environment = std::move(environment), .terminal = true}).out;
  };
  EXPECT_THAT(on_terminal({{"TERM", "xterm"}}, {}), HasSubstr(escape));
  EXPECT_THAT(on_terminal({{"TERM", "xterm"}, {"NO_COLOR", ""}}, {}), HasSubstr(escape));
  EXPECT_THAT(on_terminal({{"TERM", "xterm"}, {"NO_COLOR", "1"}}, {}), Not(HasSubstr(escape)));
  EXPECT_THAT(on_terminal({{"TERM", "dumb"}}, {}), Not(HasSubstr(escape)));
  EXPECT_THAT(on_terminal({{"TERM", "xterm"}}, {"--color=never"}), Not(HasSubstr(escape)));
}

// -- what must never be shown ---------------------------------------------------------------------------------

constexpr std::string_view kToken = "Zq9!vK7#xW2@pL5$ \"jH8\\";
constexpr std::string_view kPassword = "Mf4%tB6^yN1&";
constexpr std::uint64_t kKey = 8642097531864209753U;

std::string frame_full_of_secrets() {
  TransportEnvelope envelope = request(kToken, kKey);
  auto& plan = envelope.payload.get_if<TransportPayload::ExecuteFragment>()->value.plan;
  auto& role = plan.emplace<PhysicalPlan::AlterRole>();
  role.current_password_hash = SecretString(kPassword);
  role.new_password = SecretString(kPassword);
  return frame_of(envelope);
}

/// Whether `shown` holds a piece of a secret, in any of the forms in which bytes get printed.
testing::AssertionResult shows_no_secret(const std::string& shown) {
  constexpr std::size_t kPiece = 5;
  const std::string key = std::to_string(kKey);
  for (const std::string_view secret : {kToken, kPassword, std::string_view(key)}) {
    for (std::size_t at = 0; at + kPiece <= secret.size(); ++at) {
      const std::string piece(secret.substr(at, kPiece));
      const std::string reversed(piece.rbegin(), piece.rend());
      for (const std::string& form : {piece, reversed, hex_of(piece, ""), hex_of(piece, " "), hex_of(reversed, ""),
                                      hex_of(reversed, " "), encode_base64(piece).substr(0, 6)}) {
        if (shown.find(form) != std::string::npos) {
          return testing::AssertionFailure() << "a secret is shown as " << form << ":\n" << shown;
        }
      }
    }
  }
  return testing::AssertionSuccess();
}

TEST(FtdumpSecrets, AreMaskedInEveryMode) {
  const std::string frame = frame_full_of_secrets();
  for (const Arguments& mode : kModes) {
    const Outcome outcome = dump(frame, mode);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(shows_no_secret(outcome.out + outcome.err));
  }
}

TEST(FtdumpSecrets, TheTestFindsThemWhenTheyAreShown) {
  for (Arguments mode : kModes) {
    mode.emplace_back("--show-secrets");
    EXPECT_FALSE(shows_no_secret(dump(frame_full_of_secrets(), mode).out)) << mode[0];
  }
}

TEST(FtdumpSecrets, StayHiddenInFormsThatAreNotCanonical) {
  std::string payload = frame_full_of_secrets().substr(5);
  payload.insert(1, " ");
  payload.insert(payload.size() - 1, ",\"another_secret\":\"" + std::string(kPassword) + "\"");
  const std::string hexed = hex_of(frame_of(0x01, payload), "");
  for (const Arguments& mode : kModes) {
    for (const std::string& input : {frame_of(0x01, payload), hexed}) {
      const Outcome outcome = dump(input, mode);
      EXPECT_EQ(outcome.status, 0);
      EXPECT_TRUE(shows_no_secret(outcome.out + outcome.err));
    }
  }
}

TEST(FtdumpSecrets, StayHiddenInWhatDoesNotDecode) {
  const std::string frame = frame_full_of_secrets();
  // Many records at once: cut frames each followed by a whole one, mutated ones, tails without a head.
  std::string input;
  std::mt19937 random(20240301);
  for (std::size_t cut = 0; cut < frame.size(); cut += 3) {
    input += frame.substr(0, cut) + kAck;
    input += frame.substr(cut) + kAck;
    std::string mutant = frame;
    mutant[random() % mutant.size()] = static_cast<char>(random());
    input += mutant;
  }
  for (const Arguments& mode : kModes) {
    const Outcome outcome = dump(input, mode);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(shows_no_secret(outcome.out + outcome.err));
  }
}

TEST(FtdumpSecrets, StayHiddenInACutTail) {
  const std::string frame = frame_full_of_secrets();
  for (std::size_t cut = 1; cut < frame.size(); cut += 13) {
    for (const Arguments& mode : {Arguments{"-v", "--hex"}, Arguments{"--json"}}) {
      const Outcome outcome = dump(frame.substr(0, cut), mode);
      EXPECT_EQ(outcome.status, 1);
      EXPECT_TRUE(shows_no_secret(outcome.out + outcome.err));
    }
  }
}

TEST(FtdumpTerminal, ControlCharactersFromTheWireComeOutEscaped) {
  FragmentResponse::Error error;
  error.request_id = 1;
  error.message = "\x1b[2J\x1b]0;owned\x07 \r\n \x7f \u009b31m \u202E \u2066 end";
  error.sql_state = "\x1b[31m";
  const std::string frames = frame_of(answer(error)) + "\x1b[31mgarbage\x07" + frame_of(answer(error));
  const std::string raw_json =
      R"({"version":1,"auth_token":"","payload":{"FragmentResult":{"Success":{"request_id":1,"result":{"Query":{)"
      R"("columns":[],"rows":[{"values":[{"Jsonb":{"k)"
      "\x7f\u009b\u202E\":[1,\r\n 2]}}]}]}}}}}}";
  for (const Arguments& mode : kModes) {
    if (mode == Arguments{"--color", "always"}) continue;  // our own escapes
    const Outcome outcome = dump(frames + frame_of(0x81, raw_json), mode);
    EXPECT_EQ(outcome.status, 1);
    const std::string shown = outcome.out + outcome.err;
    for (const char c : shown) ASSERT_TRUE((c >= 0x20 && c != 0x7f) || c == '\n' || (c & 0x80) != 0) << shown;
    for (const char* const unsafe : {"\u009b", "\u202E", "\u2066"}) EXPECT_THAT(shown, Not(HasSubstr(unsafe)));
  }
  EXPECT_THAT(dump(frames).out,
              HasSubstr(R"("\u001b[2J\u001b]0;owned\u0007 \r\n \u007f \u009b31m \u202e \u2066 end")"));
  EXPECT_EQ(lines_of(dump(frame_of(0x81, raw_json), {"--json"}).out).size(), 1U);
}

}  // namespace
}  // namespace ft::tools
