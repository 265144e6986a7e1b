// SPDX-License-Identifier: LGPL-2.1-only
#include "base/digest.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

namespace xlsnap {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
constexpr std::string_view kHexDigits = "0123456789abcdef";

struct FreeContext {
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};

// Looked up once: OpenSSL takes longer to find its implementation than to digest a small text.
const EVP_MD *sha256_algorithm() {
    static EVP_MD *const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

tl::unexpected<Error> no_digest() {
    return fail(ErrorCode::Fail, "OpenSSL gives no SHA-256; look at its configuration");
}

// The digest of what was added since start().
class Sha256 {
  public:
    Status start() {
        if (sha256_algorithm() != nullptr && context_ &&
            EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr) == 1)
            return {};
        return no_digest();
    }

    Status add(std::string_view bytes) {
        if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1)
            return {};
        return no_digest();
    }

    Result<std::string> finish() {
        std::array<unsigned char, kSha256Digits / 2> digest{};
        if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1)
            return no_digest();
        std::string text;
        text.reserve(kSha256Digits);
        for (const unsigned char byte : digest) {
            text.push_back(kHexDigits[byte >> 4U]);
            text.push_back(kHexDigits[byte & 0xfU]);
        }
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, FreeContext> context_{EVP_MD_CTX_new()};
};

} // namespace

Result<std::string> sha256_of(std::string_view bytes) {
    thread_local Sha256 digest;
    XLSNAP_TRY(digest.start());
    XLSNAP_TRY(digest.add(bytes));
    return digest.finish();
}

Result<std::string> sha256_of_file(int fd) {
    Sha256 digest;
    XLSNAP_TRY(digest.start());
    std::vector<char> piece(kPieceBytes);
    off_t position = 0;
    for (;;) {
        const ssize_t count = ::pread(fd, piece.data(), piece.size(), position);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, "cannot read the file"));
        if (count == 0)
            return digest.finish();
        XLSNAP_TRY(digest.add({piece.data(), static_cast<std::size_t>(count)}));
        position += count;
    }
}

bool is_sha256(std::string_view text) {
    return text.size() == kSha256Digits &&
           text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

} // namespace xlsnap
