// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <cstdlib>
#include <memory>

// libxl's headers have no extern "C" of their own.
extern "C" {
#include <libxl.h>
#include <libxl_utils.h>
}

namespace xlsnap {

// One value of a libxl type with what it owns: initialised like libxl's examples, disposed of at
// the end of its scope.
template <typename T, void (*Init)(T *), void (*Dispose)(T *)> class LibxlValue {
  public:
    LibxlValue() { Init(&value_); }
    LibxlValue(const LibxlValue &) = delete;
    LibxlValue &operator=(const LibxlValue &) = delete;
    LibxlValue(LibxlValue &&other) noexcept : value_(other.value_) { Init(&other.value_); }
    LibxlValue &operator=(LibxlValue &&) = delete;
    ~LibxlValue() { Dispose(&value_); }

    [[nodiscard]] T *get() { return &value_; }
    [[nodiscard]] T *operator->() { return &value_; }
    [[nodiscard]] const T *operator->() const { return &value_; }

  private:
    T value_;
};

using LibxlDomainConfig =
    LibxlValue<libxl_domain_config, libxl_domain_config_init, libxl_domain_config_dispose>;
using LibxlDominfo = LibxlValue<libxl_dominfo, libxl_dominfo_init, libxl_dominfo_dispose>;
using LibxlDeviceDisk =
    LibxlValue<libxl_device_disk, libxl_device_disk_init, libxl_device_disk_dispose>;
using LibxlPhysinfo = LibxlValue<libxl_physinfo, libxl_physinfo_init, libxl_physinfo_dispose>;
using LibxlDiskinfo = LibxlValue<libxl_diskinfo, libxl_diskinfo_init, libxl_diskinfo_dispose>;
using LibxlRestoreParams = LibxlValue<libxl_domain_restore_params, libxl_domain_restore_params_init,
                                      libxl_domain_restore_params_dispose>;

struct FreeMalloced {
    void operator()(void *memory) const { std::free(memory); }
};

// Text that libxl or libxenstore allocated for us.
using MallocedText = std::unique_ptr<char, FreeMalloced>;

} // namespace xlsnap
