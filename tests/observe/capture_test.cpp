// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/capture.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "ft/observe.hpp"
#include "ft/protocol.hpp"
#include "support/frames.hpp"
#include "support/temporary_folder.hpp"

namespace ft {
namespace {

constexpr std::string_view kNeedle = "needle-in-the-hay-of-24";

TransportEnvelope role_request() {
  PhysicalPlan::AlterRole alter;
  alter.current_password_hash = SecretString(kNeedle);
  alter.new_password = SecretString(kNeedle);
  PhysicalPlan::ProjectSource nested;
  nested.source = alter;
  FragmentRequest request;
  request.request_id = 7;
  request.plan = nested;
  request.cancel_key = SecretU64(8675309);
  TransportEnvelope envelope;
  envelope.version = PROTOCOL_VERSION;
  envelope.auth_token = SecretString(kNeedle);
  envelope.payload = TransportPayload::ExecuteFragment(request);
  return envelope;
}

TransportEnvelope cancel_of(std::uint64_t id) {
  CancelRequest cancel;
  cancel.request_id = id;
  cancel.cancel_key = SecretU64(8675309);
  TransportEnvelope envelope;
  envelope.version = PROTOCOL_VERSION;
  envelope.auth_token = SecretString(kNeedle);
  envelope.payload = TransportPayload::CancelFragment(cancel);
  return envelope;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The frames of a capture, all of which must be decodable.
std::vector<DecodedFrame> frames_of(std::string_view content) {
  std::vector<DecodedFrame> frames;
  while (!content.empty()) {
    Result<DecodedFrame> frame = test::decode(content);
    EXPECT_TRUE(frame) << test::why(frame);
    if (!frame) break;
    content.remove_prefix(frame->consumed);
    frames.push_back(std::move(*frame));
  }
  return frames;
}

class CaptureTest : public testing::Test {
 protected:
  CaptureTest() {
    log_.set([this](const LogRecord& record) { events_.push_back(record.event); });
  }
  std::unique_ptr<FrameCapture> open(CaptureOptions options = {}) {
    auto capture = FrameCapture::open(file_, options, metrics_, log_);
    EXPECT_TRUE(capture) << capture.error().message();
    return capture ? std::move(*capture) : nullptr;
  }
  std::string content() const { return content_of(file_); }

  test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "worker.cap";
  CaptureMetrics metrics_;
  Counter suppressed_;
  LogSink log_{suppressed_};
  std::vector<LogEvent> events_;
};

TEST_F(CaptureTest, WritesFramesThatDecodeWithoutTheirSecrets) {
  const auto capture = open();
  FrameTap tap(capture.get());
  tap.feed(test::encode(role_request()) + test::encode(cancel_of(9)));
  capture->flush();
  EXPECT_EQ(content().find(kNeedle), std::string::npos);
  EXPECT_EQ(content().find("8675309"), std::string::npos);
  const auto frames = frames_of(content());
  ASSERT_EQ(frames.size(), 2U);
  // Apart from the secrets, nothing is lost.
  TransportEnvelope expected = role_request();
  expected.auth_token = SecretString("***");
  auto& request = expected.payload.get_if<TransportPayload::ExecuteFragment>()->value;
  request.cancel_key = SecretU64(0);
  auto& alter = *request.plan.get_if<PhysicalPlan::ProjectSource>()->source.get_if<PhysicalPlan::AlterRole>();
  alter.current_password_hash = SecretString("***");
  alter.new_password = SecretString("***");
  EXPECT_EQ(frames[0].envelope, expected);
  EXPECT_EQ(frames[1].envelope.payload.get_if<TransportPayload::CancelFragment>()->value.request_id, 9U);
  EXPECT_EQ(metrics_.frames_written.value(), 2U);
  EXPECT_EQ(metrics_.frames_dropped.value(), 0U);
}

TEST_F(CaptureTest, CutsFramesHoweverTheyAreSplit) {
  std::string stream;
  for (std::uint64_t id = 1; id <= 3; ++id) stream += test::encode(cancel_of(id));
  const auto capture = open();
  for (std::size_t step = 1; step < stream.size(); step += 3) {
    FrameTap tap(capture.get());
    for (std::size_t at = 0; at < stream.size(); at += step) tap.feed(std::string_view(stream).substr(at, step));
  }
  capture->flush();
  EXPECT_EQ(metrics_.frames_written.value(), 3 * ((stream.size() + 1) / 3));
  EXPECT_EQ(frames_of(content()).size(), metrics_.frames_written.value());
}

TEST_F(CaptureTest, KeepsTheTypeOfEachFrame) {
  const std::string answer =
      R"({"version":1,"auth_token":"","payload":{"FragmentResult":{"CancelAck":{"request_id":5}}}})";
  const auto capture = open();
  ConnectionTap(capture.get()).sent.feed(test::frame(MSG_CANCEL_ACK, answer));
  capture->flush();
  EXPECT_EQ(content(), test::frame(MSG_CANCEL_ACK, answer.substr(0, answer.size() - 1) + R"(,"connection":1})"));
}

TEST_F(CaptureTest, TellsConnectionsApart) {
  const auto capture = open();
  ConnectionTap first(capture.get()), second(capture.get());
  second.received.feed(test::encode(cancel_of(5)));
  first.received.feed(test::encode(cancel_of(6)));
  second.sent.feed(test::frame(MSG_FRAGMENT_RESULT, "nothing"));
  capture->flush();
  EXPECT_EQ(frames_of(content().substr(0, content().find("not_captured") - 7)).size(), 2U);
  const std::string text = content();
  std::vector<std::string> ends;
  for (std::size_t at = 0; (at = text.find(",\"connection\":", at)) != std::string::npos; ++at) {
    ends.push_back(text.substr(at, 16));
  }
  EXPECT_EQ(ends, (std::vector<std::string>{",\"connection\":2}", ",\"connection\":1}", ",\"connection\":2}"}));
}

TEST_F(CaptureTest, LeavesOutKeysThatMightBeSecretsOfLaterVersions) {
  const auto capture = open();
  FrameTap tap(capture.get());
  tap.feed(test::frame(MSG_CANCEL_FRAGMENT, R"({"version":1,"auth_token":"a","new_secret":"needle-in-the-hay-of-24",)"
                                            R"("payload":{"CancelFragment":{"request_id":5,"cancel_key":6}}})"));
  capture->flush();
  EXPECT_EQ(content(), test::frame(MSG_CANCEL_FRAGMENT,
                                   R"({"version":1,"auth_token":"***",)"
                                   R"("payload":{"CancelFragment":{"request_id":5,"cancel_key":0}},"connection":0})"));
}

TEST_F(CaptureTest, TellsOfUndecodableFramesWithoutTheirContent) {
  const auto capture = open();
  FrameTap tap(capture.get());
  tap.feed(test::frame(MSG_EXECUTE_FRAGMENT, R"({"version":1,"auth_token":"needle-in-the-hay-of-24")"));
  tap.feed(test::frame(MSG_EXECUTE_FRAGMENT, ""));
  tap.feed(test::encode(cancel_of(3)));
  capture->flush();
  std::string written = content();
  EXPECT_EQ(written.find(kNeedle), std::string::npos);
  EXPECT_NE(written.find("{\"not_captured\":\"51 bytes: "), std::string::npos) << written;
  for (int i = 0; i < 2; ++i) {
    const auto header = parse_frame_header(test::bytes_of(written), MAX_PAYLOAD);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->type, MSG_EXECUTE_FRAGMENT);
    EXPECT_FALSE(test::decode(written));
    written.erase(0, kFrameHeaderSize + header->payload_length);
  }
  EXPECT_EQ(frames_of(written).size(), 1U);
  EXPECT_EQ(metrics_.frames_written.value(), 3U);
  EXPECT_EQ(metrics_.frames_undecodable.value(), 2U);
}

TEST_F(CaptureTest, EndsATapAtBytesThatAreNoFrame) {
  const auto capture = open();
  FrameTap tap(capture.get());
  tap.feed(std::string_view("GET / HTTP/1.1\r\n\r\n"));
  tap.feed(test::encode(cancel_of(3)));
  capture->flush();
  EXPECT_EQ(content(), "");
  EXPECT_EQ(metrics_.frames_dropped.value(), 1U);
}

TEST_F(CaptureTest, DropsWhatTheQueueHasNoRoomFor) {
  CaptureOptions options;
  options.max_queued_bytes = 4096;
  const auto capture = open(options);
  const std::string large = test::frame(MSG_EXECUTE_FRAGMENT, std::string(5000, ' '));
  FrameTap tap(capture.get()), other(capture.get());
  tap.feed(std::string_view(large).substr(0, 3800));
  other.feed(test::encode(cancel_of(1)));  // no room beside the one under way
  tap.feed(std::string_view(large).substr(3800));
  other.feed(test::encode(cancel_of(2)));  // room again, and the streams are still cut rightly
  tap.feed(test::encode(cancel_of(3)));
  capture->flush();
  EXPECT_EQ(metrics_.frames_dropped.value(), 2U);
  const auto frames = frames_of(content());
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1].envelope.payload.get_if<TransportPayload::CancelFragment>()->value.request_id, 3U);
}

