// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/libxl/toolstack.hpp"
#include "base/unique_fd.hpp"
#include "support/fake_libxl.hpp"
#include "support/recording_log.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

constexpr const char *kUuid = "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01";

// libxl's JSON of a guest with one qcow2 disk; `more` goes into c_info and begins with a comma.
inline std::string guest_config(const char *type, const char *more = "") {
    return fmt::format(R"({{"c_info":{{"type":"{}","name":"g1","uuid":"{}"{}}},)"
                       R"("b_info":{{"max_memkb":65536,"type.{}":{{}}}},)"
                       R"("disks":[{{"vdev":"xvda","pdev_path":"/images/a.qcow2","format":"qcow2",)"
                       R"("backend":"qdisk","readwrite":1}}]}})",
                       type, kUuid, more, type);
}

constexpr const char *kMac = "00:16:3e:12:34:56";

// The same guest with a network interface that has the address kMac.
inline std::string guest_config_with_nic(const char *type) {
    std::string config = guest_config(type);
    config.insert(1, fmt::format(R"("nics":[{{"devid":0,"mac":"{}"}}],)", kMac));
    return config;
}

// The adapter on the fake libxl, with deadlines that cost no time.
class LibxlToolstackTest : public ::testing::Test {
  protected:
    static LibxlDeadlines no_waiting() {
        LibxlDeadlines deadlines;
        deadlines.guest_answer = deadlines.late_suspend = deadlines.disappearance =
            deadlines.other_start = deadlines.userdata_lock = std::chrono::milliseconds(0);
        deadlines.poll_interval = std::chrono::milliseconds(1);
        return deadlines;
    }

    static UniqueFd scratch_file() {
        std::string path = ::testing::TempDir() + "libxl.XXXXXX";
        UniqueFd fd(::mkstemp(path.data()));
        ::unlink(path.c_str());
        return fd;
    }

    FakeLibxl libxl_;
    RecordingLog log_;
    TemporaryDirectory dumps_;
    TemporaryDirectory xl_;
    LibxlToolstack toolstack_{libxl_.ctx(), log_, no_waiting(),
                              XlFiles{dumps_.path(), xl_ / "xl.conf", xl_ / "xl.lock", xl_.path()}};
    UniqueFd stream_ = scratch_file();
};

} // namespace xlsnap::test
