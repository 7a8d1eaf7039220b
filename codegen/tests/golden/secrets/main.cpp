// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/secrets.hpp"

int main() {
  constexpr std::string_view json =
      R"({"token":"hunter2","key":7777,"pin":55,"hash":"hunter3","old":["hunter4"],"phrase":"x"})";
  round_trip<ft::Login>(json);
  reads_as<ft::Login>(R"({"token":"t","pin":1})",
                      R"({"token":"t","key":41,"pin":1,"hash":null,"old":[],"phrase":"sesame"})");
  const auto login = read<ft::Login>(json);
  CHECK(login->token.reveal() == "hunter2" && login->key.reveal() == 7777);
  CHECK(ft::to_text(*login) == R"({"token":"***","key":"***","pin":"***","hash":"***","old":["***"],"phrase":"***"})");
  std::ostringstream out;
  out << *login << ft::Auth(ft::Auth::Password(ft::SecretString("hunter5")));
  CHECK(out.str().find("hunter") == std::string::npos && out.str().find("7777") == std::string::npos);
  CHECK(out.str().find(R"({"Password":"***"})") != std::string::npos);

  ft::Login other = *login;
  other.key = ft::SecretU64(7778);
  CHECK(!(other == *login));
  round_trip<ft::Auth>(R"({"Password":"p"})");
  refuses<ft::Login>(R"({"token":5})", ft::errc::wrong_type, "$.token");
  const auto refused = read<ft::Login>(R"({"token":"hunter2","key":"hunter2"})");
  CHECK(!refused && refused.error().message().find("hunter2") == std::string::npos);
  return report();
}
