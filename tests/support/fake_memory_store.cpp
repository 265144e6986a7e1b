// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_memory_store.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/digest.hpp"

namespace xlsnap::test {

namespace {

Result<UniqueFd> memory_file() {
    UniqueFd fd(::memfd_create("memory-image", MFD_CLOEXEC));
    if (!fd.valid())
        return fail(errno_error(errno, "memfd_create"));
    return fd;
}

Result<std::string> read_all(int fd) {
    std::string content;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count =
            ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(content.size()));
        if (count < 0)
            return fail(errno_error(errno, "read of a fake memory image"));
        if (count == 0)
            return content;
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

Status write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = ::write(fd, content.data(), content.size());
        if (count < 0)
            return fail(errno_error(errno, "write of a fake memory image"));
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

} // namespace

class FakeMemoryStore::Writer final : public MemoryImageWriter {
  public:
    Writer(FakeMemoryStore &store, std::string path, MemoryImageInfo info, UniqueFd fd)
        : store_(store), path_(std::move(path)), info_(std::move(info)), fd_(std::move(fd)) {
        store_.temporary_files.insert(path_);
    }
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;
    Writer(Writer &&) = delete;
    Writer &operator=(Writer &&) = delete;
    ~Writer() override { drop_temporary(); }

    [[nodiscard]] int fd() const override { return fd_.get(); }

    Status discard() override {
        XLSNAP_TRY(store_.enter("discard", path_));
        drop_temporary();
        return {};
    }

    Status publish() override {
        Status status = try_publish();
        drop_temporary();
        return status;
    }

  private:
    Status try_publish() {
        XLSNAP_TRY(store_.enter("publish", path_));
        XLSNAP_TRY(store_.check_free(path_));
        XLSNAP_ASSIGN(std::string stream, read_all(fd_.get()));
        store_.images[path_] = Image{info_, std::move(stream)};
        return {};
    }

    void drop_temporary() {
        if (!has_temporary_)
            return;
        store_.temporary_files.erase(store_.temporary_files.find(path_));
        has_temporary_ = false;
    }

    FakeMemoryStore &store_;
    std::string path_;
    MemoryImageInfo info_;
    UniqueFd fd_;
    bool has_temporary_ = true;
};

Status FakeMemoryStore::check_new(const std::string &path, std::uint64_t size) {
    XLSNAP_TRY(enter("check_new", path));
    if (!path.starts_with('/'))
        return fail(ErrorCode::Invalid, path + ": not an absolute path");
    XLSNAP_TRY(check_free(path));
    if (size > free_space)
        return fail(ErrorCode::Fail, path + ": too little space");
    return {};
}

Result<std::unique_ptr<MemoryImageWriter>> FakeMemoryStore::create(const std::string &path,
                                                                   const MemoryImageInfo &info) {
    XLSNAP_TRY(enter("create", path));
    if (!path.starts_with('/'))
        return fail(ErrorCode::Invalid, path + ": not an absolute path");
    XLSNAP_TRY(check_free(path));
    XLSNAP_ASSIGN(UniqueFd fd, memory_file());
    return std::make_unique<Writer>(*this, path, info, std::move(fd));
}

Result<MemoryImage> FakeMemoryStore::open(const std::string &path) {
    XLSNAP_TRY(enter("open", path));
    if (other_files.contains(path))
        return fail(ErrorCode::Invalid, path + ": not a memory image");
    auto found = images.find(path);
    if (found == images.end())
        return fail(ErrorCode::NotFound, path + ": no such file");
    const Image &image = found->second;
    if (!image.whole || image.stream.empty())
        return fail(ErrorCode::Invalid, path + ": the memory image is not whole");
    XLSNAP_ASSIGN(UniqueFd fd, memory_file());
    XLSNAP_TRY(write_all(fd.get(), image.stream));
    if (::lseek(fd.get(), 0, SEEK_SET) != 0)
        return fail(errno_error(errno, "lseek of a fake memory image"));
    return MemoryImage{image.info, std::move(fd)};
}

Status FakeMemoryStore::compress(const std::string &path) {
    XLSNAP_TRY(enter("compress", path));
    auto found = images.find(path);
    if (found == images.end())
        return fail(ErrorCode::NotFound, path + ": no such file");
    found->second.compression = MemoryCompression::Zstd;
    return {};
}

Result<MemoryFingerprint> FakeMemoryStore::fingerprint(const std::string &path) {
    XLSNAP_TRY(enter("fingerprint", path));
    auto found = images.find(path);
    if (found == images.end())
        return fail(ErrorCode::NotFound, path + ": no such file");
    const Image &image = found->second;
    const bool plain = image.compression == MemoryCompression::None;
    const std::string content =
        (plain ? "" : "compressed") + image.stream + (image.whole ? "" : "damaged");
    XLSNAP_ASSIGN(std::string sha256, sha256_of(content));
    return MemoryFingerprint{content.size(), std::move(sha256), image.compression};
}

Result<std::uint64_t> FakeMemoryStore::held_bytes(const std::string &path) {
    XLSNAP_TRY(enter("held_bytes", path));
    auto found = images.find(path);
    if (found == images.end())
        return fail(ErrorCode::NotFound, path + ": no such file");
    return found->second.stream.size();
}

Result<bool> FakeMemoryStore::remove(const std::string &path) {
    XLSNAP_TRY(enter("remove", path));
    if (other_files.contains(path))
        return fail(ErrorCode::Invalid, path + ": not a memory image");
    return images.erase(path) > 0;
}

Status FakeMemoryStore::check_free(const std::string &path) const {
    if (images.contains(path) || other_files.contains(path))
        return fail(ErrorCode::Invalid, path + ": the file exists");
    return {};
}

} // namespace xlsnap::test
