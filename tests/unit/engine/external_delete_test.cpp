// SPDX-License-Identifier: LGPL-2.1-only
// What becomes of images when snapshots are deleted that stand on each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/external_host.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char *kA = FakeHost::kDiskA;
constexpr const char *kLong = "a content of more bytes than any other has in this file";

Result<PlanLines> try_remove(ExternalHost &host, const std::string &name, bool dry_run = false) {
    return host.catalogued.remove(host.subject(), name, {}, dry_run);
}

// Of the whole life of a chain: a and b are snapshots, the guest has written after each.
void grow(ExternalHost &host, const std::string &at_a, const std::string &at_b,
          const std::string &now) {
    host.write(at_a);
    host.snapshot("a");
    host.write(at_b);
    host.snapshot("b");
    host.write(now);
}

TEST(ExternalDelete, MovesWhatLiesBelowUpWhenThatIsLess) {
    ExternalHost host;
    host.write("1");
    host.snapshot("a");
    host.write(kLong);
    host.remove("a");
    EXPECT_THAT(host.wrong(kLong), IsEmpty());
    EXPECT_EQ(host.active(), "/images/a.1.qcow2");
    EXPECT_EQ(host.images.at(host.active()).backing, "");
    EXPECT_TRUE(host.images.find(kA) != nullptr) << "the user's own image is removed";
    EXPECT_THAT(host.kept_images.kept, IsEmpty());
    EXPECT_THAT(host.catalog.calls, Not(Contains(HasSubstr("forget"))))
        << "nobody would know that the image is ours";
    EXPECT_THAT(host.log.warnings, Contains(AllOf(HasSubstr(kA), HasSubstr("--rewrite"))));
}

TEST(ExternalDelete, MovesWhatTheGuestHasWrittenDownWhenThatIsLess) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("2");
    host.remove("a");
    EXPECT_THAT(host.wrong("2"), IsEmpty());
    EXPECT_EQ(host.active(), kA);
    EXPECT_THAT(host.files(), ElementsAre(kA));
    EXPECT_THAT(host.catalog.calls, Contains(HasSubstr("forget")));
    host.write("3");
    EXPECT_EQ(host.images.at(kA).content, "3");
}

TEST(ExternalDelete, PausesTheGuestOnlyWhileItsDiskBecomesAnother) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("2");
    bool changed = false;
    host.toolstack.before = [&](const std::string &method) -> Status {
        if (method == "change_disks") {
            EXPECT_TRUE(host.g1().paused);
            changed = true;
        }
        return {};
    };
    host.live_disks.before = [&](const std::string &method) -> Status {
        EXPECT_EQ(host.g1().paused, method == "complete_job" || changed ||
                                        (host.g1().paused && method != "start_job"))
            << method;
        return {};
    };
    host.remove("a");
    EXPECT_TRUE(changed);
    EXPECT_FALSE(host.g1().paused);
}

TEST(ExternalDelete, LeavesWhatARestrictedQemuCannotMergeUntilTheDomainIsDown) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("2");
    const std::string overlay = host.active();
    host.g1().domain.hindrances.restricted_qemu = true;
    host.remove("a");
    EXPECT_THAT(host.names(), IsEmpty());
    EXPECT_THAT(host.wrong("2"), IsEmpty());
    EXPECT_EQ(host.active(), overlay);
    EXPECT_THAT(host.log.infos, Contains(HasSubstr("dm_restrict=1")));
    host.stop();
    host.snapshot("b");
    host.remove("b");
    EXPECT_THAT(host.wrong("2"), IsEmpty());
    EXPECT_EQ(host.active(), kA);
}

