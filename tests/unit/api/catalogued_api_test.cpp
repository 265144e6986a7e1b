// SPDX-License-Identifier: LGPL-2.1-only
// The C API of the catalog from its arguments down to libxl, which is replaced at link time, and to
// real files.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libxl_snapshot.h"
#include "support/fake_libxl.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StrEq;

constexpr const char *kUuidOfG1 = "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01";
constexpr const char *kDisklessConfig =
    R"({"c_info":{"type":"pvh","name":"g1","uuid":"6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01"},)"
    R"("b_info":{"max_memkb":65536,"type.pvh":{}}})";
constexpr const char *kConfigWithDisks =
    R"({"c_info":{"type":"pvh","name":"g2","uuid":"6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a02"},)"
    R"("b_info":{"max_memkb":65536,"type.pvh":{}},"disks":[)"
    R"({"vdev":"xvda","pdev_path":"/a","format":"qcow2","backend":"qdisk","readwrite":1},)"
    R"({"vdev":"xvdb","pdev_path":"/b","format":"qcow2","backend":"qdisk","readwrite":1}]})";

class CataloguedApi : public ::testing::Test {
  protected:
    CataloguedApi() {
        libxl_snapshot_set_root((directory_ / "snapshots").c_str());
        libxl_.add(kDisklessConfig, "what the guest remembers");
        libxl_snapshot_domain_init(&domain_);
        libxl_domain_snapshot_init(&snapshot_);
        succeeds(libxl_snapshot_find_domain(ctx(), "g1", &domain_));
    }
    CataloguedApi(const CataloguedApi &) = delete;
    CataloguedApi &operator=(const CataloguedApi &) = delete;
    CataloguedApi(CataloguedApi &&) = delete;
    CataloguedApi &operator=(CataloguedApi &&) = delete;
    ~CataloguedApi() override {
        libxl_snapshot_domain_dispose(&domain_);
        libxl_domain_snapshot_dispose(&snapshot_);
        libxl_snapshot_set_root(nullptr);
    }

    libxl_ctx *ctx() { return libxl_.ctx(); }
    static void succeeds(int rc) { EXPECT_EQ(rc, 0) << libxl_snapshot_last_error(); }

    void create(const char *name) {
        renew();
        snapshot_.name = name == nullptr ? nullptr : ::strdup(name);
        succeeds(libxl_snapshot_create(ctx(), &domain_, &snapshot_, 0));
    }
    void renew() {
        libxl_domain_snapshot_dispose(&snapshot_);
        libxl_domain_snapshot_init(&snapshot_);
    }
    const libxl_domain_snapshot &get(const char *name) {
        renew();
        succeeds(libxl_snapshot_get(ctx(), &domain_, name, &snapshot_));
        return snapshot_;
    }
    std::vector<std::string> names(const char *from = nullptr, unsigned filter = 0) {
        libxl_domain_snapshot *list = nullptr;
        int count = 0;
        succeeds(libxl_snapshot_list(ctx(), &domain_, from, filter, &list, &count));
        std::vector<std::string> found;
        for (int i = 0; i < count; ++i)
            found.emplace_back(list[i].name);
        libxl_domain_snapshot_list_free(list, count);
        EXPECT_EQ(libxl_snapshot_num(ctx(), &domain_, from, filter), count);
        return found;
    }

    TemporaryDirectory directory_;
    FakeLibxl libxl_;
    libxl_snapshot_domain domain_{};
    libxl_domain_snapshot snapshot_{};
};

TEST_F(CataloguedApi, FindsADomainAndItsPlaceInTheCatalog) {
    EXPECT_EQ(domain_.domid, 1);
    EXPECT_STREQ(domain_.name, "g1");
    EXPECT_STREQ(domain_.uuid, kUuidOfG1);
    EXPECT_EQ(domain_.found, LIBXL_SNAPSHOT_DOMAIN_FOUND_NONE);
    libxl_snapshot_domain other;
    libxl_snapshot_domain_init(&other);
    EXPECT_EQ(libxl_snapshot_find_domain(ctx(), "g2", &other), ERROR_DOMAIN_NOTFOUND);
    EXPECT_EQ(other.name, nullptr);
    int count = 7;
    EXPECT_EQ(libxl_snapshot_domain_list(ctx(), &count), nullptr);
    EXPECT_EQ(count, 0);
    create("a");
    libxl_snapshot_domain *list = libxl_snapshot_domain_list(ctx(), &count);
    ASSERT_EQ(count, 1);
    EXPECT_STREQ(list[0].uuid, kUuidOfG1);
    EXPECT_EQ(list[0].domid, 1);
    libxl_snapshot_domain_list_free(list, count);
}

