// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xlsnap {

enum class JobState {
    Running,   // works, or is about to conclude
    Paused,    // somebody paused it
    Ready,     // has copied everything and waits to be completed
    Concluded, // is over, well or not
};

// A block job of QEMU.
struct BlockJob {
    std::string id;
    std::string type; // "commit", "stream", ...
    JobState state = JobState::Running;
    std::uint64_t done = 0;  // of `total`, in bytes, never more than it
    std::uint64_t total = 0; // may grow
    std::string error = {};  // of a concluded one: why it failed, or that it was cancelled
};

// A job that takes images out of a disk's chain. The names are those of nodes.
struct ChainJob {
    enum class Kind {
        Commit, // what lies between `base` and `top`, and in `top`, goes into `base`
        Stream, // what lies between `base` and `top` goes into `top`
    };

    std::string id; // make_job_id()
    Kind kind = Kind::Commit;
    std::string active; // Commit: the node that the guest writes through; it may be `top`
    std::string top;
    std::string base;                 // Stream: empty means that `top` shall have no backing file
    std::string base_path;            // of base's node; recorded in the image above, so absolute
    std::vector<std::string> leaving; // the chain's nodes that the job takes out of it
};

// The id of our job on a disk, of which there is one at a time.
[[nodiscard]] std::string make_job_id(std::string_view vdev);

// Whether we started the job, in this process or in one before.
[[nodiscard]] bool is_job_of_ours(std::string_view id);

} // namespace xlsnap
