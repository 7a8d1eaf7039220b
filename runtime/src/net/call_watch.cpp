// SPDX-License-Identifier: Apache-2.0
#include "net/call_watch.hpp"

#include <string>

namespace ft::net {
namespace {

CallEnd end_of(const CallResult<Answer>& result) noexcept {
  if (result) return CallEnd::ok;
  switch (result.error().code) {
    case errc::remote_error:
    case errc::draining:
    case errc::authentication_failed:
    case errc::version_unsupported:
      return CallEnd::remote_error;
    case errc::cancelled:
      return CallEnd::cancelled;
    case errc::timed_out:
      return CallEnd::timed_out;
    case errc::connect_failed:
    case errc::tls_failed:
    case errc::connection_lost:
      return CallEnd::unreachable;
    case errc::too_many_waiters:
    case errc::pool_closed:
    case errc::invalid_configuration:
    case errc::not_finite:
    case errc::output_too_large:
    case errc::invalid_string:
    case errc::depth_exceeded:
      return CallEnd::rejected;
    default:
      return CallEnd::failed;
  }
}

}  // namespace

CallWatch::CallWatch(Observer* observer, const Endpoint& worker) noexcept
    : observer_(observer), worker_(worker), started_(std::chrono::steady_clock::now()) {}

void CallWatch::sent(std::size_t bytes) {
  if (observer_) observer_->metrics().client.bytes_sent.add(bytes);
}

void CallWatch::received(std::size_t bytes) {
  if (observer_) observer_->metrics().client.bytes_received.add(bytes);
}

LiveConnection CallWatch::dialled(bool tls, Instant now) {
  return observer_ ? observer_->live().dialled(worker_.to_string(), tls, now) : LiveConnection();
}

void CallWatch::connect_failed(const Error& why, Now now) {
  if (!observer_) return;
  observer_->metrics().client.connect_failures.add();
  observer_->logger().write(LogEvent::connect_failed, why.message(), {}, now);
}

void CallWatch::retried(errc why, std::uint64_t request_id) {
  if (!observer_) return;
  observer_->metrics().client.retries.add();
  observer_->logger().write(LogEvent::call_retried, info(why).text,
                            {{"peer", worker_.to_string()}, {"request", std::to_string(request_id)}});
}

void CallWatch::cancel_failed(std::string_view why) {
  if (observer_) observer_->logger().write(LogEvent::cancel_failed, why, {{"peer", worker_.to_string()}});
}

void CallWatch::defect(std::string_view why) {
  if (observer_) observer_->logger().write(LogEvent::internal_error, why, {{"peer", worker_.to_string()}});
}

void CallWatch::ended(const CallResult<Answer>& result) {
  if (!observer_) return;
  ClientMetrics& metrics = observer_->metrics().client;
  const CallEnd end = end_of(result);
  metrics.calls[end].add();
  metrics.call_seconds.observe(std::chrono::steady_clock::now() - started_);
  if (end == CallEnd::remote_error) metrics.errors[sql_class_of(result.error().sqlstate)].add();
  if (!result && result.error().code == errc::response_mismatch) {
    observer_->logger().write(LogEvent::response_mismatch, result.error().message, {{"peer", result.error().peer}});
  }
}

void CallWatch::cancel_ended(const CallResult<Answer>& result) {
  if (!observer_) return;
  observer_->metrics().client.cancels_sent.add();
  if (!result) cancel_failed(result.error().message);
}

}  // namespace ft::net
