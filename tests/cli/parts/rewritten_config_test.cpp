// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/rewritten_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xlsnap::cli {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<DiskImage> kImages = {{"xvda", "/i/a.s1.qcow2", "qcow2"},
                                        {"xvdb", "/i/b.raw", "raw"}};

std::string rewritten(const std::string &text, const std::vector<DiskImage> &images = kImages) {
    return rewrite_config("g1.cfg", text, images).text;
}

std::string refusal(const std::string &text, const std::vector<DiskImage> &images = kImages) {
    try {
        return "accepted: " + rewritten(text, images);
    } catch (const std::runtime_error &error) {
        return error.what();
    }
}

// A specification and what becomes of it when xvda gets the image /i/a.s1.qcow2.
struct Spelling {
    const char *before;
    const char *after;
};

class RewrittenSpelling : public ::testing::TestWithParam<Spelling> {};

TEST_P(RewrittenSpelling, NamesTheImageAndKeepsTheRest) {
    const auto file = [](const char *spec) {
        return "name = \"g1\"\ndisk = [ \"" + std::string(spec) + "\" ]\nvcpus = 2\n";
    };
    EXPECT_EQ(rewritten(file(GetParam().before)), file(GetParam().after));
    EXPECT_EQ(rewritten(file(GetParam().after)), file(GetParam().after));
}

constexpr Spelling kSpellings[] = {
    {"/i/a.qcow2,qcow2,xvda,rw", "/i/a.s1.qcow2,qcow2,xvda,rw"},
    {"/i/a.qcow2, qcow2, xvda, w", "/i/a.s1.qcow2, qcow2, xvda, w"},
    {"  /i/a.qcow2,  qcow2,xvda, rw", "  /i/a.s1.qcow2,  qcow2,xvda, rw"},
    {"/i/a.raw,raw,xvda,rw", "/i/a.s1.qcow2,qcow2,xvda,rw"},
    {"/i/a.raw,,xvda,rw", "/i/a.s1.qcow2,qcow2,xvda,rw"},
    {"/i/a.raw,,xvda", "/i/a.s1.qcow2,qcow2,xvda"},
    {"/dev/vg/g1,raw,xvda,rw,discard", "/i/a.s1.qcow2,qcow2,xvda,rw,discard"},
    {"format=qcow2, vdev=xvda, access=rw, target=/i/a.qcow2",
     "format=qcow2, vdev=xvda, access=rw, target=/i/a.s1.qcow2"},
    {"format=raw,vdev=xvda,access=rw,target=/dev/vg/g1,5=6",
     "format=qcow2,vdev=xvda,access=rw,target=/i/a.s1.qcow2"},
    {"vdev=xvda,access=rw,target=/dev/vg/g1",
     "vdev=xvda,access=rw,format=qcow2,target=/i/a.s1.qcow2"},
    {"vdev=xvda, target=/i/a.raw", "vdev=xvda, format=qcow2,target=/i/a.s1.qcow2"},
    {"/i/a.raw,vdev=xvda", "/i/a.s1.qcow2,format=qcow2,vdev=xvda"},
    {"/i/a.qcow2,format=qcow2,vdev=xvda,access=w", "/i/a.s1.qcow2,format=qcow2,vdev=xvda,access=w"},
    {"vdev=xvda,format=qcow2,/i/a.qcow2", "vdev=xvda,format=qcow2,/i/a.s1.qcow2"},
    {"format=raw,/i/a.raw,xvda,w", "format=qcow2,/i/a.s1.qcow2,xvda,w"},
    {"/i/a.raw,raw,xvda,rw,backendtype=phy", "/i/a.s1.qcow2,qcow2,xvda,rw,backendtype=qdisk"},
    {"backendtype=qdisk,/i/a.qcow2,qcow2,xvda,rw", "backendtype=qdisk,/i/a.s1.qcow2,qcow2,xvda,rw"},
    {"/i/a.qcow2,qcow2,xvda,rw,direct-io-safe,no-discard",
     "/i/a.s1.qcow2,qcow2,xvda,rw,direct-io-safe,no-discard"},
    {"direct-io-safe,/i/a.qcow2,qcow2,xvda:disk,rw",
     "direct-io-safe,/i/a.s1.qcow2,qcow2,xvda:disk,rw"},
    {"phy:/dev/vg/g1,xvda,w", "qcow2:/i/a.s1.qcow2,xvda,w"},
    {"phy:vg/g1,xvda,w", "qcow2:/i/a.s1.qcow2,xvda,w"},
    {"file:/i/a.raw,xvda,w", "qcow2:/i/a.s1.qcow2,xvda,w"},
    {"tap:aio:/i/a.raw,xvda,w", "qcow2:/i/a.s1.qcow2,xvda,w"},
    {"tap:qcow2:/i/a.qcow2,xvda,w", "tap:qcow2:/i/a.s1.qcow2,xvda,w"},
    {"tap2:tapdisk:aio:/i/a.raw,xvda,r", "qcow2:/i/a.s1.qcow2,xvda,r"},
    {"qcow2:/i/a.qcow2,xvda,w", "qcow2:/i/a.s1.qcow2,xvda,w"},
    {"vhd:/i/a.vhd,xvda,w", "qcow2:/i/a.s1.qcow2,xvda,w"},
};

