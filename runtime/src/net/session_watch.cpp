// SPDX-License-Identifier: Apache-2.0
#include "net/session_watch.hpp"

#include "ft/core/errc.hpp"

namespace ft::net {
namespace {

FrameCapture* capture_of(Observer* observer) noexcept { return observer ? observer->frames() : nullptr; }

}  // namespace

SessionWatch::SessionWatch(Observer* observer, const std::string& peer, bool tls)
    : observer_(observer),
      peer_(observer ? peer : std::string()),
      received_(capture_of(observer)),
      sent_(capture_of(observer)) {
  if (!observer_) return;
  observer_->metrics().server.connections_open.add();
  shown_ = observer_->live().connected(peer_, tls, std::chrono::steady_clock::now());
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

void SessionWatch::handshake(Handshake how, std::string_view why) {
  if (!observer_) return;
  observer_->metrics().server.handshakes[how].add();
  if (how == Handshake::failed) log(LogEvent::handshake_failed, why);
  if (how == Handshake::timed_out) log(LogEvent::peer_timed_out, why);
}

void SessionWatch::read(std::span<const char> bytes) {
  if (!observer_) return;
  observer_->metrics().server.bytes_received.add(bytes.size());
  received_.feed(bytes);
}

void SessionWatch::written(std::span<const char> bytes) {
  if (!observer_) return;
  observer_->metrics().server.bytes_sent.add(bytes.size());
  sent_.feed(bytes);
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

// ---- told by the machine, which is not asked to without an observer

void SessionWatch::frame_taken(bool ping) {
  observer_->metrics().server.frames_received.add();
  if (ping) observer_->metrics().server.pings.add();
}

void SessionWatch::succeeded() {
  observer_->metrics().server.frames_sent.add();
  observer_->metrics().server.requests[RequestEnd::ok].add();
}

void SessionWatch::acknowledged() { observer_->metrics().server.frames_sent.add(); }

void SessionWatch::count_error(const FragmentResponse::Error& answer) {
  observer_->metrics().server.frames_sent.add();
  observer_->metrics().server.errors[sql_class_of(answer.sql_state.value_or(""))].add();
}

RequestEnd SessionWatch::end_of(const FragmentResponse::Error& answer) const {
  if (ending_) return *ending_;
  const std::string_view sqlstate = answer.sql_state ? std::string_view(*answer.sql_state) : std::string_view();
  if (sqlstate == info(errc::killed_by_drain).sqlstate) return RequestEnd::killed;
  if (sqlstate == info(errc::timed_out).sqlstate) {  // that of a cancel as well
    return answer.message == info(errc::cancelled).text ? RequestEnd::cancelled : RequestEnd::timed_out;
  }
  return RequestEnd::rejected;
}

void SessionWatch::failed(const FragmentResponse::Error& answer) {
  count_error(answer);
  observer_->metrics().server.requests[end_of(answer)].add();
}

void SessionWatch::refused(const FragmentResponse::Error& answer) {
  count_error(answer);
  if (answer.request_id != 0) observer_->metrics().server.requests[RequestEnd::invalid].add();
  if (answer.sql_state == info(errc::authentication_failed).sqlstate) {
    observer_->metrics().server.authentication_failures.add();
    log(LogEvent::authentication_failed, answer.message);
  } else {
    log(LogEvent::protocol_error, answer.message);
  }
}

}  // namespace ft::net
