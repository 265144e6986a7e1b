// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstring>

namespace xlsnap::api {

// The number in a field of a C structure, which need not hold a value of its type: to load such a
// one is undefined.
template <typename Number, typename Field> [[nodiscard]] Number number_in(const Field &field) {
    static_assert(sizeof(Number) == sizeof(Field));
    Number number{};
    std::memcpy(&number, &field, sizeof(number));
    return number;
}

[[nodiscard]] inline bool flag_in(const bool &field) {
    return number_in<unsigned char>(field) != 0;
}

} // namespace xlsnap::api
