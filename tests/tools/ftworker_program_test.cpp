// SPDX-License-Identifier: Apache-2.0
//
// ftworker and ftexec as an operator meets them: two programs on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "daemon.hpp"
#include "run.hpp"
#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"

namespace ft::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kToken = "a token of the tests, longer than 32 bytes\n";

class Ftworker : public ::testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const std::string token_ = folder_.write("token", kToken).string();

  std::vector<std::string> serve(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--listen", "127.0.0.1:0", "--token-file", token_});
    return more;
  }
  Outcome ask(const Daemon& worker, std::vector<std::string> more) const {
    more.insert(more.begin(), {worker.address(), "--token-file", token_});
    return run("ftexec", more);
  }
};

TEST_F(Ftworker, PlaysItsTags) {
  const Daemon worker("ftworker", serve());
  const Outcome rows = ask(worker, {"--tag", "rows:2"});
  EXPECT_EQ(rows.status, 0) << rows.err;
  EXPECT_THAT(rows.out, HasSubstr(" id | name"));
  EXPECT_THAT(rows.out, HasSubstr("(2 rows)\n"));
  EXPECT_THAT(rows.err, HasSubstr("answered by " + worker.address()));

  EXPECT_EQ(ask(worker, {"--tag", "CREATE TABLE"}).out, "CREATE TABLE\n");
  EXPECT_EQ(ask(worker, {"--tag", "bytes:3"}).out, "xxx\n");
  EXPECT_EQ(ask(worker, {"--tag", "sleep:1"}).out, "sleep:1\n");
  EXPECT_EQ(ask(worker, {"--tag", "spin:1"}).out, "spin:1\n");
  EXPECT_THAT(ask(worker, {"--tag", "echo", "--txn", "77"}).out, HasSubstr("txn_id            | 77"));

  const Outcome failed = ask(worker, {"--tag", "error:23505"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("remote_error (23505): as the tag asked for"));
  EXPECT_THAT(failed.err, HasSubstr("outcome executed"));
  EXPECT_THAT(ask(worker, {"--tag", "rows:many"}).err, HasSubstr("(22023)"));
}

TEST_F(Ftworker, KeepsTheTextOfAnExceptionToItself) {
  const Daemon worker("ftworker", serve());
  const Outcome thrown = ask(worker, {"--tag", "throw"});
  EXPECT_EQ(thrown.status, 1);
  EXPECT_THAT(thrown.err, HasSubstr("(XX000)"));
  EXPECT_THAT(thrown.err, Not(HasSubstr("as the tag asked for")));
  EXPECT_THAT(worker.errors(), HasSubstr("as the tag asked for"));
}

TEST_F(Ftworker, TakesPlansFromFiles) {
  const Daemon worker("ftworker", serve());
  const std::string good = folder_.write("good.json", R"({"InternalNoOp":{"tag":"x","notice":null}})").string();
  EXPECT_EQ(ask(worker, {"--plan", good}).out, "x\n");
  const std::string bad = folder_.write("bad.json", R"({"InternalNoOp":{"tag":7}})").string();
  const Outcome refused = ask(worker, {"--plan", bad});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("wrong type"));
  EXPECT_THAT(refused.err, HasSubstr("$.InternalNoOp.tag"));
  EXPECT_EQ(ask(worker, {"--plan", (folder_.path() / "missing").string()}).status, 1);
  EXPECT_THAT(ask(worker, {"--plan", folder_.path().string()}).err, HasSubstr("cannot be read"));
  EXPECT_THAT(ask(worker, {"--plan", "/dev/zero"}).err, HasSubstr("larger than a frame"));
  EXPECT_THAT(ask(worker, {"--plan", "/dev/null"}).err, HasSubstr("/dev/null: is empty"));
}

TEST_F(Ftworker, TellsWhenTheResultCannotBeWritten) {
  const Daemon worker("ftworker", serve());
  const Outcome lost = run("ftexec", {worker.address(), "--token-file", token_, "--tag", "x"}, {.full_output = true});
  EXPECT_EQ(lost.status, 1);
  EXPECT_THAT(lost.err, HasSubstr("standard output cannot be written"));
}

