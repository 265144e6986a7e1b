// SPDX-License-Identifier: LGPL-2.1-only
// open_image_guard IMAGE: tries each changing offline call on an image that a domain has open. Ends
// with 0 when all are refused.
#include <cstdio>
#include <cstdlib>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/posix/proc_image_users.hpp"
#include "adapters/qemu/qemu_img_images.hpp"

int main(int argc, char **argv) {
    if (argc != 2)
        return EXIT_FAILURE;
    const std::string image = argv[1];
    xlsnap::PosixProcessRunner runner;
    xlsnap::ProcImageUsers users;
    xlsnap::QemuImgImages images(runner, users);
    const xlsnap::DiskFormat qcow2 = xlsnap::DiskFormat::Qcow2;
    for (const xlsnap::Status &status :
         {images.create_tag(image, qcow2, "g"), images.revert_to_tag(image, qcow2, "s1"),
          images.delete_tag(image, qcow2, "s1")}) {
        if (status || status.error().code != xlsnap::ErrorCode::NotReady)
            return EXIT_FAILURE;
        (void)std::printf("   refused: %s\n", status.error().message.c_str());
    }
    return EXIT_SUCCESS;
}
