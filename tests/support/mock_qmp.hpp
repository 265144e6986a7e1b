// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/json.hpp"
#include "base/unique_fd.hpp"
#include "support/temporary_directory.hpp"

namespace xlsnap::test {

// A QMP server on a real unix socket that plays an ordered script in a thread of its own: write the
// script, start(), then let the client talk. A command that the script does not expect next, and a
// step of the script that is never reached, fail the test when the mock is destroyed.
class MockQmp {
  public:
    MockQmp();
    MockQmp(const MockQmp &) = delete;
    MockQmp &operator=(const MockQmp &) = delete;
    MockQmp(MockQmp &&) = delete;
    MockQmp &operator=(MockQmp &&) = delete;
    ~MockQmp();

    [[nodiscard]] const std::string &path() const { return path_; }

    // A client connects.
    MockQmp &accept();
    // A client connects, is greeted and leaves the negotiation mode.
    MockQmp &greet();

    // The client sends this command with exactly these arguments.
    MockQmp &expect(std::string command, Json::Object arguments = {});

    // Answers the command expected last. In send(), "$ID" stands for that command's id.
    MockQmp &answer(Json value = Json::Object());
    MockQmp &refuse(const std::string &error_class, const std::string &text);
    MockQmp &send(std::string bytes);
    MockQmp &send_byte_by_byte(std::string bytes);
    // The same bytes again and again, until the client leaves.
    MockQmp &send_until_left(std::string bytes);

    MockQmp &hang_up();
    // Silence; the client leaves without another word.
    MockQmp &await_leaving();

    void start();

    // Ends the server and returns what went otherwise than the script says. The destructor calls
    // it, unless the test did.
    std::vector<std::string> finish();

    static std::string greeting();

  private:
    // Returns what went wrong.
    using Step = std::function<std::optional<std::string>()>;

    MockQmp &add(Step step);
    void play();
    std::optional<std::string> accept_client();
    std::optional<std::string> read_command(const std::string &command,
                                            const Json::Object &arguments);
    std::optional<std::string> see_client_leave();
    std::optional<std::string> find_surplus();
    std::optional<std::string> read_line(std::string &line);
    bool wait_for(int fd, short events);
    bool write_all(std::string_view bytes);
    [[nodiscard]] std::string fill_in(std::string text) const;

    TemporaryDirectory directory_;
    std::string path_;
    UniqueFd listener_;
    UniqueFd stop_; // an eventfd: the test is over, nothing more will come
    UniqueFd client_;
    std::vector<Step> script_;
    std::string received_;
    std::string last_id_;
    std::vector<std::string> complaints_;
    std::thread thread_;
};

} // namespace xlsnap::test
