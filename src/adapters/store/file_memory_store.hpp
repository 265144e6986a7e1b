// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include "ports/memory_store.hpp"

namespace xlsnap {

// Memory images as files of this host. Paths are absolute. A new image grows in the directory of
// its final name, as ".<name>.<random>.tmp"; images hold a guest's secrets, so only their owner may
// read them. A compressed one is told from a plain one by its first bytes, and is decompressed into
// a file without a name in its directory.
class FileMemoryStore final : public MemoryStore {
  public:
    Status check_new(const std::string &path, std::uint64_t size) override;
    Status check_new_directory(const std::string &path, std::uint64_t size) override;
    Result<std::unique_ptr<MemoryImageWriter>> create(const std::string &path,
                                                      const MemoryImageInfo &info) override;

    // Besides Invalid: NotFound when there is no such file, NotImplemented when a newer xlsnap
    // wrote it.
    Result<MemoryImage> open(const std::string &path) override;

    // Takes room for both files while it lasts: Fail, before anything is written, when that is not
    // there.
    Status compress(const std::string &path) override;

    Result<MemoryFingerprint> fingerprint(const std::string &path) override;
    Result<std::uint64_t> held_bytes(const std::string &path) override;

    // Invalid, and nothing is removed, when anything but a file of `xl save` has the name.
    Result<bool> remove(const std::string &path) override;
};

} // namespace xlsnap
