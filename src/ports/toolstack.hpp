// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/config_disks.hpp"
#include "core/domain.hpp"

namespace xlsnap {

// The host's free memory is kept for a domain that is about to be built, as long as this lives: no
// other start that xl or we make counts it meanwhile.
class Room {
  public:
    Room() = default;
    Room(const Room &) = delete;
    Room &operator=(const Room &) = delete;
    Room(Room &&) = delete;
    Room &operator=(Room &&) = delete;
    virtual ~Room() = default;
};

struct KnownDomain {
    DomainId domid = 0;
    std::string uuid;
    std::string name;
};

// What libxl does for us: look at domains and move them between states. Every call is synchronous
// and may take as long as libxl does (a suspend request is given up by libxl after 60 s).
class Toolstack {
  public:
    virtual ~Toolstack() = default;

    // Everything known about the domain. DomainNotFound when there is none.
    virtual Result<Domain> inspect(DomainId domid) = 0;

    // The guests of this host, whatever their state; the control domain is none.
    virtual Result<std::vector<KnownDomain>> list() = 0;

    // What inspect() would say of a domain that is built from this configuration, as far as the
    // configuration tells it: name, uuid, type, disks, and the configuration itself. Invalid when
    // it is none.
    virtual Result<Domain> read_config(const std::string &config_json) = 0;

    // Only the state. DomainNotFound when the domain is gone.
    virtual Result<RunState> state(DomainId domid) = 0;

    // Whether the guest's PV front end of this disk is connected now (Disk::frontend_connected as
    // of inspect() may be stale: an HVM guest switches over while it boots). Cheap.
    virtual Result<bool> frontend_connected(DomainId domid, const std::string &vdev) = 0;

    // Suspends the domain and writes its memory as a libxl stream to `fd`, which must be open for
    // writing, from the fd's position. With `live` the guest runs on while most of it is written;
    // the QEMU of an HVM domain then ends up with nodes that are inactive. A paused one has nothing
    // of that. On success the domain is Suspended (an HVM domain's QEMU is stopped) until resume().
    // A paused guest whose help the suspend needs (every guest with Xen drivers, and one that was
    // paused within an access to an emulated device) is unpaused once the request stands and is
    // Suspended, not paused, afterwards.
    // On failure the domain may be in any state: the caller calls let_run().
    virtual Status suspend(DomainId domid, int fd, bool live) = 0;

    // Lets a Suspended domain go on where it was. A domain that is paused as well stays paused.
    virtual Status resume(DomainId domid) = 0;

    // Brings the domain back to where it was before a suspend() that failed or whose snapshot is
    // given up: resumes it when it is suspended, lets its QEMU go on when only that was stopped,
    // and pauses it first when `paused`. Nothing to do is success.
    virtual Status let_run(DomainId domid, bool paused) = 0;

    virtual Status pause(DomainId domid) = 0;
    virtual Status unpause(DomainId domid) = 0;

    // Returns when the domain is gone; its QEMU may live a moment longer (see ImageUsers).
    // A domain that is gone already is success.
    virtual Status destroy(DomainId domid) = 0;

    // Writes the memory of a domain that shut down to a file, for a debugger. It lies where xl puts
    // it, and replaces an older one of the same name.
    virtual Status dump_core(const Domain &domain) = 0;

    // Gives the domain another name and uuid, so that one can be built from its configuration.
    virtual Status preserve(const Domain &domain) = 0;

    // Whether restore() and start() can read this configuration; Invalid when they cannot.
    virtual Status check_config(const std::string &config_json) = 0;

    // Whether there would be memory for make_room(); changes nothing. NoMemory, with what is
    // missing, when there cannot be; success when only the attempt can tell, since dom0 need not
    // give up what it is asked for.
    virtual Status check_room(const std::string &config_json, const std::string &gone_json) = 0;

    // Sees to it that there will be memory for the first domain when the second one is gone, or
    // that there is when the second is empty. As xl does, it lets dom0 give up memory for that,
    // unless the administrator does not want it. NoMemory, with what is missing, when there is not
    // enough; NotReady when another process has been starting a domain all the time.
    virtual Result<std::unique_ptr<Room>> make_room(const std::string &config_json,
                                                    const std::string &gone_json) = 0;

    // Builds a domain from a configuration and the libxl stream that `fd` stands at. It is Paused,
    // keeps name, uuid and MACs of the configuration, and has a new domid. On failure no domain of
    // the attempt is left.
    virtual Result<DomainId> restore(const std::string &config_json, int fd) = 0;

    // Builds a domain from its configuration alone, as `xl create` does; it is Paused.
    virtual Result<DomainId> start(const std::string &config_json) = 0;

    // Makes these images the disks of a living domain wherever libxl and xl have them: a reboot, xl
    // save, a migration and xl block-list take them from then on. Its QEMU is told nothing: it has
    // them open already, or will have with the caller's next step. All the disks or none; done
    // again it changes nothing. What `xl config-update` has left for the next boot goes when it
    // names other images, and the log tells.
    // DomainNotFound or DomainDestroyed when this domain is gone; NotFound for a disk that it does
    // not have; Invalid for one that its QEMU does not serve, and for what check_changes() refuses;
    // NotReady when another process is at work on it all the time. After a failure all is as it
    // was, or the message says what is NOT UNDONE.
    virtual Status change_disks(const Domain &domain, const std::vector<DiskChange> &changes) = 0;
};

} // namespace xlsnap
