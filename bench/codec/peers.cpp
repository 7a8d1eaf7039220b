// SPDX-License-Identifier: Apache-2.0
#include "peers.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/json.hpp>

namespace bench {
namespace {

class Ours final : public Decoder {
 public:
  ft::TransportEnvelope decode(const Frame& frame) override {
    return ft::decode_envelope(frame.type, frame.payload.view()).value();
  }
  void decode_and_drop(const Frame& frame) override {
    if (!ft::decode_envelope(frame.type, frame.payload.view())) throw std::runtime_error("a frame does not decode");
  }
};

const ft::ExecutionResult::Query* query_of(const ft::TransportEnvelope& envelope) {
  const auto* const result = envelope.payload.get_if<ft::TransportPayload::FragmentResult>();
  const auto* const success = result ? result->value.get_if<ft::FragmentResponse::Success>() : nullptr;
  return success ? success->result.get_if<ft::ExecutionResult::Query>() : nullptr;
}

/// Steps between two finite doubles of one sign.
bool near(double a, double b, std::int64_t steps) {
  std::int64_t x, y;
  std::memcpy(&x, &a, sizeof x);
  std::memcpy(&y, &b, sizeof y);
  return (x < 0) == (y < 0) && std::llabs(x - y) <= steps;
}

bool near(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_double() && b.is_double()) return near(a.get_double(), b.get_double(), 4);
  if (a.is_array() && b.is_array()) {
    const boost::json::array &x = a.get_array(), &y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](auto& l, auto& r) { return near(l, r); });
  }
  if (a.is_object() && b.is_object()) {
    const boost::json::object &x = a.get_object(), &y = b.get_object();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](auto& l, auto& r) { return l.key() == r.key() && near(l.value(), r.value()); });
  }
  return a == b;
}

bool near(const ft::Value& a, const ft::Value& b) {
  if (a.tag() != b.tag()) return false;
  if (a.tag() == ft::Value::Tag::Double) return near(a.as_double(), b.as_double(), 2);
  if (a.tag() != ft::Value::Tag::Jsonb) return a == b;
  return same_json(a.as_jsonb().text(), b.as_jsonb().text());
}

ft::TransportEnvelope envelope_of(std::uint64_t version, std::string_view token) {
  ft::TransportEnvelope envelope;
  envelope.version = static_cast<std::uint8_t>(version);
  envelope.auth_token = ft::SecretString(token);
  return envelope;
}

}  // namespace

std::unique_ptr<Decoder> make_ours() { return std::make_unique<Ours>(); }

bool same_json(std::string_view a, std::string_view b) { return near(boost::json::parse(a), boost::json::parse(b)); }

bool same(const ft::TransportEnvelope& a, const ft::TransportEnvelope& b, bool exact) {
  const ft::ExecutionResult::Query *x = query_of(a), *y = query_of(b);
  if (exact || x == nullptr || y == nullptr) return a == b;
  if (x->columns != y->columns || x->rows.size() != y->rows.size()) return false;
  for (std::size_t i = 0; i < x->rows.size(); ++i) {
    const auto l = x->rows[i], r = y->rows[i];
    if (!std::equal(l.begin(), l.end(), r.begin(), r.end(), [](auto& u, auto& v) { return near(u, v); })) return false;
  }
  return a.version == b.version && a.auth_token == b.auth_token;
}

namespace detail {

void unexpected(const char* what) {
  throw std::runtime_error(std::string("a peer met what it does not know: ") + what);
}

ft::DataType::Tag data_type_tag(std::string_view name) {
  using Tag = ft::DataType::Tag;
  constexpr std::pair<std::string_view, Tag> kNames[] = {
      {"Int", Tag::Int},         {"BigInt", Tag::BigInt},       {"Text", Tag::Text}, {"Double", Tag::Double},
      {"Boolean", Tag::Boolean}, {"Timestamp", Tag::Timestamp}, {"Uuid", Tag::Uuid}, {"Jsonb", Tag::Jsonb}};
  for (const auto& [known, tag] : kNames) {
    if (known == name) return tag;
  }
  unexpected("data type");
}

ft::TransportEnvelope cancel_envelope(std::uint64_t version, std::string_view token, std::uint64_t request_id,
                                      std::uint64_t cancel_key) {
  ft::TransportEnvelope envelope = envelope_of(version, token);
  auto& cancel = envelope.payload.emplace<ft::TransportPayload::CancelFragment>().value;
  cancel.request_id = request_id;
  cancel.cancel_key = ft::SecretU64(cancel_key);
  return envelope;
}

ft::TransportEnvelope query_envelope(std::uint64_t version, std::string_view token, std::uint64_t request_id,
                                     std::vector<ft::ResultField> columns, ft::FlatRows<ft::Value> rows) {
  ft::TransportEnvelope envelope = envelope_of(version, token);
  auto& response = envelope.payload.emplace<ft::TransportPayload::FragmentResult>().value;
  auto& success = response.emplace<ft::FragmentResponse::Success>();
  success.request_id = request_id;
  auto& query = success.result.emplace<ft::ExecutionResult::Query>();
  query.columns = std::move(columns);
  query.rows = std::move(rows);
  return envelope;
}

}  // namespace detail
}  // namespace bench
