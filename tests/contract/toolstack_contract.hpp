// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "ports/toolstack.hpp"

namespace xlsnap::test {

// A host with one domain that the contract is tried on: a guest with Xen drivers whose disks are
// writable qcow2 images on qdisk.
class ToolstackHost {
  public:
    virtual ~ToolstackHost() = default;
    virtual Toolstack &toolstack() = 0;
    // The domain, running. One that a failed test left in another state boots anew.
    virtual DomainId domid() = 0;
    // What tells this boot of the guest from any other, asked of the running guest itself.
    virtual std::string boot_id(DomainId domid) = 0;
};

using ToolstackHostFactory = std::function<std::unique_ptr<ToolstackHost>()>;

// What ports/toolstack.hpp promises, tried through that interface alone.
class ToolstackContract : public ::testing::TestWithParam<ToolstackHostFactory> {
  protected:
    void SetUp() override {
        host_ = GetParam()();
        domid_ = host_->domid();
        ASSERT_EQ(state(), RunState::Running);
        ASSERT_TRUE(frontends_connect(domid_));
    }

    Toolstack &toolstack() { return host_->toolstack(); }
    RunState state() { return toolstack().state(domid_).value_or(RunState::Dying); }
    Domain inspect(DomainId domid) { return toolstack().inspect(domid).value_or(Domain{}); }
    bool is_gone(DomainId domid) {
        const auto found = toolstack().state(domid);
        return !found && found.error().code == ErrorCode::DomainNotFound;
    }

    // A file without a name, for a stream.
    static UniqueFd scratch_file() {
        std::string path = ::testing::TempDir() + "toolstack.XXXXXX";
        UniqueFd fd(::mkstemp(path.data()));
        ::unlink(path.c_str());
        return fd;
    }

    void suspend_to(const UniqueFd &fd) {
        const Status suspended = toolstack().suspend(domid_, fd.get(), false);
        ASSERT_TRUE(suspended) << suspended.error().message;
        ASSERT_EQ(state(), RunState::Suspended);
    }

    // Every front end of the domain is connected within a generous time.
    bool frontends_connect(DomainId domid) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (std::chrono::steady_clock::now() < deadline) {
            if (all_connected(inspect(domid)))
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return false;
    }

    static bool all_connected(const Domain &domain) {
        for (const Disk &disk : domain.disks)
            if (!disk.frontend_connected)
                return false;
        return !domain.disks.empty();
    }

