// SPDX-License-Identifier: Apache-2.0
#include "transport/bulk.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "ft/client.hpp"
#include "ft/protocol.hpp"
#include "ft/session/row_stream.hpp"
#include "transport/background.hpp"
#include "workload.hpp"

namespace bench {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point from) {
  return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Both decodes keep their result until the time is taken.
double decode(const Frame& frame) {
  const Clock::time_point from = Clock::now();
  const ft::Result<ft::TransportEnvelope> envelope = ft::decode_envelope(frame.type, frame.payload.view());
  const double took = milliseconds_since(from);
  if (!envelope) throw std::runtime_error(envelope.error().message());
  return took;
}

/// What a sender's copying costs a decode that reads from no socket, on a machine whose threads share caches and cores.
double decode_beside_copies(const Frame& frame, const std::vector<char>& bytes) {
  std::atomic<bool> copying = false;
  const std::jthread neighbour([&](const std::stop_token& stop) {
    std::vector<char> window(64 << 10);
    for (std::size_t from = 0; !stop.stop_requested(); from += window.size()) {
      if (from + window.size() > bytes.size()) from = 0;
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), window.size(), window.begin());
      copying = true;
    }
  });
  while (!copying) std::this_thread::yield();
  return decode(frame);
}

/// The frame comes from a thread that writes as fast as the socket takes it. `read` gets the socket once the first
/// bytes are there.
template <class Read>
double receive(const std::vector<char>& frame, const Read& read) {
  asio::io_context io(1);
  asio::ip::tcp::acceptor acceptor(io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  asio::ip::tcp::socket reader(io), writer(io);
  reader.connect(acceptor.local_endpoint());
  acceptor.accept(writer);

  const std::jthread sender([&writer, &frame] { asio::write(writer, asio::buffer(frame)); });
  pollfd readable{reader.native_handle(), POLLIN, 0};
  poll(&readable, 1, -1);
  const Clock::time_point from = Clock::now();
  read(reader.native_handle());
  return milliseconds_since(from);
}

std::size_t read_some(int socket, std::span<char> space) {
  const ssize_t n = recv(socket, space.data(), space.size(), 0);
  if (n <= 0) throw std::runtime_error("the connection ended early");
  return static_cast<std::size_t>(n);
}

double receive_rows(const std::vector<char>& frame) {
  return receive(frame, [](int socket) {
    ft::RowStream stream;
    for (;;) {
      const ft::Result<ft::RowStream::Event> event = stream.next();
      if (!event) throw std::runtime_error(event.error().message());
      if (*event == ft::RowStream::Event::end) break;
      stream.commit(read_some(socket, stream.prepare()));
    }
    const ft::TransportEnvelope envelope = stream.take_envelope();
  });
}

/// The same bytes, and nothing made of them: what the system takes for itself.
double receive_bytes(const std::vector<char>& frame) {
  return receive(frame, [&frame](int socket) {
    std::vector<char> space(64 << 10);
    for (std::size_t missing = frame.size(); missing != 0;) missing -= read_some(socket, space);
  });
}

std::vector<char> whole_frame(const Frame& frame) {
  std::vector<char> bytes(ft::kFrameHeaderSize + frame.payload.size());
  ft::write_frame_header(bytes.data(), {frame.type, static_cast<std::uint32_t>(frame.payload.size())});
  std::copy_n(frame.payload.data(), frame.payload.size(), bytes.data() + ft::kFrameHeaderSize);
  return bytes;
}

ft::FragmentRequest request() {
  ft::FragmentRequest made;
  made.plan = ft::PhysicalPlan::InternalNoOp();
  made.isolation = "read committed";
  made.max_result_rows = 2'000'000;
  made.max_result_bytes = ft::MAX_PAYLOAD;
  made.max_memory_bytes = std::uint64_t{512} << 20;
  made.max_temp_bytes = std::uint64_t{1} << 30;
  return made;
}

/// Calls over one connection; the server answers with the rows of `frame`.
class Calls {
 public:
  Calls(const Setup& setup, const Frame& frame) {
    ft::TransportEnvelope envelope = ft::decode_envelope(frame.type, frame.payload.view()).value();
    auto& success =
        *envelope.payload.get_if<ft::TransportPayload::FragmentResult>()->value.get_if<ft::FragmentResponse::Success>();
    server_.emplace(thread_.io(), setup, false, std::make_shared<const ft::ExecutionResult>(std::move(success.result)));
    ft::PoolOptions options;
    options.tokens = setup.tokens();
    pool_.emplace(ft::ConnectionPool::create(io_.get_executor(), options).value());
  }

  double call() {
    const ft::FragmentClient worker(*pool_, ft::Endpoint("127.0.0.1", server_->port()));
    std::optional<double> took;
    std::string failure;
    const Clock::time_point from = Clock::now();
    worker.execute(request(), ft::CallOptions(), [&](const ft::CallResult<ft::Answer>& answer) {
      took = milliseconds_since(from);
      if (!answer) failure = answer.error().describe();
    });
    io_.restart();
    while (!took) io_.run_one();
    if (!failure.empty()) throw std::runtime_error(failure);
    return *took;
  }

 private:
  Background thread_;
  std::optional<OurServer> server_;
  asio::io_context io_{1};
  std::optional<ft::ConnectionPool> pool_;
};

}  // namespace

BulkFigures measure_bulk(const Setup& setup, std::size_t payload_bytes, std::size_t rounds) {
  const Frame frame = rows_frame(payload_bytes);
  const std::vector<char> bytes = whole_frame(frame);
  Calls calls(setup, frame);
  decode(frame);
  receive_rows(bytes);
  calls.call();
  std::vector<double> decodes, besides, reads, receives, ratios, executes;
  for (std::size_t i = 0; i < rounds; ++i) {
    decodes.push_back(decode(frame));
    receives.push_back(receive_rows(bytes));
    ratios.push_back(receives.back() / decodes.back());
    besides.push_back(decode_beside_copies(frame, bytes));
    reads.push_back(receive_bytes(bytes));
    executes.push_back(calls.call());
  }
  BulkFigures figures;
  figures.decode_ms = median(std::move(decodes));
  figures.beside_ms = median(std::move(besides));
  figures.read_ms = median(std::move(reads));
  figures.receive_ms = median(std::move(receives));
  figures.ratio = median(std::move(ratios));
  figures.execute_ms = median(std::move(executes));
  return figures;
}

}  // namespace bench
