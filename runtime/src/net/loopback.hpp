// SPDX-License-Identifier: Apache-2.0
//
// Whether bytes to an address stay on this machine: there, and only there, plaintext needs no permission.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace ft::net {

/// 127.0.0.0/8 and ::1; the former also as an IPv6 address that maps it.
inline bool is_loopback(const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

}  // namespace ft::net