    std::unique_ptr<ToolstackHost> host_;
    DomainId domid_ = 0;
};

constexpr DomainId kUnknownDomain = 32'000;

// The disks of two builds of one domain are the same but for what the guest does with them.
inline void expect_same_disks(const Domain &one, const Domain &other) {
    ASSERT_EQ(one.disks.size(), other.disks.size());
    for (std::size_t i = 0; i < one.disks.size(); ++i) {
        EXPECT_EQ(one.disks[i].vdev, other.disks[i].vdev);
        EXPECT_EQ(one.disks[i].path, other.disks[i].path);
        EXPECT_EQ(one.disks[i].format, other.disks[i].format);
        EXPECT_EQ(one.disks[i].backend, other.disks[i].backend);
        EXPECT_EQ(one.disks[i].writable, other.disks[i].writable);
    }
}

TEST_P(ToolstackContract, InspectTellsEverythingAboutARunningDomain) {
    const auto domain = toolstack().inspect(domid_);
    ASSERT_TRUE(domain) << domain.error().message;
    EXPECT_EQ(domain->domid, domid_);
    EXPECT_EQ(domain->state, RunState::Running);
    EXPECT_FALSE(domain->name.empty());
    EXPECT_THAT(domain->uuid,
                ::testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+"));
    EXPECT_EQ(domain->uuid.size(), 36U);
    EXPECT_GT(domain->device_model_pid, 0);
    ASSERT_FALSE(domain->disks.empty());
    for (const Disk &disk : domain->disks) {
        EXPECT_EQ(disk.format, DiskFormat::Qcow2) << disk.vdev;
        EXPECT_EQ(disk.backend, DiskBackend::Qdisk) << disk.vdev;
        EXPECT_EQ(disk.path.front(), '/') << disk.vdev;
        EXPECT_TRUE(disk.writable) << disk.vdev;
        EXPECT_TRUE(disk.frontend_connected) << disk.vdev;
        EXPECT_FALSE(disk.cdrom) << disk.vdev;
        EXPECT_TRUE(toolstack().frontend_connected(domid_, disk.vdev).value()) << disk.vdev;
    }
    EXPECT_THAT(domain->config_json, ::testing::HasSubstr('"' + domain->name + '"'));
    EXPECT_THAT(domain->config_json, ::testing::Not(::testing::HasSubstr("\"domid\"")));
}

TEST_P(ToolstackContract, ListsADomainByItsNameAndUuid) {
    const Domain domain = inspect(domid_);
    const auto listed = toolstack().list();
    ASSERT_TRUE(listed) << listed.error().message;
    int found = 0;
    for (const KnownDomain &known : *listed) {
        EXPECT_NE(known.domid, 0U);
        if (known.domid == domid_) {
            ++found;
            EXPECT_EQ(known.name, domain.name);
            EXPECT_EQ(known.uuid, domain.uuid);
        }
    }
    EXPECT_EQ(found, 1);
}

TEST_P(ToolstackContract, ReadsOfAConfigurationWhatTheDomainHas) {
    const Domain domain = inspect(domid_);
    const auto read = toolstack().read_config(domain.config_json);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name, domain.name);
    EXPECT_EQ(read->uuid, domain.uuid);
    EXPECT_EQ(read->type, domain.type);
    ASSERT_EQ(read->disks.size(), domain.disks.size());
    for (std::size_t i = 0; i < domain.disks.size(); ++i) {
        EXPECT_EQ(read->disks[i].vdev, domain.disks[i].vdev);
        EXPECT_EQ(read->disks[i].path, domain.disks[i].path);
        EXPECT_EQ(read->disks[i].format, domain.disks[i].format);
    }
    EXPECT_TRUE(toolstack().check_config(read->config_json));
    EXPECT_EQ(toolstack().read_config("{}").error().code, ErrorCode::Invalid);
}

TEST_P(ToolstackContract, HasNoFrontEndForADiskThatDoesNotExist) {
    const auto connected = toolstack().frontend_connected(domid_, "xvdz");
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().code, ErrorCode::NotFound);
}

TEST_P(ToolstackContract, KnowsNothingOfAnUnknownDomain) {
    const UniqueFd stream = scratch_file();
    Toolstack &t = toolstack();
    EXPECT_EQ(t.inspect(kUnknownDomain).error().code, ErrorCode::DomainNotFound);
    EXPECT_EQ(t.state(kUnknownDomain).error().code, ErrorCode::DomainNotFound);
    EXPECT_EQ(t.frontend_connected(kUnknownDomain, "xvda").error().code, ErrorCode::DomainNotFound);
    EXPECT_EQ(t.suspend(kUnknownDomain, stream.get(), false).error().code,
              ErrorCode::DomainNotFound);
    EXPECT_EQ(t.resume(kUnknownDomain).error().code, ErrorCode::DomainNotFound);
    EXPECT_EQ(t.let_run(kUnknownDomain, false).error().code, ErrorCode::DomainNotFound);
    EXPECT_EQ(t.pause(kUnknownDomain).error().code, ErrorCode::DomainNotFound);
    EXPECT_EQ(t.unpause(kUnknownDomain).error().code, ErrorCode::DomainNotFound);
    EXPECT_TRUE(t.destroy(kUnknownDomain));
}

