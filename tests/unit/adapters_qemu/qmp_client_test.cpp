// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qmp_client.hpp"

#include <cerrno>
#include <cstdint>
#include <ostream>
#include <set>
#include <stdexcept>

#include <sys/syscall.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/mock_qmp.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

using test::MockQmp;

constexpr auto kLong = 1min; // never reached
constexpr auto kShort = 1s;  // always reached, and long enough for what is said before

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']') + "\r\n";
}

// What a server sends, with a name for the test's name.
struct Sent {
    std::string name;
    std::string bytes;
};

void PrintTo(const Sent &sent, std::ostream *out) {
    *out << sent.name;
}

std::string name_of_sent(const ::testing::TestParamInfo<Sent> &instance) {
    return instance.param.name;
}

class QmpClientTest : public ::testing::Test {
  protected:
    // Plays the script that the test wrote and connects.
    QmpClient connect(QmpLimits limits = {}) {
        server_.start();
        auto client = QmpClient::connect(server_.path(), kLong, limits);
        if (!client)
            throw std::runtime_error(client.error().message);
        return std::move(*client);
    }

    Error connect_in_vain(std::chrono::milliseconds deadline = kLong) {
        server_.start();
        auto client = QmpClient::connect(server_.path(), deadline);
        return client ? Error{ErrorCode::Fail, "it connected"} : client.error();
    }

    Error execute_in_vain(QmpLimits limits = {}, std::chrono::milliseconds deadline = kLong) {
        QmpClient client = connect(limits);
        auto answer = client.execute("query-status", {}, deadline);
        return answer ? Error{ErrorCode::Fail, "it succeeded"} : answer.error();
    }

    // A server that greets and gets the command; the test says what it answers.
    MockQmp &expect_command() { return server_.greet().expect("query-status"); }

    MockQmp server_;
};

TEST_F(QmpClientTest, ReturnsWhatQemuAnswers) {
    expect_command().answer(Json::Object{{"running", true}});
    QmpClient client = connect();
    const auto answer = client.execute("query-status", {}, kLong);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->to_text(), R"({"running":true})");
}

TEST_F(QmpClientTest, SendsArguments) {
    const Json::Object arguments{{"device", "xvda-qcow2"}, {"list", Json::Array{true, "a\nb"}}};
    server_.greet().expect("do-it", arguments).answer();
    QmpClient client = connect();
    EXPECT_TRUE(client.execute("do-it", arguments, kLong));
}

TEST_F(QmpClientTest, CarriesOutSeveralCommandsInTurn) {
    server_.greet();
    for (const char *command : {"stop", "cont", "stop"})
        server_.expect(command).answer(command);
    QmpClient client = connect();
    for (const char *command : {"stop", "cont", "stop"})
        EXPECT_EQ(client.execute(command, {}, kLong).value().to_text(), Json(command).to_text());
}

TEST_F(QmpClientTest, UsesAnotherIdForEachCommandAndEachClient) {
    server_.greet().expect("stop").send("{\"return\": $ID, \"id\": $ID}\n");
    server_.expect("stop").send("{\"return\": $ID, \"id\": $ID}\n").await_leaving();
    server_.greet().expect("stop").send("{\"return\": $ID, \"id\": $ID}\n");
    std::vector<std::string> ids;
    {
        QmpClient client = connect();
        ids.push_back(client.execute("stop", {}, kLong).value().to_text());
        ids.push_back(client.execute("stop", {}, kLong).value().to_text());
    }
    auto second = QmpClient::connect(server_.path(), kLong);
    ASSERT_TRUE(second);
    ids.push_back(second->execute("stop", {}, kLong).value().to_text());
    EXPECT_THAT(ids, ::testing::WhenSorted(::testing::ElementsAreArray(
                         std::set<std::string>(ids.begin(), ids.end()))));
}

