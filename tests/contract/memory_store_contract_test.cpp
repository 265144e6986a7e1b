// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/memory_store_contract.hpp"

#include <filesystem>
#include <fstream>

#include "adapters/store/file_memory_store.hpp"
#include "support/fake_memory_store.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

class FakeHostOfMemoryStore final : public MemoryStoreHost {
  public:
    MemoryStore &store() override { return store_; }

    std::string path_of(const std::string &name) override { return "/images/" + name; }
    std::set<std::string> paths() override {
        std::set<std::string> paths = store_.other_files;
        for (const auto &[path, image] : store_.images)
            paths.insert(path);
        return paths;
    }
    std::size_t temporary_files() override { return store_.temporary_files.size(); }

    void damage(const std::string &path) override { store_.images.at(path).whole = false; }
    void put_something_else(const std::string &path) override { store_.other_files.insert(path); }

  private:
    FakeMemoryStore store_;
};

class FileHostOfMemoryStore final : public MemoryStoreHost {
  public:
    MemoryStore &store() override { return store_; }

    std::string path_of(const std::string &name) override { return directory_ / name; }
    std::set<std::string> paths() override { return list(false); }
    std::size_t temporary_files() override { return list(true).size(); }

    void damage(const std::string &path) override {
        std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    }
    void put_something_else(const std::string &path) override {
        std::ofstream(path) << "This is no memory image, but long enough to be looked at.";
    }

  private:
    [[nodiscard]] std::set<std::string> list(bool temporary) const {
        std::set<std::string> paths;
        for (const auto &entry : std::filesystem::directory_iterator(directory_.path())) {
            if ((entry.path().extension() == ".tmp") == temporary)
                paths.insert(entry.path());
        }
        return paths;
    }

    TemporaryDirectory directory_;
    FileMemoryStore store_;
};

INSTANTIATE_TEST_SUITE_P(Fake, MemoryStoreContract, ::testing::Values([] {
                             return std::make_unique<FakeHostOfMemoryStore>();
                         }));
INSTANTIATE_TEST_SUITE_P(File, MemoryStoreContract, ::testing::Values([] {
                             return std::make_unique<FileHostOfMemoryStore>();
                         }));

} // namespace

} // namespace xlsnap::test