TEST_P(ToolstackContract, OnePauseAndOneUnpauseAreEnoughHoweverOften) {
    ASSERT_TRUE(toolstack().pause(domid_));
    ASSERT_TRUE(toolstack().pause(domid_));
    EXPECT_EQ(state(), RunState::Paused);
    ASSERT_TRUE(toolstack().unpause(domid_));
    EXPECT_EQ(state(), RunState::Running);
    EXPECT_TRUE(toolstack().unpause(domid_));
    EXPECT_EQ(state(), RunState::Running);
}

TEST_P(ToolstackContract, ASuspendedDomainGoesOnWithItsDevices) {
    const std::string boot = host_->boot_id(domid_);
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    EXPECT_EQ(inspect(domid_).state, RunState::Suspended);
    ASSERT_TRUE(toolstack().resume(domid_));
    EXPECT_EQ(state(), RunState::Running);
    EXPECT_TRUE(all_connected(inspect(domid_)));
    EXPECT_EQ(host_->boot_id(domid_), boot);
}

TEST_P(ToolstackContract, TheStreamBeginsWhereTheFileStands) {
    constexpr std::string_view kHeader = "the header of somebody else";
    const UniqueFd stream = scratch_file();
    ASSERT_EQ(::write(stream.get(), kHeader.data(), kHeader.size()),
              static_cast<ssize_t>(kHeader.size()));
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    ASSERT_TRUE(toolstack().resume(domid_));
    std::string begin(kHeader.size() + 8, '\0');
    ASSERT_EQ(::pread(stream.get(), begin.data(), begin.size(), 0),
              static_cast<ssize_t>(begin.size()));
    EXPECT_EQ(begin, std::string(kHeader) + "LibxlFmt");
}

TEST_P(ToolstackContract, APausedGuestIsSuspendedAndNotPausedAfterwards) {
    ASSERT_TRUE(toolstack().pause(domid_));
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    ASSERT_TRUE(toolstack().resume(domid_));
    EXPECT_EQ(state(), RunState::Running);
}

TEST_P(ToolstackContract, AResumedDomainThatWasPausedMeanwhileStaysPaused) {
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    ASSERT_TRUE(toolstack().pause(domid_));
    EXPECT_EQ(state(), RunState::Suspended);
    ASSERT_TRUE(toolstack().resume(domid_));
    EXPECT_EQ(state(), RunState::Paused);
    ASSERT_TRUE(toolstack().unpause(domid_));
    EXPECT_EQ(state(), RunState::Running);
}

TEST_P(ToolstackContract, OnlyADomainThatCanGoOnIsSuspended) {
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    const Status again = toolstack().suspend(domid_, stream.get(), false);
    EXPECT_EQ(again.error().code, ErrorCode::Invalid);
    EXPECT_EQ(state(), RunState::Suspended);
    ASSERT_TRUE(toolstack().resume(domid_));
}

TEST_P(ToolstackContract, OnlyASuspendedDomainIsResumed) {
    EXPECT_FALSE(toolstack().resume(domid_));
    EXPECT_EQ(state(), RunState::Running);
}

TEST_P(ToolstackContract, LetRunDoesNothingToADomainThatRuns) {
    const std::string boot = host_->boot_id(domid_);
    ASSERT_TRUE(toolstack().let_run(domid_, false));
    EXPECT_EQ(state(), RunState::Running);
    EXPECT_EQ(host_->boot_id(domid_), boot);
}

TEST_P(ToolstackContract, LetRunBringsBackThePauseOfADomain) {
    ASSERT_TRUE(toolstack().let_run(domid_, true));
    EXPECT_EQ(state(), RunState::Paused);
    ASSERT_TRUE(toolstack().let_run(domid_, true));
    ASSERT_TRUE(toolstack().unpause(domid_));
    EXPECT_EQ(state(), RunState::Running);
}

