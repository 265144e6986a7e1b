// SPDX-License-Identifier: LGPL-2.1-only
// What the C API says of overlays that it was given no path for.
#include <cstdlib>
#include <cstring>
#include <future>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/answers.hpp"
#include "api/directories.hpp"
#include "api/overlay_answers.hpp"
#include "api/wishes.hpp"
#include "libxl_snapshot.h"
#include "support/fake_libxl.hpp"

namespace xlsnap::test {

namespace {

using ::testing::HasSubstr;

constexpr const char *kTwoDisks =
    R"({"c_info":{"type":"pvh","name":"g1","uuid":"6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01"},)"
    R"("b_info":{"max_memkb":65536,"type.pvh":{}},"disks":[)"
    R"({"vdev":"xvda","pdev_path":"/images/a.qcow2","format":"qcow2","backend":"qdisk",)"
    R"("readwrite":1},)"
    R"({"vdev":"xvdb","pdev_path":"/other/a.raw","format":"raw","backend":"qdisk",)"
    R"("readwrite":1}]})";

DiskRequest external(const std::string &vdev, const std::string &path = {}) {
    DiskRequest disk{vdev, path, "s1", true};
    disk.format = DiskFormat::Qcow2;
    return disk;
}

class Overlays : public ::testing::Test {
  protected:
    Overlays() {
        libxl_domain_snapshot_args_init(&args_);
        args_.disks = static_cast<libxl_disk_snapshot *>(std::calloc(2, sizeof(*args_.disks)));
        args_.num_disks = 2;
        for (int i = 0; i < 2; ++i) {
            libxl_disk_snapshot_init(&args_.disks[i]);
            args_.disks[i].disk.vdev = ::strdup(i == 0 ? "xvda" : "xvdb");
            args_.disks[i].name = ::strdup("s1");
            args_.disks[i].external = true;
        }
    }
    Overlays(const Overlays &) = delete;
    Overlays &operator=(const Overlays &) = delete;
    Overlays(Overlays &&) = delete;
    Overlays &operator=(Overlays &&) = delete;
    ~Overlays() override {
        libxl_domain_snapshot_args_dispose(&args_);
        libxl_snapshot_set_overlay_directory(nullptr);
    }

    // A directory that is so long that every path in it is refused, together with the path.
    static std::string much_too_long() {
        std::string path;
        while (path.size() < 4096)
            path += "/a-directory-with-quite-a-name";
        return path;
    }

    FakeLibxl libxl_;
    libxl_domain_snapshot_args args_{};
};

TEST_F(Overlays, AreNamedAfterTheImagesThatTheDomainHas) {
    Domain domain;
    domain.disks.resize(2);
    domain.disks[0].vdev = "xvda";
    domain.disks[0].path = "/images/a.qcow2";
    domain.disks[1].vdev = "xvdb";
    domain.disks[1].path = "/other/a.raw";
    SnapshotRequest request;
    request.disks = {external("xvda"), external("xvdb"), external("xvdc")};
    request.disks.push_back({"xvdd", "/d", "s1"});
    EXPECT_TRUE(api::lacks_overlay(request));
    api::name_overlays(request, &domain, {});
    EXPECT_EQ(request.disks[0].overlay, "/images/a.s1.qcow2");
    EXPECT_EQ(request.disks[1].overlay, "/other/a.s1.qcow2");
    EXPECT_EQ(request.disks[2].overlay, "") << "the domain has no such disk";
    EXPECT_EQ(request.disks[3].overlay, "") << "it is internal";
}

TEST_F(Overlays, OfADomainThatDoesNotRunAreNamedAfterTheImagesOfTheRequest) {
    SnapshotRequest request;
    request.disks = {external("xvda", "/images/a.qcow2"), external("", "/dev/vg/b")};
    api::name_overlays(request, nullptr, {});
    EXPECT_EQ(request.disks[0].overlay, "/images/a.s1.qcow2");
    EXPECT_EQ(request.disks[1].overlay, "") << "there is no place beside a device";
}

TEST_F(Overlays, LieInTheDirectoryThatWasChosen) {
    SnapshotRequest request;
    request.disks = {external("xvda", "/images/a.qcow2"), external("xvdb", "/other/a.raw"),
                     external("xvdc", "/c.raw")};
    request.disks[2].overlay = "/given";
    api::name_overlays(request, nullptr, {"/overlays"});
    EXPECT_EQ(request.disks[0].overlay, "/overlays/a.xvda.s1.qcow2");
    EXPECT_EQ(request.disks[1].overlay, "/overlays/a.xvdb.s1.qcow2");
    EXPECT_EQ(request.disks[2].overlay, "/given");
    EXPECT_FALSE(api::lacks_overlay(request));
}

TEST_F(Overlays, AreToldToTheCallerWhereNothingWasSaid) {
    SnapshotRequest request;
    request.disks = {external("xvda"), external("xvdb")};
    request.disks[0].overlay = "/made-up";
    request.disks[1].overlay = "/given";
    args_.disks[1].external_path = ::strdup("/given");
    args_.disks[1].external_format = ::strdup("qcow2");
    const char *given = args_.disks[1].external_path;
    api::OverlayAnswers answers(args_.disks, request);
    EXPECT_EQ(args_.disks[0].external_path, nullptr) << "nothing is made yet";
    answers.hand_over(args_.disks);
    EXPECT_STREQ(args_.disks[0].external_path, "/made-up");
    EXPECT_STREQ(args_.disks[0].external_format, "qcow2");
    EXPECT_EQ(args_.disks[1].external_path, given);
}

TEST_F(Overlays, AreNotToldOfInternalDisksAndOfDisksThatHaveNone) {
    SnapshotRequest request;
    request.disks = {{"xvda", "/a", "s1"}, external("xvdb")};
    api::OverlayAnswers answers(args_.disks, request);
    answers.hand_over(args_.disks);
    EXPECT_EQ(args_.disks[0].external_path, nullptr);
    EXPECT_EQ(args_.disks[0].external_format, nullptr);
    EXPECT_EQ(args_.disks[1].external_path, nullptr);
}

TEST_F(Overlays, ArePutWhereTheCallerChoseByEachFunctionThatCreates) {
    const auto domid = static_cast<int>(libxl_.add(kTwoDisks, "memory"));
    ASSERT_EQ(libxl_snapshot_set_overlay_directory(much_too_long().c_str()), 0);
    const auto is_told = HasSubstr("disk xvda, disk xvdb: the path of its overlay has");
    EXPECT_EQ(libxl_domain_snapshot_create(libxl_.ctx(), domid, &args_, false), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), is_told);
    EXPECT_EQ(libxl_disk_snapshot_create(libxl_.ctx(), domid, args_.disks, 2, nullptr),
              ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), is_told);
    libxl_domain_snapshot snapshot;
    libxl_domain_snapshot_init(&snapshot);
    const auto wish = api::create_wish_of(&snapshot, 0);
    ASSERT_TRUE(wish);
    EXPECT_EQ(wish->overlay_directory, much_too_long());
    libxl_domain_snapshot_dispose(&snapshot);
}