TEST_F(CataloguedApi, FillsInWhatACreatedSnapshotIs) {
    renew();
    snapshot_.description = ::strdup("after installation");
    succeeds(libxl_snapshot_create(ctx(), &domain_, &snapshot_, 0));
    EXPECT_STREQ(snapshot_.description, "after installation");
    EXPECT_STREQ(snapshot_.name, std::to_string(snapshot_.creation_time).c_str());
    EXPECT_EQ(snapshot_.state, LIBXL_DOMAIN_SNAPSHOT_STATE_RUNNING);
    EXPECT_TRUE(snapshot_.current);
    EXPECT_FALSE(snapshot_.disk_only);
    EXPECT_EQ(std::filesystem::file_size(snapshot_.save), snapshot_.save_size);
    EXPECT_THAT(snapshot_.save, HasSubstr((directory_ / "snapshots").c_str()));
    EXPECT_STREQ(snapshot_.domain_uuid, kUuidOfG1);
    EXPECT_EQ(snapshot_.broken, nullptr);
}

TEST_F(CataloguedApi, TellsTheImagesOfADomainThatRuns) {
    libxl_.add(kConfigWithDisks, "memory");
    libxl_snapshot_domain domain;
    libxl_snapshot_domain_init(&domain);
    succeeds(libxl_snapshot_find_domain(ctx(), "g2", &domain));
    int count = 0;
    libxl_domain_snapshot_disk *disks = libxl_snapshot_domain_disks(ctx(), &domain, &count);
    ASSERT_EQ(count, 2);
    EXPECT_STREQ(disks[1].vdev, "xvdb");
    EXPECT_STREQ(disks[1].path, "/b");
    EXPECT_STREQ(disks[1].format, "qcow2");
    libxl_snapshot_domain_disks_free(disks, count);
    libxl_snapshot_domain_dispose(&domain);
    EXPECT_EQ(libxl_snapshot_domain_disks(ctx(), nullptr, &count), nullptr);
    EXPECT_EQ(count, -1);
}

TEST_F(CataloguedApi, TellsTheImagesThatADomainHadWhenItRan) {
    const std::uint32_t domid = libxl_.add(kConfigWithDisks, "memory");
    libxl_snapshot_domain domain;
    libxl_snapshot_domain_init(&domain);
    succeeds(libxl_snapshot_find_domain(ctx(), "g2", &domain));
    renew();
    snapshot_.disks = static_cast<libxl_domain_snapshot_disk *>(
        std::calloc(2, sizeof(libxl_domain_snapshot_disk)));
    snapshot_.num_disks = 2;
    for (int i = 0; i < 2; ++i) {
        libxl_domain_snapshot_disk_init(&snapshot_.disks[i]);
        snapshot_.disks[i].vdev = ::strdup(i == 0 ? "xvda" : "xvdb");
        snapshot_.disks[i].kind = LIBXL_DISK_SNAPSHOT_KIND_NONE;
    }
    succeeds(libxl_snapshot_create(ctx(), &domain, &snapshot_, 0));
    libxl_.domains.erase(domid);
    domain.domid = -1;
    int count = 0;
    libxl_domain_snapshot_disk *disks = libxl_snapshot_domain_disks(ctx(), &domain, &count);
    ASSERT_EQ(count, 2) << libxl_snapshot_last_error();
    EXPECT_STREQ(disks[0].vdev, "xvda");
    EXPECT_STREQ(disks[0].path, "/a");
    EXPECT_STREQ(disks[0].format, "qcow2");
    libxl_snapshot_domain_disks_free(disks, count);
    libxl_snapshot_domain_dispose(&domain);
}

