// SPDX-License-Identifier: LGPL-2.1-only
#include "engine/layer_tidying.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/domain_images.hpp"
#include "core/layer_outline.hpp"
#include "core/refusals.hpp"
#include "engine/layer_facts.hpp"
#include "engine/left_disks.hpp"

namespace xlsnap {

namespace {

// Nothing is done twice: an image that nobody made but somebody else is not even listed, say, would
// be left to him again and again.
const LayerStep *first_step(const Tidying &tidying, const std::set<std::string> &blocked,
                            const std::vector<LayerStep> &carried_out) {
    const auto is_possible = [&](const LayerStep &step) {
        return std::ranges::count(carried_out, step) == 0 &&
               std::ranges::none_of(images_of(step), [&](const std::string &path) {
                   return blocked.contains(path);
               });
    };
    const auto found = std::ranges::find_if(tidying.steps, is_possible);
    return found == tidying.steps.end() ? nullptr : &*found;
}

// The image that a merge leaves to nobody; empty: the step is none.
std::string image_left_over(const LayerStep &step) {
    if (const auto *commit = std::get_if<layer_step::Commit>(&step))
        return commit->upper;
    if (const auto *stream = std::get_if<layer_step::Stream>(&step))
        return stream->lower;
    if (const auto *removal = std::get_if<layer_step::RemoveImage>(&step))
        return removal->path;
    return {};
}

} // namespace

bool LayerTidying::concerns(const DomainCatalog &known) {
    return !known.domain.images.empty() || std::ranges::any_of(known.snapshots, has_external);
}

Result<PresentLayers> LayerTidying::look(const Subject &subject, const DomainCatalog &known) {
    XLSNAP_ASSIGN(std::optional<Domain> running, running_now(subject));
    std::vector<NamedImage> active = recorded_active_images(known.snapshots, known.domain);
    if (running) {
        active = active_images(*running);
    } else if (!subject.config_json.empty()) {
        XLSNAP_ASSIGN(Domain domain, ports_.toolstack.read_config(subject.config_json));
        for (const DiskChange &change : find_left_images(ports_.disk_images, domain, known.domain))
            set_image(domain, change);
        for (NamedImage &image : active_images(domain))
            active.push_back(std::move(image));
    }
    XLSNAP_ASSIGN(ImageLayers layers, gather_layers(ports_, known, active));
    return PresentLayers{std::move(running), std::move(layers), !active.empty(),
                         find_missing_image(ports_, known, active)};
}

// A guest may reboot while its images are merged.
Result<std::optional<Domain>> LayerTidying::running_now(const Subject &subject) {
    if (!subject.domid)
        return std::optional<Domain>();
    Result<Domain> domain = ports_.toolstack.inspect(*subject.domid);
    if (!domain && domain.error().code == ErrorCode::DomainNotFound) {
        XLSNAP_ASSIGN(const std::optional<DomainId> now, finder_.domid_now(subject.key));
        if (!now)
            return std::optional<Domain>();
        domain = ports_.toolstack.inspect(*now);
    }
    if (!domain)
        return fail(std::move(domain.error()));
    return std::optional(std::move(*domain));
}

Result<Tidying> LayerTidying::plan(const Subject &subject, const DomainCatalog &known,
                                   TidyDepth depth) {
    if (!concerns(known))
        return Tidying{};
    XLSNAP_ASSIGN(PresentLayers present, look(subject, known));
    if (!present.is_active_known)
        return Tidying{};
    return xlsnap::tidy(std::move(present.layers), depth);
}

Status LayerTidying::check_space(const Subject &subject, const Tidying &tidying,
                                 const DomainCatalog &known) {
    if (tidying.steps.empty())
        return {};
    XLSNAP_ASSIGN(const PresentLayers present, look(subject, known));
    return work_.check_space(tidying.steps, present.layers);
}

Status LayerTidying::tidy(const Subject &subject, DomainCatalog &known, TidyDepth depth) {
    if (!concerns(known))
        return {};
    Refusals left;
    left.add(carry_out_all(subject, known, depth));
    left.add(protect(subject, known));
    return left.status();
}

Status LayerTidying::protect(const Subject &subject, DomainCatalog &known) {
    if (!concerns(known))
        return {};
    XLSNAP_TRY(unpin(known));
    XLSNAP_ASSIGN(const PresentLayers present, look(subject, known));
    return protection_.settle(known.domain, present.layers);
}

// Where nobody knows what the domain writes to, nobody knows what stands on an image.
Status LayerTidying::let_go(const Subject &subject, DomainCatalog &known) {
    if (!concerns(known))
        return {};
    XLSNAP_TRY(unpin(known));
    XLSNAP_ASSIGN(const PresentLayers present, look(subject, known));
    Refusals left;
    if (present.is_active_known)
        for (const std::string &path : pinned_for_nobody(present.layers, known.domain))
            left.add(remove_image(path, known));
    for (const DomainImage &image : known.domain.images)
        if (image.pinned)
            ports_.log.info(fmt::format("{} stays as it is while images stand on it: nobody may "
                                        "write to it, and no deletion merges it",
                                        image.path));
    left.add(protection_.settle(known.domain, present.layers));
    return left.status();
}

// After the records: a crash in between leaves an image that stays longer than it must.
Status LayerTidying::unpin(DomainCatalog &known) {
    DomainRecord changed = known.domain;
    unpin_recorded_images(known.snapshots, changed);
    if (changed == known.domain)
        return {};
    XLSNAP_TRY(catalog_.write_domain(changed));
    known.domain = std::move(changed);
    return {};
}

// Looked at anew before each step: what a step has left behind counts, not what it was to leave.
Status LayerTidying::carry_out_all(const Subject &subject, DomainCatalog &known, TidyDepth depth) {
    Blocked blocked;
    std::vector<LayerStep> carried_out;
    tell_broken(known);
    for (bool first = true;; first = false) {
        XLSNAP_ASSIGN(const PresentLayers present, look(subject, known));
        if (first && present.missing)
            ports_.log.info(fmt::format("the images below the domain's are left as they are, since "
                                        "{} is not there and may stand on any of them; bring it "
                                        "back, or delete the snapshots that it belongs to",
                                        *present.missing));
        if (!present.is_active_known) {
            ports_.log.info("nothing is merged, since nobody knows which images the domain writes "
                            "to; name its configuration, or delete while it runs");
            return {};
        }
        XLSNAP_TRY(learn_marks(present, known));
        const Tidying tidying = xlsnap::tidy(present.layers, depth);
        const LayerStep *step = first_step(tidying, blocked, carried_out);
        if (step == nullptr) {
            tell_rest(tidying);
            return {};
        }
        const Status done = carry_out(*step, present, known);
        if (done) {
            carried_out.push_back(*step);
            continue;
        }
        if (done.error().code != ErrorCode::NotReady)
            return fail(with_context(fmt::format("could not {}; nothing is lost, and the next "
                                                 "deletion of a snapshot goes on with it",
                                                 describe(*step)),
                                     done.error()));
        ports_.log.info(fmt::format("could not {} yet, the next deletion of a snapshot will: {}",
                                    describe(*step), done.error().message));
        for (const std::string &path : images_of(*step))
            blocked.insert(path);
    }
}

// Before it is needed: an image whose mark could not be learnt when it was made could never be
// removed.
Status LayerTidying::learn_marks(const PresentLayers &present, DomainCatalog &known) {
    DomainRecord marked = known.domain;
    for (const NamedImage &image : images_to_mark(present.layers, known.domain)) {
        XLSNAP_ASSIGN(const ImageChain chain, ports_.image_chains.chain(image.path, image.format));
        mark_image(image.path, chain.front().mark, marked);
    }
    if (marked == known.domain)
        return {};
    XLSNAP_TRY(catalog_.write_domain(marked));
    known.domain = std::move(marked);
    return {};
}

// The file goes when nothing means it any more, and leaves the domain's list when it is gone: a
// crash leaves one that is listed, at an end, for the next tidying.
Status LayerTidying::carry_out(const LayerStep &step, const PresentLayers &present,
                               DomainCatalog &known) {
    ports_.log.detail(describe(step));
    XLSNAP_TRY(expect_changes(step, present, known, false));
    const Result<std::vector<ImageChange>> changes =
        work_.carry_out(step, {present.layers, known.domain, present.running});
    if (!changes) {
        if (changes.error().code == ErrorCode::NotReady)
            XLSNAP_TRY(expect_changes(step, present, known, true));
        return fail(changes.error());
    }
    XLSNAP_TRY(write_changes(*changes, known));
    tell_new_disk(step, present);
    const std::string left_over = image_left_over(step);
    return left_over.empty() ? Status() : remove_image(left_over, known);
}

Status LayerTidying::write_changes(const std::vector<ImageChange> &changes, DomainCatalog &known) {
    if (changes.empty())
        return {};
    std::vector<SnapshotRecord> records = known.snapshots;
    DomainRecord domain = known.domain;
    for (const ImageChange &change : changes)
        follow(change, records, domain);
    return write(std::move(records), domain, known);
}

// A step that fails or is cut off leaves images that somebody has written to, and a snapshot of
// them is what it was nevertheless.
Status LayerTidying::expect_changes(const LayerStep &step, const PresentLayers &present,
                                    DomainCatalog &known, bool take_back) {
    std::vector<SnapshotRecord> records = known.snapshots;
    DomainRecord domain = known.domain;
    for (const std::string &path : images_changed(step, present.layers)) {
        const ImageLayer *layer = present.layers.find(path);
        if (layer == nullptr)
            continue;
        XLSNAP_ASSIGN(const ImageChain chain, ports_.image_chains.chain(path, layer->format));
        (take_back ? expect_no_change : expect_change)(path, chain.front().mark, records, domain);
    }
    return records == known.snapshots && domain == known.domain
               ? Status()
               : write(std::move(records), domain, known);
}

Status LayerTidying::write(std::vector<SnapshotRecord> records, const DomainRecord &domain,
                           DomainCatalog &known) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i] == known.snapshots[i])
            continue;
        XLSNAP_TRY(catalog_.replace(known.domain.uuid, records[i]));
        known.snapshots[i] = std::move(records[i]);
    }
    XLSNAP_TRY(catalog_.write_domain(domain));
    known.domain = domain;
    return {};
}