// Each way that the data may go: what the merge has written until it failed, or was cut off, was
// not written by somebody else.
TEST(ExternalDelete, SpoilsNoSnapshotByAMergeThatFails) {
    for (const bool down : {true, false}) {
        ExternalHost host;
        grow(host, down ? kLong : "1", "22", "333");
        host.stop();
        FakeImage &written = host.images.at(down ? kA : "/images/a.1.qcow2");
        const std::string content = written.content;
        host.image_chains.before = [&](const std::string &method) -> Status {
            if (method != (down ? "commit" : "stream"))
                return {};
            written.content = "a part";
            return fail(ErrorCode::Fail, "the disk is full");
        };
        EXPECT_FALSE(try_remove(host, "a"));
        host.image_chains.before = nullptr;
        const Status good = host.catalogued.verify(host.subject(), "b");
        EXPECT_TRUE(good) << good.error().message;
        written.content = content;
        host.snapshot("c");
        host.remove("c");
        EXPECT_THAT(host.wrong("333"), IsEmpty());
        EXPECT_EQ(host.depth(), 2);
        EXPECT_TRUE(host.catalogued.verify(host.subject(), "b"));
        host.images.at(host.record("b").disks.front().path).content = "spoilt";
        EXPECT_FALSE(host.catalogued.verify(host.subject(), "b"));
    }
}

TEST(ExternalDelete, KnowsWhatASnapshotWasWhenAMergeHasToWait) {
    ExternalHost host;
    grow(host, "1", "22", "333");
    host.stop();
    const std::vector<DiskRecord> before = host.record("b").disks;
    host.image_chains.fail_next("stream", {ErrorCode::NotReady, "a backup has it open"});
    host.remove("a");
    EXPECT_EQ(host.record("b").disks, before);
    host.images.at("/images/a.1.qcow2").content = "spoilt";
    EXPECT_FALSE(host.catalogued.verify(host.subject(), "b"));
}

TEST(ExternalDelete, LeavesAPausedGuestPaused) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("2");
    host.pause_g1();
    host.remove("a");
    EXPECT_TRUE(host.g1().paused);
    EXPECT_EQ(host.active(), kA);
}

// Whichever of the two goes first, wherever the data go, and whether the domain runs.
TEST(ExternalDelete, KeepsWhatEverybodyElseReads) {
    for (const bool runs : {true, false})
        for (const char *first : {"a", "b"})
            for (const auto &[at_a, at_b, now] :
                 {std::tuple{"1", "22", "333"}, std::tuple{kLong, "22", "3"},
                  std::tuple{"1", kLong, "3"}, std::tuple{"22", "1", kLong}}) {
                ExternalHost host;
                grow(host, at_a, at_b, now);
                if (!runs)
                    host.stop();
                host.remove(first);
                EXPECT_THAT(host.wrong(now), IsEmpty()) << first << " " << runs << " " << at_a;
                EXPECT_EQ(host.depth(), 2) << first << " " << runs << " " << at_a;
                host.remove(first == std::string("a") ? "b" : "a");
                EXPECT_THAT(host.wrong(now), IsEmpty()) << first << " " << runs << " " << at_a;
                EXPECT_EQ(host.depth(), 1) << first << " " << runs << " " << at_a;
                EXPECT_THAT(host.kept_images.kept, IsEmpty());
            }
}

// A later snapshot keeps the image that takes the data.
TEST(ExternalDelete, MovesWhatLiesBelowUpIntoAnImageThatIsImmutable) {
    for (const bool runs : {true, false}) {
        ExternalHost host;
        grow(host, "1", kLong, "333");
        host.snapshot("c");
        host.remove("c");
        ASSERT_THAT(host.kept_images.kept, Contains("/images/a.1.qcow2"));
        if (!runs)
            host.stop();
        host.remove("a");
        EXPECT_THAT(host.wrong("333"), IsEmpty()) << runs;
        EXPECT_EQ(host.images.at("/images/a.1.qcow2").backing, "") << runs;
        EXPECT_THAT(host.kept_images.kept, ElementsAre("/images/a.1.qcow2")) << runs;
    }
}

TEST(ExternalDelete, TellsWhatTheDiskOfADomainIsThatDoesNotRun) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("2");
    host.stop();
    host.remove("a");
    EXPECT_THAT(host.files(), ElementsAre(kA));
    EXPECT_EQ(host.images.read(kA), "2");
    EXPECT_THAT(host.log.tasks, ElementsAre(AllOf(HasSubstr(kA), HasSubstr("xlsnap config"))));
}

