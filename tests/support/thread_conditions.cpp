// SPDX-License-Identifier: LGPL-2.1-only
#include "support/thread_conditions.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace xlsnap::test {

namespace {

constexpr unsigned kArgumentOffset = offsetof(seccomp_data, args); // its low half: little-endian

sock_filter load(unsigned offset) {
    return {BPF_LD | BPF_W | BPF_ABS, 0, 0, offset};
}

// Goes on with the next instruction when the loaded word is `value`, else to the last but one.
sock_filter expect(std::uint32_t value, std::uint8_t instructions_to_allow) {
    return {BPF_JMP | BPF_JEQ | BPF_K, 0, instructions_to_allow, value};
}

bool install_filter(SystemCall call, int errno_value) {
    const std::uint32_t refusal =
        SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(errno_value) & SECCOMP_RET_DATA);
    std::vector<sock_filter> program;
    program.push_back(load(offsetof(seccomp_data, nr)));
    if (call.first_argument) {
        program.push_back(expect(static_cast<std::uint32_t>(call.number), 3));
        program.push_back(load(kArgumentOffset));
        program.push_back(expect(*call.first_argument, 1));
    } else {
        program.push_back(expect(static_cast<std::uint32_t>(call.number), 1));
    }
    program.push_back({BPF_RET | BPF_K, 0, 0, refusal});
    program.push_back({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW});
    sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

} // namespace

// A bare thread: std::thread calls a virtual function when the body is over, and the sanitizer that
// checks such calls probes memory with pipe(2), which may be what fails.
void with_failing(SystemCall call, int errno_value, const std::function<void()> &body) {
    const std::function<void()> filtered = [&] {
        if (install_filter(call, errno_value))
            body();
        else
            ADD_FAILURE() << "cannot install a seccomp filter: " << std::strerror(errno);
    };
    const auto run = [](void *argument) -> void * {
        (*static_cast<const std::function<void()> *>(argument))();
        return nullptr;
    };
    pthread_t thread{};
    ASSERT_EQ(::pthread_create(&thread, nullptr, run,
                               const_cast<void *>(static_cast<const void *>(&filtered))),
              0);
    ASSERT_EQ(::pthread_join(thread, nullptr), 0);
}

void with_small_file_system(const char *directory, std::size_t bytes,
                            const std::function<void()> &body) {
    std::thread([&] {
        const std::string size = "size=" + std::to_string(bytes);
        if (::unshare(CLONE_NEWNS) == 0 &&
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            ::mount("small", directory, "tmpfs", 0, size.c_str()) == 0)
            body();
        else
            ADD_FAILURE() << "cannot mount a tmpfs: " << std::strerror(errno);
    }).join();
}

void as_nobody(const std::function<void()> &body) {
    std::thread([&] {
        // The C library's setresuid() would change all threads.
        constexpr uid_t kNobody = 65534;
        if (::syscall(SYS_setresuid, kNobody, kNobody, kNobody) == 0)
            body();
        else
            ADD_FAILURE() << "cannot become nobody: " << std::strerror(errno);
    }).join();
}

} // namespace xlsnap::test
