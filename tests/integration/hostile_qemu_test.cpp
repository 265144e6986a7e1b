// SPDX-License-Identifier: LGPL-2.1-only
// A QEMU that goes wrong in the middle of an operation: a scripted server in its place, everything
// else but libxl is real. Judged by qemu-img and ls.
#include <chrono>
#include <fstream>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/qemu/qemu_img_chains.hpp"
#include "adapters/qemu/qemu_img_images.hpp"
#include "adapters/qemu/qmp_live_disks.hpp"
#include "adapters/store/file_memory_store.hpp"
#include "engine/snapshot_service.hpp"
#include "support/disk_image_file.hpp"
#include "support/fake_image_users.hpp"
#include "support/fake_kept_images.hpp"
#include "support/fake_toolstack.hpp"
#include "support/fake_watchers.hpp"
#include "support/mock_qmp.hpp"
#include "support/recording_log.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"

namespace xlsnap::test {

namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const char *const kList = "query-named-block-nodes";
const Json::Object kFlat{{"flat", true}};

// What a QEMU does instead of answering the command that it got last.
struct Misdeed {
    std::string name;
    std::function<void(MockQmp &)> act;
    ErrorCode code;
    std::string text;
    std::chrono::milliseconds deadline = 1min; // never reached, but for one that says nothing
};

void PrintTo(const Misdeed &misdeed, std::ostream *out) {
    *out << misdeed.name;
}

std::function<void(MockQmp &)> sends(const std::string &bytes) {
    return [bytes](MockQmp &server) { server.send(bytes).await_leaving(); };
}

std::function<void(MockQmp &)> never_stops(const std::string &bytes) {
    return [bytes](MockQmp &server) { server.send_until_left(bytes); };
}

class HostileQemu : public ::testing::TestWithParam<Misdeed> {
  protected:
    HostileQemu() {
        image_.create('A');
        Disk disk;
        disk.vdev = "xvda";
        disk.path = image_.path();
        disk.format = DiskFormat::Qcow2;
        disk.backend = DiskBackend::Qdisk;
        disk.writable = true;
        disk.frontend_connected = true;
        Domain domain;
        domain.name = "g1";
        domain.disks = {disk};
        toolstack_.add(domain, "what the guest remembers");
        users_.users[image_.path()] = {{toolstack_.guest(1).domain.device_model_pid, "qemu", true}};
    }

    [[nodiscard]] SnapshotRequest request(bool memory = true) const {
        SnapshotRequest request;
        request.memory = memory;
        request.memory_path = memory ? directory_ / "g1.save" : std::string();
        request.disks = {DiskRequest{"xvda", "", "s1", false}};
        return request;
    }

    [[nodiscard]] Json listing(bool with_tag) const {
        Json::Array tags;
        if (with_tag)
            tags.push_back(Json::Object{{"id", "1"}, {"name", "s1"}});
        return Json::Array{Json::Object{{"node-name", "xvda-qcow2"},
                                        {"drv", "qcow2"},
                                        {"file", image_.path()},
                                        {"ro", false},
                                        {"image", Json::Object{{"snapshots", tags}}}}};
    }

    MockQmp &expect_listing(bool with_tag) {
        return server_.expect(kList, kFlat).answer(listing(with_tag));
    }
    MockQmp &expect_transaction(const std::string &tag = "s1") {
        return server_.expect(
            "transaction",
            {{"actions", Json::Array{Json::Object{
                             {"type", "blockdev-snapshot-internal-sync"},
                             {"data", Json::Object{{"device", "xvda-qcow2"}, {"name", tag}}}}}}});
    }
    // What goes before the deletion in the session that makes it.
    MockQmp &expect_deletion() {
        server_.greet();
        expect_listing(true);
        server_.expect("query-status").answer(Json::Object{{"running", true}});
        expect_listing(true);
        return server_.expect("blockdev-snapshot-delete-internal-sync",
                              {{"device", "xvda-qcow2"}, {"id", "1"}, {"name", "s1"}});
    }
    // A whole session in which QEMU shows what it has.
    void show_disks(bool with_tag) {
        server_.greet();
        expect_listing(with_tag).await_leaving();
    }

    Status create(std::chrono::milliseconds deadline = 1min) {
        server_.start();
        deadlines_ = {1min, deadline, deadline};
        return service().create(1, request());
    }
    Status revert(bool memory, std::chrono::milliseconds deadline = 1min) {
        server_.start();
        deadlines_ = {1min, deadline, deadline};
        auto reverted = service().revert(1, request(memory));
        return reverted ? Status() : fail(reverted.error());
    }
    Status remove(bool memory, std::chrono::milliseconds deadline = 1min) {
        server_.start();
        deadlines_ = {1min, deadline, deadline};
        return service().remove(1, request(memory));
    }