INSTANTIATE_TEST_SUITE_P(Real, RewrittenSpelling, ::testing::ValuesIn(kSpellings));

TEST(RewrittenConfig, LeavesEveryOtherByte) {
    const std::string text = "# disk = [ '/i/a.qcow2,qcow2,xvda,rw' ]\n"
                             "name='g1' ; memory = 128\n"
                             "disk = [ # the list, with ] in a comment\n"
                             "\t'/i/a.qcow2,qcow2,xvda,rw' , # '/i/a.qcow2,qcow2,xvda,rw'\n"
                             "\t'/i/b.qcow2,qcow2,xvdb,rw', '/i/c.iso,raw,hdc:cdrom,r',\n"
                             "]\n"
                             "extra = \"disk = [ '/i/a.qcow2,qcow2,xvda,rw' ]\"\n"
                             "vif = [ ['a'], 'mac=00:16:3e:00:00:01' ]";
    const RewrittenConfig config = rewrite_config("g1.cfg", text, kImages);
    std::string expected = text;
    expected.replace(expected.find("\t'/i/a.qcow2,") + 2, 10, "/i/a.s1.qcow2");
    expected.replace(expected.find("'/i/b.qcow2,qcow2") + 1, 16, "/i/b.raw,raw");
    EXPECT_EQ(config.text, expected);
    ASSERT_EQ(config.lines.size(), 2U);
    EXPECT_EQ(config.lines[0].number, 4U);
    EXPECT_EQ(config.lines[1].number, 5U);
    EXPECT_EQ(config.lines[1].before, "\t'/i/b.qcow2,qcow2,xvdb,rw', '/i/c.iso,raw,hdc:cdrom,r',");
    EXPECT_EQ(config.lines[1].after, "\t'/i/b.raw,raw,xvdb,rw', '/i/c.iso,raw,hdc:cdrom,r',");
}

TEST(RewrittenConfig, ChangesNothingThatIsRightAlready) {
    const std::string text = "disk=['/i/a.s1.qcow2,qcow2,xvda,rw','file:/i/b.raw,xvdb,w']";
    EXPECT_EQ(rewritten(text), text);
    EXPECT_TRUE(rewrite_config("g1.cfg", text, kImages).lines.empty());
}

TEST(RewrittenConfig, KeepsThePrefixOfARawImage) {
    EXPECT_EQ(rewritten("disk=['phy:/dev/vg/b,xvdb,w']"), "disk=['phy:/i/b.raw,xvdb,w']");
    EXPECT_EQ(rewritten("disk=['tap:qcow2:/i/b.qcow2,xvdb,w']"), "disk=['raw:/i/b.raw,xvdb,w']");
}

TEST(RewrittenConfig, ChangesEachListThatXlTakes) {
    EXPECT_EQ(rewritten("disk=['/i/a.qcow2,qcow2,xvda,rw']\ndisk += [ '/i/b.q,qcow2,xvdb,w' ]\n"),
              "disk=['/i/a.s1.qcow2,qcow2,xvda,rw']\ndisk += [ '/i/b.raw,raw,xvdb,w' ]\n");
}

