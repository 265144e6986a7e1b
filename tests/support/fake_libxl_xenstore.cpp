// SPDX-License-Identifier: LGPL-2.1-only
#include "support/fake_libxl.hpp"

#include <cerrno>
#include <cstring>

namespace xlsnap::test {

char *FakeLibxl::read_xenstore(std::uint32_t transaction, const char *path,
                               unsigned int *length_out) {
    const std::lock_guard lock(mutex_);
    const auto &written = transactions_[transaction];
    const auto pending = written.find(path);
    const auto node = xenstore.find(path);
    if (pending == written.end() && node == xenstore.end()) {
        errno = ENOENT;
        return nullptr;
    }
    const std::string &value = pending == written.end() ? node->second : pending->second;
    if (length_out != nullptr)
        *length_out = static_cast<unsigned int>(value.size());
    return ::strdup(value.c_str());
}

// Only what belongs to a transaction is written by anybody.
bool FakeLibxl::write_xenstore(std::uint32_t transaction, const std::string &path,
                               const std::string &value) {
    const std::lock_guard lock(mutex_);
    const auto failure = begin("xs_write", 0);
    if (failure || transaction == 0) {
        if (on_xenstore_failure)
            on_xenstore_failure();
        errno = failure.value_or(EINVAL);
        return false;
    }
    transactions_.at(transaction)[path] = value;
    return true;
}

std::uint32_t FakeLibxl::begin_transaction() {
    const std::lock_guard lock(mutex_);
    if (const auto failure = begin("xs_transaction_start", 0)) {
        errno = *failure;
        return 0;
    }
    ++open_transactions;
    transactions_[next_transaction_];
    return next_transaction_++;
}

bool FakeLibxl::end_transaction(std::uint32_t transaction, bool abort) {
    const std::lock_guard lock(mutex_);
    --open_transactions;
    const auto writes = transactions_.extract(transaction);
    if (abort)
        return true;
    if (const auto failure = begin("xs_transaction_end", 0)) {
        errno = *failure;
        return false;
    }
    for (const auto &[path, value] : writes.mapped()) {
        xenstore[path] = value;
        ++xenstore_writes;
    }
    const int failure = end("xs_transaction_end");
    if (failure != 0)
        errno = failure;
    return failure == 0;
}

} // namespace xlsnap::test
