// SPDX-License-Identifier: Apache-2.0
#include "session/row_stream_head.hpp"

#include <algorithm>
#include <string_view>

#include "ft/gen/protocol.hpp"
#include "ft/json/reader.hpp"

namespace ft {
namespace {

constexpr std::string_view kBegin = R"({"version":)";
constexpr std::string_view kBeforeId = R"(,"auth_token":"","payload":{"FragmentResult":{"Success":{"request_id":)";
constexpr std::string_view kBeforeColumns = R"(,"result":{"Query":{"columns":)";
constexpr std::string_view kBeforeRows = R"(,"rows":[)";

/// Goes over the text as long as it is canonical.
class Matcher {
 public:
  using Form = QueryHead::Form;

  explicit Matcher(PaddedView arrived) : view_(arrived) {}

  bool literal(std::string_view wanted) {
    const std::string_view there = rest().substr(0, wanted.size());
    if (there != wanted) return stop(wanted.starts_with(there) ? Form::missing : Form::other);
    at_ += wanted.size();
    return true;
  }

  bool digits() {
    const std::string_view there = rest();
    const std::size_t count = std::min(there.find_first_not_of("0123456789"), there.size());
    at_ += count;
    if (count == there.size()) return stop(Form::missing);
    return count != 0 || stop(Form::other);
  }

  /// Any list. What is wrong in it is found when it is decoded.
  bool list() {
    if (!rest().empty() && rest()[0] != '[') return stop(Form::other);
    json::Reader r({view_.data + at_, view_.size - at_}, {.depth = MAX_DEPTH - kAround, .budget = SIZE_MAX});
    const char* const behind = json::skip_value(r.begin(), r);
    if (behind == nullptr) return stop(Form::missing);  // or broken: then it goes on missing until the payload is whole
    at_ += static_cast<std::size_t>(behind - r.begin());
    return true;
  }

  QueryHead head() const { return {form_, at_}; }

 private:
  static constexpr unsigned kAround = kQueryDepth - 1;

  std::string_view rest() const { return {view_.data + at_, view_.size - at_}; }
  bool stop(Form form) {
    form_ = form;
    return false;
  }

  PaddedView view_;
  std::size_t at_ = 0;
  Form form_ = Form::canonical;
};

}  // namespace

QueryHead find_query_head(PaddedView arrived) {
  Matcher m(arrived);
  static_cast<void>(m.literal(kBegin) && m.digits() && m.literal(kBeforeId) && m.digits() &&
                    m.literal(kBeforeColumns) && m.list() && m.literal(kBeforeRows));
  return m.head();
}

}  // namespace ft
