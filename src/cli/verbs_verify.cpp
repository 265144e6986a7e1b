// SPDX-License-Identifier: LGPL-2.1-only
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "cli/json_output.hpp"
#include "cli/outcome.hpp"
#include "cli/verbs.hpp"

namespace xlsnap::cli {

namespace {

// What is wrong with the snapshot; empty: nothing.
std::string flaw_of(const Session &session, const libxl_snapshot_domain &domain,
                    const libxl_domain_snapshot &snapshot) {
    if (snapshot.broken != nullptr)
        return fmt::format("the record of snapshot {} is broken: {}; see xlsnap rebuild",
                           snapshot.name, snapshot.broken);
    try {
        verify_snapshot(session.xen(), domain, snapshot.name);
        return {};
    } catch (const SnapshotError &error) {
        return error.what();
    }
}

// Looks at snapshots and says of each whether it is whole.
class Verification {
  public:
    Verification(const Session &session, const libxl_snapshot_domain &domain, bool json)
        : session_(session), domain_(domain), json_(json) {}

    void look_at(const libxl_domain_snapshot &snapshot) {
        std::string flaw = flaw_of(session_, domain_, snapshot);
        all_whole_ = all_whole_ && flaw.empty();
        if (json_)
            add(snapshot, flaw);
        else if (flaw.empty())
            tell(domain_, fmt::format("snapshot {} is whole", snapshot.name));
        else
            warn(flaw);
    }

    [[nodiscard]] int finish() {
        if (json_)
            array_.finish();
        return all_whole_ ? EXIT_SUCCESS : EXIT_FAILURE;
    }

  private:
    // A flaw stands where that of a broken record does.
    void add(libxl_domain_snapshot snapshot, std::string &flaw) {
        snapshot.broken = flaw.empty() ? nullptr : flaw.data();
        array_.add(snapshot);
    }

    const Session &session_;
    const libxl_snapshot_domain &domain_;
    bool json_;
    SnapshotArray array_{stdout};
    bool all_whole_ = true;
};

} // namespace

int run(const VerifyCommand &command, const Session &session) {
    const SnapshotDomain domain = session.find(command.domain);
    Verification verification(session, *domain, command.json);
    if (!command.name.empty())
        verification.look_at(*get_snapshot(session.xen(), *domain, command.name));
    else
        for (const libxl_domain_snapshot &snapshot : list_snapshots(session.xen(), *domain))
            verification.look_at(snapshot);
    return verification.finish();
}

} // namespace xlsnap::cli