// As while QEMU turns from one client to the next.
TEST_F(QmpClientTest, PassesEventsByThatComeBeforeTheGreeting) {
    const std::string event = R"({"event": "JOB_STATUS_CHANGE", "data": {"id": "j"}})"
                              "\r\n";
    server_.accept().send(event + event + MockQmp::greeting()).expect("qmp_capabilities").answer();
    server_.expect("stop").answer("yes");
    QmpClient client = connect();
    EXPECT_EQ(client.execute("stop", {}, kLong).value().to_text(), R"("yes")");
}

TEST_F(QmpClientTest, GivesUpWhenEventsTakeTheGreetingsPlaceForEver) {
    server_.accept().send_until_left(R"({"event": "STOP"})"
                                     "\r\n");
    server_.start();
    const auto client = QmpClient::connect(server_.path(), kLong);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::ProtocolErrorQmp);
}

TEST_F(QmpClientTest, PassesEventsByWhateverTheirCut) {
    const std::string event = R"({"event": "STOP", "timestamp": {"seconds": 1}})"
                              "\r\n";
    server_.accept().send(MockQmp::greeting()).expect("qmp_capabilities").send(event).answer();
    server_.send(event).expect("query-status");
    server_.send(event + event +
                 R"({"return": "yes", "id": $ID})"
                 "\r\n" +
                 event);
    server_.expect("query-status")
        .send_byte_by_byte(event + R"({"return": "yes", "id": $ID})"
                                   "\r\n");
    QmpClient client = connect();
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(client.execute("query-status", {}, kLong).value().to_text(), R"("yes")");
}

// QEMU gives the answer that a client did not wait for to the next client of the monitor.
TEST_F(QmpClientTest, PassesByTheAnswersToAnEarlierClient) {
    expect_command().send(R"({"return": {"old": true}, "id": "01234567-2"})"
                          "\r\n"
                          R"({"return": {"old": true}})"
                          "\r\n"
                          R"({"error": {"class": "GenericError", "desc": "old"}, "id": 7})"
                          "\r\n"
                          R"({"return": "new", "id": $ID})"
                          "\r\n");
    QmpClient client = connect();
    EXPECT_EQ(client.execute("query-status", {}, kLong).value().to_text(), R"("new")");
}

struct ErrorCase {
    std::string error_class;
    ErrorCode code;
};

void PrintTo(const ErrorCase &error, std::ostream *out) {
    *out << error.error_class;
}

class QmpErrorClass : public QmpClientTest, public ::testing::WithParamInterface<ErrorCase> {};

TEST_P(QmpErrorClass, HasItsOwnCode) {
    expect_command().refuse(GetParam().error_class, "no\nway");
    const Error error = execute_in_vain();
    EXPECT_EQ(error.code, GetParam().code);
    EXPECT_THAT(error.message, AllOf(HasSubstr("query-status"), HasSubstr("no way")));
}

INSTANTIATE_TEST_SUITE_P(
    QmpClientTest, QmpErrorClass,
    ::testing::Values(ErrorCase{"GenericError", ErrorCode::QmpGenericError},
                      ErrorCase{"CommandNotFound", ErrorCode::QmpCommandNotFound},
                      ErrorCase{"DeviceNotActive", ErrorCode::QmpDeviceNotActive},
                      ErrorCase{"DeviceNotFound", ErrorCode::QmpDeviceNotFound},
                      ErrorCase{"KVMMissingCap", ErrorCode::UnknownQmpError},
                      ErrorCase{"genericerror", ErrorCode::UnknownQmpError},
                      ErrorCase{"OutOfSpace", ErrorCode::UnknownQmpError}),
    [](const auto &instance) { return instance.param.error_class; });

TEST_F(QmpClientTest, NamesAnUnknownErrorClass) {
    expect_command().refuse("OnFire", "hot");
    EXPECT_THAT(execute_in_vain().message, AllOf(HasSubstr("OnFire"), HasSubstr("hot")));
}

