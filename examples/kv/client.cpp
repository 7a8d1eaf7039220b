// SPDX-License-Identifier: Apache-2.0
//
// Asks a key-value store one thing, and prints the answer as JSON:
//   kv_client HOST:PORT get KEY
//   kv_client HOST:PORT put KEY VALUE
//   kv_client HOST:PORT delete KEY
//   kv_client HOST:PORT watch PREFIX COUNT      and then as many changes
#include <ft/core/endpoint.hpp>
#include <ft/json/print.hpp>
#include <ft/kv/gen/codec.hpp>

#include <boost/asio/io_context.hpp>

#include <iostream>
#include <string>
#include <string_view>

#include "connection.hpp"

namespace asio = boost::asio;
namespace kv = ft::kv;

std::optional<kv::Body> request(std::string_view verb, int argc, char** argv) {
  kv::Body body;
  if (verb == "get" && argc == 1) {
    body.emplace<kv::Body::Get>().key = argv[0];
  } else if (verb == "put" && argc == 2) {
    kv::PutRequest& put = body.emplace<kv::Body::Put>().value;
    put.key = argv[0];
    put.value = argv[1];
  } else if (verb == "delete" && argc == 1) {
    body.emplace<kv::Body::Delete>().key = argv[0];
  } else if (verb == "watch" && argc == 2) {
    body.emplace<kv::Body::Watch>().prefix = argv[0];
  } else {
    return std::nullopt;
  }
  return body;
}

// Prints the answer, and `changes` more messages.
asio::awaitable<void> ask(std::shared_ptr<kv::Connection> connection, kv::Body body, unsigned long changes) {
  kv::Envelope envelope;
  envelope.version = kv::PROTOCOL_VERSION;
  envelope.body = std::move(body);
  connection->send(envelope);
  for (unsigned long i = 0; i <= changes; ++i) {
    const std::optional<ft::Result<kv::Envelope>> in = co_await connection->receive();
    if (!in) throw std::runtime_error("the server has gone");
    std::cout << ft::to_text(in->value().body) << std::endl;
  }
}

int main(int argc, char** argv) try {
  const std::optional<kv::Body> body = argc < 4 ? std::nullopt : request(argv[2], argc - 3, argv + 3);
  if (!body)
    throw std::runtime_error("usage: kv_client HOST:PORT get KEY | put KEY VALUE | delete KEY | watch PREFIX COUNT");
  const ft::Endpoint server = ft::Endpoint::parse(argv[1]).value();
  const unsigned long changes = body->get_if<kv::Body::Watch>() ? std::stoul(argv[4]) : 0;

  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::make_address(server.host), server.port});
  co_spawn(io, ask(std::make_shared<kv::Connection>(std::move(socket)), *body, changes), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  io.run();
} catch (const std::exception& error) {
  std::cerr << "kv_client: " << error.what() << '\n';
  return 1;
}
