// SPDX-License-Identifier: LGPL-2.1-only
// snapshot_calls: makes the call of the C API that each line of standard input says, and answers
// each by a line "RC TEXT". A line has these words:
//
//     create|revert|delete DOMID MEMORY_PATH [VDEV,PATH,FORMAT,NAME]...
//
// "-" for no memory; an empty field for NULL; FORMAT is one of libxl's numbers. "%41" stands for
// "A", and "%*N" at the end of a field for N times "n".
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "libxl_snapshot.h"

namespace {

std::string decode(const std::string &field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '%')
            text += field[i];
        else if (field[i + 1] == '*')
            return text + std::string(std::stoul(field.substr(i + 2)), 'n');
        else {
            text += static_cast<char>(std::stoi(field.substr(i + 1, 2), nullptr, 16));
            i += 2;
        }
    }
    return text;
}

char *copy(const std::string &field) {
    return field.empty() ? nullptr : ::strdup(decode(field).c_str());
}

void fill(libxl_disk_snapshot &disk, const std::string &word) {
    std::istringstream fields(word);
    std::string vdev;
    std::string path;
    std::string format;
    std::string name;
    std::getline(fields, vdev, ',');
    std::getline(fields, path, ',');
    std::getline(fields, format, ',');
    std::getline(fields, name, ',');
    libxl_disk_snapshot_init(&disk);
    disk.disk.vdev = copy(vdev);
    disk.disk.pdev_path = copy(path);
    if (!format.empty())
        disk.disk.format = static_cast<libxl_disk_format>(std::stoi(format));
    disk.name = copy(name);
}

int call(libxl_ctx *ctx, const std::string &line) {
    std::istringstream words(line);
    std::string function;
    int domid = 0;
    std::string memory_path;
    words >> function >> domid >> memory_path;
    std::vector<std::string> disks;
    for (std::string word; words >> word;)
        disks.push_back(word);
    libxl_domain_snapshot_args args;
    libxl_domain_snapshot_args_init(&args);
    args.memory = memory_path != "-";
    if (args.memory)
        args.memory_path = copy(memory_path);
    args.num_disks = static_cast<int>(disks.size());
    args.disks =
        static_cast<libxl_disk_snapshot *>(std::calloc(disks.size() + 1, sizeof(*args.disks)));
    for (std::size_t i = 0; i < disks.size(); ++i)
        fill(args.disks[i], disks[i]);
    const int rc = function == "create"   ? libxl_domain_snapshot_create(ctx, domid, &args, false)
                   : function == "revert" ? libxl_domain_snapshot_revert(ctx, domid, &args)
                                          : libxl_domain_snapshot_delete(ctx, domid, &args);
    libxl_domain_snapshot_args_dispose(&args);
    return rc;
}

} // namespace

int main() {
    auto *log = reinterpret_cast<xentoollog_logger *>(
        xtl_createlogger_stdiostream(stderr, XTL_ERROR, XTL_STDIOSTREAM_HIDE_PROGRESS));
    libxl_ctx *ctx = nullptr;
    if (libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, log) != 0)
        return EXIT_FAILURE;
    for (std::string line; std::getline(std::cin, line);) {
        const int rc = call(ctx, line);
        std::cout << rc << ' ' << libxl_snapshot_last_error() << std::endl;
    }
    libxl_ctx_free(ctx);
    xtl_logger_destroy(log);
    return EXIT_SUCCESS;
}