TEST(RewrittenConfig, LeavesAListThatXlForgets) {
    EXPECT_EQ(rewritten("disk=['/i/a.qcow2,qcow2,xvda,rw']\ndisk=['/i/b.q,qcow2,xvdb,w']\n"),
              "disk=['/i/a.qcow2,qcow2,xvda,rw']\ndisk=['/i/b.raw,raw,xvdb,w']\n");
}

TEST(RewrittenConfig, QuotesAsTheEntryDoes) {
    const std::vector<DiskImage> images = {{"xvda", "/i/a'\"\\b.qcow2", "qcow2"}};
    EXPECT_EQ(rewritten(R"(disk=["/i/\"x\"\\\t,qcow2,xvda,rw"])", images),
              R"(disk=["/i/a'\"\\b.qcow2,qcow2,xvda,rw"])");
    EXPECT_EQ(rewritten(R"(disk=['/i/\'x,qcow2,xvda,rw'])", images),
              R"(disk=['/i/a\'"\\b.qcow2,qcow2,xvda,rw'])");
}

TEST(RewrittenConfig, APathWithACommaNeedsTheKeyOfThePath) {
    const std::vector<DiskImage> images = {{"xvda", "/i/a,b=c.qcow2", "qcow2"}};
    EXPECT_EQ(rewritten("disk=['vdev=xvda,target=/i/a']", images),
              "disk=['vdev=xvda,format=qcow2,target=/i/a,b=c.qcow2']");
    EXPECT_EQ(
        refusal("a=1\ndisk=['/i/a,raw,xvda,w']", images),
        "g1.cfg:2: the image /i/a,b=c.qcow2 cannot be named in this entry; change it by hand");
}

TEST(RewrittenConfig, RefusesAPathThatNoEntryCanHold) {
    for (const char *path : {"/i/a\nb", "/i/a,", "/i/\x01"})
        EXPECT_THAT(refusal("disk=['vdev=xvda,target=/i/a']", {{"xvda", path, "qcow2"}}),
                    HasSubstr("cannot be named in this entry"))
            << path;
}

TEST(RewrittenConfig, RefusesADiskThatAnotherProgramOpens) {
    for (const char *spec :
         {"/dev/drbd,raw,xvda,w,script=block-drbd", "backend=storage,/i/a,raw,xvda,w"})
        EXPECT_THAT(refusal("disk=['" + std::string(spec) + "']"),
                    AllOf(StartsWith("g1.cfg:1: "), HasSubstr("another program or domain")))
            << spec;
    EXPECT_THAT(refusal("disk=['drbd:r0,xvda,w']"), StartsWith("g1.cfg:1: "));
}

TEST(RewrittenConfig, RefusesWhatItDoesNotUnderstand) {
    const std::pair<const char *, const char *> cases[] = {
        {"disk=['/i/a,raw,xvda,w','/i/b,raw,xvda,w']", "two disks of this name"},
        {"disk=['/i/a,raw,xvda,w', 5]", "not in quotes"},
        {"disk=['/i/a,raw,xvda,w', ['x']]", "not in quotes"},
        {"disk='/i/a,raw,xvda,w'", "disk is no list"},
        {"disk=['/i/a\\101,raw,xvda,w']", "written by its number"},
        {"a='\\101'\ndisk=['/i/a,raw,xvda,w']", "a number behind a backslash"},
        {"disk=['/i/a,nonsense,xvda,w']", "xl does not take this disk"},
        {"disk=['/i/z,raw,xvdz,w']", "none of the domain's disks (xvda, xvdb)"},
        {"name='g1'", "none of the domain's disks"},
        {"", "none of the domain's disks"},
        {"disk=[", "g1.cfg:"},
        {"disk=['vhd:/i/a,xvda,w']", "accepted"},
    };
    for (const auto &[text, reason] : cases)
        EXPECT_THAT(refusal(text), HasSubstr(reason)) << text;
    EXPECT_THAT(refusal(std::string("a=1\0", 4)), HasSubstr("NUL"));
    EXPECT_THAT(refusal("disk=['file:/i/a,xvda,w']", {{"xvda", "/i/a.qed", "qed"}}),
                HasSubstr("no prefix in front of a path"));
}

} // namespace

} // namespace xlsnap::cli