TEST_F(Ftworker, EachTlsOptionOfAClientMeansTls) {
  const Daemon worker("ftworker", serve());
  const std::filesystem::path keys = folder_.path() / "keys";
  for (const auto& [option, value] : {std::pair<std::string, std::string>("--tls-verify", "full"),
                                      {"--tls-server-name", "worker-7"},
                                      {"--tls-key-log", keys.string()}}) {
    EXPECT_THAT(ask(worker, {"--ping", option, value}).err, HasSubstr("tls_failed")) << option;
  }
  EXPECT_TRUE(std::filesystem::exists(keys));
}

TEST_F(Ftworker, CancelsAndTimesOut) {
  const Daemon worker("ftworker", serve());
  EXPECT_THAT(ask(worker, {"--tag", "sleep:60000", "--cancel-after-ms", "50"}).err, HasSubstr("cancelled (57014)"));
  EXPECT_THAT(ask(worker, {"--tag", "sleep:60000", "--deadline-ms", "50"}).err, HasSubstr("timed_out (57014)"));
  const Daemon hasty("ftworker", serve({"--request-timeout", "50ms"}));
  EXPECT_THAT(ask(hasty, {"--tag", "sleep:60000"}).err, HasSubstr("fragment execution timed out"));
}

TEST_F(Ftworker, TellsHowLongARequestWasInTheWorker) {
  const Daemon silent("ftworker", serve());
  EXPECT_THAT(ask(silent, {"--tag", "x"}).err, Not(HasSubstr("in the worker")));
  const Daemon open("ftworker", serve({"--report-server-time"}));
  EXPECT_THAT(ask(open, {"--tag", "x"}).err, HasSubstr(" of it in the worker"));
}

TEST_F(Ftworker, MeasuresManyCalls) {
  const Daemon worker("ftworker", serve());
  const Outcome many = ask(worker, {"--tag", "x", "-n", "200", "-c", "4"});
  EXPECT_EQ(many.status, 0) << many.err;
  EXPECT_THAT(many.out, HasSubstr("200 calls in "));
  EXPECT_THAT(many.out, HasSubstr(" req/s\n"));
  EXPECT_THAT(many.out, HasSubstr("p99.9 "));
  EXPECT_EQ(many.err, "");
  const Outcome failing = ask(worker, {"--tag", "error:42P01", "-n", "5"});
  EXPECT_EQ(failing.status, 1);
  EXPECT_THAT(failing.out, HasSubstr("5 failed: remote_error (42P01)"));
}

TEST_F(Ftworker, IsAskedInTurnWithOthers) {
  const Daemon worker("ftworker", serve());
  const std::string other = folder_.write("other", "another token, which is longer than 32 bytes\n").string();
  const Daemon stranger("ftworker", {"--listen", "127.0.0.1:0", "--token-file", other});
  const Outcome many = ask(worker, {stranger.address(), "--tag", "x", "-n", "7", "-c", "2"});
  EXPECT_EQ(many.status, 1);
  EXPECT_THAT(many.out, HasSubstr("7 calls in "));
  EXPECT_THAT(many.out, HasSubstr("3 failed: authentication_failed (28000)"));
}

TEST_F(Ftworker, IsGivenUpWhenItIsGone) {
  Daemon worker("ftworker", serve());
  const std::string address = worker.address();
  worker.signal(SIGKILL);
  worker.wait();
  const Outcome gone = run("ftexec", {address, "--token-file", token_, "--tag", "x", "-n", "1000000", "-c", "2"});
  EXPECT_EQ(gone.status, 1);
  EXPECT_THAT(gone.out, HasSubstr("2 failed: connect_failed (08001)\n"));
  EXPECT_THAT(gone.out, HasSubstr("gave up after 2 of 1000000 calls, no worker can be reached: connect_failed"));
  const Outcome all = run("ftexec", {address, "--token-file", token_, "--tag", "x", "-n", "2"});
  EXPECT_THAT(all.out, HasSubstr("gave up after 1 of 2 calls"));
  EXPECT_THAT(run("ftexec", {address, "--token-file", token_, "--tag", "x", "-n", "2", "-c", "2"}).out,
              Not(HasSubstr("gave up")));
}

