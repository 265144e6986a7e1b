// SPDX-License-Identifier: LGPL-2.1-only
// Wrong requests, garbage and damaged memory images through the C API: each is refused with the
// fitting code and a sentence, before libxl is asked for more than a look.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libxl_snapshot.h"
#include "support/fake_libxl.hpp"
#include "support/temporary_directory.hpp"
#include "support/thread_conditions.hpp"

namespace xlsnap::test {

namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char *kDisk =
    R"({{"vdev":"{0}","pdev_path":"/images/{0}.qcow2","format":"qcow2","backend":"qdisk",)"
    R"("readwrite":1}})";

std::string config_of(const std::string &name, const std::string &uuid,
                      const std::string &build_info = "", const std::string &devices = "") {
    return fmt::format(R"({{"c_info":{{"type":"hvm","name":"{}","uuid":"{}"}},)"
                       R"("b_info":{{{}"max_memkb":65536,"type.hvm":{{}}}},{})"
                       R"("disks":[{},{}]}})",
                       name, uuid, build_info, devices, fmt::format(kDisk, "xvda"),
                       fmt::format(kDisk, "xvdb"));
}

constexpr const char *kUuid = "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01";
constexpr std::size_t kMib = std::size_t{1} << 20;

class BadInput : public ::testing::Test {
  public:
    BadInput() {
        domid_ = static_cast<int>(libxl_.add(config_of("g1", kUuid), "what the guest remembers"));
        libxl_domain_snapshot_args_init(&args_);
        args_.memory = true;
        set(args_.memory_path, directory_ / "g1.save");
        args_.num_disks = 2;
        args_.disks = static_cast<libxl_disk_snapshot *>(std::calloc(2, sizeof(*args_.disks)));
        for (int i = 0; i < 2; ++i) {
            libxl_disk_snapshot_init(&args_.disks[i]);
            set(args_.disks[i].disk.vdev, i == 0 ? "xvda" : "xvdb");
            set(args_.disks[i].name, "s1");
        }
    }
    BadInput(const BadInput &) = delete;
    BadInput &operator=(const BadInput &) = delete;
    BadInput(BadInput &&) = delete;
    BadInput &operator=(BadInput &&) = delete;
    ~BadInput() override {
        args_.num_disks = args_.disks == nullptr ? 0 : 2;
        libxl_domain_snapshot_args_dispose(&args_);
    }

    static void set(char *&field, const std::string &text) {
        std::free(field);
        field = ::strdup(text.c_str());
    }
    static void set_null(char *&field) {
        std::free(field);
        field = nullptr;
    }
    void without_memory() {
        args_.memory = false;
        set_null(args_.memory_path);
    }
    void without_disks() {
        libxl_domain_snapshot_args_dispose(&args_);
        libxl_domain_snapshot_args_init(&args_);
        args_.memory = true;
        set(args_.memory_path, directory_ / "g1.save");
    }

    int create() { return libxl_domain_snapshot_create(libxl_.ctx(), domid_, &args_, false); }
    int remove() { return libxl_domain_snapshot_delete(libxl_.ctx(), domid_, &args_); }
    int revert() {
        std::uint32_t reverted = kNotWritten;
        const int rc = libxl_domain_snapshot_revert_domid(libxl_.ctx(), domid_, &args_, &reverted);
        EXPECT_TRUE(rc == 0 || reverted == kNotWritten);
        return rc;
    }

    [[nodiscard]] std::set<std::string> listing() const {
        std::set<std::string> names;
        for (const auto &entry : std::filesystem::directory_iterator(directory_.path()))
            names.insert(entry.path().filename());
        return names;
    }

    // The call failed so, in one line that names the thing and says what to do, and the guest runs
    // on untouched.
    void expect_refused(int rc, int code, const std::string &thing, const std::string &advice) {
        EXPECT_EQ(rc, code) << libxl_snapshot_last_error();
        const std::string text = libxl_snapshot_last_error();
        EXPECT_THAT(text, AllOf(HasSubstr(thing), HasSubstr(advice), Not(HasSubstr("\n"))));
        EXPECT_LT(text.size(), 1000U);
        EXPECT_THAT(libxl_.calls, Each(HasSubstr("retrieve")));
        const FakeXenDomain &guest = libxl_.domain(1);
        EXPECT_EQ(guest.pauses, 0);
        EXPECT_FALSE(guest.shutdown);
        EXPECT_EQ(guest.memory, "what the guest remembers");
    }

