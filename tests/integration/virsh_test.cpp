// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/libvirt_xml/snapshot_reader.hpp"
#include "adapters/libvirt_xml/snapshot_writer.hpp"
#include "adapters/libvirt_xml/words.hpp"
#include "core/xml_record.hpp"
#include "support/temporary_directory.hpp"
#include "support/tool.hpp"
#include "support/xml_samples.hpp"

namespace xlsnap::test {

namespace {

using ::testing::HasSubstr;

// As libvirt writes it.
std::string escaped(const std::string &text) {
    std::string result;
    for (const char c : text) {
        const std::string_view special = "&<>\"'";
        const auto at = special.find(c);
        static constexpr std::array kEntities{"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
        result += at == special.npos ? std::string(1, c) : kEntities.at(at);
    }
    return result;
}

// For virsh's own parser of command lines.
std::string virsh_word(const std::string &word) {
    std::string result;
    for (const char c : word)
        result += std::string(c == '"' || c == '\\' ? "\\" : "") + c;
    return '"' + result + '"';
}

std::string without_indentation(const std::string &text) {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::size_t first = std::min(text.find_first_not_of(' ', begin), end);
        result += text.substr(first, end - first) + '\n';
        begin = end + 1;
    }
    return result;
}

// Columns are padded.
std::string with_single_spaces(std::string text) {
    const auto pad = [](char left, char right) { return left == ' ' && right == ' '; };
    text.erase(std::unique(text.begin(), text.end(), pad), text.end());
    return text;
}

std::string must_write(const SnapshotRecord &record, const std::string &parent) {
    auto text = write_snapshot_xml(record, parent);
    if (!text)
        ADD_FAILURE() << text.error().message;
    return text.value_or("");
}

// The <domain> in the XML of a record; of one that has none, that of the same domain.
std::string domain_xml(SnapshotRecord record) {
    if (record.config_json.empty())
        record.config_json = sample_config("pvh");
    const std::string text = must_write(record, "");
    const std::string end = "</domain>";
    const std::size_t begin = text.find("<domain ");
    return text.substr(begin, text.find(end) + end.size() - begin);
}

SnapshotRecord base_of(SnapshotRecord record) {
    record.id = "fedcba9876543210";
    record.name = "base";
    return record;
}

// virsh with libvirt's test driver: all in its own process, which forgets everything at its end.
class Virsh : public ::testing::TestWithParam<NamedRecord> {
  protected:
    Virsh() {
        put(directory_ / "D.xml", domain_xml(record_));
        put(directory_ / "S.xml", must_write(record_, parent_));
        put(directory_ / "base.xml", must_write(base_of(record_), ""));
    }

    // What this command of virsh prints when the domain and its snapshots are defined.
    std::string prints(const std::string &command) {
        std::string script = "define D.xml;";
        if (!parent_.empty())
            script += redefine("base.xml");
        script += redefine("S.xml") + "echo printed:; " + command;
        const ToolOutcome outcome =
            run_tool({"env", "--chdir=" + directory_.path(), "TZ=UTC0", "LC_ALL=C.UTF-8", "virsh",
                      "-q", "-c", "test:///default", script});
        EXPECT_EQ(outcome.status, 0) << outcome.output;
        const std::string mark = "printed:";
        const std::size_t at = outcome.output.find(mark);
        if (at == std::string::npos)
            return outcome.output;
        return outcome.output.substr(at + mark.size());
    }

    [[nodiscard]] std::string snapshot() const {
        return virsh_word(record_.domain_name) + ' ' + virsh_word(record_.name);
    }

    SnapshotRecord record_ = GetParam().record;
    std::string parent_ = GetParam().parent;

  private:
    [[nodiscard]] std::string redefine(const std::string &file) const {
        return fmt::format("snapshot-create {} --redefine --validate {};",
                           virsh_word(record_.domain_name), file);
    }