Status LayerTidying::remove_image(const std::string &path, DomainCatalog &known) {
    XLSNAP_TRY(work_.remove_image(path, known.domain));
    forget_image(path, known.domain);
    return catalog_.write_domain(known.domain);
}

// A domain that runs has it in its configuration.
void LayerTidying::tell_new_disk(const LayerStep &step, const PresentLayers &present) {
    const auto *commit = std::get_if<layer_step::Commit>(&step);
    if (commit != nullptr && !present.running && present.layers.is_active(commit->upper))
        ports_.log.left_to_do(fmt::format("the domain's disk is {} from now on, and {} is gone: "
                                          "have its xl.cfg name that (xlsnap config --rewrite "
                                          "FILE)",
                                          commit->lower, commit->upper));
}

void LayerTidying::tell_broken(const DomainCatalog &known) {
    for (const BrokenRecord &broken : known.broken)
        ports_.log.info(fmt::format("the images below the domain's are left as they are, since the "
                                    "record of snapshot '{}' is broken and may need any of them; "
                                    "bring it back (xlsnap rebuild), or delete it alone "
                                    "(--metadata-only)",
                                    broken.name));
}

void LayerTidying::tell_rest(const Tidying &tidying) {
    for (const std::string &sentence : describe_rest(tidying))
        ports_.log.info(sentence);
}

} // namespace xlsnap
