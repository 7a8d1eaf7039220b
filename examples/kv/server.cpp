// SPDX-License-Identifier: Apache-2.0
//
// A key-value store in memory, on one thread: kv_server HOST:PORT
#include <ft/core/endpoint.hpp>
#include <ft/core/overloaded.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <iostream>
#include <set>

#include "connection.hpp"
#include "store.hpp"

namespace asio = boost::asio;
namespace kv = ft::kv;

// Stands in `all` for as long as it lives.
struct Client {
  Client(std::set<Client*>& all_, asio::ip::tcp::socket socket)
      : all(all_), connection(std::make_shared<kv::Connection>(std::move(socket))) {
    all.insert(this);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { all.erase(this); }

  // In the version that the client speaks.
  void send(kv::Body body) {
    kv::Envelope envelope;
    envelope.version = version;
    envelope.body = std::move(body);
    connection->send(envelope);
  }

  std::set<Client*>& all;
  std::shared_ptr<kv::Connection> connection;
  kv::Version version = kv::PROTOCOL_VERSION;
  std::optional<std::string> watched;  // a prefix
};

kv::Answer answer(kv::Store& store, Client& client, const kv::Body& request) {
  return request.visit(ft::overloaded{
      [&](const kv::Body::Get& get) { return store.answer(get); },
      [&](const kv::Body::Put& put) { return store.answer(put.value, client.version); },
      [&](const kv::Body::Delete& gone) { return store.answer(gone); },
      [&](const kv::Body::Watch& watch) -> kv::Answer {
        client.watched = watch.prefix;
        return kv::Answer::Tag::Done;
      },
      [](const auto&) -> kv::Answer { return kv::Answer::Refused("only servers say that"); },
  });
}

asio::awaitable<void> serve(kv::Store& store, std::set<Client*>& clients, asio::ip::tcp::socket socket) {
  Client client(clients, std::move(socket));
  while (const std::optional<ft::Result<kv::Envelope>> in = co_await client.connection->receive()) {
    if (*in) client.version = (*in)->version;
    kv::Answer out = *in ? answer(store, client, (*in)->body) : kv::Answer::Refused(in->error().message());
    client.send(kv::Body::Answer(std::move(out)));
  }
  client.connection->close();
}

int main(int, char** argv) {
  const ft::Endpoint at = ft::Endpoint::parse(argv[1]).value();
  std::set<Client*> clients;
  kv::Store store([&clients](const kv::Body::Changed& changed) {
    for (Client* client : clients)
      if (client->watched && changed.key.starts_with(*client->watched)) client->send(changed);
  });

  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address(at.host), at.port});
  std::cout << "listening on " << acceptor.local_endpoint() << std::endl;
  asio::steady_timer pause(io);
  std::function<void()> accept = [&] {
    acceptor.async_accept([&](boost::system::error_code error, asio::ip::tcp::socket socket) {
      if (!error) {
        co_spawn(io, serve(store, clients, std::move(socket)), asio::detached);
        return accept();
      }
      // Too many open files, for one: it would fail again at once.
      pause.expires_after(std::chrono::milliseconds(100));
      pause.async_wait([&](boost::system::error_code) { accept(); });
    });
  };
  accept();
  io.run();
}
