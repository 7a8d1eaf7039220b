// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/metrics.hpp"

#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace ft {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

/// Every sample of a page by its series. Fails the test where the page breaks the exposition format: HELP, TYPE,
/// samples of that metric, next metric; nothing twice.
std::map<std::string, double> samples_of(const std::string& page) {
  static const std::regex kHelp(R"(# HELP ([a-z_]+) [^\\\n]+)"), kType(R"(# TYPE ([a-z_]+) (counter|gauge|histogram))"),
      kSample(R"re(([a-z_]+)(\{[a-z]+="[^"\\]*"\})? (-?[0-9][0-9.e+-]*))re");
  std::map<std::string, double> samples;
  std::set<std::string> metrics;
  std::string metric, type, line;
  bool help = false;
  EXPECT_TRUE(page.ends_with('\n'));
  for (std::istringstream lines(page); std::getline(lines, line);) {
    std::smatch m;
    if (std::regex_match(line, m, kHelp)) {
      metric = m[1];
      help = true;
      EXPECT_TRUE(metrics.insert(metric).second) << line;
    } else if (std::regex_match(line, m, kType)) {
      EXPECT_TRUE(help && m[1] == metric) << line;
      help = false;
      type = m[2];
      EXPECT_EQ(type == "counter", metric.ends_with("_total")) << line;
    } else if (std::regex_match(line, m, kSample)) {
      std::string name = m[1];
      if (type == "histogram") {
        EXPECT_TRUE(name == metric + "_bucket" || name == metric + "_sum" || name == metric + "_count") << line;
      } else {
        EXPECT_EQ(name, metric) << line;
      }
      EXPECT_TRUE(samples.emplace(name + m[2].str(), std::stod(m[3])).second) << line;
    } else {
      ADD_FAILURE() << "no line of the format: " << line;
    }
  }
  return samples;
}

TEST(Metrics, ShowEverySeriesFromTheStart) {
  const TransportMetrics metrics;
  const auto samples = samples_of(metrics.prometheus());
  EXPECT_GT(samples.size(), 100U);
  for (const auto& [series, value] : samples) EXPECT_EQ(value, 0) << series;
}

TEST(Metrics, ShowWhatWasCounted) {
  TransportMetrics metrics;
  metrics.server.connections_open.add(3);
  metrics.server.connections_open.sub();
  metrics.server.requests[RequestEnd::client_left].add();
  metrics.server.errors[sql_class_of("53400")].add(7);
  metrics.client.connections_closed[PoolClose::drained].add(2);
  metrics.capture.frames_dropped.add(5);
  metrics.log_records_suppressed.add(std::uint64_t{1} << 63);
  const auto samples = samples_of(metrics.prometheus());
  EXPECT_EQ(samples.at("ft_server_connections_open"), 2);
  EXPECT_EQ(samples.at("ft_server_requests_total{outcome=\"client_left\"}"), 1);
  EXPECT_EQ(samples.at("ft_server_requests_total{outcome=\"ok\"}"), 0);
  EXPECT_EQ(samples.at("ft_server_errors_total{class=\"53\"}"), 7);
  EXPECT_EQ(samples.at("ft_client_connections_closed_total{reason=\"drained\"}"), 2);
  EXPECT_EQ(samples.at("ft_capture_frames_dropped_total"), 5);
  EXPECT_THAT(metrics.prometheus(), HasSubstr("ft_log_records_suppressed_total 9223372036854775808\n"));
}

TEST(Metrics, ShowHistogramsCumulatively) {
  TransportMetrics metrics;
  metrics.server.request_seconds.observe(200us);
  metrics.server.request_seconds.observe(3ms);
  metrics.server.request_seconds.observe(200s);
  const auto samples = samples_of(metrics.prometheus());
  const auto bucket = [&](const std::string& le) {
    return samples.at("ft_server_request_seconds_bucket{le=\"" + le + "\"}");
  };
  EXPECT_EQ(bucket("0.0001"), 0);
  EXPECT_EQ(bucket("0.00025"), 1);
  EXPECT_EQ(bucket("0.0025"), 1);
  EXPECT_EQ(bucket("0.005"), 2);
  EXPECT_EQ(bucket("100"), 2);
  EXPECT_EQ(bucket("+Inf"), 3);
  EXPECT_EQ(samples.at("ft_server_request_seconds_count"), 3);
  EXPECT_DOUBLE_EQ(samples.at("ft_server_request_seconds_sum"), 200.0032);
}

TEST(Metrics, PutNothingOfAPeerIntoALabel) {
  EXPECT_EQ(to_name(sql_class_of("08P01")), "08");
  EXPECT_EQ(to_name(sql_class_of("XX000")), "XX");
  EXPECT_EQ(to_name(sql_class_of("ZZ123")), "other");
  EXPECT_EQ(to_name(sql_class_of("08")), "other");
  EXPECT_EQ(to_name(sql_class_of("")), "other");
  EXPECT_EQ(to_name(sql_class_of("other")), "other");
  EXPECT_EQ(to_name(sql_class_of("\"} 1\n")), "other");
}

}  // namespace
}  // namespace ft
