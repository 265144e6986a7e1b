// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/xl_config.hpp"

#include "adapters/libxl/xl_parser.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_file.hpp"
#include "support/fake_libxl.hpp"

namespace xlsnap::fuzz {

namespace {

void check_other_files() {
    expect(read_xl_config("/proc/self/nothing").has_value(), "a file need not exist");
    expect(!read_xl_config("/"), "what is no file is refused");
}

// Of xl.conf, and of what Xen says that it was started with.
void read(std::string_view text) {
    static test::FakeLibxl libxl;
    const InputFile file(text);
    const Result<XlConfig> config = read_xl_config(file.path());
    if (config)
        expect(config->lock_file.size() <= text.size(), "a value is a part of the text");
    else
        refused(config.error().message, text.size());
    libxl.xen_command_line = text.substr(0, text.find('\0'));
    const bool may_shrink = dom0_may_shrink(libxl.ctx(), {});
    expect(may_shrink || text.find("dom0_mem=") != std::string_view::npos,
           "dom0 has a fixed size when Xen was told one");
    expect(dom0_may_shrink(libxl.ctx(), {XlConfig::Autoballoon::On, {}}), "on is on");
    expect(!dom0_may_shrink(libxl.ctx(), {XlConfig::Autoballoon::Off, {}}), "off is off");
}

// Of what xl config-update leaves.
void read_disks(std::string_view text) {
    XlParser parser("F");
    if (const Status parsed = parser.parse(std::string(text)); !parsed) {
        refused(parsed.error().message, text.size());
        return;
    }
    const Result<std::vector<Disk>> disks = parser.disks();
    if (!disks)
        refused(disks.error().message, text.size());
    else
        for (const Disk &disk : *disks)
            expect(disk.path.size() <= text.size(), "a path is a part of the text");
}

} // namespace

} // namespace xlsnap::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    xlsnap::fuzz::check_other_files();
    xlsnap::fuzz::read(xlsnap::fuzz::text_of(data, size));
    xlsnap::fuzz::read_disks(xlsnap::fuzz::text_of(data, size));
    return 0;
}
