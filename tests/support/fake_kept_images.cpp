// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_kept_images.hpp"

namespace xlsnap::test {

Result<bool> FakeKeptImages::keep(const std::string &path) {
    XLSNAP_TRY(enter("keep", path));
    XLSNAP_TRY(look_at(path));
    return kept.insert(path).second;
}

Status FakeKeptImages::release(const std::string &path) {
    XLSNAP_TRY(enter("release", path));
    XLSNAP_TRY(look_at(path));
    kept.erase(path);
    return {};
}

Result<bool> FakeKeptImages::is_kept(const std::string &path) {
    XLSNAP_TRY(enter("is_kept", path));
    XLSNAP_TRY(look_at(path));
    return kept.contains(path);
}

Status FakeKeptImages::look_at(const std::string &path) const {
    if (missing.contains(path))
        return fail(ErrorCode::NotFound, path + ": no such file");
    if (unsupported.contains(path))
        return fail(ErrorCode::NotImplemented, path + " cannot be made immutable");
    return {};
}

} // namespace xlsnap::test