    // The image has the snapshot s1, of what it holds.
    void make_snapshot() { must_run({"qemu-img", "snapshot", "-c", "s1", image_.path()}); }

    // The operation failed so and left all as it was.
    void expect_nothing_left(const Status &status, ErrorCode code, const std::string &text) {
        expect_untouched(status, code, text);
        EXPECT_EQ(must_run({"ls", "-A", directory_.path()}), "a.qcow2\n");
        EXPECT_THAT(image_.tags(), IsEmpty());
    }

    // The same with a snapshot that was there before.
    void expect_snapshot_left(const Status &status, ErrorCode code, const std::string &text) {
        expect_untouched(status, code, text);
        EXPECT_THAT(image_.tags(), ElementsAre("s1"));
        EXPECT_EQ(image_.content(), 'A');
    }

    void expect_untouched(const Status &status, ErrorCode code, const std::string &text) {
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, code) << status.error().message;
        EXPECT_THAT(status.error().message,
                    AllOf(HasSubstr("domain g1: "), HasSubstr(text), Not(HasSubstr("NOT UNDONE")),
                          AnyOf(HasSubstr("log says more"), HasSubstr("try again"))));
        EXPECT_EQ(toolstack_.state(1).value(), RunState::Running);
        EXPECT_EQ(toolstack_.guest(1).memory, "what the guest remembers");
        EXPECT_TRUE(image_.is_intact());
        EXPECT_THAT(server_.finish(), IsEmpty());
    }

    TemporaryDirectory directory_;
    DiskImageFile image_{directory_ / "a.qcow2", "qcow2"};
    MockQmp server_;
    FakeToolstack toolstack_;

  private:
    SnapshotService &service() {
        live_disks_.emplace([this](DomainId) { return server_.path(); }, deadlines_);
        return service_.emplace(Ports{toolstack_, *live_disks_, disk_images_, image_chains_, users_,
                                      kept_images_, memory_store_, log_, watcher_launcher_},
                                [] { return std::string("1"); });
    }

    QmpDeadlines deadlines_;
    std::optional<QmpLiveDisks> live_disks_;
    PosixProcessRunner processes_;
    FakeImageUsers users_;
    QemuImgImages disk_images_{processes_, users_};
    QemuImgChains image_chains_{processes_, users_};
    FakeKeptImages kept_images_;
    FileMemoryStore memory_store_;
    RecordingLog log_;
    FakeWatcherLauncher watcher_launcher_;
    std::optional<SnapshotService> service_;
};

TEST_P(HostileQemu, InsteadOfItsDisksKeepsACreateFromBeginning) {
    GetParam().act(server_.greet().expect(kList, kFlat));
    expect_nothing_left(create(GetParam().deadline), GetParam().code, GetParam().text);
    EXPECT_THAT(toolstack_.calls, Not(Contains(HasSubstr("suspend"))));
}

TEST_P(HostileQemu, InsteadOfItsDisksKeepsARevertFromBeginning) {
    GetParam().act(server_.greet().expect(kList, kFlat));
    const Status refused = revert(true, GetParam().deadline);
    ASSERT_FALSE(refused);
    EXPECT_THAT(
        refused.error().message,
        AllOf(HasSubstr("domain g1: "), HasSubstr("no memory image"), HasSubstr(GetParam().text)));
    EXPECT_THAT(toolstack_.calls, Not(AnyOf(Contains("pause 1"), Contains("destroy 1"))));
}

TEST_P(HostileQemu, InsteadOfASnapshotLeavesNothing) {
    show_disks(false);
    server_.greet();
    expect_listing(false);
    GetParam().act(expect_transaction());
    show_disks(false);
    expect_nothing_left(create(GetParam().deadline), GetParam().code, GetParam().text);
    EXPECT_THAT(toolstack_.calls, Contains("suspend 1"));
}

TEST_P(HostileQemu, InsteadOfItsDisksKeepsADeleteFromBeginning) {
    make_snapshot();
    std::ofstream(directory_ / "g1.save") << "the memory";
    GetParam().act(server_.greet().expect(kList, kFlat));
    expect_snapshot_left(remove(true, GetParam().deadline), GetParam().code, GetParam().text);
    EXPECT_EQ(must_run({"cat", directory_ / "g1.save"}), "the memory");
}

TEST_P(HostileQemu, InsteadOfADeletionLeavesTheSnapshot) {
    make_snapshot();
    show_disks(true);
    GetParam().act(expect_deletion());
    expect_snapshot_left(remove(false, GetParam().deadline), GetParam().code, GetParam().text);
}

