// SPDX-License-Identifier: Apache-2.0
#include "security/handshake.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <stdexcept>

namespace ft::test {
namespace {

using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

Connection open(const TlsSnapshot& snapshot) {
  Connection made(SSL_new(snapshot.context->native_handle()), &SSL_free);
  if (!made) throw std::runtime_error("SSL_new failed");
  return made;
}

/// Each reads what the other one writes, without a bound.
void connect(SSL* one, SSL* other) {
  BIO* there = BIO_new(BIO_s_mem());
  BIO* back = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(there, -1);
  BIO_set_mem_eof_return(back, -1);
  BIO_up_ref(there);
  BIO_up_ref(back);
  SSL_set_bio(one, back, there);
  SSL_set_bio(other, there, back);
}

/// Whether `outcome` of the last call on `connection` is a success; says why of its first failure that waiting cannot
/// mend.
bool succeeded(SSL* connection, int outcome, Side& side) {
  if (outcome > 0) return true;
  const int kind = SSL_get_error(connection, outcome);
  if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE && side.error.empty()) {
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    side.error = reason ? reason : "no reason";
  }
  ERR_clear_error();
  return false;
}

void exchange(SSL* server, SSL* client, Handshake& met) {
  char byte = 'x';
  met.unsolicited = BIO_ctrl_pending(SSL_get_wbio(server));
  const bool sent = succeeded(client, SSL_write(client, &byte, 1), met.client) &&
                    succeeded(server, SSL_read(server, &byte, 1), met.server) &&
                    succeeded(server, SSL_write(server, &byte, 1), met.server);
  met.done = succeeded(client, SSL_read(client, &byte, 1), met.client) && sent;
}

}  // namespace

Handshake shake_hands(const TlsSnapshot& server_snapshot, const TlsSnapshot& client_snapshot,
                      const TlsClientConfig& config, const std::string& host, const std::function<void(SSL*)>& adjust) {
  Handshake met;
  const Connection server = open(server_snapshot), client = open(client_snapshot);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  connect(server.get(), client.get());
  prepare_server(server.get(), kProtocol);
  prepare_client(client.get(), config, host, kProtocol).value();
  if (adjust) adjust(client.get());

  bool client_done = false, server_done = false;
  for (int turn = 0; turn < 8 && !(client_done && server_done); ++turn) {
    if (met.client.error.empty()) {
      client_done = succeeded(client.get(), SSL_do_handshake(client.get()), met.client);
    }
    if (met.server.error.empty()) {
      server_done = succeeded(server.get(), SSL_do_handshake(server.get()), met.server);
    }
  }
  // The server's verdict on a client's certificate reaches the client after its own handshake is done.
  if (client_done) exchange(server.get(), client.get(), met);

  met.version = SSL_get_version(client.get());
  met.cipher = SSL_get_cipher_name(client.get()) ? SSL_get_cipher_name(client.get()) : "";
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.get(), &protocol, &size);
  if (protocol) met.protocol.assign(reinterpret_cast<const char*>(protocol), size);
  const char* name = SSL_get_servername(server.get(), TLSEXT_NAMETYPE_host_name);
  met.server_name = name ? name : "";
  met.server.problem = certificate_problem(server.get());
  met.client.problem = certificate_problem(client.get());
  met.server.peer = peer_names(server.get());
  met.client.peer = peer_names(client.get());
  return met;
}

}  // namespace ft::test
