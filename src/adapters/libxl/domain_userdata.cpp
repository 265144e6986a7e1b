// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libxl/domain_userdata.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "base/temporary_file.hpp"

namespace xlsnap {

namespace {

constexpr std::size_t kMostUserdataBytes = std::size_t{16} << 20;

// libxl__userdata_path in tools/libs/light/libxl_dom.c in xen.git; 'd' is the data, 'n' what
// becomes the data, 'l' a lock.
std::string userdata_name(char kind, const std::string &owner, const std::string &user) {
    return fmt::format("userdata-{}.{}.{}", kind, owner, user);
}

Result<std::string> read_whole(int file, const std::string &path) {
    std::string data;
    std::array<char, 65536> piece{};
    for (;;) {
        const ssize_t count = ::read(file, piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(errno_error(errno, "cannot read " + path));
        if (count == 0)
            return data;
        data.append(piece.data(), static_cast<std::size_t>(count));
        if (data.size() > kMostUserdataBytes)
            return fail(ErrorCode::Invalid, path + " is larger than 16 MiB, which no such file is");
    }
}

} // namespace

Result<DomainUserdata> DomainUserdata::lock(const std::string &directory, DomainId domid,
                                            const std::string &uuid,
                                            std::chrono::milliseconds deadline,
                                            std::chrono::milliseconds poll_interval) {
    XLSNAP_ASSIGN(DurableDirectory opened, DurableDirectory::open(directory));
    std::string owner = fmt::format("{}.{}", domid, uuid);
    const std::string name = userdata_name('l', owner, "domain-userdata-lock");
    XLSNAP_ASSIGN(UserdataLock lock,
                  UserdataLock::take(directory + "/" + name, deadline, poll_interval));
    return DomainUserdata(std::move(opened), std::move(owner), std::move(lock));
}

std::string DomainUserdata::name_of(char kind, const std::string &user) const {
    return userdata_name(kind, owner_, user);
}

Result<std::optional<std::string>> DomainUserdata::read(const std::string &user) const {
    const std::string name = name_of('d', user);
    Result<UniqueFd> file = directory_.open_file(name);
    if (!file && file.error().code == ErrorCode::NotFound)
        return std::optional<std::string>();
    if (!file && file.error().code == ErrorCode::Invalid)
        return fail(ErrorCode::Invalid,
                    directory_.path_of(name) + " is no regular file, as libxl writes it");
    if (!file)
        return fail(std::move(file.error()));
    XLSNAP_ASSIGN(std::string data, read_whole(file->get(), directory_.path_of(name)));
    return std::optional(std::move(data));
}

// As libxl__userdata_store does it, but that the file is a new one and reaches the disk before it
// gets the name: no crash leaves half of it. What grows has libxl's name for it, by which libxl
// removes it with the domain should we die here.
Status DomainUserdata::write(const std::string &user, const std::string &data) const {
    const std::string fresh = name_of('n', user);
    Status written = write_new(fresh, data);
    if (written)
        written = directory_.rename_over(fresh, name_of('d', user));
    if (!written) {
        static_cast<void>(directory_.remove(fresh)); // there may be none
        return written;
    }
    return directory_.sync();
}

// Only who has the lock writes a file of this name: one that is there was left over by a process
// that died.
Status DomainUserdata::write_new(const std::string &name, const std::string &data) const {
    XLSNAP_TRY(remove_if_there(name));
    XLSNAP_ASSIGN(const UniqueFd file, directory_.create_file(name));
    const std::string path = directory_.path_of(name);
    XLSNAP_TRY(write_all(file.get(), data, path));
    return sync_file(file.get(), path);
}

Status DomainUserdata::remove(const std::string &user) const {
    XLSNAP_TRY(remove_if_there(name_of('d', user)));
    return directory_.sync();
}

Status DomainUserdata::remove_if_there(const std::string &name) const {
    Status removed = directory_.remove(name);
    if (!removed && removed.error().code == ErrorCode::NotFound)
        return {};
    return removed;
}

} // namespace xlsnap