TEST(ExternalDelete, RemovesABranchThatTheDomainHasLeft) {
    ExternalHost host;
    grow(host, "1", "22", "333");
    host.stop();
    host.go_back("a");
    host.write("4444");
    host.remove("b");
    EXPECT_THAT(host.wrong("4444"), IsEmpty());
    EXPECT_THAT(host.files(), ElementsAre("/images/a.3.qcow2", kA));
}

TEST(ExternalDelete, LeavesAnImageThatTwoStandOnWithoutAName) {
    ExternalHost host;
    grow(host, "1", "22", "333");
    host.stop();
    host.go_back("a");
    host.write("4444");
    host.start();
    host.remove("a");
    EXPECT_THAT(host.wrong("4444"), IsEmpty());
    EXPECT_THAT(host.log.infos, Contains(AllOf(HasSubstr(kA), HasSubstr("several images"))));
    EXPECT_THAT(host.kept_images.kept, Contains(kA));
    host.remove("b");
    EXPECT_THAT(host.wrong("4444"), IsEmpty());
    EXPECT_THAT(host.kept_images.kept, IsEmpty());
}

TEST(ExternalDelete, OfOneInTheMiddleMovesTheBranchesAboveIt) {
    ExternalHost host;
    grow(host, kLong, "22", "333"); // kA <- a.1 (b) <- a.2
    host.stop();
    host.go_back("b"); // a.1 <- a.3 too
    host.write("4444");
    host.remove("a");
    EXPECT_THAT(host.wrong("4444"), IsEmpty());
    EXPECT_EQ(host.record("b").disks.front().path, kA) << "its content has come down";
    EXPECT_EQ(host.images.at(host.active()).backing, kA);
    EXPECT_EQ(host.images.at("/images/a.3.qcow2").backing, kA);
    EXPECT_EQ(host.images.find("/images/a.1.qcow2"), nullptr);
}

TEST(ExternalDelete, TouchesNoImageThatAnImageWithTagsStandsOn) {
    ExternalHost host;
    host.write("1");
    host.snapshot("a");
    host.write("22");
    host.tag("t");
    host.write("333");
    host.remove("a");
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    EXPECT_EQ(host.images.at(host.active()).backing, kA);
    EXPECT_THAT(host.log.infos, Contains(AllOf(HasSubstr(kA), HasSubstr("holds tags"))));
    host.remove("t");
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    EXPECT_EQ(host.images.at(host.active()).backing, "");
}

TEST(ExternalDelete, RemovesATagBelowTheDomainWhenItsImageIsAtRest) {
    ExternalHost host;
    host.tag("t");
    host.write("22");
    host.snapshot("a");
    host.write("333");
    const std::string tag = host.record("t").disks.front().tag;
    host.remove("t");
    EXPECT_THAT(host.names(), ElementsAre("a"));
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    EXPECT_THAT(host.images.at(kA).tag_names(), ElementsAre(tag)) << "QEMU has the image open";
    EXPECT_THAT(find_image(host.domain(), kA)->dead_tags, ElementsAre(tag));
    EXPECT_THAT(host.log.infos, Contains(HasSubstr(tag)));
    host.snapshot("b");
    host.stop();
    host.remove("b");
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    EXPECT_THAT(host.images.at(kA).tag_names(), IsEmpty());
    EXPECT_THAT(find_image(host.domain(), kA)->dead_tags, IsEmpty());
    EXPECT_EQ(host.record("a").disks.front().mark, mark(kA, host.images.at(kA)));
}

TEST(ExternalDelete, LeavesWhatAnotherImageStandsOn) {
    ExternalHost host;
    host.write("1");
    host.snapshot("a");
    host.write("22");
    FakeImage &other = host.images.add("/images/other.qcow2", "");
    other.backing = kA;
    other.backing_format = DiskFormat::Qcow2;
    host.remove("a");
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_EQ(host.images.read("/images/other.qcow2"), "1");
}

