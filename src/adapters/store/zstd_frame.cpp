// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/zstd_frame.hpp"

#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "adapters/store/stream_reader.hpp"
#include "base/temporary_file.hpp"

namespace xlsnap {

namespace {

constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::size_t kMostBytesOfFrameHeader = 18;
constexpr std::size_t kPieceSize = std::size_t{1} << 20U;
// The first level takes about half the time of the third, and most of what there is to gain.
constexpr int kLevel = 1;
constexpr unsigned kMostThreads = 4;

struct FreeCompression {
    void operator()(ZSTD_CCtx *context) const { ZSTD_freeCCtx(context); }
};

struct FreeDecompression {
    void operator()(ZSTD_DCtx *context) const { ZSTD_freeDCtx(context); }
};

tl::unexpected<Error> zstd_failed(std::size_t code) {
    return fail(ErrorCode::Fail,
                fmt::format("zstd cannot compress it ({})", ZSTD_getErrorName(code)));
}

// A file, piece by piece.
class Pieces {
  public:
    explicit Pieces(int fd) : fd_(fd), buffer_(kPieceSize) {}

    // Empty at the end.
    Result<std::span<const char>> next() {
        for (;;) {
            const ssize_t count =
                ::pread(fd_, buffer_.data(), buffer_.size(), static_cast<off_t>(position_));
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                return fail(errno_error(errno, fmt::format("cannot read byte {}", position_)));
            position_ += static_cast<std::uint64_t>(count);
            return std::span<const char>(buffer_.data(), static_cast<std::size_t>(count));
        }
    }

    // Behind the last piece.
    [[nodiscard]] std::uint64_t position() const { return position_; }

  private:
    int fd_;
    std::vector<char> buffer_;
    std::uint64_t position_ = 0;
};

// Half of the processors: the guests' disks need some, too.
int threads_to_use() {
    return static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 1U, kMostThreads));
}

class Compression {
  public:
    Compression(int to, const std::string &path) : to_(to), path_(path), out_(kPieceSize) {}

    Status begin(std::uint64_t size) {
        if (context_ == nullptr)
            return fail(ErrorCode::NoMemory, "there is no memory to compress it");
        for (const auto &[parameter, value] :
             {std::pair(ZSTD_c_compressionLevel, kLevel), std::pair(ZSTD_c_checksumFlag, 1)})
            XLSNAP_TRY(check(ZSTD_CCtx_setParameter(context_.get(), parameter, value)));
        // A libzstd without threads refuses them, and does it all in this one.
        static_cast<void>(
            ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_nbWorkers, threads_to_use()));
        return check(ZSTD_CCtx_setPledgedSrcSize(context_.get(), size));
    }

    Status add(std::span<const char> piece) {
        ZSTD_inBuffer in{piece.data(), piece.size(), 0};
        while (in.pos < in.size)
            XLSNAP_TRY(step(in, ZSTD_e_continue));
        return {};
    }

    Status finish() {
        ZSTD_inBuffer in{nullptr, 0, 0};
        do {
            XLSNAP_TRY(step(in, ZSTD_e_end));
        } while (left_ != 0);
        return {};
    }

  private:
    static Status check(std::size_t code) {
        return ZSTD_isError(code) != 0 ? Status(zstd_failed(code)) : Status();
    }

    Status step(ZSTD_inBuffer &in, ZSTD_EndDirective directive) {
        ZSTD_outBuffer out{out_.data(), out_.size(), 0};
        left_ = ZSTD_compressStream2(context_.get(), &out, &in, directive);
        XLSNAP_TRY(check(left_));
        return write_all(to_, {out_.data(), out.pos}, path_);
    }

    int to_;
    const std::string &path_;
    std::vector<char> out_;
    std::unique_ptr<ZSTD_CCtx, FreeCompression> context_{ZSTD_createCCtx()};
    std::size_t left_ = 0; // to be flushed
};

class Decompression {
  public:
    explicit Decompression(int from) : pieces_(from), out_(kPieceSize) {}