TEST_F(QmpClientTest, GoesOnAfterARefusal) {
    server_.greet().expect("stop").refuse("GenericError", "no").expect("stop").answer();
    QmpClient client = connect();
    EXPECT_FALSE(client.execute("stop", {}, kLong));
    EXPECT_TRUE(client.execute("stop", {}, kLong));
}

class MalformedAnswer : public QmpClientTest, public ::testing::WithParamInterface<Sent> {};

TEST_P(MalformedAnswer, IsAProtocolError) {
    expect_command().send(GetParam().bytes).await_leaving();
    EXPECT_EQ(execute_in_vain().code, ErrorCode::ProtocolErrorQmp);
}

INSTANTIATE_TEST_SUITE_P(
    QmpClientTest, MalformedAnswer,
    ::testing::Values(
        Sent{"Rubbish", "rubbish\r\n"}, Sent{"Nothing", "\n"}, Sent{"HalfAnObject", "{\n"},
        Sent{"EmptyObject", "{}\n"}, Sent{"Array", "[]\n"}, Sent{"Number", "7\n"},
        Sent{"Null", "null\n"}, Sent{"String", "\"return\"\n"},
        Sent{"TwoInOneLine", "{\"return\": {}, \"id\": $ID} {\"return\": {}}\n"},
        Sent{"BothReturnAndError", "{\"return\": {}, \"error\": {}, \"id\": $ID}\n"},
        Sent{"ReturnTwice", "{\"return\": {}, \"return\": {}, \"id\": $ID}\n"},
        Sent{"Everything", "{\"return\": {}, \"error\": {}, \"event\": \"STOP\", \"id\": $ID}\n"},
        Sent{"IdAlone", "{\"id\": $ID}\n"}, Sent{"EventIsANumber", "{\"event\": 5}\n"},
        Sent{"EventIsNull", "{\"event\": null, \"id\": $ID}\n"},
        Sent{"ErrorIsAString", "{\"error\": \"no\", \"id\": $ID}\n"},
        Sent{"ErrorIsNull", "{\"error\": null, \"id\": $ID}\n"},
        Sent{"ErrorWithoutText", "{\"error\": {\"class\": \"GenericError\"}, \"id\": $ID}\n"},
        Sent{"ErrorWithoutClass", "{\"error\": {\"desc\": \"no\"}, \"id\": $ID}\n"},
        Sent{"ErrorClassIsANumber", "{\"error\": {\"class\": 1, \"desc\": \"no\"}, \"id\": $ID}\n"},
        Sent{"ErrorTextIsAnArray",
             "{\"error\": {\"class\": \"GenericError\", \"desc\": []}, \"id\": $ID}\n"},
        Sent{"NotUtf8", "{\"return\": \"\xff\xfe\", \"id\": $ID}\n"},
        Sent{"NulByte", std::string("{\"return\": \"\0\", \"id\": $ID}\n", 28)},
        Sent{"HugeFraction", "{\"return\": 1e999, \"id\": $ID}\n"},
        Sent{"HugeInteger", "{\"return\": 99999999999999999999, \"id\": $ID}\n"},
        Sent{"DeeplyNested", nested(10'000)}),
    name_of_sent);

TEST_F(QmpClientTest, GivesUpOnALineWithoutAnEnd) {
    expect_command().send_until_left(std::string(std::size_t{64} << 10, 'x'));
    const Error error = execute_in_vain();
    EXPECT_EQ(error.code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(error.message, HasSubstr("16777216"));
}

TEST_F(QmpClientTest, GivesUpOnTooManyEvents) {
    expect_command().send_until_left("{\"event\": \"STOP\"}\n");
    const Error error = execute_in_vain({.message = {}, .max_skipped = 100});
    EXPECT_EQ(error.code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(error.message, HasSubstr("too many"));
}

TEST_F(QmpClientTest, GivesUpOnEventsThatAreTooBigTogether) {
    expect_command().send_until_left(R"({"event": ")" + std::string(10'000, 'x') + "\"}\n");
    const Error error =
        execute_in_vain({.message = {}, .max_skipped = 10'000, .max_skipped_bytes = 100'000});
    EXPECT_EQ(error.code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(error.message, HasSubstr("too many"));
}

TEST_F(QmpClientTest, TakesAsManyEventsAsItMay) {
    std::string events;
    for (int i = 0; i < 100; ++i)
        events += "{\"event\": \"STOP\"}\n";
    expect_command().send(events).answer();
    EXPECT_TRUE(connect({.message = {}, .max_skipped = 100}).execute("query-status", {}, kLong));
}

// The answer stands behind one event too many.
TEST_F(QmpClientTest, TakesNotOneEventMoreThanItMay) {
    std::string events;
    for (int i = 0; i < 101; ++i)
        events += "{\"event\": \"STOP\"}\n";
    expect_command().send(events + "{\"return\": {}, \"id\": \"$ID\"}\n");
    EXPECT_THAT(execute_in_vain({.message = {}, .max_skipped = 100}).message,
                HasSubstr("too many"));
}

TEST_F(QmpClientTest, TakesNotOneByteOfEventsMoreThanItMay) {
    const std::string event = "{\"event\": \"STOP\"}";
    expect_command().send(event + "\n{\"return\": {}, \"id\": \"$ID\"}\n");
    EXPECT_THAT(execute_in_vain({.message = {}, .max_skipped_bytes = event.size() - 1}).message,
                HasSubstr("too many"));
}

TEST_F(QmpClientTest, TimesOutInAStormOfEvents) {
    expect_command().send_until_left("{\"event\": \"STOP\"}\n");
    QmpLimits no_limits;
    no_limits.max_skipped = no_limits.max_skipped_bytes = SIZE_MAX;
    EXPECT_EQ(execute_in_vain(no_limits, kShort).code, ErrorCode::TimedOut);
}

TEST_F(QmpClientTest, TimesOutInSilence) {
    expect_command().await_leaving();
    EXPECT_EQ(execute_in_vain({}, kShort).code, ErrorCode::TimedOut);
}

TEST_F(QmpClientTest, TimesOutOnHalfAMessage) {
    expect_command().send("{\"return\": {}, \"id\"").await_leaving();
    EXPECT_EQ(execute_in_vain({}, kShort).code, ErrorCode::TimedOut);
}

TEST_F(QmpClientTest, NoticesThatQemuIsGone) {
    expect_command().hang_up();
    const Error error = execute_in_vain();
    EXPECT_EQ(error.code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(error.message, HasSubstr("closed the connection"));
}

TEST_F(QmpClientTest, NoticesThatQemuIsGoneInTheMiddleOfAnAnswer) {
    expect_command().send("{\"return\": {}, \"id\"").hang_up();
    EXPECT_EQ(execute_in_vain().code, ErrorCode::ProtocolErrorQmp);
}

// What comes late would be taken for the answer to something else.
TEST_F(QmpClientTest, SaysNothingMoreAfterAMissedDeadline) {
    expect_command().await_leaving();
    QmpClient client = connect();
    EXPECT_FALSE(client.execute("query-status", {}, kShort));
    const auto second = client.execute("stop", {}, kLong);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::ProtocolErrorQmp);
    EXPECT_THAT(second.error().message, HasSubstr("given up"));
}

// QEMU may have got the command, whatever the kernel says then.
TEST_F(QmpClientTest, TakesEveryFailureOfTheSocketForOneOfTheConnection) {
    for (const long call : {SYS_sendto, SYS_poll, SYS_recvfrom}) {
        MockQmp server;
        server.greet();
        if (call != SYS_sendto)
            server.expect("stop");
        if (call == SYS_recvfrom)
            server.answer();
        server.await_leaving();
        server.start();
        {
            auto client = QmpClient::connect(server.path(), kLong);
            ASSERT_TRUE(client);
            test::with_failing({call}, ENOMEM, [&] {
                const auto answer = client->execute("stop", {}, kLong);
                ASSERT_FALSE(answer);
                EXPECT_EQ(answer.error().code, ErrorCode::ProtocolErrorQmp) << call;
                EXPECT_THAT(answer.error().message, HasSubstr("Cannot allocate memory"));
            });
            const auto second = client->execute("stop", {}, kLong);
            ASSERT_FALSE(second);
            EXPECT_THAT(second.error().message, HasSubstr("given up")) << call;
        }
        EXPECT_THAT(server.finish(), ::testing::IsEmpty());
    }
}

TEST_F(QmpClientTest, RefusesArgumentsThatQemuCouldNotRead) {
    server_.greet();
    const auto answer = connect().execute("stop", {{"name", "\xff"}}, kLong);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Invalid);
}

TEST_F(QmpClientTest, LeavesTheNegotiationModeWithoutWaitingForTheGreeting) {
    server_.accept().expect("qmp_capabilities").send(MockQmp::greeting()).answer();
    server_.expect("stop").answer("yes");
    QmpClient client = connect();
    EXPECT_EQ(client.execute("stop", {}, kLong).value().to_text(), R"("yes")");
}

TEST_F(QmpClientTest, IsNotReadyWithoutAGreeting) {
    server_.accept().expect("qmp_capabilities").await_leaving();
    const Error error = connect_in_vain(kShort);
    EXPECT_EQ(error.code, ErrorCode::NotReady);
    EXPECT_THAT(error.message, AllOf(HasSubstr(server_.path()), HasSubstr("xentop")));
}

TEST_F(QmpClientTest, IsNotReadyWhileAnotherClientIsServed) {
    server_.greet().await_leaving();
    QmpClient first = connect();
    const auto second = QmpClient::connect(server_.path(), kShort);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::NotReady);
    { QmpClient leaves = std::move(first); }
    server_.finish();
}

TEST_F(QmpClientTest, IsNotReadyWhileQemuIsBusy) {
    server_.accept().send(MockQmp::greeting()).expect("qmp_capabilities").await_leaving();
    EXPECT_EQ(connect_in_vain(kShort).code, ErrorCode::NotReady);
}

TEST_F(QmpClientTest, IsNotReadyWhenNobodyListens) {
    const auto client = QmpClient::connect(server_.path() + "-missing", kLong);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::NotReady);
}

TEST_F(QmpClientTest, ReportsThatCapabilitiesAreRefused) {
    server_.accept().send(MockQmp::greeting()).expect("qmp_capabilities");
    server_.refuse("CommandNotFound", "already negotiated").await_leaving();
    const Error error = connect_in_vain();
    EXPECT_EQ(error.code, ErrorCode::QmpCommandNotFound);
    EXPECT_THAT(error.message, HasSubstr("already negotiated"));
}

class MalformedGreeting : public QmpClientTest, public ::testing::WithParamInterface<Sent> {};

TEST_P(MalformedGreeting, IsAProtocolError) {
    server_.accept().expect("qmp_capabilities").send(GetParam().bytes).await_leaving();
    EXPECT_EQ(connect_in_vain().code, ErrorCode::ProtocolErrorQmp);
}

INSTANTIATE_TEST_SUITE_P(QmpClientTest, MalformedGreeting,
                         ::testing::Values(Sent{"AnotherProtocol", "SSH-2.0-OpenSSH_9.2\r\n"},
                                           Sent{"Nothing", "\n"}, Sent{"EmptyObject", "{}\n"},
                                           Sent{"Array", "[]\n"},
                                           Sent{"GreetingIsANumber", "{\"QMP\": 7}\n"},
                                           Sent{"GreetingIsNull", "{\"QMP\": null}\n"},
                                           Sent{"DeeplyNested", nested(10'000)}),
                         name_of_sent);

TEST_F(QmpClientTest, NoticesThatQemuLeavesInsteadOfGreeting) {
    server_.accept().hang_up();
    EXPECT_EQ(connect_in_vain().code, ErrorCode::ProtocolErrorQmp);
}

} // namespace
} // namespace xlsnap
