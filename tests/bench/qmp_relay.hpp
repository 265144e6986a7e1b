// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"

namespace xlsnap::bench {

using Seconds = std::chrono::duration<double>;

// Stands between a client and QEMU's monitor, one connection at a time, and looks at QMP's
// transactions: the guest's writes wait from the command to its reply.
class QmpRelay {
  public:
    // Listens at `path`; `monitor` is QEMU's.
    QmpRelay(std::string path, std::string monitor);
    QmpRelay(const QmpRelay &) = delete;
    QmpRelay &operator=(const QmpRelay &) = delete;
    QmpRelay(QmpRelay &&) = delete;
    QmpRelay &operator=(QmpRelay &&) = delete;
    ~QmpRelay();

    // Waits for the end of what is relayed; nothing is afterwards.
    void finish();

    [[nodiscard]] int transactions() const { return transactions_; }
    [[nodiscard]] Seconds in_transactions() const { return in_transactions_; }

  private:
    void relay();
    void relay_one(int client, int server);
    void look_at_command(const std::string &text);
    void look_at_reply(const std::string &text);

    std::string path_;
    std::string monitor_;
    UniqueFd listener_;
    std::vector<char> buffer_; // cleared once: time that is none of a snapshot's
    int transactions_ = 0;
    bool waits_ = false;
    std::chrono::steady_clock::time_point begun_;
    Seconds in_transactions_{0};
    std::thread thread_;
};

} // namespace xlsnap::bench