TEST_P(ToolstackContract, LetRunResumesASuspendedDomain) {
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    ASSERT_TRUE(toolstack().let_run(domid_, false));
    EXPECT_EQ(state(), RunState::Running);
}

TEST_P(ToolstackContract, LetRunResumesASuspendedDomainToItsPause) {
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    ASSERT_TRUE(toolstack().let_run(domid_, true));
    EXPECT_EQ(state(), RunState::Paused);
    ASSERT_TRUE(toolstack().unpause(domid_));
}

TEST_P(ToolstackContract, ADomainRunsOnAfterAStreamThatCouldNotBeWritten) {
    const std::string boot = host_->boot_id(domid_);
    const UniqueFd unwritable(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_FALSE(toolstack().suspend(domid_, unwritable.get(), false));
    ASSERT_TRUE(toolstack().let_run(domid_, false));
    EXPECT_EQ(state(), RunState::Running);
    EXPECT_EQ(host_->boot_id(domid_), boot);
}

TEST_P(ToolstackContract, ARestoredDomainIsTheSameGuestUnderANewDomid) {
    const std::string boot = host_->boot_id(domid_);
    const Domain before = inspect(domid_);
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    ASSERT_TRUE(toolstack().destroy(domid_));
    ASSERT_EQ(::lseek(stream.get(), 0, SEEK_SET), 0);
    const auto restored = toolstack().restore(before.config_json, stream.get());
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_NE(*restored, domid_);
    const Domain after = inspect(*restored);
    EXPECT_EQ(after.state, RunState::Paused);
    EXPECT_EQ(after.name, before.name);
    EXPECT_EQ(after.uuid, before.uuid);
    EXPECT_EQ(after.type, before.type);
    expect_same_disks(after, before);
    ASSERT_TRUE(toolstack().unpause(*restored));
    EXPECT_EQ(toolstack().state(*restored).value(), RunState::Running);
    EXPECT_TRUE(frontends_connect(*restored));
    EXPECT_EQ(host_->boot_id(*restored), boot);
}

TEST_P(ToolstackContract, AStreamThatEndsTooEarlyLeavesNoDomain) {
    const Domain before = inspect(domid_);
    const UniqueFd stream = scratch_file();
    ASSERT_NO_FATAL_FAILURE(suspend_to(stream));
    ASSERT_TRUE(toolstack().destroy(domid_));
    const off_t size = ::lseek(stream.get(), 0, SEEK_END);
    ASSERT_EQ(::ftruncate(stream.get(), size / 2), 0);
    ASSERT_EQ(::lseek(stream.get(), 0, SEEK_SET), 0);
    EXPECT_FALSE(toolstack().restore(before.config_json, stream.get()));
    // The name is free again.
    const auto started = toolstack().start(before.config_json);
    ASSERT_TRUE(started) << started.error().message;
    ASSERT_TRUE(toolstack().unpause(*started));
    EXPECT_TRUE(frontends_connect(*started));
}

TEST_P(ToolstackContract, ASecondDomainOfTheNameIsNotBuilt) {
    const Domain before = inspect(domid_);
    const auto started = toolstack().start(before.config_json);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::Fail);
    EXPECT_EQ(state(), RunState::Running);
    EXPECT_EQ(inspect(domid_).device_model_pid, before.device_model_pid);
}

TEST_P(ToolstackContract, AStartedDomainBootsAnew) {
    const std::string boot = host_->boot_id(domid_);
    const Domain before = inspect(domid_);
    ASSERT_TRUE(toolstack().destroy(domid_));
    const auto started = toolstack().start(before.config_json);
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_NE(*started, domid_);
    const Domain after = inspect(*started);
    EXPECT_EQ(after.state, RunState::Paused);
    EXPECT_EQ(after.name, before.name);
    EXPECT_EQ(after.uuid, before.uuid);
    expect_same_disks(after, before);
    EXPECT_FALSE(all_connected(after));
    ASSERT_TRUE(toolstack().unpause(*started));
    EXPECT_TRUE(frontends_connect(*started));
    EXPECT_NE(host_->boot_id(*started), boot);
}

