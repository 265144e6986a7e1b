// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/snapshot_words.hpp"

#include <cstddef>
#include <span>

#include "cli/units.hpp"

namespace xlsnap::cli {

std::string text_or(const char *text, const char *otherwise) {
    return text == nullptr ? otherwise : text;
}

std::string marks_of(const libxl_domain_snapshot &snapshot) {
    return std::string(snapshot.current ? "*" : "") + (snapshot.is_protected ? "p" : "");
}

std::string state_of(const libxl_domain_snapshot &snapshot) {
    return libxl_domain_snapshot_state_to_string(snapshot.state);
}

std::string holds(const libxl_domain_snapshot &snapshot) {
    if (snapshot.save != nullptr)
        return snapshot.num_disks == 0 ? "memory" : "memory and disks";
    return snapshot.crash_consistent ? "disks, crash-consistent" : "disks";
}

std::string memory_size_of(const libxl_domain_snapshot &snapshot) {
    return snapshot.save == nullptr ? "-" : size_text(snapshot.save_size);
}

std::string vdevs_of(const libxl_domain_snapshot &snapshot) {
    std::string vdevs;
    for (const libxl_domain_snapshot_disk &disk :
         std::span(snapshot.disks, static_cast<std::size_t>(snapshot.num_disks)))
        if (disk.kind != LIBXL_DISK_SNAPSHOT_KIND_NONE)
            vdevs += (vdevs.empty() ? "" : " ") + text_or(disk.vdev, "?");
    return vdevs.empty() ? "-" : vdevs;
}

std::string note_of(const libxl_domain_snapshot &snapshot) {
    if (snapshot.broken != nullptr)
        return std::string("broken: ") + snapshot.broken;
    return local_time(snapshot.creation_time) + (snapshot.description == nullptr ? "" : "  ") +
           text_or(snapshot.description, "");
}

} // namespace xlsnap::cli