TEST_F(CataloguedApi, ListsATreeAndFindsParentAndCurrent) {
    create("a");
    create("b");
    EXPECT_THAT(names(), ElementsAre("a", "b"));
    EXPECT_THAT(names("a"), ElementsAre("b"));
    EXPECT_THAT(names(nullptr, LIBXL_SNAPSHOT_LIST_ROOTS), ElementsAre("a"));
    EXPECT_STREQ(get("b").parent, "a");
    renew();
    succeeds(libxl_snapshot_parent(ctx(), &domain_, "b", &snapshot_));
    EXPECT_STREQ(snapshot_.name, "a");
    renew();
    succeeds(libxl_snapshot_current(ctx(), &domain_, &snapshot_));
    EXPECT_STREQ(snapshot_.name, "b");
    succeeds(libxl_snapshot_lookup(ctx(), &domain_, "a"));
    EXPECT_EQ(libxl_snapshot_lookup(ctx(), &domain_, "c"), ERROR_NOTFOUND);
    succeeds(libxl_snapshot_set_current(ctx(), &domain_, "a", 0));
    EXPECT_TRUE(get("a").current);
    succeeds(libxl_snapshot_deactivate(ctx(), &domain_, 0));
    EXPECT_EQ(libxl_snapshot_current(ctx(), &domain_, &snapshot_), ERROR_NOTFOUND);
}

TEST_F(CataloguedApi, RevertsToASnapshotAndTellsTheNewDomid) {
    create("a");
    libxl_.domain(1).memory = "something else";
    int domid = 0;
    succeeds(libxl_snapshot_revert(ctx(), &domain_, "a", 0, &domid));
    EXPECT_NE(domid, 1);
    EXPECT_EQ(libxl_.domain(static_cast<std::uint32_t>(domid)).memory.rfind("what the guest", 0),
              0U);
    EXPECT_EQ(libxl_snapshot_revert(ctx(), &domain_, "a", 0, nullptr), ERROR_DOMAIN_NOTFOUND)
        << "its domid is another one now";
}

