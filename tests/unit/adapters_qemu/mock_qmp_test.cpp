// SPDX-License-Identifier: LGPL-2.1-only
#include "support/mock_qmp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/qemu/qmp_client.hpp"

namespace xlsnap {
namespace {

using namespace std::chrono_literals;
using test::MockQmp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

QmpClient connect(const MockQmp &server) {
    auto client = QmpClient::connect(server.path(), 1min);
    if (!client)
        throw std::runtime_error(client.error().message);
    return std::move(*client);
}

TEST(MockQmp, IsContentWhenTheScriptIsPlayed) {
    MockQmp server;
    server.greet().expect("stop", {{"a", true}}).answer();
    server.start();
    {
        QmpClient client = connect(server);
        EXPECT_TRUE(client.execute("stop", {{"a", true}}, 1min));
    }
    EXPECT_THAT(server.finish(), IsEmpty());
}

TEST(MockQmp, MissesAnExchangeThatDidNotHappen) {
    MockQmp server;
    server.greet().expect("stop").answer();
    server.start();
    connect(server);
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr("waiting for stop")));
}

TEST(MockQmp, MissesAClientThatDidNotConnect) {
    MockQmp server;
    server.greet();
    server.start();
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr("no client connected")));
}

TEST(MockQmp, MissesAScriptThatWasNotStarted) {
    MockQmp server;
    server.greet();
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr("never started")));
}

TEST(MockQmp, RefusesAnotherCommand) {
    MockQmp server;
    server.greet().expect("stop").answer();
    server.start();
    EXPECT_FALSE(connect(server).execute("cont", {}, 1min));
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr(R"("execute":"cont")")));
}

TEST(MockQmp, RefusesOtherArguments) {
    MockQmp server;
    server.greet().expect("stop", {{"a", true}}).answer();
    server.start();
    EXPECT_FALSE(connect(server).execute("stop", {{"a", "true"}}, 1min));
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr(R"("a":"true")")));
}

TEST(MockQmp, RefusesACommandAfterTheScript) {
    MockQmp server;
    server.greet();
    server.start();
    EXPECT_FALSE(connect(server).execute("stop", {}, 1s));
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr("after the script's end")));
}

TEST(MockQmp, RefusesAClientAfterTheScript) {
    MockQmp server;
    server.greet();
    server.start();
    connect(server);
    EXPECT_FALSE(QmpClient::connect(server.path(), 1s));
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr("a client connected")));
}

TEST(MockQmp, RefusesWordsWhereTheClientShouldLeave) {
    MockQmp server;
    server.greet().await_leaving();
    server.start();
    EXPECT_FALSE(connect(server).execute("stop", {}, 1min));
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr("the client sent")));
}

TEST(MockQmp, RefusesAClientThatLeavesBeforeItWasAnswered) {
    MockQmp server;
    server.greet().expect("stop").await_leaving().answer();
    server.start();
    EXPECT_FALSE(connect(server).execute("stop", {}, 1s));
    EXPECT_THAT(server.finish(), ElementsAre(HasSubstr("the client left before")));
}

} // namespace
} // namespace xlsnap
