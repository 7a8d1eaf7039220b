// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <sstream>
#include <string>
#include <thread>

#include "ft/auth.hpp"
#include "support/temporary_folder.hpp"

namespace ft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kOld = "old-0123456789abcdef0123456789abcdef";
const std::string kNew = "new-0123456789abcdef0123456789abcdef";
const std::string kThird = "third-0123456789abcdef0123456789abcd";

TokenPolicy short_ones() {
  TokenPolicy policy;
  policy.allow_short = true;
  return policy;
}

bool accepts(const TokenRing& ring, const std::string& token) { return ring.accepts(SecretString(token)); }
std::string sent(const TokenRing& ring, std::size_t place = 0) { return ring.token(place).secret().reveal(); }

/// The error of a ring that must not come to be.
template <class Made>
std::string refused(const Made& made) {
  if (made) {
    ADD_FAILURE() << "was taken";
    return {};
  }
  EXPECT_EQ(made.error().code, errc::invalid_configuration);
  return made.error().message();
}

TEST(AuthToken, IsPrintedAsStars) {
  std::ostringstream out;
  out << AuthToken(kOld);
  EXPECT_EQ(out.str(), "***");
}

TEST(AuthToken, StrengthIsThirtyTwoBytes) {
  EXPECT_FALSE(AuthToken().require_non_empty());
  EXPECT_FALSE(AuthToken().require_production_strength());
  EXPECT_TRUE(AuthToken("x").require_non_empty());
  EXPECT_FALSE(AuthToken(std::string(31, 'x')).require_production_strength());
  EXPECT_TRUE(AuthToken(std::string(32, 'x')).require_production_strength());
}

TEST(TokenRing, AcceptsAllAndSendsTheFirst) {
  const auto ring = TokenRing::create({AuthToken(kOld), AuthToken(kNew)}).value();
  EXPECT_TRUE(accepts(*ring, kOld));
  EXPECT_TRUE(accepts(*ring, kNew));
  EXPECT_EQ(sent(*ring), kOld);
  EXPECT_EQ(sent(*ring, 1), kNew);
  EXPECT_EQ(sent(*ring, 2), kOld) << "places go round";
  EXPECT_EQ(ring->size(), 2U);
  EXPECT_EQ(ring->generation(), 1U);
}

TEST(TokenRing, RefusesEverythingThatIsNotEqual) {
  const auto ring = TokenRing::create({AuthToken(kOld)}).value();
  EXPECT_FALSE(accepts(*ring, ""));
  EXPECT_FALSE(accepts(*ring, kOld.substr(1)));
  EXPECT_FALSE(accepts(*ring, kOld + "x"));
  EXPECT_FALSE(accepts(*ring, kOld + '\0'));
  for (std::size_t i = 0; i < kOld.size(); ++i) {
    std::string other = kOld;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(accepts(*ring, other)) << i;
  }
}

TEST(TokenRing, TokensAreJudgedOneByOne) {
  const std::string long_one(AuthToken::kMaxBytes, 'x');
  EXPECT_TRUE(TokenRing::create({AuthToken(long_one)}));
  EXPECT_THAT(refused(TokenRing::create({})), HasSubstr("at least one"));
  EXPECT_THAT(refused(TokenRing::create({AuthToken(kOld), AuthToken()})), HasSubstr("token 2: the token is empty"));
  EXPECT_THAT(refused(TokenRing::create({AuthToken()}, short_ones())), HasSubstr("empty"));
  EXPECT_THAT(refused(TokenRing::create({AuthToken("short")})), HasSubstr("shorter than 32 bytes"));
  EXPECT_TRUE(TokenRing::create({AuthToken("short")}, short_ones()));
  EXPECT_THAT(refused(TokenRing::create({AuthToken(long_one + "x")})), HasSubstr("longer than 4096 bytes"));
  EXPECT_THAT(refused(TokenRing::create({AuthToken(kOld), AuthToken(kNew), AuthToken(kOld)})),
              HasSubstr("token 3: the same token as token 1"));
}

TEST(TokenRing, ATokenIsText) {
  EXPECT_TRUE(TokenRing::create({AuthToken("\xC3\xBC\xF0\x9F\x94\x91")}, short_ones()));
  for (const std::string& bad : {std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7F"),
                                 std::string("\xFF\xFE"), std::string("cut \xF0\x9F\x94")}) {
    EXPECT_THAT(refused(TokenRing::create({AuthToken(bad)}, short_ones())), HasSubstr("UTF-8"));
  }
}

TEST(TokenRing, HasABound) {
  std::vector<AuthToken> tokens;
  for (std::size_t i = 0; i < TokenRing::kMaxTokens; ++i) tokens.emplace_back(kOld + std::to_string(i));
  EXPECT_EQ(TokenRing::create(tokens).value()->size(), TokenRing::kMaxTokens);
  tokens.emplace_back(kNew);
  EXPECT_THAT(refused(TokenRing::create(tokens)), HasSubstr("token 9: more than 8 tokens"));
}

TEST(TokenFile, HoldsATokenALine) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("token", "# the cluster's\n\n  " + kOld + " \t\r\n" + kNew);
  const auto ring = TokenRing::from_file(file).value();
  EXPECT_EQ(ring->size(), 2U);
  EXPECT_EQ(sent(*ring), kOld);
  EXPECT_TRUE(accepts(*ring, kNew));
}

