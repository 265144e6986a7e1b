// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "core/memory_compression.hpp"

namespace xlsnap {

// What a memory image carries besides the memory.
struct MemoryImageInfo {
    std::string config_json; // libxl_domain_config in libxl's JSON
    // Kept behind the configuration in the save file's optional data, which xl ignores.
    bool was_paused = false; // the domain was paused when the snapshot was made
};

// A memory image being written under a temporary name beside its final one. Destroying the writer
// before publish() removes the temporary file.
class MemoryImageWriter {
  public:
    virtual ~MemoryImageWriter() = default;

    // Where the libxl stream goes; positioned behind the header. Owned by the writer.
    [[nodiscard]] virtual int fd() const = 0;

    // Removes the temporary file. Nothing to remove is success. The destructor does the same when
    // it has not been done, but cannot tell of a failure.
    virtual Status discard() = 0;

    // Syncs the file, gives it its final name without ever replacing another file, and syncs the
    // directory. On failure nothing stands under the final name.
    virtual Status publish() = 0;
};

// A memory image that was read from beginning to end and found complete.
struct MemoryImage {
    MemoryImageInfo info;
    UniqueFd fd; // positioned at the libxl stream
};

// A whole file: whoever has both knows whether it is still the same.
struct MemoryFingerprint {
    std::uint64_t bytes = 0;
    std::string sha256;                                      // hexadecimal
    MemoryCompression compression = MemoryCompression::None; // as the file's beginning tells

    friend bool operator==(const MemoryFingerprint &, const MemoryFingerprint &) = default;
};

// Memory images as files in the format of `xl save` (docs/memory-image.md).
class MemoryStore {
  public:
    virtual ~MemoryStore() = default;

    // Whether an image of `size` bytes could be made there now: Invalid when the path cannot name
    // one or is taken, Fail when its file system has too little space; both are told at once.
    virtual Status check_new(const std::string &path, std::uint64_t size) = 0;

    // The same before the directory is made: the nearest one above it counts.
    virtual Status check_new_directory(const std::string &path, std::uint64_t size) = 0;

    // Makes the temporary file (0600, new) with its header. Refuses a final name that exists.
    virtual Result<std::unique_ptr<MemoryImageWriter>> create(const std::string &path,
                                                              const MemoryImageInfo &info) = 0;

    // Walks the file to its end; Invalid, saying what is wrong where, when it is not whole. Of a
    // compressed one `fd` is what came out of it and was walked; Fail when there is no room for
    // that.
    virtual Result<MemoryImage> open(const std::string &path) = 0;

    // Puts a compressed image in the place of a plain one, in one step. After a failure the
    // image is there, plain or compressed, and nothing else. One that is compressed already stays
    // as it is.
    virtual Status compress(const std::string &path) = 0;

    // Reads the whole file, be it an image or not. NotFound when there is none.
    virtual Result<MemoryFingerprint> fingerprint(const std::string &path) = 0;

    // The bytes that the file takes of its file system, be it an image or not. NotFound when there
    // is none.
    virtual Result<std::uint64_t> held_bytes(const std::string &path) = 0;

    // Removes the image and syncs the directory. False when there was none.
    virtual Result<bool> remove(const std::string &path) = 0;
};

} // namespace xlsnap
