# SPDX-License-Identifier: LGPL-2.1-only
"""The functions that libxl's IDL names for its builtin types, and what does their work here.

libxl's own take values that only libxl has (its garbage collector, its JSON objects) or do not
leave libxl; runtime/ has counterparts. A function that is missing here is the author's own.
"""

WRITERS = {
    "yajl_gen_bool": "xlsnap_json_write_bool",
    "libxl__string_gen_json": "xlsnap_json_write_string",
    "libxl__uint64_gen_json": "xlsnap_json_write_uint",
}

READERS = {
    "libxl__bool_parse_json": "xlsnap_json_read_bool",
    "libxl__string_parse_json": "xlsnap_json_read_string",
    "libxl__int_parse_json": "xlsnap_json_read_int",
    "libxl__uint8_parse_json": "xlsnap_json_read_uint8",
    "libxl__uint16_parse_json": "xlsnap_json_read_uint16",
    "libxl__uint32_parse_json": "xlsnap_json_read_uint32",
    "libxl__uint64_parse_json": "xlsnap_json_read_uint64",
}

BUILTINS = (
    "bitmap",
    "cpuid_policy_list",
    "defbool",
    "hwcap",
    "key_value_list",
    "mac",
    "ms_vm_genid",
    "string_list",
    "uuid",
)
for _name in BUILTINS:
    WRITERS[f"libxl_{_name}_gen_json"] = f"xlsnap_json_write_{_name}"
    READERS[f"libxl__{_name}_parse_json"] = f"xlsnap_json_read_{_name}"

# None where a comparison with the default says the same.
DEFAULT_CHECKS = {
    "libxl__string_is_default": None,
    "libxl__timer_mode_is_default": None,
    "libxl__cpuid_policy_is_empty": "xlsnap_cpuid_policy_list_is_empty",
    "libxl__defbool_is_default": "xlsnap_defbool_is_default",
    "libxl__hwcap_is_default": "xlsnap_hwcap_is_default",
    "libxl__key_value_list_is_empty": "xlsnap_key_value_list_is_empty",
    "libxl__mac_is_default": "xlsnap_mac_is_default",
    "libxl__string_list_is_empty": "xlsnap_string_list_is_empty",
    "libxl_bitmap_is_empty": "libxl_bitmap_is_empty",
    "libxl_ms_vm_genid_is_zero": "libxl_ms_vm_genid_is_zero",
    "libxl_uuid_is_nil": "libxl_uuid_is_nil",
}
