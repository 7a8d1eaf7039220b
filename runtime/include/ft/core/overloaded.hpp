// SPDX-License-Identifier: Apache-2.0
//
// One function object out of several lambdas, for `visit`:
//
//   plan.visit(ft::overloaded{
//       [](const PhysicalPlan::SeqScan& scan) { ... },
//       [](const auto& other) { ... },
//   });
#pragma once

namespace ft {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace ft
