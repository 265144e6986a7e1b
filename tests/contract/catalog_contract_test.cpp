// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/catalog_contract.hpp"

#include <filesystem>
#include <fstream>

#include "adapters/store/file_catalog.hpp"
#include "support/fake_catalog.hpp"
#include "support/recording_log.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

class FakeHostOfCatalog final : public CatalogHost {
  public:
    Catalog &catalog() override { return catalog_; }

    bool holds_anything(const std::string &uuid) override {
        return catalog_.contents.contains(uuid);
    }
    void damage_snapshot(const std::string &uuid, const std::string &name) override {
        catalog_.contents[uuid].snapshots.erase(name);
        catalog_.contents[uuid].broken.insert(name);
    }
    void damage_domain(const std::string &uuid) override {
        catalog_.contents[uuid].record_is_broken = true;
    }
    void lose(const std::string &uuid) override { catalog_.contents.erase(uuid); }
    std::string make_image(const std::string &directory) override {
        return "/" + directory + "/image";
    }

  private:
    FakeCatalog catalog_;
};

class FileHostOfCatalog final : public CatalogHost {
  public:
    Catalog &catalog() override { return catalog_; }

    bool holds_anything(const std::string &uuid) override {
        return std::filesystem::exists(catalog_path(uuid));
    }
    void damage_snapshot(const std::string &uuid, const std::string &name) override {
        cut(catalog_path(uuid) / ("snapshotdata-" + name + ".xl"));
    }
    void damage_domain(const std::string &uuid) override { cut(catalog_path(uuid) / "domain.xl"); }
    void lose(const std::string &uuid) override { std::filesystem::remove_all(catalog_path(uuid)); }
    std::string make_image(const std::string &directory) override {
        put(directory_ / (directory + "/image"), "");
        return directory_ / (directory + "/image");
    }

  private:
    [[nodiscard]] std::filesystem::path catalog_path(const std::string &uuid) const {
        return directory_ / ("catalog/" + uuid);
    }
    static void cut(const std::filesystem::path &path) {
        std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    }

    TemporaryDirectory directory_;
    RecordingLog log_;
    FileCatalog catalog_{directory_ / "catalog", log_, std::chrono::milliseconds(0)};
};

INSTANTIATE_TEST_SUITE_P(Fake, CatalogContract,
                         ::testing::Values([] { return std::make_unique<FakeHostOfCatalog>(); }));
INSTANTIATE_TEST_SUITE_P(File, CatalogContract,
                         ::testing::Values([] { return std::make_unique<FileHostOfCatalog>(); }));

} // namespace

} // namespace xlsnap::test
