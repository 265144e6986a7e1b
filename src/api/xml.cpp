// SPDX-License-Identifier: LGPL-2.1-only
// The C functions that read and write libvirt's XML.
#include <string>
#include <utility>

#include "adapters/libvirt_xml/snapshot_reader.hpp"
#include "adapters/libvirt_xml/snapshot_writer.hpp"
#include "api/answers.hpp"
#include "api/border.hpp"
#include "api/domain_call.hpp"
#include "api/wishes.hpp"
#include "libxl_snapshot.h"

namespace xlsnap::api {

namespace {

bool is_empty(const libxl_snapshot_domain &domain) {
    return domain.domid == -1 && domain.uuid == nullptr && domain.config == nullptr;
}

// The domain that the XML names, though nobody knows it yet.
Result<Subject> subject_in(Composition &composition, const SnapshotXml &xml) {
    if (!xml.domain || xml.domain->uuid.empty())
        return fail(ErrorCode::Invalid,
                    "neither the call nor the XML names a domain; name one by its uuid");
    const std::string config = xml.extension ? xml.extension->config_json : std::string();
    Result<FoundDomain> found = composition.finder().resolve({{}, xml.domain->uuid, config});
    if (!found && found.error().code == ErrorCode::DomainNotFound)
        return Subject{{}, xml.domain->uuid, config};
    if (!found)
        return fail(std::move(found.error()));
    return Subject{found->domid, std::move(found->match.uuid), config};
}

Result<Subject> import_subject(Composition &composition, const libxl_snapshot_domain *domain,
                               const SnapshotXml &xml) {
    if (domain != nullptr && is_empty(*domain))
        return subject_in(composition, xml);
    return subject_of(composition, domain);
}

} // namespace

} // namespace xlsnap::api

namespace api = xlsnap::api;
using xlsnap::Status;

int libxl_snapshot_dumpxml(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *name,
                           char **xml_out) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_place(xml_out, "xml_out"));
        XLSNAP_ASSIGN(const std::string wanted, api::text_in(name, "the name"));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(const auto view, call.composition->records().get(call.subject.key, wanted));
        XLSNAP_ASSIGN(const std::string xml, write_snapshot_xml(view.record, view.parent));
        *xml_out = api::to_malloc(xml);
        return {};
    });
}

int libxl_snapshot_import(libxl_ctx *ctx, const libxl_snapshot_domain *domain, const char *xml,
                          unsigned flags) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_context(ctx));
        XLSNAP_TRY(api::check_flags(flags, LIBXL_SNAPSHOT_DRY_RUN));
        XLSNAP_ASSIGN(const std::string text, api::text_in(xml, "the XML"));
        XLSNAP_ASSIGN(const auto read, xlsnap::read_snapshot_xml(text, xlsnap::XmlUse::Redefine));
        api::Composition composition(ctx);
        XLSNAP_ASSIGN(const auto subject, api::import_subject(composition, domain, read));
        XLSNAP_ASSIGN(const auto plan,
                      composition.catalogued().import(subject, read,
                                                      api::is_set(flags, LIBXL_SNAPSHOT_DRY_RUN)));
        api::set_last_plan(plan);
        return {};
    });
}

int libxl_domain_snapshot_from_xml(libxl_ctx *ctx, const libxl_snapshot_domain *domain,
                                   const char *xml, libxl_domain_snapshot *snapshot) {
    return api::guarded([&]() -> Status {
        XLSNAP_TRY(api::check_place(snapshot, "the snapshot"));
        XLSNAP_ASSIGN(const std::string text, api::text_in(xml, "the XML"));
        XLSNAP_ASSIGN(auto read, xlsnap::read_snapshot_xml(text, xlsnap::XmlUse::Create));
        XLSNAP_ASSIGN(const auto call, api::open_call(ctx, domain));
        XLSNAP_ASSIGN(read,
                      call.composition->catalogued().fit_to_domain(call.subject, std::move(read)));
        api::fill_in(*snapshot, read);
        return {};
    });
}