TEST_P(ToolstackContract, TextThatIsNoConfigurationBuildsNothing) {
    const UniqueFd stream = scratch_file();
    for (const char *text : {"", "no JSON", "[]", "{}", R"({"c_info":{"type":"none"}})"}) {
        EXPECT_EQ(toolstack().start(text).error().code, ErrorCode::Invalid) << text;
        EXPECT_EQ(toolstack().restore(text, stream.get()).error().code, ErrorCode::Invalid) << text;
        EXPECT_EQ(toolstack().check_config(text).error().code, ErrorCode::Invalid) << text;
    }
    EXPECT_TRUE(toolstack().check_config(inspect(domid_).config_json));
}

// Of every disk an image that no program opens, since nobody starts the domain meanwhile.
inline std::vector<DiskChange> other_images(const Domain &domain) {
    std::vector<DiskChange> changes;
    for (const Disk &disk : domain.disks)
        changes.push_back({disk.vdev, disk.path + ".overlay", DiskFormat::Qcow2});
    return changes;
}

inline std::vector<DiskChange> images_of(const Domain &domain) {
    std::vector<DiskChange> changes;
    for (const Disk &disk : domain.disks)
        changes.push_back({disk.vdev, disk.path, disk.format});
    return changes;
}

TEST_P(ToolstackContract, ExchangedImagesAreTheDomainsFromThenOn) {
    const Domain before = inspect(domid_);
    for (int i = 0; i < 2; ++i) {
        const Status changed = toolstack().change_disks(before, other_images(before));
        ASSERT_TRUE(changed) << changed.error().message;
        const Domain after = inspect(domid_);
        EXPECT_EQ(after.state, RunState::Running);
        EXPECT_TRUE(all_connected(after));
        ASSERT_EQ(after.disks.size(), before.disks.size());
        const Domain built = toolstack().read_config(after.config_json).value();
        for (std::size_t j = 0; j < before.disks.size(); ++j) {
            EXPECT_EQ(after.disks[j].path, before.disks[j].path + ".overlay");
            EXPECT_EQ(after.disks[j].format, DiskFormat::Qcow2);
            EXPECT_EQ(built.disks[j].path, before.disks[j].path + ".overlay");
        }
    }
    ASSERT_TRUE(toolstack().change_disks(before, images_of(before)));
    expect_same_disks(inspect(domid_), before);
}

TEST_P(ToolstackContract, ImagesOfAllDisksOrOfNoneAreExchanged) {
    const Domain before = inspect(domid_);
    std::vector<DiskChange> changes = other_images(before);
    changes.push_back({"xvdz", "/no/image", DiskFormat::Qcow2});
    EXPECT_EQ(toolstack().change_disks(before, changes).error().code, ErrorCode::NotFound);
    changes.back().path = "relative";
    EXPECT_EQ(toolstack().change_disks(before, changes).error().code, ErrorCode::Invalid);
    expect_same_disks(inspect(domid_), before);
    Domain another = before;
    another.uuid = "00000000-0000-0000-0000-000000000001";
    EXPECT_EQ(toolstack().change_disks(another, other_images(before)).error().code,
              ErrorCode::DomainNotFound);
    another.domid = kUnknownDomain;
    EXPECT_EQ(toolstack().change_disks(another, {}).error().code, ErrorCode::DomainNotFound);
    expect_same_disks(inspect(domid_), before);
}

// The last test, since the next one would have to wait for a guest that boots.
TEST_P(ToolstackContract, ADestroyedDomainIsGoneWhenTheCallReturns) {
    ASSERT_TRUE(toolstack().destroy(domid_));
    EXPECT_TRUE(is_gone(domid_));
    EXPECT_TRUE(toolstack().destroy(domid_));
}

} // namespace xlsnap::test