TEST(ExternalDelete, LeavesTheLayersOfAGuestWithTwinNodesForLater) {
    ExternalHost host({GuestType::Hvm, false});
    host.write("1");
    host.snapshot("a");
    host.write("22");
    host.remove("a");
    EXPECT_THAT(host.names(), IsEmpty());
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_THAT(host.log.infos, Contains(HasSubstr("unplugged")));
    EXPECT_THAT(host.catalog.calls, Not(Contains(HasSubstr("forget"))));
}

TEST(ExternalDelete, LeavesTheChainOfAJobThatFailsAsItWas) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    host.live_disks.job_error = "No space left on device";
    const auto failed = try_remove(host, "a");
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message,
                AllOf(HasSubstr("the snapshots are deleted"), HasSubstr("No space left"),
                      HasSubstr("next deletion"), HasSubstr("/images/a.1.qcow2")));
    EXPECT_THAT(host.names(), IsEmpty());
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_EQ(host.active(), "/images/a.1.qcow2");
    host.live_disks.job_error.clear();
    host.tag("t");
    host.remove("t");
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_THAT(host.files(), ElementsAre(kA));
}

TEST(ExternalDelete, GivesUpAJobThatNeverMoves) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    host.live_disks.jobs_stall = true;
    const auto failed = try_remove(host, "a");
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("has not moved a byte for 10 minutes"));
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_EQ(host.active(), "/images/a.1.qcow2");
}

TEST(ExternalDelete, HoldsAGuestThatWritesAsFastAsItsImageIsMerged) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    host.live_disks.jobs_stall = true;
    int looks = 0;
    host.live_disks.on_look = [&](BlockJob &job) {
        ++looks;
        if (job.state != JobState::Running)
            return;
        job.total += 4096;
        job.done = job.total - 4096;
        if (host.g1().paused)
            job.state = JobState::Ready;
    };
    host.remove("a");
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_EQ(host.active(), kA);
    EXPECT_FALSE(host.g1().paused);
    EXPECT_GT(looks, 60); // a minute of them
}

// The domid that the deletion began with is that of the guest before.
TEST(ExternalDelete, KeepsTheImagesOfAGuestThatIsRebootedMeanwhile) {
    ExternalHost host;
    grow(host, kLong, "22", "333");
    const DomainId before = host.g1().domain.domid;
    host.live_disks.before = [&](const std::string &method) {
        if (method != "start_job")
            return Status();
        host.live_disks.before = nullptr;
        host.stop();
        host.start();
        return Status(fail(ErrorCode::Fail, "QEMU is gone"));
    };
    const auto failed = try_remove(host, "a");
    ASSERT_FALSE(failed);
    EXPECT_NE(host.g1().domain.domid, before);
    EXPECT_THAT(host.kept_images.kept, Contains(host.record("b").disks.front().path));
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    host.tag("t");
    host.remove("t");
    EXPECT_THAT(host.wrong("333"), IsEmpty());
    EXPECT_EQ(host.depth(), 2) << "what waited is merged";
}

TEST(ExternalDelete, EndsTheJobThatADeadProcessHasLeft) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    FakeLiveDisks::Job left;
    left.shown = {"xlsnap-xvda", "commit", JobState::Running};
    left.what.id = left.shown.id;
    host.live_disks.qemus.at(host.g1().domain.domid).jobs.push_back(left);
    host.remove("a");
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_EQ(host.active(), kA);
}

TEST(ExternalDelete, WaitsForAnotherOnesJob) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    FakeLiveDisks::Qemu &qemu = host.live_disks.qemus.at(host.g1().domain.domid);
    qemu.jobs.push_back({{"backup", "mirror", JobState::Running}, {}});
    host.remove("a");
    EXPECT_EQ(host.active(), "/images/a.1.qcow2");
    EXPECT_THAT(host.log.infos, Contains(HasSubstr("backup")));
    qemu.jobs.clear();
    EXPECT_THAT(host.wrong("22"), IsEmpty());
}

