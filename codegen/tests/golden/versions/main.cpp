// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/protocol.hpp"
#include "ft/gen/validate.hpp"

namespace {

using ft::errc;

/// What a receiver of the version makes of the content; or the name of the error and its path.
std::string received(int version, std::string_view content) {
  const std::string json =
      std::string(R"({"version":)").append(std::to_string(version)).append(R"(,"content":)").append(content).append("}");
  const auto buffer = ft::PaddedBuffer::copy_of(std::as_bytes(std::span(json)));
  ft::json::Reader r(buffer.view(), {ft::MAX_DEPTH, ft::default_budget(json.size())});
  ft::Letter letter;
  const char* const p = decode_gated(r.begin(), letter, r, {});
  if (p == nullptr || !r.at_end(p)) {
    const ft::Error error = r.take_error();
    return std::string(ft::to_name(error.code)).append(" ").append(error.path);
  }
  return golden::write(letter.content);
}

/// What is sent to a receiver of the version; or what cannot be said to it.
template <class T>
std::string sent(unsigned version, const T& value) {
  ft::PaddedBuffer buffer;
  ft::json::Writer w(buffer, 1 << 20);
  w.set_version(version);
  encode(w, value);
  if (const auto code = w.finish()) return std::string(ft::to_name(*code)).append(" ").append(w.refused());
  return {buffer.data(), buffer.size()};
}

void same(const std::string& found, std::string_view wanted, int line = __builtin_LINE()) {
  golden::check(found == wanted, line, found + "\n  instead of " + std::string(wanted));
}

}  // namespace

