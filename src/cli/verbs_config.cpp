// SPDX-License-Identifier: LGPL-2.1-only
#include <stdexcept>

#include <fmt/format.h>

#include "cli/config_file.hpp"
#include "cli/outcome.hpp"
#include "cli/present_images.hpp"
#include "cli/replaced_file.hpp"
#include "cli/rewritten_config.hpp"
#include "cli/selected_snapshot.hpp"
#include "cli/verbs.hpp"
#include "cli/xl_file.hpp"

namespace xlsnap::cli {

namespace {

// The domain that is meant, which must be the one that the file starts: another's images in it
// would be written by two domains.
SnapshotDomain domain_of(const ConfigCommand &command, const Session &session,
                         const std::string &text) {
    const std::string &path = command.rewrite_file;
    const XlFile file(path, text);
    const std::optional<std::string> name = file.text("name");
    if (!name && command.domain.empty())
        throw std::runtime_error(path + ": it has no name; say which domain is meant");
    SnapshotDomain domain = session.find(command.domain.empty() ? *name : command.domain);
    if (name && domain->name != nullptr && *name != domain->name)
        throw std::runtime_error(fmt::format("{}: it starts domain {}, not {}; name the file of {}",
                                             path, *name, called(*domain), called(*domain)));
    return domain;
}

void print_differences(const std::string &path, const RewrittenConfig &rewritten) {
    std::string lines;
    for (const RewrittenLine &line : rewritten.lines)
        lines += fmt::format("{}:{}:\n- {}\n+ {}\n", path, line.number, line.before, line.after);
    print_lines(lines);
}

void rewrite(const ConfigCommand &command, const Session &session) {
    const std::string &path = command.rewrite_file;
    const std::string text = read_text_file(path);
    const SnapshotDomain domain = domain_of(command, session, text);
    const RewrittenConfig rewritten =
        rewrite_config(path, text, present_images(session.xen(), *domain));
    if (rewritten.lines.empty()) {
        tell(path, "names the images that " + called(*domain) + " has");
        return;
    }
    if (command.dry_run) {
        check_replaceable(path);
        print_differences(path, rewritten);
        return;
    }
    Session::begin_change();
    const std::string backup = replace_file(path, text, rewritten.text);
    tell(path, fmt::format("names the images that {} has now; what it was is {}", called(*domain),
                           backup));
}

} // namespace

void run(const ConfigCommand &command, const Session &session) {
    if (!command.rewrite_file.empty()) {
        rewrite(command, session);
        return;
    }
    const SnapshotDomain domain = session.find(command.domain);
    const DomainSnapshot snapshot = named_or_current(session, *domain, command.name);
    if (snapshot->config == nullptr)
        throw std::runtime_error(called(*domain) + ": snapshot " + snapshot->name +
                                 " has no configuration");
    print_lines(std::string(snapshot->config) + "\n");
}

} // namespace xlsnap::cli