TEST(ExternalDelete, SaysWhatToDoWhenQemuIsLost) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    FakeLiveDisks::Qemu &qemu = host.live_disks.qemus.at(host.g1().domain.domid);
    host.live_disks.before = [&](const std::string &method) -> Status {
        if (method == "start_job")
            qemu.answers = false;
        return {};
    };
    const auto failed = try_remove(host, "a");
    host.live_disks.before = nullptr;
    qemu.answers = true;
    qemu.jobs.clear();
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("does not answer"));
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    EXPECT_EQ(host.active(), "/images/a.1.qcow2");
}

TEST(ExternalDelete, PutsTheOverlayBackWhenTheConfigurationCannotNameTheBase) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    for (int i = 0; i < 2; ++i)
        host.toolstack.fail_next("change_disks", {ErrorCode::Fail, "libxl is locked"});
    const auto failed = try_remove(host, "a");
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("libxl is locked"));
    EXPECT_EQ(host.active(), "/images/a.1.qcow2");
    EXPECT_THAT(host.wrong("22"), IsEmpty());
    host.write("333");
    EXPECT_EQ(host.images.at("/images/a.1.qcow2").content, "333");
}

TEST(ExternalDelete, MovesNothingThatMayNotFit) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    host.image_chains.free = 0;
    const auto refused = try_remove(host, "a");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("make room"));
    EXPECT_THAT(host.names(), ElementsAre("a")) << "it was refused after it had begun";
    EXPECT_THAT(host.wrong("22"), IsEmpty());
}

TEST(ExternalDelete, AsADryRunTellsWhatIsMerged) {
    ExternalHost host;
    host.write(kLong);
    host.snapshot("a");
    host.write("22");
    const auto told = try_remove(host, "a", true);
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_THAT(*told,
                AllOf(Contains(HasSubstr("delete snapshot 'a', with what /images/a.qcow2 holds")),
                      Contains("merge /images/a.1.qcow2 down into /images/a.qcow2, 2 bytes, which "
                               "takes its place")));
    EXPECT_THAT(host.names(), ElementsAre("a"));
    EXPECT_EQ(host.active(), "/images/a.1.qcow2");
}

// Each call fails once: what everybody else reads stays, the guest runs, and what was begun is
// ended by the same deletion, or by the next one when the snapshot is gone.
void fail_each_call(bool runs, const std::string &name, const std::string &at_b) {
    for (std::size_t index = 0;; ++index) {
        ExternalHost host;
        grow(host, kLong, at_b, "333");
        if (!runs)
            host.stop();
        host.fail_call(index);
        host.catalog.before = host.live_disks.before;
        const auto removed = try_remove(host, name);
        const std::string call = fmt::format("call {} {}", index, host.failed_call());
        const bool was_reached = !host.failed_call().empty();
        host.fail_call(static_cast<std::size_t>(-1));
        host.catalog.before = nullptr;
        EXPECT_THAT(host.wrong("333"), IsEmpty()) << call;
        if (!was_reached) {
            EXPECT_TRUE(removed);
            break;
        }
        for (const std::string &left : host.names())
            if (left == name)
                host.remove(left);
        for (const std::string &left : host.names())
            host.remove(left);
        EXPECT_THAT(host.wrong("333"), IsEmpty()) << call;
        std::vector<std::string> files = host.files();
        std::erase(files, kA);
        EXPECT_LE(files.size(), 1U) << call << ": an image is left";
        EXPECT_EQ(host.images.read(host.active()), "333") << call;
    }
}

TEST(ExternalDelete, SurvivesTheFailureOfEachCallWhileTheDomainRuns) {
    for (const char *name : {"a", "b"})
        for (const char *at_b : {"22", kLong})
            fail_each_call(true, name, at_b);
}

TEST(ExternalDelete, SurvivesTheFailureOfEachCallWhileTheDomainDoesNotRun) {
    for (const char *name : {"a", "b"})
        for (const char *at_b : {"22", kLong})
            fail_each_call(false, name, at_b);
}

} // namespace

} // namespace xlsnap::test