TEST_F(Ftworker, IsNotGivenUpForItsErrors) {
  const Daemon worker("ftworker", serve());
  const Outcome failing = ask(worker, {"--tag", "error:57P03", "-n", "20", "-c", "2"});
  EXPECT_THAT(failing.out, HasSubstr("20 failed: draining (57P03)"));
  EXPECT_THAT(failing.out, Not(HasSubstr("gave up")));
}

TEST_F(Ftworker, DrainsOnSigterm) {
  Daemon worker("ftworker", serve());
  EXPECT_EQ(ask(worker, {"--ping"}).status, 0);
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait(), 0);
  EXPECT_THAT(worker.errors(), HasSubstr("0 finished, 0 not run, 0 given up"));
}

TEST_F(Ftworker, DoesNotWaitForAJobThatDoesNotListen) {
  Daemon worker("ftworker", serve());
  EXPECT_THAT(ask(worker, {"--tag", "spin:3600000", "--deadline-ms", "1000"}).err, HasSubstr("(57014)"));
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait(), 0);
}

TEST_F(Ftworker, EndsAtOnceOnASecondSigterm) {
  const std::filesystem::path capture = folder_.path() / "capture";
  Daemon worker("ftworker", serve({"--drain-timeout", "1h", "--capture", capture.string()}));
  const std::jthread client([&] { EXPECT_EQ(ask(worker, {"--tag", "spin:3600000"}).status, 1); });
  while (std::filesystem::file_size(capture) == 0) std::this_thread::yield();
  worker.signal(SIGTERM);
  while (worker.errors().find("drain_started") == std::string::npos) std::this_thread::yield();
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait(), 1);
}

TEST_F(Ftworker, ServesOnWhenTheCaptureMayNotGrow) {
  std::vector<std::string> limited = serve({"--capture", (folder_.path() / "capture").string()});
  limited.insert(limited.begin(), {"-c", R"(ulimit -f 8; exec "$0" "$@")", path_of("ftworker")});
  Daemon worker("/bin/sh", limited);
  EXPECT_EQ(ask(worker, {"--tag", "rows:1000"}).status, 0);
  EXPECT_EQ(ask(worker, {"--tag", "x"}).status, 0);
  EXPECT_THAT(worker.errors(), HasSubstr("capture_stopped"));
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait(), 0);
}

TEST_F(Ftworker, ReadsItsTokensAgainOnSighup) {
  const Daemon worker("ftworker", serve());
  const std::string next = folder_.write("next", "another token of the tests, also long enough\n").string();
  EXPECT_THAT(run("ftexec", {worker.address(), "--token-file", next, "--tag", "x"}).err, HasSubstr("(28000)"));
  folder_.write("token", std::string(kToken) + "another token of the tests, also long enough\n");
  worker.signal(SIGHUP);
  Outcome accepted;
  for (int i = 0; i < 200 && accepted.status != 0; ++i) {
    accepted = run("ftexec", {worker.address(), "--token-file", next, "--tag", "x"});
  }
  EXPECT_EQ(accepted.out, "x\n") << accepted.err;
}

