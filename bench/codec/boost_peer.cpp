// SPDX-License-Identifier: Apache-2.0
//
// Boost.JSON, compiled from its sources with the flags of this program.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/src.hpp>

#include "peers.hpp"

namespace bench {
namespace {

namespace json = boost::json;
using detail::unexpected;

/// A parser and a tree's memory, reused: one block, large enough for any tree of the largest payload so far.
class Parser {
 public:
  json::value parse(const Frame& frame) {
    const std::size_t wanted = 8 * frame.payload.size() + 4096;
    if (memory_ == nullptr || wanted > memory_->size) memory_ = std::make_unique<Memory>(wanted);
    memory_->resource.release();
    parser_.reset(&memory_->resource);
    parser_.write(frame.payload.data(), frame.payload.size());
    return parser_.release();
  }

 private:
  struct Memory {
    explicit Memory(std::size_t size_) : size(size_), block(new unsigned char[size_]), resource(block.get(), size_) {}
    std::size_t size;
    std::unique_ptr<unsigned char[]> block;  // not initialised: pages that are never touched cost nothing
    json::monotonic_resource resource;
  };

  std::unique_ptr<Memory> memory_;
  std::array<unsigned char, 65536> stack_;
  json::parser parser_{{}, {}, stack_.data(), stack_.size()};
};

std::uint64_t u64(const json::value& v) { return v.to_number<std::uint64_t>(); }

class Boost final : public Decoder {
 public:
  ft::TransportEnvelope decode(const Frame& frame) override {
    const json::value tree = parser_.parse(frame);
    const json::object& envelope = tree.as_object();
    const std::uint64_t version = u64(envelope.at("version"));
    const json::string& token = envelope.at("auth_token").as_string();
    const json::object& payload = envelope.at("payload").as_object();
    if (const json::value* const cancel = payload.if_contains("CancelFragment")) {
      const json::object& fields = cancel->as_object();
      return detail::cancel_envelope(version, token, u64(fields.at("request_id")), u64(fields.at("cancel_key")));
    }
    const json::object& success = payload.at("FragmentResult").as_object().at("Success").as_object();
    const json::object& query = success.at("result").as_object().at("Query").as_object();
    std::vector<ft::ResultField> columns;
    columns.reserve(query.at("columns").as_array().size());
    for (const json::value& column : query.at("columns").as_array()) columns.push_back(field(column.as_object()));
    return detail::query_envelope(version, token, u64(success.at("request_id")), std::move(columns),
                                  rows(query.at("rows").as_array()));
  }

 private:
  static ft::ResultField field(const json::object& fields) {
    ft::ResultField out;
    out.name = fields.at("name").as_string();
    out.data_type = detail::data_type_tag(fields.at("data_type").as_string());
    if (!fields.at("text_type_modifier").is_null()) unexpected("text_type_modifier");
    out.nullable = fields.at("nullable").as_bool();
    return out;
  }

  ft::FlatRows<ft::Value> rows(const json::array& array) {
    ft::FlatRows<ft::Value>::Builder builder;
    for (const json::value& row : array) {
      for (const json::value& cell : row.as_object().at("values").as_array()) builder.add(value(cell, builder.arena()));
      builder.end_row();
    }
    return std::move(builder).build();
  }

  ft::Value value(const json::value& cell, ft::Arena* arena) {
    using Tag = ft::Value::Tag;
    if (cell.is_string() && cell.get_string() == "Null") return {};
    const json::object& object = cell.as_object();
    if (object.size() != 1) unexpected("cell");
    const json::value& payload = object.begin()->value();
    switch (detail::value_tag(object.begin()->key())) {
      case Tag::Int:
        return ft::Value::Int(payload.to_number<std::int32_t>());
      case Tag::BigInt:
        return ft::Value::BigInt(payload.to_number<std::int64_t>());
      case Tag::Double:
        return ft::Value::Double(payload.to_number<double>());
      case Tag::Text:
        return ft::Value::Text(payload.as_string(), arena);
      case Tag::Boolean:
        return ft::Value::Boolean(payload.as_bool());
      case Tag::Timestamp:
        return detail::timestamp(numbers<6>(payload.as_array()));
      case Tag::Uuid:
        return detail::uuid(numbers<16>(payload.as_array()));
      case Tag::Jsonb: {
        char text[1024];
        serializer_.reset(&payload);
        const json::string_view written = serializer_.read(text, sizeof text);
        if (!serializer_.done()) unexpected("Jsonb of more than 1024 bytes");
        return ft::Value::Jsonb(ft::JsonView::trusted(written), arena);
      }
      default:
        unexpected("type of value");
    }
  }

  template <std::size_t N>
  static std::array<std::int64_t, N> numbers(const json::array& array) {
    if (array.size() != N) unexpected("length of a list");
    std::array<std::int64_t, N> out;
    for (std::size_t i = 0; i < N; ++i) out[i] = array[i].as_int64();
    return out;
  }

  Parser parser_;
  json::serializer serializer_;
};

}  // namespace

std::unique_ptr<Decoder> make_boost() { return std::make_unique<Boost>(); }

struct BoostTree::State {
  Parser parser;
  json::value tree;
  json::serializer serializer;
  std::vector<char> text;
};

BoostTree::BoostTree() : state_(std::make_unique<State>()) {}
BoostTree::~BoostTree() = default;

void BoostTree::parse(const Frame& frame) { state_->parser.parse(frame); }

void BoostTree::load(const Frame& frame) {
  state_->tree = state_->parser.parse(frame);
  state_->text.resize(2 * frame.payload.size() + 1024);
}

std::string_view BoostTree::serialize() {
  state_->serializer.reset(&state_->tree);
  const std::string_view text = state_->serializer.read(state_->text.data(), state_->text.size());
  if (!state_->serializer.done()) unexpected("text of more than twice the payload");
  return text;
}

std::string BoostTree::serialize_string() const { return json::serialize(state_->tree); }

}  // namespace bench