TEST_F(CataloguedApi, RevertsToACompressedMemoryImageWhereItsCallerWantedIt) {
    const std::string file = directory_ / "g1.memory";
    libxl_domain_snapshot wish;
    libxl_domain_snapshot_init(&wish);
    succeeds(libxl_domain_snapshot_from_xml(
        ctx(), &domain_,
        fmt::format("<domainsnapshot><name>a</name><memory snapshot='external' file='{}'/>"
                    "<compression>zstd</compression></domainsnapshot>",
                    file)
            .c_str(),
        &wish));
    succeeds(libxl_snapshot_create(ctx(), &domain_, &wish, 0));
    EXPECT_STREQ(wish.save, file.c_str());
    EXPECT_EQ(wish.save_compression, LIBXL_SNAPSHOT_COMPRESSION_ZSTD);
    EXPECT_EQ(std::filesystem::file_size(file), wish.save_size);
    libxl_domain_snapshot_dispose(&wish);
    EXPECT_EQ(get("a").save_compression, LIBXL_SNAPSHOT_COMPRESSION_ZSTD);
    succeeds(libxl_snapshot_verify(ctx(), &domain_, "a"));
    libxl_.domain(1).memory = "something else";
    succeeds(libxl_snapshot_revert(ctx(), &domain_, "a", 0, &domain_.domid));
    EXPECT_EQ(
        libxl_.domain(static_cast<std::uint32_t>(domain_.domid)).memory.rfind("what the guest", 0),
        0U);
    succeeds(libxl_snapshot_delete(ctx(), &domain_, "a", 0));
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(CataloguedApi, RefusesAMemoryFileThatExists) {
    renew();
    snapshot_.save = ::strdup((directory_ / "mine").c_str());
    std::ofstream(directory_ / "mine") << "mine";
    EXPECT_EQ(libxl_snapshot_create(ctx(), &domain_, &snapshot_, 0), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("exists already"));
    const int none = 7;
    std::memcpy(&snapshot_.save_compression, &none, sizeof(none));
    EXPECT_EQ(libxl_snapshot_create(ctx(), &domain_, &snapshot_, 0), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr("LIBXL_SNAPSHOT_COMPRESSION_"));
}

TEST_F(CataloguedApi, StartsADomainThatWasPoweredOff) {
    create("a");
    libxl_.domains.erase(1);
    libxl_snapshot_domain_dispose(&domain_);
    libxl_snapshot_domain_init(&domain_);
    succeeds(libxl_snapshot_find_domain(ctx(), "g1", &domain_));
    EXPECT_EQ(domain_.domid, -1);
    EXPECT_EQ(domain_.found, LIBXL_SNAPSHOT_DOMAIN_FOUND_NAME);
    int domid = 0;
    succeeds(libxl_snapshot_start(ctx(), &domain_, nullptr, LIBXL_SNAPSHOT_PAUSED, &domid));
    EXPECT_EQ(libxl_.domain(static_cast<std::uint32_t>(domid)).pauses, 1);
}

TEST_F(CataloguedApi, RenamesDescribesAndProtects) {
    create("a");
    succeeds(libxl_snapshot_rename(ctx(), &domain_, "a", "b c", 0));
    succeeds(libxl_snapshot_set_description(ctx(), &domain_, "b c", "two\nlines", 0));
    succeeds(libxl_snapshot_set_protected(ctx(), &domain_, "b c", true, 0));
    EXPECT_STREQ(get("b c").description, "two\nlines");
    EXPECT_TRUE(snapshot_.is_protected);
    EXPECT_EQ(libxl_snapshot_delete(ctx(), &domain_, "b c", 0), ERROR_INVAL);
    succeeds(libxl_snapshot_delete(ctx(), &domain_, "b c", LIBXL_SNAPSHOT_FORCE));
    EXPECT_THAT(names(), ElementsAre());
    EXPECT_TRUE(std::filesystem::is_empty(directory_ / "snapshots")) << "something is left";
}

TEST_F(CataloguedApi, VerifiesTheMemoryImage) {
    create("a");
    succeeds(libxl_snapshot_verify(ctx(), &domain_, "a"));
    std::ofstream(get("a").save, std::ios::app) << "?";
    EXPECT_EQ(libxl_snapshot_verify(ctx(), &domain_, "a"), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_revert(ctx(), &domain_, "a", 0, nullptr), ERROR_INVAL);
    EXPECT_TRUE(libxl_.has(1));
}

TEST_F(CataloguedApi, MeasuresTheMemoryImage) {
    create("a");
    std::uint64_t held = 0;
    std::uint64_t freed = 0;
    succeeds(libxl_snapshot_usage(ctx(), &domain_, "a", &held, &freed));
    EXPECT_GE(held, get("a").save_size);
    EXPECT_EQ(freed, held);
    succeeds(libxl_snapshot_usage(ctx(), &domain_, "a", nullptr, nullptr));
    std::filesystem::remove(get("a").save);
    EXPECT_EQ(libxl_snapshot_usage(ctx(), &domain_, "a", &held, &freed), ERROR_NOTFOUND);
    EXPECT_EQ(freed, held);
    EXPECT_EQ(libxl_snapshot_usage(ctx(), &domain_, "b", &held, &freed), ERROR_NOTFOUND);
}

TEST_F(CataloguedApi, MeasuresSeveralSnapshots) {
    create("a");
    create("b");
    create("c");
    const std::string lost = get("b").save;
    std::filesystem::remove(lost);
    const char *names[] = {"c", "b", "none", "a"};
    std::uint64_t held[4] = {};
    std::uint64_t freed[4] = {};
    EXPECT_EQ(libxl_snapshot_usage_list(ctx(), &domain_, names, 4, held, freed), ERROR_NOTFOUND);
    EXPECT_THAT(libxl_snapshot_last_error(), AllOf(HasSubstr(lost), HasSubstr("'none'")));
    for (const int i : {1, 2}) {
        EXPECT_EQ(held[i], LIBXL_SNAPSHOT_USAGE_UNKNOWN);
        EXPECT_EQ(freed[i], LIBXL_SNAPSHOT_USAGE_UNKNOWN);
    }
    EXPECT_GE(held[0], get("c").save_size);
    EXPECT_EQ(freed[3], held[3]);
    succeeds(libxl_snapshot_usage_list(ctx(), &domain_, names, 1, held, freed));
    succeeds(libxl_snapshot_usage_list(ctx(), &domain_, nullptr, 0, nullptr, nullptr));
    for (const int count : {-1, 1})
        EXPECT_EQ(libxl_snapshot_usage_list(ctx(), &domain_, nullptr, count, held, freed),
                  ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_usage_list(ctx(), &domain_, names, 1, nullptr, freed), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_usage_list(ctx(), &domain_, names, 1, held, nullptr), ERROR_INVAL);
    names[0] = nullptr;
    EXPECT_EQ(libxl_snapshot_usage_list(ctx(), &domain_, names, 1, held, freed), ERROR_INVAL);
}

TEST_F(CataloguedApi, ListsABrokenRecordBesideTheOthers) {
    create("a");
    create("b");
    const std::string record = directory_ / "snapshots" + "/" + kUuidOfG1 + "/snapshotdata-a.xl";
    std::ofstream(record, std::ios::app) << "?";
    libxl_domain_snapshot *list = nullptr;
    int count = 0;
    succeeds(libxl_snapshot_list(ctx(), &domain_, nullptr, 0, &list, &count));
    ASSERT_EQ(count, 2);
    EXPECT_STREQ(list[0].name, "b");
    EXPECT_STREQ(list[1].name, "a");
    EXPECT_NE(list[1].broken, nullptr);
    libxl_domain_snapshot_list_free(list, count);
    EXPECT_EQ(libxl_snapshot_get(ctx(), &domain_, "a", &snapshot_), ERROR_INVAL);
}

TEST_F(CataloguedApi, TellsThePlanOfADryRunAndChangesNothing) {
    renew();
    succeeds(libxl_snapshot_create(ctx(), &domain_, &snapshot_, LIBXL_SNAPSHOT_DRY_RUN));
    EXPECT_THAT(libxl_snapshot_plan(), HasSubstr("suspend the domain and save its memory\n"));
    EXPECT_FALSE(std::filesystem::exists(directory_ / "snapshots"));
    EXPECT_EQ(libxl_snapshot_lookup(ctx(), &domain_, "a"), ERROR_NOTFOUND);
    EXPECT_THAT(libxl_snapshot_plan(), StrEq("")) << "it outlives the next call";
    create("a");
    EXPECT_THAT(libxl_snapshot_plan(), StrEq(""));
    succeeds(libxl_snapshot_rename(ctx(), &domain_, "a", "b", LIBXL_SNAPSHOT_DRY_RUN));
    EXPECT_THAT(libxl_snapshot_plan(), HasSubstr("'b'"));
    succeeds(libxl_snapshot_delete(ctx(), &domain_, "a", LIBXL_SNAPSHOT_DRY_RUN));
    EXPECT_THAT(names(), ElementsAre("a"));
    EXPECT_EQ(libxl_snapshot_rename(ctx(), &domain_, "c", "d", LIBXL_SNAPSHOT_DRY_RUN),
              ERROR_NOTFOUND);
}

// A domain with disks, but without a QEMU that serves them: that is what comes next once a request
// is understood.
class CataloguedApiWithDisks : public CataloguedApi {
  protected:
    CataloguedApiWithDisks() {
        libxl_.add(kConfigWithDisks);
        libxl_snapshot_domain_dispose(&domain_);
        libxl_snapshot_domain_init(&domain_);
        succeeds(libxl_snapshot_find_domain(ctx(), "g2", &domain_));
    }

    libxl_domain_snapshot_disk &ask_for(const char *vdev) {
        renew();
        snapshot_.disks = static_cast<libxl_domain_snapshot_disk *>(
            std::calloc(1, sizeof(libxl_domain_snapshot_disk)));
        snapshot_.num_disks = 1;
        libxl_domain_snapshot_disk_init(snapshot_.disks);
        snapshot_.disks->vdev = ::strdup(vdev);
        return *snapshot_.disks;
    }
    std::string refused_with(int rc) {
        EXPECT_EQ(libxl_snapshot_create(ctx(), &domain_, &snapshot_, 0), rc);
        return libxl_snapshot_last_error();
    }
};

TEST_F(CataloguedApiWithDisks, TakesADiskWithAnOverlayForExternal) {
    libxl_domain_snapshot_disk &disk = ask_for("xvda");
    disk.overlay = ::strdup("o.qcow2");
    EXPECT_THAT(refused_with(ERROR_INVAL), HasSubstr("disk xvda: 'o.qcow2' is no absolute path"));
    disk.overlay_format = ::strdup("raw");
    EXPECT_THAT(refused_with(ERROR_INVAL), HasSubstr("the format of an overlay is qcow2"));
}

TEST_F(CataloguedApiWithDisks, IgnoresTheOverlayOfAnInternalDisk) {
    libxl_domain_snapshot_disk &disk = ask_for("xvda");
    disk.kind = LIBXL_DISK_SNAPSHOT_KIND_INTERNAL;
    disk.overlay = ::strdup("o.qcow2");
    EXPECT_THAT(refused_with(ERROR_NOT_READY), HasSubstr("QEMU"));
}

TEST_F(CataloguedApiWithDisks, RefusesALiveSnapshotWithAnInternalDisk) {
    ask_for("xvda").kind = LIBXL_DISK_SNAPSHOT_KIND_INTERNAL;
    snapshot_.live = true;
    EXPECT_THAT(refused_with(ERROR_INVAL), HasSubstr("a live snapshot has no internal"));
}

TEST_F(CataloguedApiWithDisks, TakesOverlaysFromXml) {
    renew();
    succeeds(libxl_domain_snapshot_from_xml(
        ctx(), &domain_,
        "<domainsnapshot><disks><disk name='xvda'><driver type='qcow2'/>"
        "<source file='/o.qcow2'/></disk><disk name='xvdb' snapshot='no'/></disks>"
        "</domainsnapshot>",
        &snapshot_));
    ASSERT_EQ(snapshot_.num_disks, 2);
    EXPECT_EQ(snapshot_.disks[0].kind, LIBXL_DISK_SNAPSHOT_KIND_EXTERNAL);
    EXPECT_STREQ(snapshot_.disks[0].overlay, "/o.qcow2");
    EXPECT_STREQ(snapshot_.disks[0].overlay_format, "qcow2");
    EXPECT_EQ(snapshot_.disks[1].kind, LIBXL_DISK_SNAPSHOT_KIND_NONE);
    EXPECT_EQ(snapshot_.disks[1].overlay_format, nullptr);
}

TEST_F(CataloguedApi, RefusesWhatNoCallerShouldPass) {
    EXPECT_EQ(libxl_snapshot_find_domain(nullptr, "g1", &domain_), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_find_domain(ctx(), nullptr, &domain_), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_find_domain(ctx(), "g1", nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_create(ctx(), nullptr, &snapshot_, 0), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_create(ctx(), &domain_, nullptr, 0), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_create(ctx(), &domain_, &snapshot_, LIBXL_SNAPSHOT_RUNNING),
              ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_revert(ctx(), &domain_, "a",
                                    LIBXL_SNAPSHOT_PAUSED | LIBXL_SNAPSHOT_RUNNING, nullptr),
              ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_get(ctx(), &domain_, nullptr, &snapshot_), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_delete(ctx(), &domain_, "", 0), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_num(ctx(), &domain_, nullptr, 1U << 31U), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_list(ctx(), &domain_, nullptr, 0, nullptr, nullptr), ERROR_INVAL);
    EXPECT_EQ(libxl_snapshot_set_root("relative"), ERROR_INVAL);
    for (const char *path : {"relative", "/", "/overlays/", "/a//b", "/a/../b"})
        EXPECT_EQ(libxl_snapshot_set_overlay_directory(path), ERROR_INVAL) << path;
    snapshot_.num_disks = 1;
    EXPECT_EQ(libxl_snapshot_create(ctx(), &domain_, &snapshot_, 0), ERROR_INVAL);
    snapshot_.num_disks = 0;
    libxl_snapshot_domain nobody;
    libxl_snapshot_domain_init(&nobody);
    EXPECT_EQ(libxl_snapshot_num(ctx(), &nobody, nullptr, 0), ERROR_INVAL);
    nobody.domid = 0;
    EXPECT_EQ(libxl_snapshot_num(ctx(), &nobody, nullptr, 0), ERROR_INVAL);
}

} // namespace

} // namespace xlsnap::test
