// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/line_socket.hpp"

#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "support/mock_qmp.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap {
namespace {

using namespace std::chrono_literals;

TEST(LineSocket, RefusesAPathThatASocketCannotHave) {
    const auto socket = LineSocket::connect("/" + std::string(107, 'x'), Deadline(1min));
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, ErrorCode::Invalid);
}

TEST(LineSocket, IsNotReadyWhenNobodyListens) {
    const test::TemporaryDirectory directory;
    const std::string file = directory / "file";
    std::ofstream{file};
    for (const std::string &path : {directory / "missing", file}) {
        const auto socket = LineSocket::connect(path, Deadline(1min));
        ASSERT_FALSE(socket);
        EXPECT_EQ(socket.error().code, ErrorCode::NotReady);
        EXPECT_NE(socket.error().message.find(path), std::string::npos);
    }
}

TEST(LineSocket, SaysWhyItCannotConnectOtherwise) {
    const test::TemporaryDirectory directory;
    const std::string file = directory / "file";
    std::ofstream{file};
    const auto socket = LineSocket::connect(file + "/below", Deadline(1min));
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code, ErrorCode::Fail);
    EXPECT_NE(socket.error().message.find("Not a directory"), std::string::npos);
}

TEST(LineSocket, IsNotReadyWhileTheQueueStaysFull) {
    test::MockQmp server; // never started: nobody accepts
    std::vector<LineSocket> waiting;
    Result<LineSocket> last = LineSocket::connect(server.path(), Deadline(50ms));
    while (last) {
        ASSERT_LT(waiting.size(), 100u);
        waiting.push_back(std::move(*last));
        last = LineSocket::connect(server.path(), Deadline(50ms));
    }
    EXPECT_EQ(last.error().code, ErrorCode::NotReady);
    EXPECT_NE(last.error().message.find("other clients"), std::string::npos);
}

TEST(LineSocket, TimesOutWhenThePeerReadsNothing) {
    test::MockQmp server;
    auto socket = LineSocket::connect(server.path(), Deadline(1min));
    ASSERT_TRUE(socket);
    const auto sent = socket->send(std::string(std::size_t{64} << 20, 'x'), Deadline(50ms));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::TimedOut);
}

TEST(LineSocket, SendsWhatFitsIntoNoBufferAtOnce) {
    test::MockQmp server;
    const std::string big(std::size_t{8} << 20, 'x');
    server.accept().expect(big).hang_up();
    server.start();
    auto socket = LineSocket::connect(server.path(), Deadline(1min));
    ASSERT_TRUE(socket);
    EXPECT_TRUE(socket->send(R"({"id": "1", "execute": ")" + big + "\"}\n", Deadline(1min)));
}

TEST(LineSocket, SurvivesAPeerThatIsGone) {
    test::MockQmp server;
    server.accept().hang_up();
    server.start();
    auto socket = LineSocket::connect(server.path(), Deadline(1min));
    ASSERT_TRUE(socket);
    const auto line = socket->receive_line(100, Deadline(1min));
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().code, ErrorCode::ProtocolErrorQmp);
    const auto sent = socket->send("x", Deadline(1min));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::ProtocolErrorQmp);
}

TEST(LineSocket, HandsOutLinesOfAnyCut) {
    test::MockQmp server;
    server.accept().send("one\ntwo\nthr").send_byte_by_byte("ee\nfour").send("\n").await_leaving();
    server.start();
    auto socket = LineSocket::connect(server.path(), Deadline(1min));
    ASSERT_TRUE(socket);
    for (const char *line : {"one", "two", "three", "four"})
        EXPECT_EQ(socket->receive_line(100, Deadline(1min)).value(), line);
}

TEST(LineSocket, TakesALineOfTheGreatestLengthAndNoLonger) {
    test::MockQmp server;
    server.accept().send("12345\n123456\n").await_leaving();
    server.start();
    auto socket = LineSocket::connect(server.path(), Deadline(1min));
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket->receive_line(5, Deadline(1min)).value(), "12345");
    const auto longer = socket->receive_line(5, Deadline(1min));
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().code, ErrorCode::ProtocolErrorQmp);
}

TEST(LineSocket, TimesOutThoughThePeerNeverStopsSending) {
    test::MockQmp server;
    server.accept().send_until_left("never a line end ");
    server.start();
    auto socket = LineSocket::connect(server.path(), Deadline(1min));
    ASSERT_TRUE(socket);
    const auto line = socket->receive_line(std::size_t{1} << 40, Deadline(20ms));
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().code, ErrorCode::TimedOut);
}

} // namespace
} // namespace xlsnap
