// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/plan.hpp"
#include "engine/live_tags.hpp"
#include "engine/new_images.hpp"
#include "engine/overlay_withdrawal.hpp"
#include "engine/ports.hpp"

namespace xlsnap {

// Carries out the steps of one operation on one domain, and undoes them.
class StepActions {
  public:
    // `image`: the memory image that a RestoreDomain step uses; its fd is consumed.
    StepActions(const Ports &ports, Domain domain, std::optional<MemoryImage> image = {});

    Status run(const Step &step);

    // Undoes a step that ran, or failed anywhere inside. Success when there is nothing to undo.
    Status undo(const Step &step);

    // Launches a watcher when the domain may have none: it was suspended, at which xl's leaves
    // before Xen 4.20, or built here. To be called when the operation has ended, well or not.
    // libvirt watches its domains itself.
    void keep_watched();

    // The domain as the operation left it: its domid changes when it is built anew.
    [[nodiscard]] const Domain &domain() const { return domain_; }

    // The domain was destroyed and started again from its configuration: its memory is lost.
    [[nodiscard]] bool started_again() const { return started_again_; }

  private:
    friend struct RunStep;
    friend struct UndoStep;

    void is_built_from(const std::string &config_json);
    Status withdraw_overlays(const std::vector<DiskTarget> &targets);
    Status bring_images_back(const std::vector<DiskChange> &images);
    Status bring_disks_back(const std::string &present_tag);
    Status start_from_configuration();
    bool is_gone();
    Status remove_tags(const std::vector<DiskTarget> &targets);

    Ports ports_;
    LiveTags live_tags_;
    NewImages new_images_;
    OverlayWithdrawal withdrawal_;
    Domain domain_;
    std::optional<MemoryImage> image_;

    std::unique_ptr<MemoryImageWriter> writer_;
    bool suspend_tried_ = false;
    CreatedTags created_;
    std::vector<DiskChange> replaced_; // the images that the domain had
    std::vector<DiskTarget> created_closed_;
    bool paused_here_ = false;
    bool destroy_tried_ = false;
    // Disks that may hold another content than before the operation.
    std::vector<DiskTarget> changed_disks_;
    bool started_again_ = false;
    bool watcher_needed_ = false;
};

// "xvda (/images/a.qcow2), …": for messages that tell where data lies.
[[nodiscard]] std::string list_disks(const std::vector<DiskTarget> &targets);

inline constexpr const char *kRemoveByUs = "remove it with xlsnap delete --no-catalog --disk-only";
inline constexpr const char *kRemoveByQemuImg = "remove it with qemu-img snapshot -d";

} // namespace xlsnap