TEST(TokenFile, ErrorsNameFileAndLineAndNoToken) {
  const test::TemporaryFolder folder;
  const auto error = [&](const std::string& content) {
    return refused(TokenRing::from_file(folder.write("token", content)));
  };
  const std::string too_short = error(kOld + "\n# rotation\nverysecret\n");
  EXPECT_THAT(too_short, HasSubstr((folder.path() / "token").string() + ", line 3: the token is shorter"));
  EXPECT_THAT(too_short, Not(HasSubstr("verysecret")));
  const std::string twice = error(kOld + "\n\n" + kOld + "\n");
  EXPECT_THAT(twice, HasSubstr("line 3: the same token as"));
  EXPECT_THAT(twice, HasSubstr("line 1"));
  EXPECT_THAT(twice, Not(HasSubstr(kOld)));
  EXPECT_THAT(error(""), HasSubstr("holds no token"));
  EXPECT_THAT(error("# nothing\n\n"), HasSubstr("holds no token"));
  EXPECT_THAT(error(kOld + "\xFF\n"), HasSubstr("line 1: a token must be UTF-8"));
  EXPECT_THAT(error(std::string(100'000, 'x')), HasSubstr("larger than 65536 bytes"));
}

TEST(TokenFile, BelongsToItsOwnerAlone) {
  const test::TemporaryFolder folder;
  for (const unsigned mode : {0604U, 0620U, 0602U, 0610U, 0644U, 0777U}) {
    const auto file = folder.write("token", kOld, mode);
    EXPECT_THAT(refused(TokenRing::from_file(file)), HasSubstr("chmod 600 " + file.string())) << std::oct << mode;
  }
  EXPECT_TRUE(TokenRing::from_file(folder.write("token", kOld, 0400)));
  EXPECT_THAT(refused(TokenRing::from_file(folder.path())), HasSubstr("not a regular file"));
  EXPECT_THAT(refused(TokenRing::from_file(folder.path() / "absent")), HasSubstr("No such file"));
}

TEST(TokenFile, ARotationRefusesNobody) {
  const test::TemporaryFolder folder;
  const auto server_file = folder.write("server", kOld);
  const auto client_file = folder.write("client", kOld);
  const auto server = TokenRing::from_file(server_file).value();
  const auto client = TokenRing::from_file(client_file).value();
  const auto welcome = [&] { return server->accepts(client->token().secret()); };

  ASSERT_TRUE(welcome());
  folder.write("server", kOld + "\n" + kNew);  // servers take both
  ASSERT_TRUE(server->reload());
  EXPECT_TRUE(welcome());
  folder.write("client", kNew + "\n" + kOld);  // every node sends the new one
  ASSERT_TRUE(client->reload());
  EXPECT_EQ(sent(*client), kNew);
  EXPECT_TRUE(welcome());
  folder.write("server", kNew);  // the old one ends
  folder.write("client", kNew);
  ASSERT_TRUE(server->reload());
  EXPECT_TRUE(welcome());
  ASSERT_TRUE(client->reload());
  EXPECT_TRUE(welcome());
  EXPECT_FALSE(accepts(*server, kOld));
  EXPECT_EQ(server->generation(), 3U);
}

TEST(TokenFile, ABadReloadChangesNothing) {
  const test::TemporaryFolder folder;
  const auto ring = TokenRing::from_file(folder.write("token", kOld)).value();
  folder.write("token", kNew + "\nshort\n");
  EXPECT_THAT(refused(ring->reload()), HasSubstr("line 2"));
  folder.write("token", kNew, 0644);
  EXPECT_THAT(refused(ring->reload()), HasSubstr("chmod 600"));
  std::filesystem::remove(folder.path() / "token");
  EXPECT_THAT(refused(ring->reload()), HasSubstr("No such file"));
  EXPECT_TRUE(accepts(*ring, kOld));
  EXPECT_FALSE(accepts(*ring, kNew));
  EXPECT_EQ(ring->generation(), 1U);
}

TEST(TokenFile, AReloadWithoutChangeIsNoGeneration) {
  const test::TemporaryFolder folder;
  const auto ring = TokenRing::from_file(folder.write("token", kOld)).value();
  folder.write("token", "# as before\n" + kOld);
  EXPECT_TRUE(ring->reload());
  EXPECT_EQ(ring->generation(), 1U);
  EXPECT_TRUE(TokenRing::create({AuthToken(kOld)}).value()->reload()) << "a ring without a file has nothing to do";
}

TEST(TokenFile, ReadersSeeWholeGenerationsWhileItReloads) {
  const test::TemporaryFolder folder;
  const auto ring = TokenRing::from_file(folder.write("token", kOld + "\n" + kThird)).value();
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> strangers = 0, reads = 0;
  std::thread reader([&] {
    while (!stop) {
      if (!accepts(*ring, kThird)) ++strangers;  // is in every generation
      const std::string token = sent(*ring);
      if (token != kOld && token != kNew) ++strangers;
      ++reads;
      reads.notify_one();
    }
  });
  for (int i = 0; i < 50; ++i) {
    folder.write("token", (i % 2 == 0 ? kNew : kOld) + "\n" + kThird);
    EXPECT_TRUE(ring->reload());
    reads.wait(reads.load());
  }
  stop = true;
  reader.join();
  EXPECT_EQ(strangers, 0U);
  EXPECT_EQ(ring->generation(), 51U);
}

TEST(CancelKey, IsRandomAndNotZero) {
  const SecretU64 one = random_cancel_key(), two = random_cancel_key();
  EXPECT_NE(one.reveal(), 0U);
  EXPECT_NE(two.reveal(), 0U);
  EXPECT_FALSE(one == two);
}

}  // namespace
}  // namespace ft