TEST_F(Overlays, StayUntoldWhenTheSnapshotFails) {
    const auto domid = static_cast<int>(libxl_.add(kTwoDisks, "memory"));
    ASSERT_EQ(libxl_snapshot_set_overlay_directory(much_too_long().c_str()), 0);
    EXPECT_NE(libxl_domain_snapshot_create(libxl_.ctx(), domid, &args_, false), 0);
    EXPECT_NE(libxl_disk_snapshot_create(libxl_.ctx(), domid, args_.disks, 2, nullptr), 0);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(args_.disks[i].external_path, nullptr);
        EXPECT_EQ(args_.disks[i].external_format, nullptr);
    }
}

// Behind a call that is answered by a callback nobody may touch the structure.
TEST_F(Overlays, OfAnAsynchronousCallAreToldBeforeItBegins) {
    const auto domid = static_cast<int>(libxl_.add(kTwoDisks, "memory"));
    ASSERT_EQ(libxl_snapshot_set_overlay_directory(much_too_long().c_str()), 0);
    std::promise<int> done;
    libxl_asyncop_how how = {};
    how.callback = [](libxl_ctx *, int rc, void *for_callback) {
        static_cast<std::promise<int> *>(for_callback)->set_value(rc);
    };
    how.u.for_callback = &done;
    ASSERT_EQ(libxl_disk_snapshot_create(libxl_.ctx(), domid, args_.disks, 2, &how), 0);
    EXPECT_STREQ(args_.disks[0].external_path, (much_too_long() + "/a.xvda.s1.qcow2").c_str());
    EXPECT_STREQ(args_.disks[1].external_format, "qcow2");
    EXPECT_EQ(done.get_future().get(), ERROR_INVAL);
}

TEST_F(Overlays, OfACataloguedSnapshotAreThoseOfItsRecord) {
    SnapshotRecord record;
    record.disks.resize(2);
    record.disks[0].vdev = "xvda";
    record.disks[0].kind = DiskSnapshotKind::External;
    record.disks[0].overlay = "/images/a.s1.qcow2";
    record.disks[0].overlay_format = DiskFormat::Qcow2;
    record.disks[1].vdev = "xvdb";
    libxl_domain_snapshot snapshot;
    libxl_domain_snapshot_init(&snapshot);
    api::fill_in(snapshot, SnapshotView{record, {}, true});
    EXPECT_STREQ(snapshot.disks[0].overlay, "/images/a.s1.qcow2");
    EXPECT_STREQ(snapshot.disks[0].overlay_format, "qcow2");
    EXPECT_EQ(snapshot.disks[1].overlay, nullptr);
    libxl_domain_snapshot_dispose(&snapshot);
}

} // namespace

} // namespace xlsnap::test
