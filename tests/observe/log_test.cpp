// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/log.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <thread>

namespace ft {
namespace {

using namespace std::chrono_literals;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    sink_.set([this](const LogRecord& record) { records_.push_back(record); });
  }
  void write(LogEvent event, std::string_view text = "text") { sink_.write(event, text, {}, now_); }
  void pass(std::chrono::milliseconds time) {
    now_.steady += time;
    now_.wall += time;
  }

  Counter suppressed_;
  LogSink sink_{suppressed_};
  std::vector<LogRecord> records_;
  Now now_{Instant(1000h), std::chrono::system_clock::time_point(1'714'564'800'123ms)};
};

TEST_F(LogTest, HandsOverWholeRecords) {
  sink_.write(LogEvent::handshake_failed, "no shared cipher", {{"peer", "10.0.0.7:1234"}, {"attempt", "2"}}, now_);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].event, LogEvent::handshake_failed);
  EXPECT_EQ(records_[0].level, LogLevel::warning);
  EXPECT_EQ(records_[0].time, now_.wall);
  EXPECT_EQ(json_line(records_[0]),
            "{\"time\":\"2024-05-01T12:00:00.123Z\",\"level\":\"warning\",\"event\":\"handshake_failed\","
            "\"text\":\"no shared cipher\",\"peer\":\"10.0.0.7:1234\",\"attempt\":\"2\"}\n");
}

TEST_F(LogTest, HoldsBackAFloodAndSaysHowMuch) {
  for (unsigned i = 0; i < LogSink::kBurst + 30; ++i) write(LogEvent::authentication_failed);
  EXPECT_EQ(records_.size(), LogSink::kBurst);
  EXPECT_EQ(suppressed_.value(), 30U);
  pass(999ms);
  write(LogEvent::authentication_failed);
  EXPECT_EQ(records_.size(), LogSink::kBurst);
  pass(1ms);
  write(LogEvent::authentication_failed);
  ASSERT_EQ(records_.size(), LogSink::kBurst + 1);
  EXPECT_EQ(records_.back().suppressed, 31U);
  EXPECT_NE(json_line(records_.back()).find(",\"suppressed\":31}"), std::string::npos);
  pass(1h);  // all tokens are back, and no more than all
  for (unsigned i = 0; i < LogSink::kBurst + 1; ++i) write(LogEvent::authentication_failed);
  EXPECT_EQ(records_.size(), 2 * LogSink::kBurst + 1);
  EXPECT_EQ(records_[LogSink::kBurst + 1].suppressed, 0U);
}

TEST_F(LogTest, LimitsEachEventByItself) {
  for (unsigned i = 0; i < 100; ++i) write(LogEvent::protocol_error);
  records_.clear();
  write(LogEvent::drain_started);
  EXPECT_EQ(records_.size(), 1U);
}

TEST_F(LogTest, MakesTextsHarmless) {
  sink_.write(LogEvent::protocol_error, "a\nb\x1b[2Jc\x7f", {{"peer", "caf\xC3\xA9 \xC2\x9B \xE2\x80\xAE \xFF\""}},
              now_);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].text, "a\\x0ab\\x1b[2Jc\\x7f");
  EXPECT_EQ(records_[0].fields[0].value, "caf\xC3\xA9 \\xc2\\x9b \\xe2\\x80\\xae \\xff\"");
  EXPECT_NE(json_line(records_[0]).find("a\\\\x0ab"), std::string::npos);
}

TEST_F(LogTest, ShortensLongTexts) {
  write(LogEvent::executor_failed, std::string(LogSink::kMaxText, 'x'));
  write(LogEvent::executor_failed, std::string(LogSink::kMaxText + 1, 'x'));
  write(LogEvent::executor_failed, std::string(1 << 20, '\n'));
  ASSERT_EQ(records_.size(), 3U);
  EXPECT_EQ(records_[0].text, std::string(LogSink::kMaxText, 'x'));
  EXPECT_EQ(records_[1].text, std::string(LogSink::kMaxText - 3, 'x') + "...");
  EXPECT_LE(records_[2].text.size(), LogSink::kMaxText);
  EXPECT_TRUE(records_[2].text.ends_with("\\x0a..."));
}

TEST_F(LogTest, SurvivesACallbackThatThrows) {
  sink_.set([](const LogRecord&) { throw std::runtime_error("disk full"); });
  write(LogEvent::listening);
  sink_.set(nullptr);
  write(LogEvent::listening);
  sink_.set([this](const LogRecord& record) { records_.push_back(record); });
  write(LogEvent::listening);
  EXPECT_EQ(records_.size(), 1U);
}

TEST_F(LogTest, CallsBackOneAtATime) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (unsigned i = 0; i < 1000; ++i) write(LogEvent::connect_failed);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(records_.size(), LogSink::kBurst);
  EXPECT_EQ(suppressed_.value(), 4000U - LogSink::kBurst);
}

TEST(LogEvents, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(LogEvent::count_); ++i) {
    const std::string_view name = to_name(static_cast<LogEvent>(i));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << name;
  }
}

}  // namespace
}  // namespace ft
