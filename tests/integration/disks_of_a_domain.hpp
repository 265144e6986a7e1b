// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/posix/posix_process_runner.hpp"
#include "adapters/posix/proc_image_users.hpp"
#include "adapters/qemu/qemu_img_chains.hpp"
#include "adapters/qemu/qemu_img_images.hpp"
#include "adapters/qemu/qmp_live_disks.hpp"
#include "support/disk_image_file.hpp"
#include "support/qemu_process.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

// The disks of one domain: qcow2 images "a" and "b", filled with 'A', and the QEMU that serves
// them.
class DisksOfADomain : public ::testing::Test {
  protected:
    DisksOfADomain() {
        a_.create('A');
        b_.create('A');
    }

    void start_qemu(const std::vector<QemuDisk> &disks) { qemu_.emplace(disks); }
    void start_qemu() { start_qemu({{"xvda-qcow2", a_.path()}, {"xvdb-qcow2", b_.path()}}); }

    // The domain is gone; returns when the guard sees that its images are free.
    void end_qemu() {
        qemu_.reset();
        expect_success(users_.wait_until_unused({a_.path(), b_.path()}, std::chrono::minutes(1)));
    }

    std::unique_ptr<LiveDisksSession> open() {
        auto session = live_disks_.open(7);
        if (!session)
            throw std::runtime_error(session.error().message);
        return std::move(*session);
    }

    static void expect_success(const Status &status) {
        EXPECT_TRUE(status) << status.error().message;
    }

    static void expect_failure(const Status &status, ErrorCode code) {
        ASSERT_FALSE(status) << "it succeeded";
        EXPECT_EQ(status.error().code, code) << status.error().message;
    }

    TemporaryDirectory directory_;
    DiskImageFile a_{directory_ / "a.qcow2", "qcow2"};
    DiskImageFile b_{directory_ / "b.qcow2", "qcow2"};
    std::optional<QemuProcess> qemu_;
    PosixProcessRunner processes_;
    ProcImageUsers users_;
    QemuImgImages disk_images_{processes_, users_};
    QemuImgChains image_chains_{processes_, users_};
    QmpLiveDisks live_disks_{[this](DomainId) { return qemu_->monitor(); }};
};

} // namespace xlsnap::test