int main() {
  static_assert(ft::MIN_PROTOCOL_VERSION == 1 && ft::PROTOCOL_VERSION == 3);
  static_assert(!ft::speaks(0) && ft::speaks(1) && ft::speaks(3) && !ft::speaks(4));
  static_assert(ft::nearest_version(0) == 1 && ft::nearest_version(2) == 2 && ft::nearest_version(9) == 3);

  // Each version in its own words, in canonical order and in any.
  constexpr std::string_view newest =
      R"({"Order":{"id":1,"amount":5,"rush":false,"note":null,"size":0,"shape":"Dot","cell":"Null"}})";
  same(received(1, R"({"Order":{"id":1,"count":5,"unit":"piece","shape":"Dot","cell":"Null"}})"), newest);
  same(received(1, R"({"Order":{"cell":"Null","shape":"Dot","unit":"piece","count":5,"id":1}})"), newest);
  same(received(2, R"({"Order":{"id":1,"amount":5,"unit":"piece","rush":false,"note":null,"shape":"Dot","cell":"Null"}})"),
       newest);
  same(received(3, newest), newest);
  same(received(3, R"({"Order":{"size":0,"id":1,"number":5,"rush":false,"shape":"Dot","cell":"Null"}})"), newest);
  same(received(9, newest), newest);

  // What a version has must be there; what it does not have is passed over, whatever it is.
  same(received(1, R"({"Order":{"id":1,"count":5,"shape":"Dot","cell":"Null"}})"), "missing_key $.content.Order");
  same(received(1, R"({"Order":{"id":1,"amount":5,"unit":"","shape":"Dot","cell":"Null"}})"), "missing_key $.content.Order");
  same(received(2, R"({"Order":{"id":1,"count":5,"unit":"","rush":true,"shape":"Dot","cell":"Null"}})"),
       "missing_key $.content.Order");
  same(received(3, R"({"Order":{"id":1,"amount":5,"size":0,"shape":"Dot","cell":"Null"}})"), "missing_key $.content.Order");
  same(received(1, R"({"Order":{"id":1,"count":5,"unit":"piece","rush":"?","rush":1,"amount":[],"shape":"Dot","cell":"Null"}})"),
       newest);
  same(received(3, R"({"Order":{"id":1,"amount":5,"unit":7,"count":0,"rush":false,"size":0,"shape":"Dot","cell":"Null"}})"),
       newest);
  same(received(2, R"({"Order":{"id":1,"amount":5,"number":5}})"), "duplicate_key $.content.Order");

  // Variants, in a sum, an enumeration and a cell.
  constexpr std::string_view line = R"({"Order":{"id":1,"amount":5,"unit":"piece","rush":false,"shape":"Line","cell":"Null"}})";
  same(received(1, R"({"Order":{"id":1,"count":5,"unit":"","shape":"Line","cell":"Null"}})"),
       "unknown_variant $.content.Order.shape");
  same(received(1, R"({"Order":{"id":1,"count":5,"unit":"","shape":{"Line":null},"cell":"Null"}})"),
       "unknown_variant $.content.Order.shape");
  same(received(2, line), R"({"Order":{"id":1,"amount":5,"rush":false,"note":null,"size":0,"shape":"Line","cell":"Null"}})");
  same(received(3, R"({"Order":{"id":1,"amount":5,"rush":false,"size":0,"shape":{"Square":{"side":1}},"cell":"Null"}})"),
       "unknown_variant $.content.Order.shape");
  same(received(1, R"({"Order":{"id":1,"count":5,"unit":"","shape":"Dot","cell":{"Text":"x"}}})"),
       "unknown_variant $.content.Order.cell");
  same(received(2, R"({"Recall":{"id":1}})"), R"({"Recall":{"id":1,"why":"Other"}})");
  same(received(1, R"({"Recall":{"id":1}})"), "unknown_variant $.content");
  same(received(3, R"({"Recall":{"id":1,"why":"Bad"}})"), R"({"Recall":{"id":1,"why":"Wrong"}})");
  same(received(3, R"({"Recall":{"id":1}})"), "missing_key $.content.Recall");

  // The other way: in the words of the receiver.
  ft::Order order;
  order.id = 1;
  order.amount = 5;
  order.shape = ft::Shape(ft::Shape::Tag::Dot);
  CHECK(order.unit == "piece" && !order.rush);
  same(sent(1, order), R"({"id":1,"count":5,"unit":"piece","shape":"Dot","cell":"Null"})");
  same(sent(2, order), R"({"id":1,"amount":5,"unit":"piece","rush":false,"note":null,"shape":"Dot","cell":"Null"})");
  same(sent(3, order), R"({"id":1,"amount":5,"rush":false,"note":null,"size":0,"shape":"Dot","cell":"Null"})");
  order.note = "for people";
  same(sent(1, order), R"({"id":1,"count":5,"unit":"piece","shape":"Dot","cell":"Null"})");
  order.rush = true;
  same(sent(1, order), "not_in_version Order.rush");
  CHECK(sent(2, order).starts_with("{"));
  order.tags.emplace_back("x");
  same(sent(2, order), "not_in_version Order.tags");
  order = ft::Order();
  order.unit = "box";
  CHECK(sent(2, order).starts_with("{"));
  same(sent(3, order), "not_in_version Order.unit");
  order = ft::Order();
  order.shape = ft::Shape::Square();
  same(sent(3, order), "not_in_version Shape::Square");
  order.shape = ft::Shape(ft::Shape::Tag::Line);
  same(sent(1, order), "not_in_version Shape::Line");
  order.shape = ft::Shape(ft::Shape::Tag::Dot);
  order.cell = ft::Cell::Text("x");
  same(sent(1, order), "not_in_version Cell::Text");
  CHECK(sent(2, order).starts_with("{"));

  const ft::Content recall = ft::Content::Recall();
  same(sent(1, recall), "not_in_version Content::Recall");
  same(sent(2, recall), R"({"Recall":{"id":0}})");
  same(sent(2, ft::Reason::Wrong), "not_in_version Reason::Wrong");
  same(sent(3, ft::Reason::Wrong), R"("Wrong")");
  CHECK(message_type_of(recall, 2) == ft::MSG_WHAT && message_type_of(recall, 3) == ft::MSG_RECALL);
  CHECK(may_carry(ft::MSG_WHAT, recall, 2) && !may_carry(ft::MSG_WHAT, recall, 3) && !may_carry(ft::MSG_RECALL, recall, 2));

  // Rules are those of the sender's version.
  order = ft::Order();
  order.amount = 50;
  CHECK(!validate(order, 1) && validate(order, 2) && validate(order));
  order.amount = 100;
  CHECK(!validate(order, 3));
  return report();
}
