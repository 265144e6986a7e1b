// SPDX-License-Identifier: LGPL-2.1-only
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "adapters/libxl/disk_devices.hpp"
#include "adapters/libxl/domain_userdata.hpp"
#include "adapters/libxl/toolstack.hpp"
#include "adapters/libxl/xl_parser.hpp"

namespace xlsnap {

namespace {

constexpr const char *kConfigUser = "libxl-json";
constexpr const char *kUpdateUser = "xl";

// libxl writes the NUL behind its JSON, too (libxl__set_domain_configuration in
// tools/libs/light/libxl_internal.c in xen.git), and needs it when it reads.
Result<std::string> with_disks_of_file(const std::string &data,
                                       const std::vector<DiskChange> &changes) {
    const bool ends = data.ends_with('\0');
    XLSNAP_ASSIGN(std::string json,
                  with_disks(data.substr(0, data.size() - (ends ? 1 : 0)), changes));
    if (ends)
        json += '\0';
    return json;
}

// Whether a domain that xl starts from this xl.cfg would get another image for one of the disks. A
// text that cannot be read might do anything. A disk that it does not have is not opened.
bool starts_from_other_images(const std::string &xl_cfg, const std::vector<DiskChange> &changes) {
    XlParser parser("the configuration of xl config-update");
    if (!parser.parse(xl_cfg))
        return true;
    const Result<std::vector<Disk>> disks = parser.disks();
    if (!disks)
        return true;
    return std::ranges::any_of(*disks, [&](const Disk &disk) {
        const auto change = std::ranges::find(changes, disk.vdev, &DiskChange::vdev);
        return change != changes.end() &&
               (change->path != disk.path || change->format != disk.format);
    });
}

// The change of all that tells a domain's images, with its undoing. The configuration goes first:
// it alone decides what the next boot of the guest writes to.
//
// Then what `xl config-update` has left, which xl would prefer to it (reload_domain_config in
// tools/xl/xl_vmcontrol.c in xen.git). It goes when it names another image, instead of being
// rewritten: that it is gone costs its owner a command, since the file that it was made of is
// there; one that was rewritten wrongly costs a snapshot. xenstore, which nothing is started from,
// comes last.
class DiskRecords {
  public:
    DiskRecords(const DomainUserdata &userdata, const Xenstore &xenstore,
                const std::vector<DiskDevice> &devices, const std::vector<DiskChange> &changes)
        : userdata_(userdata), xenstore_(xenstore), devices_(devices), changes_(changes) {}

    Status change() {
        Status changed = change_all();
        if (!changed)
            undo(changed.error().message);
        return changed;
    }

    [[nodiscard]] bool has_removed_update() const { return update_.has_value(); }

  private:
    Status change_all() {
        XLSNAP_ASSIGN(const std::optional<std::string> config, userdata_.read(kConfigUser));
        if (!config)
            return fail(ErrorCode::NotFound, "libxl has no configuration of it; only a domain that "
                                             "was started through libxl can have other images");
        XLSNAP_ASSIGN(const std::string changed, with_disks_of_file(*config, changes_));
        if (changed != *config) {
            config_ = config;
            XLSNAP_TRY(userdata_.write(kConfigUser, changed));
        }
        XLSNAP_TRY(remove_update());
        return write_params(xenstore_, devices_);
    }

    Status remove_update() {
        XLSNAP_ASSIGN(std::optional<std::string> update, userdata_.read(kUpdateUser));
        if (!update || !starts_from_other_images(*update, changes_))
            return {};
        update_ = std::move(update);
        return userdata_.remove(kUpdateUser);
    }

    void undo(std::string &message) {
        put_back(kUpdateUser, update_, message);
        put_back(kConfigUser, config_, message);
    }

    // A step that failed may have had its effect or not.
    void put_back(const char *user, const std::optional<std::string> &data, std::string &message) {
        if (!data || has(user, *data))
            return;
        const Status written = userdata_.write(user, *data);
        if (!written && !has(user, *data))
            message += fmt::format("; NOT UNDONE: {}", written.error().message);
    }

    [[nodiscard]] bool has(const char *user, const std::string &data) const {
        const Result<std::optional<std::string>> now = userdata_.read(user);
        return now && *now == data;
    }

    const DomainUserdata &userdata_;
    const Xenstore &xenstore_;
    const std::vector<DiskDevice> &devices_;
    const std::vector<DiskChange> &changes_;
    // What was there before, of what was changed.
    std::optional<std::string> config_;
    std::optional<std::string> update_;
};

} // namespace

// A domid may be another domain's by now, and one that is dying takes its userdata with it.
Status LibxlToolstack::check_living(const Domain &domain) {
    XLSNAP_ASSIGN(const Execution now, execution(domain.domid));
    if (now.uuid != domain.uuid)
        return fail(ErrorCode::DomainNotFound,
                    fmt::format("domain {} is another one now; look it up again", domain.domid));
    if (now.state == RunState::Dying)
        return fail(ErrorCode::DomainDestroyed,
                    fmt::format("domain {} is being destroyed", domain.domid));
    return {};
}

Status LibxlToolstack::change_disks(const Domain &domain, const std::vector<DiskChange> &changes) {
    const std::string who = describe(domain.domid);
    XLSNAP_TRY(check_changes(changes).with_context(who));
    XLSNAP_TRY(check_living(domain));
    XLSNAP_ASSIGN(const Xenstore xenstore, Xenstore::open());
    XLSNAP_ASSIGN(const DomainUserdata userdata,
                  DomainUserdata::lock(files_.userdata, domain.domid, domain.uuid,
                                       deadlines_.userdata_lock, deadlines_.poll_interval)
                      .with_context(who));
    // Behind the lock, which whoever attaches, detaches or destroys takes too.
    XLSNAP_TRY(check_living(domain));
    XLSNAP_ASSIGN(const std::vector<DiskDevice> devices,
                  find_disk_devices(ctx_, xenstore, domain.domid, changes).with_context(who));
    DiskRecords records(userdata, xenstore, devices, changes);
    XLSNAP_TRY(records.change().with_context(who));
    if (records.has_removed_update())
        log_.left_to_do(fmt::format(
            "{}: what xl config-update changed is lost, because it named images that are not the "
            "domain's any more; name the present ones in the file (xlsnap config --rewrite) and "
            "give it once more",
            who));
    return {};
}

} // namespace xlsnap