    // The next bytes of the content; empty when the frame has ended, and with it the file.
    Result<std::string_view> next() {
        if (context_ == nullptr)
            return fail(ErrorCode::NoMemory, "there is no memory to decompress it");
        ZSTD_outBuffer out{out_.data(), out_.size(), 0};
        while (out.pos == 0 && hint_ != 0) {
            XLSNAP_TRY(step(out));
        }
        if (hint_ == 0)
            XLSNAP_TRY(expect_end());
        return std::string_view(out_.data(), out.pos);
    }

  private:
    Status step(ZSTD_outBuffer &out) {
        if (in_.pos == in_.size) {
            XLSNAP_TRY(refill());
            // What zstd still holds comes out without anything put in.
            if (in_.size == 0 && !was_full_)
                return invalid_at(pieces_.position(), "the compressed file is cut short");
        }
        hint_ = ZSTD_decompressStream(context_.get(), &out, &in_);
        if (ZSTD_isError(hint_) != 0)
            return invalid_at(position(), fmt::format("the compressed file is damaged ({})",
                                                      ZSTD_getErrorName(hint_)));
        was_full_ = out.pos == out.size;
        return {};
    }

    Status expect_end() {
        if (in_.pos == in_.size)
            XLSNAP_TRY(refill());
        if (in_.pos < in_.size)
            return invalid_at(position(), "something follows the compressed file's end");
        return {};
    }

    Status refill() {
        XLSNAP_ASSIGN(const std::span<const char> piece, pieces_.next());
        in_ = {piece.data(), piece.size(), 0};
        return {};
    }

    [[nodiscard]] std::uint64_t position() const {
        return pieces_.position() - (in_.size - in_.pos);
    }

    Pieces pieces_;
    std::vector<char> out_;
    std::unique_ptr<ZSTD_DCtx, FreeDecompression> context_{ZSTD_createDCtx()};
    ZSTD_inBuffer in_{nullptr, 0, 0};
    std::size_t hint_ = 1; // 0: the frame has ended
    bool was_full_ = false;
};

} // namespace

bool begins_with_zstd_magic(std::string_view bytes) {
    return bytes.starts_with(kZstdMagic);
}

Status compress_to_frame(int from, std::uint64_t size, int to, const std::string &path) {
    Compression compression(to, path);
    XLSNAP_TRY(compression.begin(size));
    Pieces pieces(from);
    for (;;) {
        XLSNAP_ASSIGN(const std::span<const char> piece, pieces.next());
        if (piece.empty())
            return compression.finish();
        XLSNAP_TRY(compression.add(piece));
    }
}

Result<std::uint64_t> size_of_content(int fd) {
    std::vector<char> header(kMostBytesOfFrameHeader);
    const ssize_t count = ::pread(fd, header.data(), header.size(), 0);
    if (count < 0)
        return fail(errno_error(errno, "cannot read the compressed file"));
    const unsigned long long size =
        ZSTD_getFrameContentSize(header.data(), static_cast<std::size_t>(count));
    if (size == ZSTD_CONTENTSIZE_ERROR)
        return invalid_at(0, "the head of the compressed file is damaged");
    if (size == ZSTD_CONTENTSIZE_UNKNOWN)
        return invalid_at(0, "the compressed file does not state how much comes out of it (zstd "
                             "states it of a file that it reads itself, not from a pipe)");
    return std::uint64_t{size};
}

Status decompress_frame(int from, std::uint64_t size, int to, const std::string &path) {
    Decompression decompression(from);
    std::uint64_t left = size;
    for (;;) {
        XLSNAP_ASSIGN(const std::string_view bytes, decompression.next());
        if (bytes.size() > left || (bytes.empty() && left != 0))
            return fail(ErrorCode::Invalid,
                        fmt::format("another amount comes out of the compressed file than the {} "
                                    "bytes that it states",
                                    size));
        if (bytes.empty())
            return {};
        XLSNAP_TRY(write_all(to, bytes, path));
        left -= bytes.size();
    }
}

Result<std::string> beginning_of_content(int fd, std::size_t length) {
    Decompression decompression(fd);
    const Result<std::string_view> bytes = decompression.next();
    if (!bytes && bytes.error().code == ErrorCode::Invalid)
        return std::string();
    if (!bytes)
        return fail(bytes.error());
    return std::string(bytes->substr(0, length));
}

} // namespace xlsnap
