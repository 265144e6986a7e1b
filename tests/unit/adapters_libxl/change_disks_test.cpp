// SPDX-License-Identifier: LGPL-2.1-only
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "adapters/libxl/domain_userdata.hpp"
#include "support/thread_conditions.hpp"
#include "unit/adapters_libxl/libxl_fixture.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *kRecord = "/libxl/1/device/vbd/51712";
constexpr const char *kBackend = "/local/domain/0/backend/qdisk/1/0";
constexpr const char *kOldParams = "qcow2:/images/a.qcow2";

class ChangeDisks : public LibxlToolstackTest {
  protected:
    ChangeDisks() {
        domain_.domid = libxl_.add(guest_config("pvh"));
        domain_.uuid = kUuid;
        domain_.name = "g1";
        put(file("libxl-json"), config());
    }

    // What libxl has of the guest with this image of its disk, with the NUL.
    static std::string config(const std::string &path = "/images/a.qcow2",
                              const std::string &format = "qcow2") {
        std::string text = guest_config("pvh");
        const std::string old = R"("pdev_path":"/images/a.qcow2","format":"qcow2")";
        text.replace(text.find(old), old.size(),
                     fmt::format(R"("pdev_path":"{}","format":"{}")", path, format));
        return text + '\0';
    }

    [[nodiscard]] std::string file(const std::string &user, char kind = 'd') const {
        return xl_ / fmt::format("userdata-{}.1.{}.{}", kind, kUuid, user);
    }

