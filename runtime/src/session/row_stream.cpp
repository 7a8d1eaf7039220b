// SPDX-License-Identifier: Apache-2.0
//
// The trick that keeps one decoder for everything around the rows: the head, closed at once, is an envelope with an
// empty list of rows, and so is the head with whatever stands behind the rows. Both are decoded as such; the rows
// themselves are decoded by the codec of rows, piece by piece, and never stored as text.
#include "ft/session/row_stream.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "ft/gen/codec.hpp"
#include "ft/json/rows_in_pieces.hpp"
#include "ft/protocol.hpp"
#include "ft/wire/framing_impl.hpp"
#include "session/row_stream_buffer.hpp"
#include "session/row_stream_head.hpp"

namespace ft {
namespace {

constexpr std::size_t kReadAhead = 16384;  // before the length of the frame is known
constexpr std::size_t kLeastMore = 64;     // bytes that make a further attempt worth while

// No error lies farther before the byte that is missing: escapes, UTF-8 sequences and literals are shorter. Numbers are
// not.
constexpr std::size_t kLookBack = 32;

bool belongs_to_number(char c) {
  return static_cast<unsigned char>(c - '0') <= 9 || c == '-' || c == '+' || c == '.' || (c | 0x20) == 'e';
}

/// The answer in an envelope and the Query in the answer, if there are any.
template <class Envelope>
auto* answer_in(Envelope& envelope) {
  auto* const payload = envelope.payload.template get_if<TransportPayload::FragmentResult>();
  return payload == nullptr ? nullptr : &payload->value;
}
template <class Envelope>
auto* query_in(Envelope& envelope) {
  auto* const answer = answer_in(envelope);
  auto* const success = answer == nullptr ? nullptr : answer->template get_if<FragmentResponse::Success>();
  return success == nullptr ? nullptr : success->result.template get_if<ExecutionResult::Query>();
}

PaddedBuffer joined(std::string_view head, std::string_view tail) {
  PaddedBuffer text;
  text.resize(head.size() + tail.size());
  std::memcpy(text.data(), head.data(), head.size());
  std::memcpy(text.data() + head.size(), tail.data(), tail.size());
  return text;
}

}  // namespace

RowStreamOptions::RowStreamOptions() = default;

class RowStream::Impl {
 public:
  void start(const RowStreamOptions& options);
  std::span<char> prepare();
  void commit(std::size_t bytes);
  Result<Event> next();
  Error finish() const;
  FlatRows<Value> take_rows();

  const TransportEnvelope& envelope() const { return envelope_; }
  const FragmentResponse* answer() const { return known_ ? answer_in(envelope_) : nullptr; }
  TransportEnvelope take_envelope() { return std::exchange(envelope_, {}); }
  std::size_t received() const { return state_ == State::header ? buffer_.size() : kFrameHeaderSize + arrived(); }
  std::size_t surplus() const { return state_ == State::end ? surplus_.size() : 0; }

 private:
  using Step = std::optional<Event>;  // nothing: go on in the new state, or there is an error

  enum class State : std::uint8_t {
    header,   // of the frame
    head,     // is it a canonical query?
    rows,     // of one
    tail,     // what stands behind them
    whole,    // it is not: all of it is needed
    columns,  // of a query that was decoded whole, to be reported
    late,     // its rows, the same
    end,
  };

  bool batches() const { return options_.delivery == RowStreamOptions::Delivery::batches; }
  std::size_t arrived() const { return consumed_ + buffer_.size(); }
  bool complete() const { return arrived() == total_; }
  std::size_t budget() const { return options_.budget.value_or(default_budget(total_)); }

  Step step();
  Step read_header();
  Step read_head();
  Step read_rows();
  Step read_tail();
  Step read_whole();
  Step wait();
  Step fail(Error error);
  void set_surplus_aside();
  bool is_final(const Error& error) const;
  bool row_too_long(std::size_t reached) const;
  void start_rows(std::size_t rows_budget);

