// SPDX-License-Identifier: Apache-2.0
#include "net/session_watch.hpp"

#include "ft/core/errc.hpp"

namespace ft::net {
namespace {

FrameCapture* capture_of(Observer* observer) noexcept { return observer ? observer->frames() : nullptr; }

RequestEnd end_of(const FragmentResponse::Error& answer, RequestFailure why) noexcept {
  switch (why) {
    case RequestFailure::error:
      break;
    case RequestFailure::unsent:
      return RequestEnd::failed;
    case RequestFailure::cancelled:
      return RequestEnd::cancelled;
    case RequestFailure::timed_out:
      return RequestEnd::timed_out;
    case RequestFailure::rejected:
      return RequestEnd::rejected;
    case RequestFailure::killed:
      return RequestEnd::killed;
  }
  return answer.sql_state == info(errc::executor_failed).sqlstate ? RequestEnd::failed : RequestEnd::error;
}

}  // namespace

SessionWatch::SessionWatch(Observer* observer, DrainCount& drain, const std::string& peer, bool tls)
    : observer_(observer), drain_(drain), peer_(observer ? peer : std::string()), frames_(capture_of(observer)) {
  if (!observer_) return;
  shown_ = observer_->live().accepted(peer_, tls, std::chrono::steady_clock::now());
  observer_->metrics().server.connections_open.add();  // last, because without memory there is no destructor to undo it
}

SessionWatch::~SessionWatch() { closed(); }

void SessionWatch::closed() {
  if (!observer_ || closed_) return;
  closed_ = true;
  observer_->metrics().server.connections_open.sub();
  shown_ = LiveConnection();
}

void SessionWatch::log(LogEvent event, std::string_view text) {
  observer_->logger().write(event, text, {{"peer", peer_}});
}

void SessionWatch::log_timeout(std::string_view wait, std::chrono::nanoseconds limit) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  observer_->logger().write(LogEvent::peer_timed_out, "the peer kept the server waiting",
                            {{"peer", peer_}, {"wait", std::string(wait)}, {"limit_ms", std::to_string(ms)}});
}

void SessionWatch::handshake_succeeded() {
  if (observer_) observer_->metrics().server.handshakes[Handshake::ok].add();
}

void SessionWatch::handshake_failed(std::string_view why) {
  if (!observer_) return;
  observer_->metrics().server.handshakes[Handshake::failed].add();
  log(LogEvent::handshake_failed, why);
}

void SessionWatch::handshake_timed_out(std::chrono::nanoseconds limit) {
  if (!observer_) return;
  observer_->metrics().server.handshakes[Handshake::timed_out].add();
  log_timeout("handshake", limit);
}

void SessionWatch::read(std::span<const char> bytes) {
  if (!observer_) return;
  observer_->metrics().server.bytes_received.add(bytes.size());
  frames_.received.feed(bytes);
}

void SessionWatch::written(std::span<const char> bytes) {
  if (!observer_) return;
  observer_->metrics().server.bytes_sent.add(bytes.size());
  frames_.sent.feed(bytes);
}

void SessionWatch::phase(ConnectionPhase phase) {
  if (!closed_) shown_.phase(phase);
}

LiveExecution SessionWatch::submitted(const FragmentRequest& request, Instant now, Instant deadline) {
  if (!observer_) return {};
  shown_.count_request();
  return observer_->live().submitted(request.request_id, peer_, now, deadline, request.traceparent.value_or(""));
}

void SessionWatch::started(std::chrono::nanoseconds queued) {
  if (observer_) observer_->metrics().server.queue_seconds.observe(queued);
}

void SessionWatch::answered(std::chrono::nanoseconds took) {
  if (observer_) observer_->metrics().server.request_seconds.observe(took);
}

void SessionWatch::client_left() {
  if (observer_) observer_->metrics().server.requests[RequestEnd::client_left].add();
}

void SessionWatch::cancelled(std::size_t hit) {
  if (!observer_) return;
  observer_->metrics().server.cancels_received.add();
  observer_->metrics().server.cancels_matched.add(hit);
}

void SessionWatch::wedged() {
  if (observer_) log(LogEvent::executors_wedged, info(errc::executors_wedged).text);
}

void SessionWatch::defect(std::string_view what) {
  if (observer_) log(LogEvent::internal_error, what);
}

// ---- told by the machine

void SessionWatch::frame_taken(bool ping) {
  if (!observer_) return;
  observer_->metrics().server.frames_received.add();
  if (ping) observer_->metrics().server.pings.add();
}

void SessionWatch::succeeded() {
  drain_.succeeded();
  if (!observer_) return;
  observer_->metrics().server.frames_sent.add();
  observer_->metrics().server.requests[RequestEnd::ok].add();
}

void SessionWatch::acknowledged() {
  if (observer_) observer_->metrics().server.frames_sent.add();
}

void SessionWatch::count_error(const FragmentResponse::Error& answer) {
  observer_->metrics().server.frames_sent.add();
  observer_->metrics().server.errors[sql_class_of(answer.sql_state.value_or(""))].add();
}

void SessionWatch::failed(const FragmentResponse::Error& answer, RequestFailure why) {
  drain_.failed(why);
  if (!observer_) return;
  count_error(answer);
  observer_->metrics().server.requests[end_of(answer, why)].add();
}

void SessionWatch::refused(const FragmentResponse::Error& answer, errc why) {
  if (!observer_) return;
  count_error(answer);
  if (why == errc::timed_out) return;  // timed_out has said so
  if (why == errc::rule_violated) observer_->metrics().server.requests[RequestEnd::invalid].add();
  if (why == errc::authentication_failed) {
    observer_->metrics().server.authentication_failures.add();
    log(LogEvent::authentication_failed, answer.message);
  } else {
    log(LogEvent::protocol_error, answer.message);
  }
}

void SessionWatch::timed_out(PeerWait wait, std::chrono::nanoseconds limit) {
  if (!observer_) return;
  observer_->metrics().server.peer_timeouts[wait].add();
  log_timeout(to_name(wait), limit);
}

}  // namespace ft::net