TEST_F(CaptureTest, GivesBackWhatAnUnfinishedFrameHeld) {
  CaptureOptions options;
  options.max_queued_bytes = 4096;
  const auto capture = open(options);
  for (int i = 0; i < 10; ++i) {
    FrameTap tap(capture.get());
    tap.feed(std::string_view(test::frame(MSG_EXECUTE_FRAGMENT, std::string(4000, ' '))).substr(0, 3900));
  }
  FrameTap tap(capture.get());
  tap.feed(test::encode(cancel_of(1)));
  capture->flush();
  EXPECT_EQ(metrics_.frames_written.value(), 1U);
}

TEST_F(CaptureTest, BeginsAnewWhenTheFileIsFull) {
  CaptureOptions options;
  options.max_file_bytes = 4096;
  const auto capture = open(options);
  const std::size_t size = test::encode(cancel_of(1000)).size() - (kNeedle.size() - 3) - 6 + 15;
  const std::uint64_t per_file = 4096 / size;
  {
    FrameTap tap(capture.get());
    for (std::uint64_t i = 0; i < 2 * per_file + 1; ++i) {
      tap.feed(test::encode(cancel_of(1000 + i)));
      capture->flush();
    }
  }
  EXPECT_EQ(content().size(), size);
  const std::filesystem::path old = file_.string() + ".1";
  EXPECT_EQ(frames_of(content_of(old)).size(), per_file);
  EXPECT_EQ(frames_of(content())[0].envelope.payload.get_if<TransportPayload::CancelFragment>()->value.request_id,
            1000 + 2 * per_file);
  EXPECT_EQ(events_, std::vector<LogEvent>(2, LogEvent::capture_rotated));
  struct stat info {};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(CaptureTest, StopsWhenTheFileCannotBeWritten) {
  const auto capture = open();
  const std::string frame = test::encode(cancel_of(1));
  FrameTap tap(capture.get());
  tap.feed(frame);
  capture->flush();
  const std::string good = content();
  // The file system takes a part of the next frame and no more.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{good.size() + 10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  tap.feed(frame);
  capture->flush();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  tap.feed(frame);
  capture->flush();
  EXPECT_EQ(content(), good);
  EXPECT_EQ(metrics_.frames_dropped.value(), 2U);
  EXPECT_EQ(events_, std::vector<LogEvent>{LogEvent::capture_stopped});
}

TEST_F(CaptureTest, ContinuesAFileAndKeepsItPrivate) {
  for (std::uint64_t id = 1; id <= 2; ++id) {
    const auto capture = open();
    FrameTap tap(capture.get());
    tap.feed(test::encode(cancel_of(id)));
  }  // which writes what is queued
  EXPECT_EQ(frames_of(content()).size(), 2U);
  struct stat info {};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(CaptureTest, RefusesFilesThatAreNotPrivate) {
  const auto refused = [this](const std::filesystem::path& file, CaptureOptions options = {}) {
    const auto capture = FrameCapture::open(file, options, metrics_, log_);
    EXPECT_FALSE(capture) << file;
    if (capture) return std::string();
    EXPECT_EQ(capture.error().code, errc::invalid_configuration);
    return capture.error().message();
  };
  std::ofstream(file_) << "";
  std::filesystem::permissions(file_, std::filesystem::perms(0640));
  EXPECT_NE(refused(file_).find("open to others"), std::string::npos);
  std::filesystem::permissions(file_, std::filesystem::perms(0600));
  std::filesystem::create_symlink(file_, folder_.path() / "link");
  refused(folder_.path() / "link");
  refused(folder_.path());
  refused(folder_.path() / "none" / "x.cap");
  ASSERT_EQ(::mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
  refused(folder_.path() / "pipe");
  CaptureOptions options;
  options.max_file_bytes = 100;
  EXPECT_NE(refused(file_, options).find("max_file_bytes"), std::string::npos);
  options = CaptureOptions();
  options.max_queued_bytes = 0;
  EXPECT_NE(refused(file_, options).find("max_queued_bytes"), std::string::npos);
}

TEST_F(CaptureTest, TakesFramesOfManyThreads) {
  const auto capture = open();
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&capture, t] {
      FrameTap tap(capture.get());
      for (std::uint64_t i = 0; i < 200; ++i) tap.feed(test::encode(cancel_of(t)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  capture->flush();
  EXPECT_EQ(frames_of(content()).size(), 800U);
}

TEST(FrameTap, WithoutACaptureDoesNothing) {
  FrameTap tap;
  tap.feed(std::string_view("anything"));
}

TEST(Observer, RunsOneCaptureAtMost) {
  const test::TemporaryFolder folder;
  Observer observer;
  EXPECT_EQ(observer.frames(), nullptr);
  EXPECT_FALSE(observer.capture(folder.path() / "none" / "x.cap"));
  EXPECT_EQ(observer.frames(), nullptr);
  ASSERT_TRUE(observer.capture(folder.path() / "x.cap"));
  ASSERT_NE(observer.frames(), nullptr);
  EXPECT_FALSE(observer.capture(folder.path() / "y.cap"));
  FrameTap tap(observer.frames());
  tap.feed(test::encode(cancel_of(1)));
  observer.frames()->flush();
  EXPECT_EQ(observer.metrics().capture.frames_written.value(), 1U);
}

}  // namespace
}  // namespace ft