TEST_F(Ftworker, ServesUnderTls) {
  const test::CertificateAuthority ca(folder_.path(), "ca"), stranger(folder_.path(), "stranger");
  const test::Certificate server = ca.issue("server", {.names = {"IP:127.0.0.1"}});
  const test::Certificate client = ca.issue("client", {.common_name = "coordinator", .names = {"DNS:coordinator"}});
  const Daemon worker("ftworker", serve({"--tls-cert", server.certificate, "--tls-key", server.key, "--client-ca",
                                         ca.certificate(), "--allow-peer", "coordinator"}));
  const std::vector<std::string> mutual{"--tls-ca",  ca.certificate(), "--tls-cert", client.certificate,
                                        "--tls-key", client.key,       "--tag",      "echo"};
  const Outcome echo = ask(worker, mutual);
  EXPECT_EQ(echo.status, 0) << echo.err;
  EXPECT_THAT(echo.out, HasSubstr("coordinator"));
  const Outcome nameless = ask(worker, {"--tls-ca", ca.certificate(), "--tag", "x"});
  EXPECT_EQ(nameless.status, 1);
  EXPECT_THAT(ask(worker, {"--tls-ca", stranger.certificate(), "--tag", "x"}).err, HasSubstr("tls_failed"));
  EXPECT_EQ(ask(worker, {"--tag", "x", "--deadline-ms", "2000"}).status, 1) << "plaintext against TLS";
}

TEST_F(Ftworker, RefusesABadConfigurationBeforeItBinds) {
  const auto complaint = [this](std::vector<std::string> arguments, int status) {
    const Outcome refused = run("ftworker", serve(std::move(arguments)));
    EXPECT_EQ(refused.status, status) << refused.err;
    EXPECT_EQ(refused.out, "");
    return refused.err;
  };
  const test::CertificateAuthority ca(folder_.path(), "ca");
  const test::Certificate server = ca.issue("server", {.names = {"IP:127.0.0.1"}});
  EXPECT_THAT(complaint({"--tls-cert", server.certificate}, 1), HasSubstr("key"));
  EXPECT_THAT(complaint({"--client-ca", ca.certificate()}, 1), HasSubstr("certificate"));
  EXPECT_THAT(complaint({"--tls-key-log", (folder_.path() / "keys").string()}, 1), HasSubstr("certificate"));
  EXPECT_THAT(complaint({"--max-executions", "0"}, 2), HasSubstr("--max-executions"));
  EXPECT_THAT(complaint({"--max-connections", "0"}, 2), HasSubstr("--max-connections"));
  for (const char* option : {"--max-connections", "--max-executions", "--max-queued", "--threads"}) {
    const std::string refused = complaint({option, "-1"}, 2);
    EXPECT_THAT(refused, HasSubstr(option));
    EXPECT_THAT(refused, HasSubstr("-1 is no whole number from 1 to "));
  }
  EXPECT_THAT(complaint({"--request-timeout", "-1"}, 2), HasSubstr("--request-timeout"));
  EXPECT_THAT(complaint({"--drain-timeout", "0s"}, 1), HasSubstr("drain_timeout"));
  EXPECT_THAT(complaint({"--listen", "nowhere"}, 2), HasSubstr("port"));
  EXPECT_THAT(complaint({"--request-timeout", "soon"}, 2), HasSubstr("500ms"));
  EXPECT_THAT(complaint({"--request-timeout", "30"}, 2), HasSubstr("500ms"));
  EXPECT_THAT(complaint({"--listen", "0.0.0.0:0"}, 1), HasSubstr("plaintext"));
  for (const std::string admin : {"localhost:0", "0.0.0.0:0"}) {
    const std::string refused = complaint({"--admin", admin}, 1);
    EXPECT_THAT(refused, HasSubstr("--admin: " + admin + " is no IP address of the loopback"));
    EXPECT_THAT(refused, Not(HasSubstr("allow_off_loopback"))) << "there is no such option here";
    EXPECT_THAT(refused, Not(HasSubstr("listening"))) << "bound before";
  }
  const std::string twice = complaint({"--listen", "127.0.0.1:9", "--admin", "127.0.0.1:9"}, 1);
  EXPECT_THAT(twice, HasSubstr("127.0.0.1:9 is taken by --listen"));
  EXPECT_THAT(twice, Not(HasSubstr("listening"))) << "bound before";
  std::filesystem::permissions(server.key, std::filesystem::perms(0644));
  EXPECT_THAT(complaint({"--tls-cert", server.certificate, "--tls-key", server.key}, 1), HasSubstr("chmod 600"));
  folder_.write("token", "short\n");
  const std::string short_token = complaint({}, 1);
  EXPECT_THAT(short_token, HasSubstr("32"));
  EXPECT_THAT(short_token, Not(HasSubstr("short\n")));
}