    TemporaryDirectory directory_;
};

void expect_disk(const std::string &dump, const DiskRecord &disk) {
    const std::string kind(xml_word(disk.kind));
    if (disk.kind != DiskSnapshotKind::External) {
        EXPECT_THAT(dump,
                    HasSubstr(fmt::format("<disk name='{}' snapshot='{}'/>\n", disk.vdev, kind)));
        return;
    }
    const bool is_device = disk.overlay.starts_with("/dev/");
    EXPECT_THAT(dump, HasSubstr(fmt::format("<disk name='{}' snapshot='external' type='{}'>\n"
                                            "<driver type='{}'/>\n"
                                            "<source {}='{}'/>\n",
                                            disk.vdev, is_device ? "block" : "file",
                                            to_string(disk.overlay_format),
                                            is_device ? "dev" : "file", escaped(disk.overlay))));
}

void expect_domain_disk(const std::string &dump, const DiskRecord &disk) {
    const bool is_device = disk.path.starts_with("/dev/");
    EXPECT_THAT(dump, HasSubstr(fmt::format("type='{}'/>\n<source {}='{}'/>\n<target dev='{}' ",
                                            to_string(disk.format), is_device ? "dev" : "file",
                                            escaped(disk.path), disk.vdev)));
}

TEST_P(Virsh, GivesBackWhatIsInTheRecord) {
    const std::string dump = without_indentation(prints("snapshot-dumpxml " + snapshot()));
    EXPECT_THAT(dump, HasSubstr("<name>" + escaped(record_.name) + "</name>\n"));
    EXPECT_THAT(dump,
                HasSubstr("<description>" + escaped(record_.description) + "</description>\n"));
    EXPECT_THAT(dump, HasSubstr(fmt::format("<state>{}</state>\n", xml_word(xml_state(record_)))));
    EXPECT_THAT(dump,
                HasSubstr(fmt::format("<creationTime>{}</creationTime>\n", record_.creation_time)));
    EXPECT_THAT(dump, HasSubstr(record_.memory ? fmt::format("<memory snapshot='external' "
                                                             "file='{}'/>\n",
                                                             escaped(record_.memory->path))
                                               : "<memory snapshot='no'/>\n"));
    const std::string parent = "<parent>\n<name>" + escaped(parent_) + "</name>\n</parent>\n";
    EXPECT_EQ(dump.find(parent) != std::string::npos, !parent_.empty()) << dump;
    for (const DiskRecord &disk : record_.disks) {
        expect_disk(dump, disk);
        expect_domain_disk(dump, disk);
    }
}

TEST_P(Virsh, WritesXmlThatMakesTheSameRecord) {
    const std::string dump = prints("snapshot-dumpxml " + snapshot());
    const auto xml = read_snapshot_xml(dump, XmlUse::Redefine);
    ASSERT_TRUE(xml) << xml.error().message << dump;
    auto again = redefined_record(
        *xml, {{record_.domain_uuid}, record_.domain_name, {}, {base_of(record_)}, "/kept/memory"});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->parent_id, parent_.empty() ? "" : base_of(record_).id);
    again->id = record_.id;
    again->parent_id = record_.parent_id;
    std::ranges::sort(again->disks, {}, &DiskRecord::vdev); // libvirt has an order of its own
    std::ranges::sort(record_.disks, {}, &DiskRecord::vdev);
    EXPECT_EQ(*again, record_);
}

TEST_P(Virsh, ListsItWithTimeStateAndParent) {
    EXPECT_THAT(with_single_spaces(prints("snapshot-list " + virsh_word(record_.domain_name))),
                HasSubstr(fmt::format(" {} 2023-11-14 22:13:20 +0000 {}\n", record_.name,
                                      xml_word(xml_state(record_)))));
    const std::string tree = prints("snapshot-list --tree " + virsh_word(record_.domain_name));
    if (parent_.empty()) {
        EXPECT_THAT(tree, HasSubstr(record_.name + "\n"));
        return;
    }
    EXPECT_THAT(tree, HasSubstr("base\n  |\n  +- " + record_.name + "\n"));
    EXPECT_EQ(prints("snapshot-parent " + snapshot()), "base");
}

INSTANTIATE_TEST_SUITE_P(Of, Virsh, ::testing::ValuesIn(sample_records()),
                         [](const auto &test) { return std::string(test.param.what); });

} // namespace

} // namespace xlsnap::test
