// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ports/watcher_launcher.hpp"
#include "ports/watchers.hpp"
#include "support/fake_calls.hpp"

namespace xlsnap::test {

// Time does not pass here: who is there at the first look is there at the deadline. Methods for
// fail_next(): "claim", "wait_for_xl", "follow".
class FakeWatchers final : public Watchers, public FakeCalls {
  public:
    std::map<std::string, DomainId> ours; // the domid that the watcher of a uuid has to do with
    std::map<DomainId, int> xl;           // the pid of xl's process

    Result<std::unique_ptr<Watch>> claim(const std::string &uuid, DomainId domid,
                                         std::chrono::milliseconds /*deadline*/) override {
        XLSNAP_TRY(enter("claim", std::to_string(domid)));
        if (!ours.emplace(uuid, domid).second)
            return std::unique_ptr<Watch>();
        return std::unique_ptr<Watch>(new Held(*this, uuid));
    }

    Result<std::optional<int>> wait_for_xl(const Domain &domain,
                                           std::chrono::milliseconds /*deadline*/) override {
        XLSNAP_TRY(enter("wait_for_xl", std::to_string(domain.domid)));
        const auto found = xl.find(domain.domid);
        return found == xl.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    class Held final : public Watch {
      public:
        Held(FakeWatchers &watchers, std::string uuid)
            : watchers_(watchers), uuid_(std::move(uuid)) {}
        Held(const Held &) = delete;
        Held &operator=(const Held &) = delete;
        Held(Held &&) = delete;
        Held &operator=(Held &&) = delete;
        ~Held() override { watchers_.ours.erase(uuid_); }

        Status follow(DomainId domid) override {
            XLSNAP_TRY(watchers_.enter("follow", std::to_string(domid)));
            watchers_.ours[uuid_] = domid;
            return {};
        }

      private:
        FakeWatchers &watchers_;
        std::string uuid_;
    };
};

// Methods for fail_next(): "launch".
class FakeWatcherLauncher final : public WatcherLauncher, public FakeCalls {
  public:
    Status launch(DomainId domid) override { return enter("launch", std::to_string(domid)); }
};

} // namespace xlsnap::test
