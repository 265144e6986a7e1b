// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/image_users_contract.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "adapters/posix/proc_image_users.hpp"
#include "base/unique_fd.hpp"
#include "support/fake_image_users.hpp"
#include "support/file_holder.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

namespace {

class FakeHostOfImageUsers final : public ImageUsersHost {
  public:
    ImageUsers &image_users() override { return guard_; }

    std::string add(const std::string &name) override { return "/images/" + name; }
    std::string missing() override {
        guard_.missing.insert("/images/missing");
        return "/images/missing";
    }

    int open(const std::string &path, bool writes) override {
        guard_.users[path].push_back({++last_pid_, command_of(last_pid_), writes});
        return last_pid_;
    }
    std::string command_of(int pid) override { return "program-" + std::to_string(pid); }
    void end(int pid) override {
        for (auto &[path, users] : guard_.users)
            std::erase_if(users, [pid](const ImageUser &user) { return user.pid == pid; });
    }
    void end_when_waited_for(int pid) override { guard_.leaving.insert(pid); }

  private:
    FakeImageUsers guard_;
    int last_pid_ = 100;
};

// Real processes with real files. Only /sys is ours, and empty: looking into it tells that the
// guard has looked at the processes once.
class ProcHostOfImageUsers final : public ImageUsersHost {
  public:
    ProcHostOfImageUsers() { std::filesystem::create_directory(loop_devices_); }
    ProcHostOfImageUsers(const ProcHostOfImageUsers &) = delete;
    ProcHostOfImageUsers &operator=(const ProcHostOfImageUsers &) = delete;
    ProcHostOfImageUsers(ProcHostOfImageUsers &&) = delete;
    ProcHostOfImageUsers &operator=(ProcHostOfImageUsers &&) = delete;
    ~ProcHostOfImageUsers() override {
        if (ender_.joinable())
            ender_.join();
    }

    ImageUsers &image_users() override { return guard_; }

    std::string add(const std::string &name) override {
        std::ofstream(directory_ / name) << "image";
        return directory_ / name;
    }
    std::string missing() override { return directory_ / "missing"; }

    int open(const std::string &path, bool writes) override {
        auto holder = std::make_unique<FileHolder>(path, writes ? O_RDWR : O_RDONLY);
        const int pid = holder->pid();
        holders_[pid] = std::move(holder);
        return pid;
    }
    std::string command_of(int pid) override {
        std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
        std::string name;
        std::getline(comm, name);
        return name;
    }
    void end(int pid) override { holders_.at(pid)->leave(); }
    void end_when_waited_for(int pid) override {
        watch_.reset(::inotify_init1(IN_CLOEXEC));
        ASSERT_GE(::inotify_add_watch(watch_.get(), loop_devices_.c_str(), IN_OPEN), 0);
        ender_ = std::thread([this, pid] {
            pollfd watched{watch_.get(), POLLIN, 0};
            EXPECT_EQ(::poll(&watched, 1, 60'000), 1) << "nobody looked for users";
            end(pid);
        });
    }

  private:
    TemporaryDirectory directory_;
    TemporaryDirectory sys_;
    std::string loop_devices_ = sys_ / "block";
    ProcImageUsers guard_{"/proc", sys_.path()};
    std::map<int, std::unique_ptr<FileHolder>> holders_;
    UniqueFd watch_;
    std::thread ender_;
};

INSTANTIATE_TEST_SUITE_P(Fake, ImageUsersContract, ::testing::Values([] {
                             return std::make_unique<FakeHostOfImageUsers>();
                         }));
INSTANTIATE_TEST_SUITE_P(Proc, ImageUsersContract, ::testing::Values([] {
                             return std::make_unique<ProcHostOfImageUsers>();
                         }));

} // namespace

} // namespace xlsnap::test
