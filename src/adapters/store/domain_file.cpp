// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/domain_file.hpp"

#include <fmt/format.h>

#include "adapters/store/domain_record_json.hpp"
#include "adapters/store/record_file.hpp"

namespace xlsnap {

namespace {

Result<DomainRecord> read_unnamed(const DurableDirectory &directory, const std::string &uuid) {
    RecordFileReader reader;
    XLSNAP_ASSIGN(const auto content, reader.read(directory, kDomainFile));
    if (!content) {
        DomainRecord nothing;
        nothing.uuid = uuid;
        return nothing;
    }
    XLSNAP_ASSIGN(DomainRecord domain, decode_domain(content->text));
    if (domain.uuid != uuid)
        return fail(ErrorCode::Invalid,
                    fmt::format("the record is that of the domain {}", domain.uuid));
    return domain;
}

} // namespace

Result<DomainRecord> read_domain_file(const DurableDirectory &directory, const std::string &uuid) {
    return read_unnamed(directory, uuid).with_context(directory.path_of(kDomainFile));
}

Status write_domain_file(const DurableDirectory &directory, const DomainRecord &domain) {
    XLSNAP_ASSIGN(const std::string text, encode_domain(domain));
    return write_record(directory, kDomainFile, text);
}

void follow_rename(const DurableDirectory &directory, const std::string &uuid,
                   const std::string &from, const std::string &to, Log &log) {
    Result<DomainRecord> domain = read_domain_file(directory, uuid);
    if (!domain || domain->current_name != from)
        return;
    domain->current_name = to;
    if (const Status written = write_domain_file(directory, *domain); !written)
        log.detail(fmt::format("{} still has the old name of the current snapshot: {}",
                               directory.path_of(kDomainFile), written.error().message));
}

} // namespace xlsnap
