// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/store/domain_record_json.hpp"

#include "fuzz/record_target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    xlsnap::fuzz::read_record("domain", xlsnap::fuzz::text_of(data, size), xlsnap::decode_domain,
                              xlsnap::encode_domain);
    return 0;
}
