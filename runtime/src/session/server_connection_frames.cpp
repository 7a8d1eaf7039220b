// SPDX-License-Identifier: Apache-2.0
//
// From bytes to items: how much is read, what is reserved, and how a frame is judged.
#include <string>
#include <utility>

#include "session/server_connection_state.hpp"

namespace ft {

/// In the order of the protocol: first the version, then the token.
std::optional<Error> ServerConnection::State::judge_head(const TransportEnvelope& head) {
  const VersionWindow& versions = rules.versions;
  heard = versions.nearest(head.version);
  if (!versions.contains(head.version)) {
    std::string detail = "server accepts [";
    detail.append(std::to_string(versions.min)).append("..=").append(std::to_string(versions.max));
    detail.append("], got ").append(std::to_string(head.version));
    return Error(errc::version_unsupported, Error::no_offset, {}, std::move(detail));
  }
  if (!rules.tokens->accepts(head.auth_token)) return Error(errc::authentication_failed);
  return std::nullopt;
}

/// Whether a frame that is taken now has to wait behind others.
bool ServerConnection::State::busy() const noexcept { return running || !items.empty() || output_full(); }

bool ServerConnection::State::has_room_for(std::size_t payload) const noexcept {
  return !busy() || items_bytes + payload <= rules.max_pipelined_bytes;
}

bool ServerConnection::State::wants_bytes() const noexcept {
  if (deaf || to_reserve != 0) return false;
  // Of a frame without a header yet it is known that it is no smaller than that.
  return has_room_for(reader.announced().value_or(kFrameHeaderSize));
}

/// Takes what is wrong with a frame as well. False: nothing can be taken now.
bool ServerConnection::State::take_frame(Now now) {
  if (deaf || to_reserve != 0) return false;
  if (const std::optional<std::size_t> payload = reader.announced()) {
    if (!has_room_for(*payload)) return false;
    // What a stranger may send is too little to account for.
    if (authenticated && *payload > rules.max_pipelined_bytes && reserved == 0) {
      to_reserve = kFrameHeaderSize + *payload;
      return false;
    }
  }
  const Result<std::optional<Frame>> frame = reader.next();
  if (!frame) {
    refuse(frame.error().code, error_answer(0, frame.error()));
    return true;
  }
  if (!*frame) return false;
  judge(**frame, now);
  return true;
}

void ServerConnection::State::judge(const Frame& frame, Now now) {
  const std::size_t bytes = kFrameHeaderSize + frame.payload.size;
  Result<TransportEnvelope> envelope = decode_envelope(frame.type, frame.payload, gate);
  if (watcher) {
    const auto* const cancel =
        envelope ? std::as_const(envelope->payload).get_if<TransportPayload::CancelFragment>() : nullptr;
    watcher->frame_taken(cancel != nullptr && cancel->value.request_id == 0);
  }
  if (!envelope) return refuse(envelope.error().code, error_answer(0, envelope.error()), bytes);
  if (!authenticated) {
    authenticated = true;
    reader.enter(Phase::authenticated);
  }
  TransportPayload& payload = envelope->payload;
  switch (payload.tag()) {
    case TransportPayload::Tag::ExecuteFragment:
      return take_request(std::move(payload), bytes, now);
    case TransportPayload::Tag::CancelFragment:
      return take_cancel(payload.get_if<TransportPayload::CancelFragment>()->value, bytes);
    case TransportPayload::Tag::FragmentResult:
      break;
  }
  const std::string message = std::string("unexpected ").append(payload.name()).append(" from client");
  refuse(errc::unexpected_message, error_answer_saying(0, errc::unexpected_message, message), bytes);
}

void ServerConnection::State::take_request(TransportPayload payload, std::size_t bytes, Now now) {
  const FragmentRequest& request = payload.get_if<TransportPayload::ExecuteFragment>()->value;
  if (const Result<void> valid = validate(request, heard); !valid) {
    return refuse(valid.error().code, error_answer(request.request_id, valid.error()), bytes);
  }
  const Instant deadline = deadline_of(request, now);
  Request item{std::move(payload), now.steady, deadline};
  items.push({std::move(item), bytes, heard});
  items_bytes += bytes;
}

void ServerConnection::State::take_cancel(const CancelRequest& cancel, std::size_t bytes) {
  if (cancel.request_id != 0) {  // 0 is a ping
    // Requests that were not handed out yet are known here alone.
    if (running && running->stage == Stage::ready && cancels(cancel, running->request)) {
      running->request.cancelled = true;
    }
    for (Item& item : items) {
      Request* const request = std::get_if<Request>(&item.what);
      if (request != nullptr && cancels(cancel, *request)) request->cancelled = true;
    }
    actions.push(Cancel{cancel.request_id, cancel.cancel_key});
  }
  items.push({Acknowledgement{cancel.request_id}, bytes, heard});
  items_bytes += bytes;
}

/// Key 0 may stop requests of the canceller's own address, and these are.
bool ServerConnection::State::cancels(const CancelRequest& cancel, const Request& request) const noexcept {
  const FragmentRequest& r = request.payload.get_if<TransportPayload::ExecuteFragment>()->value;
  return r.request_id == cancel.request_id && r.cancel_key == cancel.cancel_key;
}

void ServerConnection::State::refuse(errc why, ErrorAnswer answer, std::size_t bytes) {
  deaf = true;
  items.push({Refusal{why, std::move(answer)}, bytes, heard});
  items_bytes += bytes;
}

}  // namespace ft
