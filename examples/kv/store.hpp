// SPDX-License-Identifier: Apache-2.0
//
// The values, and what requests do to them. Knows the messages, and nothing of sockets.
#pragma once

#include <ft/kv/gen/kv.hpp>
#include <ft/kv/gen/validate.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace ft::kv {

class Store {
 public:
  /// `tell` is called with every change.
  explicit Store(std::function<void(const Body::Changed&)> tell) : tell_(std::move(tell)) {}

  Answer answer(const Body::Get& request) const {
    const auto found = values_.find(request.key);
    if (found == values_.end()) return Answer::Tag::Absent;
    return Answer::Value(found->second);
  }

  Answer answer(const PutRequest& request, Version version) {
    if (Result<void> valid = validate(request, version); !valid) return Answer::Refused(valid.error().detail);
    const bool there = values_.contains(request.key);
    if (there && request.mode == Mode::IfAbsent) return Answer::Tag::Present;
    if (!there && request.mode == Mode::IfPresent) return Answer::Tag::Absent;
    change(request.key, request.value);
    return Answer::Tag::Done;
  }

  Answer answer(const Body::Delete& request) {
    if (!values_.contains(request.key)) return Answer::Tag::Absent;
    change(request.key, std::nullopt);
    return Answer::Tag::Done;
  }

 private:
  void change(const std::string& key, const std::optional<std::string>& value) {
    Body::Changed changed;
    changed.key = key;
    changed.value = value;
    if (const auto old = values_.extract(key)) changed.previous = old.mapped();
    if (value) values_[key] = *value;
    tell_(changed);
  }

  std::map<std::string, std::string> values_;
  std::function<void(const Body::Changed&)> tell_;
};

}  // namespace ft::kv
