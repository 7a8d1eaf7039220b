// SPDX-License-Identifier: Apache-2.0
//
// simdjson On-Demand. It is compiled twice: like everything else, and as simdjson_peer_avx2.cpp.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "peers.hpp"

namespace bench {
namespace {

namespace ondemand = simdjson::ondemand;
using detail::unexpected;

class Simdjson final : public Decoder {
 public:
  ft::TransportEnvelope decode(const Frame& frame) override {
    static_assert(ft::kPadding >= simdjson::SIMDJSON_PADDING);
    const ft::PaddedBuffer& text = frame.payload;
    ondemand::document document = parser_.iterate(text.data(), text.size(), text.size() + ft::kPadding);
    ondemand::object envelope = document.get_object();
    const std::uint64_t version = envelope.find_field("version").get_uint64();
    const std::string_view token = envelope.find_field("auth_token").get_string();
    for (ondemand::field kind : envelope.find_field("payload").get_object()) {
      if (kind.key() == "CancelFragment") {
        ondemand::object cancel = kind.value().get_object();
        const std::uint64_t request_id = cancel.find_field("request_id").get_uint64();
        const std::uint64_t cancel_key = cancel.find_field("cancel_key").get_uint64();
        return detail::cancel_envelope(version, token, request_id, cancel_key);
      }
      if (kind.key() != "FragmentResult") break;
      ondemand::object success = kind.value().find_field("Success").get_object();
      const std::uint64_t request_id = success.find_field("request_id").get_uint64();
      ondemand::object query = success.find_field("result").find_field("Query").get_object();
      std::vector<ft::ResultField> columns;
      for (ondemand::object column : query.find_field("columns").get_array()) columns.push_back(field(column));
      return detail::query_envelope(version, token, request_id, std::move(columns),
                                    rows(query.find_field("rows").get_array()));
    }
    unexpected("payload");
  }

 private:
  static ft::ResultField field(ondemand::object& fields) {
    ft::ResultField out;
    out.name = std::string_view(fields.find_field("name").get_string());
    out.data_type = detail::data_type_tag(fields.find_field("data_type").get_string());
    if (!fields.find_field("text_type_modifier").is_null()) unexpected("text_type_modifier");
    out.nullable = fields.find_field("nullable").get_bool();
    return out;
  }

  static ft::FlatRows<ft::Value> rows(ondemand::array array) {
    ft::FlatRows<ft::Value>::Builder builder;
    for (ondemand::object row : array) {
      for (ondemand::value cell : row.find_field("values").get_array()) builder.add(value(cell, builder.arena()));
      builder.end_row();
    }
    return std::move(builder).build();
  }

  static ft::Value value(ondemand::value& cell, ft::Arena* arena) {
    if (cell.type() == ondemand::json_type::string) {
      if (cell.get_raw_json_string().value() != "Null") unexpected("unit");
      return {};
    }
    ft::Value out;
    int keys = 0;
    for (ondemand::field field : cell.get_object()) {
      if (++keys > 1) unexpected("cell");
      out = payload(field, arena);
    }
    return out;
  }

  static ft::Value payload(ondemand::field& only, ft::Arena* arena) {
    using Tag = ft::Value::Tag;
    const char* const key = only.key().raw();
    ondemand::value& value = only.value();
    switch (detail::value_tag({key, static_cast<std::size_t>(std::strchr(key, '"') - key)})) {
      case Tag::Int: {
        const std::int64_t number = value.get_int64();
        if (number != static_cast<std::int32_t>(number)) unexpected("Int out of range");
        return ft::Value::Int(static_cast<std::int32_t>(number));
      }
      case Tag::BigInt:
        return ft::Value::BigInt(value.get_int64());
      case Tag::Double:
        return ft::Value::Double(value.get_double());
      case Tag::Text:
        return ft::Value::Text(value.get_string(), arena);
      case Tag::Boolean:
        return ft::Value::Boolean(value.get_bool());
      case Tag::Timestamp:
        return detail::timestamp(numbers<6>(value.get_array()));
      case Tag::Uuid:
        return detail::uuid(numbers<16>(value.get_array()));
      case Tag::Jsonb: {
        ondemand::object document = value.get_object();
        return ft::Value::Jsonb(ft::JsonView::trusted(document.raw_json()), arena);
      }
      default:
        unexpected("type of value");
    }
  }

  template <std::size_t N>
  static std::array<std::int64_t, N> numbers(ondemand::array array) {
    std::array<std::int64_t, N> out;
    std::size_t i = 0;
    for (std::int64_t number : array) {
      if (i == N) unexpected("length of a list");
      out[i++] = number;
    }
    if (i != N) unexpected("length of a list");
    return out;
  }

  ondemand::parser parser_;
};

}  // namespace

#ifndef FT_SIMDJSON_AVX2
std::unique_ptr<Decoder> make_simdjson() { return std::make_unique<Simdjson>(); }
#elif defined(__AVX2__)
std::unique_ptr<Decoder> make_simdjson_avx2() {
  const bool able = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul");
  return able ? std::make_unique<Simdjson>() : nullptr;
}
#else
std::unique_ptr<Decoder> make_simdjson_avx2() { return nullptr; }
#endif

}  // namespace bench