    static std::string content(const std::string &path) {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    Status change(const std::string &path = "/o", DiskFormat format = DiskFormat::Qcow2) {
        return toolstack_.change_disks(domain_, {{"xvda", path, format}});
    }

    [[nodiscard]] std::string params(const char *place) const {
        return libxl_.xenstore.at(std::string(place) + "/params");
    }

    void expect_all_as_it_was() {
        EXPECT_EQ(content(file("libxl-json")), config());
        EXPECT_EQ(params(kRecord), kOldParams);
        EXPECT_EQ(params(kBackend), kOldParams);
        EXPECT_EQ(libxl_.open_transactions, 0);
        EXPECT_FALSE(std::filesystem::exists(file("libxl-json", 'n')));
        EXPECT_FALSE(std::filesystem::exists(file("domain-userdata-lock", 'l')));
    }

    Domain domain_;
};

TEST_F(ChangeDisks, PutsTheImageWhereverLibxlHasIt) {
    ASSERT_TRUE(change());
    EXPECT_EQ(content(file("libxl-json")), config("/o"));
    EXPECT_EQ(params(kRecord), "qcow2:/o");
    EXPECT_EQ(params(kBackend), "qcow2:/o");
    struct stat status {};
    ASSERT_EQ(::stat(file("libxl-json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(file("domain-userdata-lock", 'l')));
    EXPECT_EQ(libxl_.xenstore_writes, 2);
    EXPECT_EQ(libxl_.open_transactions, 0);
}

TEST_F(ChangeDisks, CallsEachFormatAsLibxlDoes) {
    const std::pair<DiskFormat, const char *> formats[] = {{DiskFormat::Raw, "aio:/o"},
                                                           {DiskFormat::Qcow, "qcow:/o"},
                                                           {DiskFormat::Vhd, "vhd:/o"},
                                                           {DiskFormat::Qed, "qed:/o"}};
    for (const auto &[format, expected] : formats) {
        ASSERT_TRUE(change("/o", format));
        EXPECT_EQ(params(kRecord), expected);
        EXPECT_EQ(params(kBackend), expected);
        EXPECT_EQ(content(file("libxl-json")), config("/o", std::string(to_string(format))));
    }
}

TEST_F(ChangeDisks, DoneAgainChangesNothing) {
    ASSERT_TRUE(change());
    const auto inode = [this] {
        struct stat status {};
        return ::stat(file("libxl-json").c_str(), &status) == 0 ? status.st_ino : 0;
    };
    const auto before = inode();
    ASSERT_TRUE(change());
    EXPECT_EQ(inode(), before);
    EXPECT_EQ(libxl_.xenstore_writes, 2);
    EXPECT_EQ(libxl_.open_transactions, 0);
}

TEST_F(ChangeDisks, GoesOnWhereAnEarlierOneDied) {
    put(file("libxl-json"), config("/o"));
    put(file("libxl-json", 'n'), "half of");
    libxl_.xenstore[std::string(kRecord) + "/params"] = "qcow2:/o";
    ASSERT_TRUE(change());
    EXPECT_EQ(params(kBackend), "qcow2:/o");
    EXPECT_EQ(libxl_.xenstore_writes, 1);
}

TEST_F(ChangeDisks, ReplacesWhatADeadProcessLeftOver) {
    put(file("libxl-json", 'n'), std::string(1U << 16U, 'x'));
    ASSERT_TRUE(change());
    EXPECT_EQ(content(file("libxl-json")), config("/o"));
}

TEST_F(ChangeDisks, BeginsItsTransactionAnewWhenSomebodyElseWrites) {
    libxl_.fail_next("xs_transaction_end", EAGAIN);
    libxl_.fail_next("xs_transaction_end", EAGAIN);
    ASSERT_TRUE(change());
    EXPECT_EQ(params(kRecord), "qcow2:/o");
    EXPECT_EQ(params(kBackend), "qcow2:/o");
}

TEST_F(ChangeDisks, GivesUpWhenSomebodyElseWritesAllTheTime) {
    for (int i = 0; i < 100; ++i)
        libxl_.fail_next("xs_transaction_end", EAGAIN);
    EXPECT_EQ(change().error().code, ErrorCode::NotReady);
    expect_all_as_it_was();
}

TEST_F(ChangeDisks, AFailureOfXenstoreLeavesAllAsItWas) {
    for (const char *call : {"xs_transaction_start", "xs_write", "xs_transaction_end"}) {
        libxl_.fail_next(call, EIO);
        const Status changed = change();
        ASSERT_FALSE(changed) << call;
        EXPECT_THAT(changed.error().message, AllOf(HasSubstr("domain g1 (1): cannot "),
                                                   HasSubstr("xenstore"), Not(HasSubstr("UNDONE"))))
            << call;
        expect_all_as_it_was();
    }
}

TEST_F(ChangeDisks, AFailureOfAnyFileCallLeavesAllAsItWas) {
    for (const long number : {SYS_fsync, SYS_renameat, SYS_write}) {
        with_failing({number}, EIO, [&] {
            const Status changed = change();
            ASSERT_FALSE(changed) << number;
            EXPECT_THAT(changed.error().message, Not(HasSubstr("UNDONE"))) << number;
        });
        EXPECT_EQ(content(file("libxl-json")), config()) << number;
        expect_all_as_it_was();
    }
}

TEST_F(ChangeDisks, AFullDiskLeavesAllAsItWas) {
    with_small_file_system(xl_.path().c_str(), 8192, [&] {
        put(file("libxl-json"), config());
        put(xl_ / "filler", std::string(1U << 14U, 'x'));
        const Status changed = change();
        ASSERT_FALSE(changed);
        EXPECT_THAT(changed.error().message, HasSubstr("No space left"));
        expect_all_as_it_was();
    });
}

TEST_F(ChangeDisks, SaysWhatItCouldNotUndo) {
    libxl_.fail_next("xs_write", EIO);
    // The configuration is written, and its directory goes when it is to be written back.
    libxl_.on_xenstore_failure = [this] { std::filesystem::remove_all(xl_.path()); };
    const Status changed = change();
    EXPECT_THAT(changed.error().message,
                AllOf(HasSubstr("cannot write xenstore's"),
                      HasSubstr("; NOT UNDONE: cannot create"), HasSubstr(".libxl-json")));
}

TEST_F(ChangeDisks, SaysThatATransactionMayHaveHappenedWhoseEndFailed) {
    libxl_.fail_after_next("xs_transaction_end", EIO);
    const Status changed = change();
    ASSERT_FALSE(changed);
    EXPECT_THAT(changed.error().message,
                AllOf(HasSubstr("cannot end a transaction of xenstore"),
                      HasSubstr(std::string("; NOT UNDONE: xenstore's ") + kRecord),
                      HasSubstr(std::string("; NOT UNDONE: xenstore's ") + kBackend)));
    EXPECT_EQ(content(file("libxl-json")), config());
}

TEST_F(ChangeDisks, MakesNoNodeOfADeviceThatIsGone) {
    for (const char *place : {kRecord, kBackend}) {
        const auto node = libxl_.xenstore.extract(std::string(place) + "/params");
        const Status changed = change();
        ASSERT_FALSE(changed) << place;
        EXPECT_EQ(changed.error().code, ErrorCode::NotFound);
        EXPECT_THAT(changed.error().message, HasSubstr(std::string(place) + "/params any more"));
        EXPECT_FALSE(libxl_.xenstore.contains(node.key())) << place;
        libxl_.xenstore[node.key()] = node.mapped();
        expect_all_as_it_was();
    }
}

TEST_F(ChangeDisks, LooksDisksUpBehindTheLock) {
    const auto held = DomainUserdata::lock(xl_.path(), 1, kUuid, std::chrono::seconds(0),
                                           std::chrono::seconds(0));
    ASSERT_TRUE(held);
    const std::vector<DiskChange> changes = {{"xvdb", "/p", DiskFormat::Qcow2}};
    EXPECT_EQ(toolstack_.change_disks(domain_, changes).error().code, ErrorCode::NotReady);
}

TEST_F(ChangeDisks, RefusesADiskThatItDoesNotHave) {
    const std::vector<DiskChange> changes = {{"xvda", "/o", DiskFormat::Qcow2},
                                             {"xvdb", "/p", DiskFormat::Qcow2}};
    EXPECT_EQ(toolstack_.change_disks(domain_, changes).error().code, ErrorCode::NotFound);
    expect_all_as_it_was();
    // One that xenstore has and the configuration has not.
    put(file("libxl-json"), std::string("{\"disks\":[]}\0", 13));
    const Status changed = change();
    EXPECT_EQ(changed.error().message,
              "domain g1 (1): the domain's configuration: there is no disk xvda");
    EXPECT_EQ(params(kRecord), kOldParams);
}

TEST_F(ChangeDisks, RefusesADiskThatItsQemuDoesNotServe) {
    libxl_.xenstore[std::string(kRecord) + "/type"] = "phy";
    const Status changed = change();
    EXPECT_EQ(changed.error().code, ErrorCode::Invalid);
    EXPECT_THAT(changed.error().message, HasSubstr("disk xvda is served by phy, not by"));
    libxl_.xenstore[std::string(kRecord) + "/type"] = "qdisk";
    expect_all_as_it_was();
    libxl_.xenstore[std::string(kRecord) + "/backend"] = "/local/domain/7/backend/qdisk/1/0";
    EXPECT_THAT(change().error().message, HasSubstr("served by qdisk of domain 7"));
    expect_all_as_it_was();
}

TEST_F(ChangeDisks, RefusesADomainThatIsGoneOrAnother) {
    Domain gone = domain_;
    gone.domid = 99;
    EXPECT_EQ(toolstack_.change_disks(gone, {}).error().code, ErrorCode::DomainNotFound);
    domain_.uuid = "00000000-0000-0000-0000-000000000001";
    EXPECT_EQ(change().error().code, ErrorCode::DomainNotFound);
    domain_.uuid = kUuid;
    libxl_.domain(1).dying = true;
    libxl_.domain(1).looks_before_gone = 1;
    EXPECT_EQ(change().error().code, ErrorCode::DomainDestroyed);
    expect_all_as_it_was();
}

TEST_F(ChangeDisks, NeedsTheConfigurationOfLibxl) {
    std::filesystem::remove(file("libxl-json"));
    EXPECT_EQ(change().error().code, ErrorCode::NotFound);
    std::filesystem::create_symlink("/etc/passwd", file("libxl-json"));
    EXPECT_FALSE(change());
    std::filesystem::remove(file("libxl-json"));
    std::filesystem::create_directory(file("libxl-json"));
    EXPECT_THAT(change().error().message, HasSubstr("no regular file"));
    EXPECT_EQ(params(kRecord), kOldParams);
}

TEST_F(ChangeDisks, RefusesAPathThatIsNone) {
    EXPECT_EQ(change("o").error().code, ErrorCode::Invalid);
    expect_all_as_it_was();
}

TEST_F(ChangeDisks, WaitsForNobodyLongerThanItsDeadline) {
    const auto held = DomainUserdata::lock(xl_.path(), 1, kUuid, std::chrono::seconds(0),
                                           std::chrono::seconds(0));
    ASSERT_TRUE(held);
    const Status changed = change();
    EXPECT_EQ(changed.error().code, ErrorCode::NotReady);
    EXPECT_THAT(changed.error().message, HasSubstr("fuser /"));
    EXPECT_EQ(content(file("libxl-json")), config());
    EXPECT_EQ(params(kRecord), kOldParams);
}

constexpr const char *kUpdate = "name = 'g1'\ndisk = [ '/images/a.qcow2,qcow2,xvda,rw' ]\n";

TEST_F(ChangeDisks, AStaleUpdateOfXlGoesAndItsOwnerIsTold) {
    put(file("xl"), kUpdate);
    ASSERT_TRUE(change());
    EXPECT_FALSE(std::filesystem::exists(file("xl")));
    EXPECT_THAT(log_.tasks, ::testing::ElementsAre(HasSubstr("xlsnap config --rewrite")));
}

TEST_F(ChangeDisks, AnUpdateOfXlThatCannotBeReadGoes) {
    for (const std::string &text : {std::string("disk = ["), std::string("a=1\0", 4),
                                    std::string("disk = [ 'nonsense=5,/x,y' ]\n")}) {
        put(file("xl"), text);
        ASSERT_TRUE(change()) << text;
        EXPECT_FALSE(std::filesystem::exists(file("xl"))) << text;
    }
}

TEST_F(ChangeDisks, AnUpdateOfXlThatStartsNothingFromOtherImagesStays) {
    for (const char *text : {"name = 'g1'\n", "disk = [ '/x,raw,xvdb,rw' ]\n",
                             "disk = [ 'format=qcow2,vdev=xvda,access=rw,target=/o' ]\n"}) {
        put(file("xl"), text);
        ASSERT_TRUE(change()) << text;
        EXPECT_EQ(content(file("xl")), text);
    }
    EXPECT_TRUE(log_.tasks.empty());
    put(file("xl"), "disk = [ '/o,raw,xvda,rw' ]\n");
    ASSERT_TRUE(change());
    EXPECT_FALSE(std::filesystem::exists(file("xl")));
}

TEST_F(ChangeDisks, AFailureBringsTheUpdateOfXlBack) {
    put(file("xl"), kUpdate);
    libxl_.fail_next("xs_write", EIO);
    EXPECT_FALSE(change());
    EXPECT_EQ(content(file("xl")), kUpdate);
    EXPECT_TRUE(log_.tasks.empty());
    expect_all_as_it_was();
}

} // namespace

} // namespace xlsnap::test