    static constexpr std::uint32_t kNotWritten = 0xdead;

    TemporaryDirectory directory_;
    FakeLibxl libxl_;
    int domid_ = 0;
    libxl_domain_snapshot_args args_;
};

// What is wrong with a request, and what is said of it.
struct Wrong {
    const char *name;
    std::function<void(BadInput &)> make;
    int code;
    const char *thing;
    const char *advice;
};

void PrintTo(const Wrong &wrong, std::ostream *out) {
    *out << wrong.name;
}

std::string name_of(const ::testing::TestParamInfo<Wrong> &instance) {
    return instance.param.name;
}

Wrong tag(const char *name, const std::string &text, const char *thing, const char *advice) {
    return {name, [text](BadInput &test) { BadInput::set(test.args_.disks[1].name, text); },
            ERROR_INVAL, thing, advice};
}

// Each of the three calls refuses these.
class WrongRequest : public BadInput, public ::testing::WithParamInterface<Wrong> {};

TEST_P(WrongRequest, IsRefusedByEachCallBeforeAnythingIsTouched) {
    const Wrong &wrong = GetParam();
    wrong.make(*this);
    const auto before = listing();
    expect_refused(create(), wrong.code, wrong.thing, wrong.advice);
    expect_refused(revert(), wrong.code, wrong.thing, wrong.advice);
    expect_refused(remove(), wrong.code, wrong.thing, wrong.advice);
    EXPECT_EQ(listing(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Of, WrongRequest,
    ::testing::Values(
        Wrong{"AnUnknownDomid", [](BadInput &bad) { bad.domid_ = 4711; }, ERROR_DOMAIN_NOTFOUND,
              "no domain 4711", "xl list"},
        Wrong{"ANegativeDomid", [](BadInput &bad) { bad.domid_ = -7; }, ERROR_INVAL, "-7",
              "-1 for an inactive one"},
        Wrong{"TheControlDomain", [](BadInput &bad) { bad.domid_ = 0; }, ERROR_INVAL, "domain 0",
              "name a guest"},
        Wrong{"NothingAtAll",
              [](BadInput &bad) {
                  bad.without_disks();
                  bad.without_memory();
              },
              ERROR_INVAL, "neither memory nor a writable disk", "name at least one"},
        Wrong{"AnUnknownDisk", [](BadInput &bad) { bad.set(bad.args_.disks[0].disk.vdev, "xvdz"); },
              ERROR_NOTFOUND, "domain g1: there is no disk 'xvdz'", "it has, xvda, xvdb"},
        Wrong{"ADiskWithoutVdev", [](BadInput &bad) { bad.set_null(bad.args_.disks[0].disk.vdev); },
              ERROR_NOTFOUND, "no disk ''", "it has, xvda, xvdb"},
        Wrong{"AVdevOfAMebibyte",
              [](BadInput &bad) { bad.set(bad.args_.disks[1].disk.vdev, std::string(kMib, 'x')); },
              ERROR_INVAL, "the vdev of disk number 1", "give one"},
        Wrong{"AVdevOfControlCharacters",
              [](BadInput &bad) { bad.set(bad.args_.disks[0].disk.vdev, "xvda\x1b[2J"); },
              ERROR_INVAL, "the vdev of disk number 0", "give one"},
        Wrong{"ADiskTwice", [](BadInput &bad) { bad.set(bad.args_.disks[1].disk.vdev, "xvda"); },
              ERROR_INVAL, "disk xvda is named twice", "name it once"},
        Wrong{"AnotherPathThanInUse",
              [](BadInput &bad) { bad.set(bad.args_.disks[0].disk.pdev_path, "/images/other"); },
              ERROR_INVAL, "disk xvda uses /images/xvda.qcow2, not /images/other",
              "name the one in use"},
        Wrong{"APathOfAMebibyte",
              [](BadInput &bad) {
                  bad.set(bad.args_.disks[0].disk.pdev_path, std::string(kMib, '/'));
              },
              ERROR_INVAL, "pdev_path has 1048576 bytes", "less than 4096"},
        Wrong{"ANegativeCount", [](BadInput &bad) { bad.args_.num_disks = -1; }, ERROR_INVAL,
              "number of disks is -1", "give 0 or more"},
        Wrong{"TheMostNegativeCount", [](BadInput &bad) { bad.args_.num_disks = INT_MIN; },
              ERROR_INVAL, "-2147483648", "give 0 or more"},
        Wrong{"ACountWithoutAnArray",
              [](BadInput &bad) {
                  bad.without_disks();
                  bad.args_.num_disks = INT_MAX;
              },
              ERROR_INVAL, "array of disks is NULL although its length is 2147483647",
              "pass the array"},
        Wrong{"MemoryWithoutAPath", [](BadInput &bad) { bad.set_null(bad.args_.memory_path); },
              ERROR_INVAL, "memory was asked for without a path", "give memory_path"},
        Wrong{"APathWithoutMemory", [](BadInput &bad) { bad.args_.memory = false; }, ERROR_INVAL,
              "memory_path is given although memory is false", "ask for one"},
        Wrong{"AMemoryPathOfAMebibyte",
              [](BadInput &bad) { bad.set(bad.args_.memory_path, std::string(kMib, '/')); },
              ERROR_INVAL, "memory_path has 1048576 bytes", "less than 4096"},
        tag("AnEmptyName", "", "disk xvdb: a disk snapshot needs a name", "give one"),
        tag("ANameWithASlash", "a/b", "'a/b' holds a '/'", "choose another one"),
        tag("ANameWithANewline", "a\nb", "holds a control character", "choose another one"),
        tag("ANameThatMovesTheCursor", "\x1b[2J", "holds a control character",
            "choose another one"),
        tag("ANameOfAMebibyte", std::string(kMib, 'n'), "has 1048576 bytes", "at most 255"),
        tag("ANameLikeAnOption", "-x", "'-x' begins with '-'", "choose another one"),
        tag("ANameThatIsNoUtf8", "\xff\xfe", "is not valid UTF-8", "choose another one"),
        tag("ANameLikeANumber", "12345678", "'12345678' could be taken for another",
            "add a letter"),
        Wrong{"NoName", [](BadInput &bad) { bad.set_null(bad.args_.disks[0].name); }, ERROR_INVAL,
              "disk xvda: a disk snapshot needs a name", "give one"}),
    name_of);

TEST_F(BadInput, IsRefusedByTheDiskFunctionsToo) {
    libxl_ctx *ctx = libxl_.ctx();
    const auto each = [&](int domid, libxl_disk_snapshot *disks, int count, int code,
                          const char *thing, const char *advice) {
        expect_refused(libxl_disk_snapshot_create(ctx, domid, disks, count, nullptr), code, thing,
                       advice);
        expect_refused(libxl_disk_snapshot_delete(ctx, domid, disks, count), code, thing, advice);
        expect_refused(libxl_disk_snapshot_revert(ctx, domid, disks, count, nullptr), code, thing,
                       advice);
    };
    each(4711, args_.disks, 2, ERROR_DOMAIN_NOTFOUND, "no domain 4711", "xl list");
    each(0, args_.disks, 2, ERROR_INVAL, "domain 0", "name a guest");
    each(domid_, args_.disks, -1, ERROR_INVAL, "number of disks is -1", "give 0 or more");
    each(domid_, nullptr, 3, ERROR_INVAL, "although its length is 3", "pass the array");
    each(domid_, nullptr, 0, ERROR_INVAL, "nor a writable disk", "name at least one");
    each(domid_, args_.disks, 0, ERROR_INVAL, "nor a writable disk", "name at least one");
    set(args_.disks[0].name, "-x");
    each(domid_, args_.disks, 2, ERROR_INVAL, "'-x'", "choose another one");
    each(-1, args_.disks, 2, ERROR_INVAL, "disk xvda: ", "give the path");
}

TEST_F(BadInput, OfANullPointerIsRefusedByEachFunction) {
    libxl_ctx *ctx = libxl_.ctx();
    std::uint32_t out = 0;
    const char *no_context = "the libxl context is NULL";
    expect_refused(libxl_domain_snapshot_create(nullptr, domid_, &args_, false), ERROR_INVAL,
                   no_context, "pass one");
    expect_refused(libxl_domain_snapshot_delete(nullptr, domid_, &args_), ERROR_INVAL, no_context,
                   "pass one");
    expect_refused(libxl_domain_snapshot_revert(nullptr, domid_, &args_), ERROR_INVAL, no_context,
                   "pass one");
    expect_refused(libxl_disk_snapshot_create(nullptr, domid_, args_.disks, 1, nullptr),
                   ERROR_INVAL, no_context, "pass one");
    expect_refused(libxl_disk_snapshot_delete(nullptr, domid_, args_.disks, 1), ERROR_INVAL,
                   no_context, "pass one");
    expect_refused(libxl_disk_snapshot_revert(nullptr, domid_, args_.disks, 1, nullptr),
                   ERROR_INVAL, no_context, "pass one");
    expect_refused(libxl_domain_snapshot_create(ctx, domid_, nullptr, false), ERROR_INVAL,
                   "arguments are NULL", "pass a libxl_domain_snapshot_args");
    expect_refused(libxl_domain_snapshot_delete(ctx, domid_, nullptr), ERROR_INVAL,
                   "arguments are NULL", "pass a libxl_domain_snapshot_args");
    for (const auto &revert :
         {libxl_domain_snapshot_revert_domid, libxl_domain_snapshot_revert_paused,
          libxl_domain_snapshot_revert_managed}) {
        expect_refused(revert(nullptr, domid_, &args_, &out), ERROR_INVAL, no_context, "pass one");
        expect_refused(revert(ctx, domid_, nullptr, &out), ERROR_INVAL, "arguments are NULL",
                       "pass a libxl_domain_snapshot_args");
        expect_refused(revert(ctx, domid_, &args_, nullptr), ERROR_INVAL, "domid_out is NULL",
                       "pass the place");
    }
}

// A QEMU that does not answer is what comes next once the request is understood.
TEST_F(BadInput, InFieldsThatNobodyReadsDoesNotMatter) {
    libxl_device_disk &disk = args_.disks[0].disk;
    std::memset(&disk.backend, 0x7f, sizeof(disk.backend));
    std::memset(&disk.format, 0x7f, sizeof(disk.format));
    std::memset(&disk.specification, 0x7f, sizeof(disk.specification));
    std::memset(&disk.direct_io_safe, 0x7f, sizeof(disk.direct_io_safe));
    std::memset(&disk.discard_enable, 0x7f, sizeof(disk.discard_enable));
    disk.backend_domid = 0x7f7f;
    disk.readwrite = disk.removable = disk.is_cdrom = disk.colo_port = -1;
    for (char **text : {&disk.script, &disk.backend_domname, &disk.colo_host, &disk.active_disk})
        set(*text, "\xff garbage \x1b");
    set(args_.disks[0].external_path, "\xff");
    expect_refused(create(), ERROR_NOT_READY, "domain g1", "QEMU");
}

TEST_F(BadInput, InFlagsAndEnumerationsIsTakenForAValue) {
    std::memset(&args_.memory, 0x7f, sizeof(args_.memory)); // true, as C has it
    std::memset(&args_.disks[0].external, 0x80, sizeof(args_.disks[0].external));
    expect_refused(create(), ERROR_NOT_READY, "QEMU of domain 1", "its log says why");
    args_.disks[0].external = false;
    without_memory();
    for (int i = 0; i < 2; ++i) {
        set(args_.disks[i].disk.pdev_path, fmt::format("/images/{}", i));
        std::memset(&args_.disks[i].disk.format, 0xff, sizeof(args_.disks[i].disk.format));
    }
    domid_ = -1;
    expect_refused(create(), ERROR_INVAL, "format of its image is not said", "give it");
}

Wrong path(const char *name, const char *path, int code, const char *thing, const char *advice) {
    return {name,
            [path](BadInput &test) {
                BadInput::set(test.args_.memory_path,
                              *path == '/' ? test.directory_ / (path + 1) : std::string(path));
            },
            code, thing, advice};
}

// Where a memory image cannot be made.
class WrongPlace : public BadInput, public ::testing::WithParamInterface<Wrong> {
  protected:
    WrongPlace() {
        without_disks();
        std::ofstream(directory_ / "file") << "mine";
        std::filesystem::create_directory(directory_ / "directory");
        std::filesystem::create_symlink("nowhere", directory_ / "dangling");
        std::filesystem::create_symlink("file", directory_ / "link");
        EXPECT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
    }
};

TEST_P(WrongPlace, IsRefusedBeforeAnythingIsTouched) {
    const Wrong &wrong = GetParam();
    wrong.make(*this);
    const auto before = listing();
    expect_refused(create(), wrong.code, wrong.thing, wrong.advice);
    EXPECT_EQ(listing(), before);
    std::string mine;
    std::ifstream(directory_ / "file") >> mine;
    EXPECT_EQ(mine, "mine");
}

INSTANTIATE_TEST_SUITE_P(
    For, WrongPlace,
    ::testing::Values(
        path("AnExistingFile", "/file", ERROR_INVAL, "/file exists already", "choose another name"),
        path("ADirectory", "/directory", ERROR_INVAL, "/directory exists already",
             "choose another name"),
        path("AFifo", "/fifo", ERROR_INVAL, "/fifo exists already", "choose another name"),
        path("ALink", "/link", ERROR_INVAL, "/link exists already", "choose another name"),
        path("ADanglingLink", "/dangling", ERROR_INVAL, "/dangling exists already",
             "choose another name"),
        path("ARelativePath", "g1.save", ERROR_INVAL, "'g1.save', is not absolute",
             "begins with '/'"),
        path("AMissingDirectory", "/none/g1.save", ERROR_NOTFOUND, "there is no directory",
             "make it"),
        path("AFileForADirectory", "/file/g1.save", ERROR_FAIL, "/file", "Not a directory"),
        path("ADirectoryAlone", "/directory/", ERROR_INVAL, "names no file",
             "put a name behind it")),
    name_of);

TEST_F(BadInput, OfAReadOnlyFileSystemIsRefusedBeforeAnythingIsTouched) {
    without_disks();
    with_failing({SYS_faccessat2}, EROFS, [this] {
        expect_refused(create(), ERROR_INVAL, "(Read-only file system)", "choose another place");
    });
    EXPECT_THAT(listing(), SizeIs(0));
}

TEST_F(BadInput, OfAFullFileSystemIsRefusedBeforeAnythingIsTouched) {
    without_disks();
    with_small_file_system(directory_.path().c_str(), std::size_t{64} << 10, [this] {
        expect_refused(create(), ERROR_FAIL, "g1.save takes 135 MiB", "make room");
        EXPECT_THAT(listing(), SizeIs(0));
    });
}

// What stands where the memory image should be.
TEST_F(BadInput, OfWhatIsNoMemoryImageIsRefusedByRevertAndDelete) {
    without_disks();
    std::ofstream(directory_ / "file") << "mine";
    std::filesystem::create_directory(directory_ / "directory");
    std::filesystem::create_symlink("file", directory_ / "link");
    ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
    const auto before = listing();
    set(args_.memory_path, directory_ / "none");
    expect_refused(revert(), ERROR_NOTFOUND, "there is no memory image", "name the one");
    set(args_.memory_path, directory_ / "file");
    expect_refused(revert(), ERROR_INVAL, "/file cannot be restored", "use another one");
    expect_refused(remove(), ERROR_INVAL, "/file is not a file of xl save", "path is right");
    const std::pair<const char *, const char *> others[] = {
        {"directory", "give the path of one"},
        {"fifo", "give the path of one"},
        {"link", "give the path of the file itself"}};
    for (const auto &[name, advice] : others) {
        set(args_.memory_path, directory_ / name);
        expect_refused(revert(), ERROR_INVAL, name, advice);
        expect_refused(remove(), ERROR_INVAL, name, advice);
    }
    EXPECT_EQ(listing(), before);
}

// A memory image of the domain's memory alone, which each test damages in its own way.
class DamagedImage : public BadInput {
  protected:
    DamagedImage() {
        without_disks();
        EXPECT_EQ(create(), 0) << libxl_snapshot_last_error();
        std::ifstream file(args_.memory_path, std::ios::binary);
        image_.assign(std::istreambuf_iterator<char>(file), {});
        stream_ = image_.find("LibxlFmt");
        EXPECT_NE(stream_, std::string::npos);
        libxl_.calls.clear();
    }

    int revert_to(const std::string &image) {
        std::ofstream(args_.memory_path, std::ios::binary) << image;
        return revert();
    }

    std::string image_;
    std::size_t stream_ = 0; // where the libxl stream begins
};

// Records begin at multiples of eight bytes from the beginning of the stream.
TEST_F(DamagedImage, CutOffAnywhereIsRefused) {
    std::vector<std::size_t> sizes;
    for (std::size_t size = 0; size < stream_; size += 11)
        sizes.push_back(size);
    for (std::size_t size = stream_; size < image_.size(); size += 8)
        sizes.push_back(size);
    sizes.push_back(image_.size() - 1);
    for (const std::size_t size : sizes) {
        SCOPED_TRACE(size);
        expect_refused(revert_to(image_.substr(0, size)), ERROR_INVAL,
                       "/g1.save cannot be restored: ", "use another one");
        ASSERT_FALSE(HasFailure());
    }
}

TEST_F(DamagedImage, WithAFlippedBitInAHeaderIsRefused) {
    constexpr std::size_t fixed_part = 48;
    constexpr std::size_t stream_header = 16;
    constexpr std::size_t optional_flags = 40; // of which xl has none and ignores all
    std::vector<std::size_t> bytes;
    for (std::size_t byte = 0; byte < fixed_part; ++byte)
        if (byte < optional_flags || byte >= optional_flags + 4)
            bytes.push_back(byte);
    for (std::size_t byte = 0; byte < stream_header - 1; ++byte)
        bytes.push_back(stream_ + byte);
    for (const std::size_t byte : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            SCOPED_TRACE(fmt::format("byte {} bit {}", byte, bit));
            std::string damaged = image_;
            damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
            expect_refused(revert_to(damaged), ERROR_INVAL,
                           "/g1.save cannot be restored: ", "use another one");
            ASSERT_FALSE(HasFailure());
        }
}

TEST_F(DamagedImage, OfANewerFormatIsRefused) {
    std::string newer = image_;
    newer[36] = 7; // mandatory flags
    expect_refused(revert_to(newer), ERROR_INVAL, "/g1.save", "needs a newer xl");
    newer = image_;
    newer[stream_ + 11] = 3; // the version of the libxl stream, big-endian
    expect_refused(revert_to(newer), ERROR_INVAL, "the libxl stream has version 3; 2 is known",
                   "of a newer format");
    newer = image_;
    const std::string version = R"("version":1)";
    newer.replace(newer.find(version), version.size(), R"("version":2)");
    expect_refused(revert_to(newer), ERROR_NI, "/g1.save", "use that xlsnap");
}

TEST_F(DamagedImage, OfAnotherDomainIsRefused) {
    const std::string other = "11111111-2222-3333-4444-555555555555";
    libxl_.add(config_of("g2", other));
    domid_ = 2;
    EXPECT_EQ(revert(), ERROR_INVAL);
    EXPECT_THAT(libxl_snapshot_last_error(),
                AllOf(HasSubstr("belongs to domain " + std::string(kUuid) + ", not to g2"),
                      HasSubstr("was named g1"), HasSubstr("xl rename")));
    EXPECT_THAT(libxl_.calls, Each(AnyOf(HasSubstr("retrieve"), HasSubstr("need_memory"))));
    EXPECT_TRUE(libxl_.has(1) && libxl_.has(2));
}

TEST_F(BadInput, MeetsEveryBlockerAtOnce) {
    const std::string blocked =
        config_of("g3", "11111111-2222-3333-4444-555555555556",
                  R"("disable_migrate":"True","device_model_stubdomain":"True",)"
                  R"("vnuma_nodes":[{"memkb":65536,"vcpus":[]}],)",
                  R"("pcidevs":[{"func":1,"dev":3,"bus":2,"domain":0}],"vtpms":[{"devid":0}],)"
                  R"("nics":[{"devid":0,"backend_domname":"net"}],)");
    const char *as_ordinary = R"("format":"qcow2","backend":"qdisk","readwrite":1})";
    std::string odd = blocked;
    const std::string second = fmt::format(R"(xvdb.qcow2",{})", as_ordinary);
    ASSERT_NE(odd.find(second), std::string::npos);
    odd.replace(odd.find(second), second.size(),
                R"(xvdb.qcow2","format":"raw","backend":"qdisk","readwrite":1})");
    domid_ = static_cast<int>(libxl_.add(odd));
    libxl_.domain(static_cast<std::uint32_t>(domid_)).shutdown = true;
    set(args_.memory_path, directory_ / "none/g3.save");
    set(args_.disks[0].name, "7");
    EXPECT_EQ(create(), ERROR_INVAL);
    for (const char *reason :
         {"it is shut down", "nomigrate=1", "PCI device 0000:02:03.1", "vnuma", "virtual TPM",
          "stub domain", "network interface 0 is served by driver domain net",
          "there is no directory", "disk xvdb: format raw", "disk xvda: the snapshot name '7'"})
        EXPECT_THAT(libxl_snapshot_last_error(), HasSubstr(reason));
    EXPECT_THAT(libxl_.calls, Each(HasSubstr("retrieve")));
}

} // namespace

} // namespace xlsnap::test
