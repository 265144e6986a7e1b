// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "adapters/qemu/deadline.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace xlsnap {

// Lines of text over a unix stream socket. No call waits past its deadline (TimedOut), no signal is
// raised when the peer is gone (ProtocolErrorQmp), and no more of a line is kept than was asked
// for. Once connected, nothing else than those two is an error's code: what the peer has got, and
// done, is unknown after either.
class LineSocket {
  public:
    // NotReady when nobody listens at the path, or the listener's queue stays full.
    static Result<LineSocket> connect(const std::string &path, const Deadline &deadline);

    Status send(std::string_view text, const Deadline &deadline);

    // The next line without its end. ProtocolErrorQmp when it is longer than max_bytes; the socket
    // is of no use then.
    Result<std::string> receive_line(std::size_t max_bytes, const Deadline &deadline);

  private:
    explicit LineSocket(UniqueFd fd) : fd_(std::move(fd)) {}

    [[nodiscard]] Status wait_for(short events, const Deadline &deadline) const;
    Status receive_more(const Deadline &deadline);

    UniqueFd fd_;
    std::string received_; // behind the last line that was handed out
};

} // namespace xlsnap
