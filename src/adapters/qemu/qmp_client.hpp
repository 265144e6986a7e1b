// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "adapters/qemu/line_socket.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace xlsnap {

// What a client takes from QEMU before it gives up. QEMU is not trusted: it runs guest-facing code.
struct QmpLimits {
    JsonLimits message;               // of one message
    std::size_t max_skipped = 10'000; // messages that are not the answer to the command
    std::size_t max_skipped_bytes = std::size_t{64} << 20; // of those together
};

struct QmpCommand {
    std::string name;
    Json::Object arguments = {};
    std::chrono::milliseconds deadline = {}; // from the answer before it
};

// One client of a QMP monitor (docs/interop/qmp-spec.txt in qemu.git), from the greeting to the end
// of the connection. After a connection fault or a missed deadline nothing can be known about the
// monitor's state, so every later command of this client fails.
class QmpClient {
  public:
    // Connects, reads the greeting and leaves the negotiation mode. NotReady when that does not
    // come true in time: QEMU serves one client per socket and lets the next one wait.
    static Result<QmpClient> connect(const std::string &socket_path,
                                     std::chrono::milliseconds deadline, QmpLimits limits = {});

    // The command's return value. A refusal by QEMU has the code of its error class; TimedOut and
    // ProtocolErrorQmp mean that QEMU may have carried the command out, or still may.
    Result<Json> execute(const std::string &command, Json::Object arguments,
                         std::chrono::milliseconds deadline);

    // The same for two commands, sent at once: QEMU carries out the second one right after the
    // first, even if it refuses that.
    std::pair<Result<Json>, Result<Json>> execute_both(QmpCommand first, QmpCommand second);

  private:
    struct Request {
        std::string id; // of the answer to come
        std::string line;
    };

    QmpClient(LineSocket socket, QmpLimits limits);

    Status receive_greeting(const Deadline &deadline);
    Status shake_hands(const Deadline &deadline);
    Result<Request> make_request(const std::string &command, Json::Object arguments);
    [[nodiscard]] Status check_usable(const std::string &command) const;
    // The answer, or its error with the command's name; a connection fault ends this client.
    Result<Json> judge(Result<Json> answer, const std::string &command);
    Result<Json> exchange(const std::string &command, Json::Object arguments,
                          const Deadline &deadline);
    // Returns the id of the answer to come.
    Result<std::string> send(const std::string &command, Json::Object arguments,
                             const Deadline &deadline);
    Result<std::pair<std::string, std::string>> send_both(QmpCommand &first, QmpCommand &second,
                                                          const Deadline &deadline);
    Result<Json> receive_answer(const std::string &id, const Deadline &deadline);
    Result<std::string> receive_text(const Deadline &deadline);

    LineSocket socket_;
    QmpLimits limits_;
    std::string id_prefix_;
    std::uint64_t commands_ = 0;
    bool usable_ = true;
};

} // namespace xlsnap
