// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/qemu/qmp_client.hpp"
#include "adapters/qemu/qmp_live_disks.hpp"
#include "base/json.hpp"
#include "ports/live_disks.hpp"

namespace xlsnap {

// A session over QMP: qmp_session.cpp is about nodes and tags, qmp_snapshots.cpp about the making
// of snapshots, qmp_jobs.cpp about block jobs.
class QmpSession final : public LiveDisksSession {
  public:
    QmpSession(std::string subject, QmpClient client, QmpDeadlines deadlines)
        : subject_(std::move(subject)), client_(std::move(client)), deadlines_(deadlines) {}

    Result<std::vector<BlockNode>> nodes() override;
    Status take_snapshots(const std::vector<NodeTag> &tags,
                          const std::vector<NodeOverlay> &overlays) override;
    Status delete_tag(const std::string &node, const Tag &tag) override;
    Status deactivate_nodes() override;
    Status activate_nodes(bool running) override;
    Status start_job(const ChainJob &job) override;
    Result<std::vector<BlockJob>> jobs() override;
    Status complete_job(const ChainJob &job) override;
    Status cancel_job(const std::string &id) override;
    Status conclude_job(const ChainJob &job) override;
    Result<std::vector<std::string>>
    close_idle_nodes(const std::vector<std::string> &nodes) override;

  private:
    Result<Json> query(const std::string &command, Json::Object arguments = {});
    Status change(const std::string &command, Json::Object arguments = {});
    Status make_sure_nodes_are_active();
    Result<std::vector<Tag>> tags_of(const std::string &node);
    Result<std::vector<BlockNode>> listed(Result<Json> reply) const;
    Status put_in_use(Json::Object arguments, const std::vector<NodeTag> &tags,
                      const std::vector<NodeOverlay> &overlays);
    [[nodiscard]] Status
    make_sure_overlays_are_used(Result<std::vector<BlockNode>> now,
                                const std::vector<NodeOverlay> &overlays) const;
    Status flush(const std::string &node);
    Status refuse_other_jobs(const std::string &id);
    Status conclude_unlisted_job(const ChainJob &job);
    Status make_sure_chain_is_changed(const ChainJob &job);
    Result<std::vector<BlockNode>> nodes_after(const ChainJob &job);
    [[nodiscard]] Error explain(Error error) const;
    // Why the tags were not made, by what QEMU shows of its nodes now.
    static Error explain(Error error, const std::vector<NodeTag> &tags,
                         const Result<std::vector<BlockNode>> &now);
    // For what QEMU says that cannot be.
    [[nodiscard]] Error contradiction(std::string_view what) const;

    std::string subject_; // for messages
    QmpClient client_;
    QmpDeadlines deadlines_;
};

inline constexpr const char *kListNodes = "query-named-block-nodes";

// Without what lies below each node, which is listed itself.
[[nodiscard]] inline Json::Object listed_flat() {
    return {{"flat", true}};
}

// The same error with what to do about a QEMU that does not talk as it should.
[[nodiscard]] Error with_qmp_advice(Error error);

// Why QEMU could not be asked what a change has come to. Only of the question it may be a refusal.
[[nodiscard]] Error after_a_change(Error error);

} // namespace xlsnap