// The present state of the disks is kept before the domain is destroyed.
TEST_P(HostileQemu, InsteadOfTheDisksToKeepEndsARevertInTime) {
    make_snapshot();
    show_disks(true);
    GetParam().act(server_.greet().expect(kList, kFlat));
    expect_snapshot_left(revert(false, GetParam().deadline), GetParam().code, GetParam().text);
    EXPECT_THAT(toolstack_.calls,
                AllOf(Contains("pause 1"), Contains("unpause 1"), Not(Contains("destroy 1"))));
}

TEST_P(HostileQemu, InsteadOfKeepingThePresentStateEndsARevertInTime) {
    make_snapshot();
    show_disks(true);
    server_.greet();
    expect_listing(true);
    GetParam().act(expect_transaction("xlsnap-revert-1"));
    show_disks(true); // the undo
    expect_snapshot_left(revert(false, GetParam().deadline), GetParam().code, GetParam().text);
    EXPECT_THAT(toolstack_.calls,
                AllOf(Contains("pause 1"), Contains("unpause 1"), Not(Contains("destroy 1"))));
}

INSTANTIATE_TEST_SUITE_P(
    That, HostileQemu,
    ::testing::Values(
        Misdeed{"HangsUp", [](MockQmp &server) { server.hang_up(); }, ErrorCode::ProtocolErrorQmp,
                "closed the connection"},
        Misdeed{"IsSilent", [](MockQmp &server) { server.await_leaving(); }, ErrorCode::TimedOut,
                "did not answer in time", 1s},
        Misdeed{"SendsHalfAMessage", sends(R"({"return": {}, "id")"), ErrorCode::TimedOut,
                "did not answer in time", 1s},
        Misdeed{"SendsRubbish", sends("rubbish\r\n"), ErrorCode::ProtocolErrorQmp, "no message"},
        Misdeed{"SendsWrongTypes", sends("{\"error\": 7, \"id\": $ID}\n"),
                ErrorCode::ProtocolErrorQmp, "without class and text"},
        Misdeed{"SendsTenThousandBrackets", sends(std::string(10'000, '[') + "\n"),
                ErrorCode::ProtocolErrorQmp, "no message"},
        Misdeed{"SendsALineWithoutEnd", never_stops(std::string(std::size_t{64} << 10, 'x')),
                ErrorCode::ProtocolErrorQmp, "more than 16777216 bytes"},
        Misdeed{"SendsAStormOfEvents", never_stops("{\"event\": \"STOP\"}\n"),
                ErrorCode::ProtocolErrorQmp, "too many other messages"},
        Misdeed{"HasAnErrorOfItsOwn",
                [](MockQmp &server) { server.refuse("OnFire", "hot").await_leaving(); },
                ErrorCode::UnknownQmpError, "OnFire: hot"}),
    [](const auto &instance) { return instance.param.name; });

TEST_F(HostileQemu, ThatSaysItMadeASnapshotAndDidNotIsNotBelieved) {
    show_disks(false);
    server_.greet();
    expect_listing(false);
    expect_transaction().answer().await_leaving();
    show_disks(false); // the undo
    expect_nothing_left(create(), ErrorCode::ProtocolErrorQmp, "was made, but");
}

TEST_F(HostileQemu, ThatSaysItDeletedASnapshotAndDidNotIsNotBelieved) {
    make_snapshot();
    show_disks(true);
    expect_deletion().answer();
    expect_listing(true).await_leaving();
    expect_snapshot_left(remove(false), ErrorCode::ProtocolErrorQmp, "was deleted, but");
}

TEST_F(HostileQemu, ThatSaysItKeptThePresentStateAndDidNotKeepsTheDomainFromBeingDestroyed) {
    make_snapshot();
    show_disks(true);
    server_.greet();
    expect_listing(true);
    expect_transaction("xlsnap-revert-1").answer().await_leaving();
    show_disks(true); // the undo
    expect_snapshot_left(revert(false), ErrorCode::ProtocolErrorQmp, "was made, but");
    EXPECT_THAT(toolstack_.calls, Not(Contains("destroy 1")));
}

TEST_F(HostileQemu, ThatDoesNotGreetKeepsACreateFromBeginning) {
    server_.accept().expect("qmp_capabilities").send("SSH-2.0-OpenSSH_9.2\r\n").await_leaving();
    expect_nothing_left(create(), ErrorCode::ProtocolErrorQmp,
                        "something else than a QMP greeting");
    EXPECT_THAT(toolstack_.calls, Not(Contains(HasSubstr("suspend"))));
}

} // namespace

} // namespace xlsnap::test
