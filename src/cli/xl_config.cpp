// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/xl_config.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "cli/child_output.hpp"
#include "cli/domain_config.hpp"
#include "cli/outcome.hpp"
#include "cli/screen.hpp"

namespace xlsnap::cli {

namespace {

// What xl has to say in several lines, as one.
std::string as_line(std::string text) {
    while (text.ends_with('\n'))
        text.pop_back();
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', end))
        text.replace(end, 1, "; ");
    return printable(text, {});
}

SnapshotDomain find_named(const Session &session, const std::string &who) {
    try {
        return session.find(who);
    } catch (const SnapshotError &error) {
        throw std::runtime_error(std::string(error.what()) +
                                 "; with --config leave DOMAIN out, and name a snapshot by -n");
    }
}

// Without a uuid: which domain it is, the library says. xl takes a new uuid for an xl.cfg that has
// none, and a name alone may be that of two.
SnapshotDomain domain_of(const Session &session, const std::string &json) {
    SnapshotDomain domain;
    set_text(domain->name, DomainConfig(session.xen(), json).name());
    return domain;
}

} // namespace

std::string_view json_in(std::string_view printed) {
    const std::size_t begin = printed.starts_with('{') ? 0 : printed.find("\n{") + 1;
    if (begin == 0 && !printed.starts_with('{'))
        throw std::runtime_error("xl create -n prints no JSON; take output_format out of xl.conf");
    return printed.substr(begin);
}

// An argument with a '=' is a setting to xl, and one with a '-' in front an option.
std::string json_of_xl_config(const std::string &path) {
    if (path.find('=') != std::string::npos)
        throw std::runtime_error(path +
                                 ": xl cannot read a file with a '=' in its path; rename it");
    const std::string argument = path.starts_with('-') ? "./" + path : path;
    try {
        return std::string(json_in(output_of({"xl", "create", "-q", "-n", argument})));
    } catch (const std::runtime_error &error) {
        throw std::runtime_error(path + ": " + as_line(error.what()));
    }
}

SnapshotDomain find_configured(const Session &session, const std::string &who,
                               const std::string &xl_config) {
    if (xl_config.empty())
        return session.find(who);
    const std::string json = json_of_xl_config(xl_config);
    SnapshotDomain domain = who.empty() ? domain_of(session, json) : find_named(session, who);
    if (domain->domid >= 0)
        throw std::runtime_error(
            fmt::format("domain {} runs; leave --config out", called(*domain)));
    set_text(domain->config, json);
    return domain;
}

} // namespace xlsnap::cli