TEST_F(Ftworker, CapturesWhatFtdumpReads) {
  const std::string capture = (folder_.path() / "capture").string();
  Daemon worker("ftworker", serve({"--capture", capture}));
  EXPECT_EQ(ask(worker, {"--tag", "x"}).status, 0);
  worker.signal(SIGTERM);
  EXPECT_EQ(worker.wait(), 0);
  const Outcome dump = run("ftdump", {"--show-secrets", "--hex", "-v", capture});
  EXPECT_EQ(dump.status, 0) << dump.err;
  EXPECT_THAT(dump.out, HasSubstr("  #1   -> MSG_EXECUTE_FRAGMENT"));
  EXPECT_THAT(dump.out, HasSubstr("  #1   <- MSG_FRAGMENT_RESULT"));
  EXPECT_THAT(dump.out, Not(HasSubstr("unknown key")));
  EXPECT_THAT(dump.out, HasSubstr("MSG_EXECUTE_FRAGMENT"));
  EXPECT_THAT(dump.out, HasSubstr("MSG_FRAGMENT_RESULT"));
  EXPECT_THAT(dump.out, Not(HasSubstr("token of the tests")));
}

class Ftexec : public ::testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const std::string token_ = folder_.write("token", kToken).string();
};

TEST_F(Ftexec, RefusesNumbersOutOfRange) {
  const auto complaint = [this](const std::string& option, const std::string& number) {
    const Outcome refused = run("ftexec", {"127.0.0.1:1", "--token-file", token_, "--tag", "x", option, number});
    EXPECT_EQ(refused.status, 2) << option << ' ' << number;
    return refused.err;
  };
  for (const char* option : {"-n", "-c", "--txn", "--deadline-ms", "--cancel-after-ms"}) {
    for (const char* number : {"-1", "99999999999999999999", "1.5", "x", " 1"}) {
      EXPECT_THAT(complaint(option, number),
                  HasSubstr(option + std::string(": ") + number + " is no whole number from "));
    }
  }
  EXPECT_THAT(complaint("-c", "10001"), HasSubstr("10001 is no whole number from 1 to 10000"));
}

TEST_F(Ftexec, WantsOneThingToExecute) {
  EXPECT_EQ(run("ftexec", {"127.0.0.1:1", "--token-file", token_}).status, 2);
  EXPECT_EQ(run("ftexec", {"127.0.0.1:1", "--token-file", token_, "--tag", "x", "--ping"}).status, 2);
  const Outcome several = run("ftexec", {"127.0.0.1:1", "127.0.0.1:2", "--token-file", token_, "--tag", "x"});
  EXPECT_EQ(several.status, 2);
  EXPECT_THAT(several.err, HasSubstr("a single call goes to one worker"));
  EXPECT_EQ(run("ftexec", {"127.0.0.1:1", "--token-file", token_, "--ping", "--tls-verify", "some"}).status, 2);
}

TEST(Help, SpeaksPlainly) {
  for (const char* tool : {"ftexec", "ftworker", "ftdump"}) {
    const Outcome help = run(tool, {"--help"});
    EXPECT_EQ(help.status, 0);
    for (const char* jargon : {"INT", "ENUM", "{", "[1 - "}) EXPECT_THAT(help.out, Not(HasSubstr(jargon))) << tool;
  }
  EXPECT_THAT(run("ftexec", {"--help"}).out, HasSubstr("Usage: ftexec [OPTIONS] WORKER...\n"));
}

}  // namespace
}  // namespace ft::tools