  RowStreamOptions options_;
  RowStreamBuffer buffer_;
  std::string surplus_;
  State state_ = State::header;
  std::optional<Error> error_;
  MessageType type_{};
  std::size_t total_ = 0;     // length of the payload
  std::size_t consumed_ = 0;  // of it
  std::size_t wanted_ = 0;    // how much of it must have arrived before the next attempt
  std::string head_;          // of a canonical query, the bracket of its rows included
  std::size_t rows_budget_ = 0;
  std::optional<json::RowsInPieces<Value>> rows_;
  FlatRows<Value> late_rows_;
  TransportEnvelope envelope_;
  bool known_ = false;  // envelope_ was decoded, though its rows may be on their way
};

// -- bytes ----------------------------------------------------------------------------------------------------

void RowStream::Impl::start(const RowStreamOptions& options) {
  options_ = options;
  if (buffer_.capacity() > kBuffer) buffer_.free();
  buffer_.clear();
  state_ = State::header;
  error_.reset();
  total_ = consumed_ = wanted_ = 0;
  head_ = {};
  rows_.reset();
  late_rows_ = {};
  envelope_ = {};
  known_ = false;
  buffer_.append(std::exchange(surplus_, {}));
}

std::span<char> RowStream::Impl::prepare() {
  const std::size_t missing = state_ == State::header ? 0 : total_ - arrived();
  if (missing == 0) return buffer_.space(kReadAhead);
  const std::size_t wanted = wanted_ - std::min(wanted_, arrived());
  return buffer_.space(std::min(missing, std::max({wanted, kBuffer - std::min(kBuffer, buffer_.size()), kReadAhead})));
}

void RowStream::Impl::commit(std::size_t bytes) {
  buffer_.commit(bytes);
  if (state_ != State::header) set_surplus_aside();
}

void RowStream::Impl::set_surplus_aside() {
  if (arrived() <= total_) return;
  const std::size_t ours = total_ - consumed_;
  surplus_.append(buffer_.text().substr(ours));
  buffer_.cut(ours);
}

Error RowStream::Impl::finish() const {
  if (error_) return *error_;
  if (state_ == State::header) return wire::cut_off(errc::incomplete_header, kFrameHeaderSize, received());
  return wire::cut_off(errc::incomplete_payload, kFrameHeaderSize + total_, received());
}

// -- events ---------------------------------------------------------------------------------------------------

Result<RowStream::Event> RowStream::Impl::next() {
  while (!error_) {
    if (const Step event = step()) return *event;
  }
  return *error_;
}

RowStream::Impl::Step RowStream::Impl::step() {
  if (state_ < State::columns && arrived() < wanted_) return Event::need_more;
  switch (state_) {
    case State::header:
      return read_header();
    case State::head:
      return read_head();
    case State::rows:
      return read_rows();
    case State::tail:
      return read_tail();
    case State::whole:
      return read_whole();
    case State::columns:
      state_ = State::late;
      return Event::columns;
    case State::late:
      if (!late_rows_.empty()) return Event::rows;
      state_ = State::end;
      return std::nullopt;
    case State::end:
      break;
  }
  return Event::end;
}

/// Until there is twice as much of what cannot be decoded yet, or everything.
RowStream::Impl::Step RowStream::Impl::wait() {
  wanted_ = std::min(total_, arrived() + std::max(buffer_.size(), kLeastMore));
  return Event::need_more;
}

RowStream::Impl::Step RowStream::Impl::fail(Error error) {
  error_ = std::move(error);
  return std::nullopt;
}

RowStream::Impl::Step RowStream::Impl::read_header() {
  if (buffer_.size() < kFrameHeaderSize) return Event::need_more;
  const Result<FrameHeader> header = parse_frame_header(std::as_bytes(std::span(buffer_.text())), options_.max_payload);
  if (!header) return fail(header.error());
  type_ = header->type;
  total_ = header->payload_length;
  buffer_.consume(kFrameHeaderSize);
  set_surplus_aside();
  state_ = State::head;
  return std::nullopt;
}

RowStream::Impl::Step RowStream::Impl::read_head() {
  // What is there already needs no streaming, unless batches of a certain size are wanted.
  const bool streams = type_ == MSG_FRAGMENT_RESULT && (batches() || !complete());
  const QueryHead head = streams ? find_query_head(buffer_.view()) : QueryHead{QueryHead::Form::other, 0};
  if (head.form == QueryHead::Form::missing && !complete()) return wait();
  if (head.form != QueryHead::Form::canonical) {
    state_ = State::whole;
    wanted_ = total_;
    return std::nullopt;
  }
  head_ = buffer_.text().substr(0, head.size);
  const PaddedBuffer closed = joined(head_, kQueryClose);
  json::Reader r(closed.view(), {.depth = MAX_DEPTH, .budget = budget()});
  if (decode(r.begin(), envelope_, r) == nullptr) return fail(r.take_error());
  known_ = true;
  buffer_.consume(head.size);
  consumed_ += head.size;
  start_rows(r.budget());
  return batches() ? Step(Event::columns) : std::nullopt;
}

void RowStream::Impl::start_rows(std::size_t rows_budget) {
  rows_budget_ = rows_budget;
  rows_.emplace(consumed_, total_, rows_budget);
  if (batches()) {
    rows_->max_rows = std::max<std::size_t>(options_.batch_rows, 1);
    rows_->max_bytes = std::max<std::size_t>(options_.batch_bytes, 1);
    rows_->max_row_bytes = options_.max_row_bytes;
  }
  state_ = State::rows;
}

RowStream::Impl::Step RowStream::Impl::read_rows() {
  const bool ended = rows_->at == json::RowsPlace::end;
  if (batches() && rows_->rows() != 0 && (ended || rows_->full())) return Event::rows;
  if (ended) {
    state_ = State::tail;
    wanted_ = total_;
    return std::nullopt;
  }
  json::Reader r(buffer_.view(), {.depth = MAX_DEPTH, .budget = rows_->budget}, consumed_);
  r.set_version(nearest_version(envelope_.version));
  for (unsigned i = 0; i < kQueryDepth; ++i) r.enter();
  const bool good = decode(r.begin(), *rows_, r) != nullptr;
  buffer_.consume(rows_->cursor - consumed_);
  consumed_ = rows_->cursor;
  if (good) return std::nullopt;
  for (const char* key : {"rows", "Query", "result", "Success", "FragmentResult", "payload"}) r.in_key(key);
  Error error = r.take_error();
  const bool final = is_final(error);
  if (row_too_long(final ? error.offset : arrived() - std::min(arrived(), kLookBack))) {
    error = Error(
        errc::too_long, consumed_,
        "$.payload.FragmentResult.Success.result.Query.rows[" + std::to_string(rows_->taken + rows_->rows()) + "]");
  } else if (!final) {
    return wait();
  }
  return fail(std::move(error));
}

/// Whether the row that begins at the cursor is known to reach beyond what a row may have.
bool RowStream::Impl::row_too_long(std::size_t reached) const {
  return batches() && reached > consumed_ && reached - consumed_ > rows_->max_row_bytes;
}

/// Whether bytes that are still missing cannot change this error.
bool RowStream::Impl::is_final(const Error& error) const {
  // Limits are judged by what has been read, and by the length of the whole.
  if (complete() || error.code == errc::too_long || error.code == errc::memory_budget) return true;
  if (arrived() < error.offset + kLookBack) return false;
  const std::string_view rest = buffer_.text().substr(error.offset - consumed_);
  return !std::all_of(rest.begin(), rest.end(), belongs_to_number);
}

RowStream::Impl::Step RowStream::Impl::read_tail() {
  const std::string_view close(kQueryClose);
  const std::string_view tail = buffer_.text();
  if (tail != close.substr(1)) {  // extension keys, white space, or broken
    const PaddedBuffer text = joined(head_ + "]", tail);
    const std::size_t spent = batches() ? 0 : rows_budget_ - rows_->budget;
    Result<TransportEnvelope> envelope = decode_envelope(type_, text.view(), {}, {.budget = budget() - spent});
    if (!envelope) {
      Error error = envelope.error();
      if (error.offset != Error::no_offset && error.offset > head_.size()) error.offset += consumed_ - head_.size() - 1;
      return fail(std::move(error));
    }
    envelope_ = std::move(*envelope);
  }
  if (!batches()) query_in(envelope_)->rows = rows_->take();
  state_ = State::end;
  return std::nullopt;
}

RowStream::Impl::Step RowStream::Impl::read_whole() {
  Result<TransportEnvelope> envelope = decode_envelope(type_, buffer_.view(), {}, {.budget = budget()});
  if (!envelope) return fail(envelope.error());
  envelope_ = std::move(*envelope);
  known_ = true;
  state_ = State::end;
  ExecutionResult::Query* const query = batches() ? query_in(envelope_) : nullptr;
  if (query != nullptr) {
    late_rows_ = std::exchange(query->rows, {});
    state_ = State::columns;
  }
  return std::nullopt;
}

FlatRows<Value> RowStream::Impl::take_rows() {
  if (state_ == State::late) return std::exchange(late_rows_, {});
  rows_->budget = rows_budget_;
  return rows_->take();
}

// -- the public face ------------------------------------------------------------------------------------------

RowStream::RowStream(const RowStreamOptions& options) : impl_(std::make_unique<Impl>()) { impl_->start(options); }
RowStream::~RowStream() = default;

void RowStream::start(const RowStreamOptions& options) { impl_->start(options); }
std::span<char> RowStream::prepare() { return impl_->prepare(); }
void RowStream::commit(std::size_t bytes) { impl_->commit(bytes); }

void RowStream::feed(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::span<char> space = impl_->prepare();
    const std::size_t n = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), n);
    impl_->commit(n);
    bytes = bytes.subspan(n);
  }
}

Result<RowStream::Event> RowStream::next() { return impl_->next(); }
Error RowStream::finish() const { return impl_->finish(); }

std::optional<std::uint64_t> RowStream::request_id() const noexcept {
  const FragmentResponse* const answer = impl_->answer();
  if (answer == nullptr) return std::nullopt;
  return answer->visit([](const auto& payload) { return payload.request_id; });
}

std::optional<Version> RowStream::version() const noexcept {
  return impl_->answer() == nullptr ? std::nullopt : std::optional<Version>(impl_->envelope().version);
}

std::span<const ResultField> RowStream::columns() const noexcept {
  const auto* const query = query_in(impl_->envelope());
  return query == nullptr ? std::span<const ResultField>() : std::span<const ResultField>(query->columns);
}

FlatRows<Value> RowStream::take_rows() { return impl_->take_rows(); }
TransportEnvelope RowStream::take_envelope() { return impl_->take_envelope(); }
std::uint64_t RowStream::received() const noexcept { return impl_->received(); }
std::size_t RowStream::surplus() const noexcept { return impl_->surplus(); }

}  // namespace ft
