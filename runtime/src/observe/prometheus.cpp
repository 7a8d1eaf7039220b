// SPDX-License-Identifier: Apache-2.0
//
// The table of all metrics, in the order of their page.
#include <charconv>

#include "ft/observe/metrics.hpp"

namespace ft {

namespace {

/// Names, help texts and labels are literals of this file or names of enumerations: none needs the format's escapes.
class Page {
 public:
  void counter(std::string_view name, std::string_view help, const Counter& counter) {
    head(name, help, "counter");
    sample(name, {}, {}, counter.value());
  }
  void gauge(std::string_view name, std::string_view help, const Gauge& gauge) {
    head(name, help, "gauge");
    sample(name, {}, {}, gauge.value());
  }
  template <class Label>
  void counters(std::string_view name, std::string_view help, std::string_view label, const CounterBy<Label>& family) {
    head(name, help, "counter");
    for (std::size_t i = 0; i < CounterBy<Label>::kSize; ++i) {
      const auto value = static_cast<Label>(i);
      sample(name, label, to_name(value), family[value].value());
    }
  }
  void histogram(std::string_view name, std::string_view help, const Histogram& histogram) {
    head(name, help, "histogram");
    const std::string bucket = std::string(name) + "_bucket";
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
      count += histogram.bucket(i);
      const bool last = i == Histogram::kBounds.size();
      sample(bucket, "le", last ? "+Inf" : seconds(Histogram::kBounds[i]), count);
    }
    text_.append(name).append("_sum ").append(seconds(histogram.sum())).append("\n");
    sample(std::string(name) + "_count", {}, {}, count);
  }

  std::string take() { return std::move(text_); }

 private:
  void head(std::string_view name, std::string_view help, std::string_view type) {
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  template <class Integer>
  void sample(std::string_view name, std::string_view label, std::string_view label_value, Integer value) {
    text_.append(name);
    if (!label.empty()) text_.append("{").append(label).append("=\"").append(label_value).append("\"}");
    text_.append(" ").append(std::to_string(value)).append("\n");
  }
  static std::string seconds(std::chrono::nanoseconds duration) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, std::chrono::duration<double>(duration).count(),
                                   std::chars_format::fixed);
    return {text, end.ptr};
  }

  std::string text_;
};

void show(Page& page, const ServerMetrics& m) {
  page.gauge("ft_server_connections_open", "Connections that are open.", m.connections_open);
  page.counter("ft_server_connections_accepted_total", "Connections that were accepted.", m.connections_accepted);
  page.counters("ft_server_connections_refused_total", "Connections that were closed at once, by reason.", "reason",
                m.connections_refused);
  page.counters("ft_server_tls_handshakes_total", "TLS handshakes, by outcome.", "outcome", m.handshakes);
  page.counters("ft_server_peer_timeouts_total",
                "Connections that ended because of a peer's silence, by what it let wait.", "wait", m.peer_timeouts);
  page.counter("ft_server_frames_received_total", "Whole frames that arrived.", m.frames_received);
  page.counter("ft_server_frames_sent_total", "Frames that were sent.", m.frames_sent);
  page.counter("ft_server_received_bytes_total", "Bytes that arrived, without TLS.", m.bytes_received);
  page.counter("ft_server_sent_bytes_total", "Bytes that were sent, without TLS.", m.bytes_sent);
  page.counters("ft_server_requests_total", "Requests that ended, by outcome.", "outcome", m.requests);
  page.counters("ft_server_errors_total", "Errors that were answered, by class of SQLSTATE.", "class", m.errors);
  page.histogram("ft_server_request_seconds", "From the turn of a request to its executor's answer.",
                 m.request_seconds);
  page.histogram("ft_server_queue_seconds", "From the turn of a request to its execution slot.", m.queue_seconds);
  page.gauge("ft_server_executions_running", "Execution slots in use.", m.executions_running);
  page.gauge("ft_server_executions_abandoned", "Execution slots in use by jobs that nobody awaits any more.",
             m.executions_abandoned);
  page.gauge("ft_server_executions_queued", "Requests that wait for an execution slot.", m.executions_queued);
  page.gauge("ft_server_reserved_bytes", "Bytes of the budget for large frames that are in use.", m.bytes_reserved);
  page.counter("ft_server_authentication_failures_total", "Envelopes with a wrong token.", m.authentication_failures);
  page.counter("ft_server_cancels_received_total", "Cancels that arrived, pings left out.", m.cancels_received);
  page.counter("ft_server_cancels_matched_total", "Executions that a cancel has hit.", m.cancels_matched);
  page.counter("ft_server_pings_total", "Pings that were answered.", m.pings);
  page.counter("ft_server_drains_total", "Drains that were begun.", m.drains);
}

void show(Page& page, const ClientMetrics& m) {
  page.counters("ft_client_calls_total", "Calls that ended, by outcome.", "outcome", m.calls);
  page.counters("ft_client_errors_total", "Errors that workers answered, by class of SQLSTATE.", "class", m.errors);
  page.histogram("ft_client_call_seconds", "From a call to its end, retries included.", m.call_seconds);
  page.counter("ft_client_retries_total", "Attempts after the first.", m.retries);
  page.counter("ft_client_cancels_sent_total", "Cancels that were sent.", m.cancels_sent);
  page.gauge("ft_client_connections_open", "Connections of the pools.", m.connections_open);
  page.gauge("ft_client_connections_idle", "Connections of the pools that no call uses.", m.connections_idle);
  page.gauge("ft_client_calls_waiting", "Calls that wait for a connection.", m.calls_waiting);
  page.counter("ft_client_connections_opened_total", "Connections that were made.", m.connections_opened);
  page.counter("ft_client_connections_reused_total", "Calls that found an idle connection.", m.connections_reused);
  page.counters("ft_client_connections_closed_total", "Connections that were closed, by reason.", "reason",
                m.connections_closed);
  page.counter("ft_client_connect_failures_total", "Connections that could not be made.", m.connect_failures);
  page.counter("ft_client_received_bytes_total", "Bytes that arrived, without TLS.", m.bytes_received);
  page.counter("ft_client_sent_bytes_total", "Bytes that were sent, without TLS.", m.bytes_sent);
}

void show(Page& page, const CaptureMetrics& m) {
  page.counter("ft_capture_frames_written_total", "Frames in the capture.", m.frames_written);
  page.counter("ft_capture_frames_undecodable_total", "Frames in the capture without their content.",
               m.frames_undecodable);
  page.counter("ft_capture_frames_dropped_total", "Frames that did not get into the capture.", m.frames_dropped);
}

}  // namespace

std::string TransportMetrics::prometheus() const {
  Page page;
  show(page, server);
  show(page, client);
  show(page, capture);
  page.counter("ft_log_records_suppressed_total", "Log records that were held back.", log_records_suppressed);
  return page.take();
}

}  // namespace ft
