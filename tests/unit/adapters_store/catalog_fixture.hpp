// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/store/file_catalog.hpp"
#include "support/recording_log.hpp"
#include "support/sample_records.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

// A catalog in a directory of its own, whose domain is locked.
class FileCatalogTest : public ::testing::Test {
  protected:
    void SetUp() override { lock_ = std::move(*catalog_.lock(kSampleUuid)); }

    [[nodiscard]] std::string domain_path(const std::string &name) const {
        return scratch_ / ("catalog/" + std::string(kSampleUuid) + "/" + name);
    }

    [[nodiscard]] static std::set<std::string> entries(const std::string &directory) {
        std::set<std::string> names;
        for (const auto &entry : std::filesystem::directory_iterator(directory))
            names.insert(entry.path().filename());
        return names;
    }

    [[nodiscard]] static std::string content(const std::string &path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::vector<std::string> names() {
        std::vector<std::string> names;
        const auto catalog = catalog_.read(kSampleUuid);
        EXPECT_TRUE(catalog) << catalog.error().message;
        if (catalog) {
            for (const SnapshotRecord &record : catalog->snapshots)
                names.push_back(record.name);
        }
        return names;
    }

    TemporaryDirectory scratch_;
    RecordingLog log_;
    FileCatalog catalog_{scratch_ / "catalog", log_, std::chrono::milliseconds(0)};
    std::unique_ptr<CatalogLock> lock_;
};

} // namespace xlsnap::test
