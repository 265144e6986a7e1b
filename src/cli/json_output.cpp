// SPDX-License-Identifier: LGPL-2.1-only
#include "cli/json_output.hpp"

#include <yajl/yajl_gen.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cli/units.hpp"
#include "cli/utf8.hpp"

namespace xlsnap::cli {

namespace {

struct FreeGenerator {
    void operator()(yajl_gen generator) const { yajl_gen_free(generator); }
};

// A failure stays with the stream until it is asked for.
void print(std::FILE *out, std::string_view text) {
    static_cast<void>(std::fwrite(text.data(), 1, text.size(), out));
}

void check(yajl_gen_status status) {
    if (status != yajl_gen_status_ok)
        throw std::runtime_error("cannot write JSON: the generator has state " +
                                 std::to_string(status));
}

std::size_t valid_bytes(std::string_view text) {
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        const auto byte = static_cast<unsigned char>(text[bytes]);
        if (byte < 0x80) {
            ++bytes;
            continue;
        }
        const Character next = first_character(text.substr(bytes));
        if (!next.valid)
            break;
        bytes += next.bytes;
    }
    return bytes;
}

std::string as_utf8(std::string_view text) {
    std::string out;
    for (;;) {
        const std::size_t valid = valid_bytes(text);
        out += text.substr(0, valid);
        if (valid == text.size())
            return out;
        out += "\ufffd";
        text.remove_prefix(valid + 1);
    }
}

// One JSON object, a member at a time.
class ObjectWriter {
  public:
    ObjectWriter() : generator_(yajl_gen_alloc(nullptr)) {
        if (generator_ == nullptr)
            throw std::bad_alloc();
        check(yajl_gen_map_open(generator_.get()));
    }

    // The whole object. Valid while this is there.
    [[nodiscard]] std::string_view finish() {
        check(yajl_gen_map_close(generator_.get()));
        const unsigned char *text = nullptr;
        std::size_t size = 0;
        check(yajl_gen_get_buf(generator_.get(), &text, &size));
        return {reinterpret_cast<const char *>(text), size};
    }

    void member(std::string_view key, const char *text) {
        string(key);
        if (text == nullptr)
            check(yajl_gen_null(generator_.get()));
        else if (const std::string_view view = text; valid_bytes(view) == view.size())
            string(view);
        else
            string(as_utf8(view));
    }
    void member(std::string_view key, const std::string &text) { member(key, text.c_str()); }
    void member(std::string_view key, bool value) {
        string(key);
        check(yajl_gen_bool(generator_.get(), value ? 1 : 0));
    }
    void member(std::string_view key, std::uint64_t value) {
        string(key); // as text: the generator's own integers are signed
        const std::string digits = std::to_string(value);
        check(yajl_gen_number(generator_.get(), digits.data(), digits.size()));
    }

    // What the function writes of each element is an object of the array.
    template <typename Elements, typename Write>
    void array(std::string_view key, const Elements &elements, Write write) {
        string(key);
        check(yajl_gen_array_open(generator_.get()));
        for (const auto &element : elements) {
            check(yajl_gen_map_open(generator_.get()));
            write(*this, element);
            check(yajl_gen_map_close(generator_.get()));
        }
        check(yajl_gen_array_close(generator_.get()));
    }

    void lines(std::string_view key, std::string_view text) {
        string(key);
        check(yajl_gen_array_open(generator_.get()));
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            string(as_utf8(text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        check(yajl_gen_array_close(generator_.get()));
    }

  private:
    void string(std::string_view text) {
        const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
        check(yajl_gen_string(generator_.get(), bytes, text.size()));
    }

    std::unique_ptr<struct yajl_gen_t, FreeGenerator> generator_;
};

void write_disk(ObjectWriter &out, const libxl_domain_snapshot_disk &disk) {
    out.member("vdev", disk.vdev);
    out.member("kind", libxl_disk_snapshot_kind_to_string(disk.kind));
    out.member("path", disk.path);
    out.member("format", disk.format);
    out.member("tag", disk.tag);
    out.member("overlay", disk.overlay);
    out.member("overlay_format", disk.overlay_format);
    out.member("virtual_size", disk.virtual_size);
}

void write_usage(ObjectWriter &out, const MeasuredUsage &usage) {
    if (usage) {
        out.member("held", usage->held);
        out.member("freed", usage->freed);
    } else {
        out.member("held", static_cast<const char *>(nullptr));
        out.member("freed", static_cast<const char *>(nullptr));
    }
}

void write_object(std::FILE *stream, const libxl_domain_snapshot &snapshot,
                  const MeasuredUsage *usage, const libxl_snapshot_domain *domain = nullptr) {
    const bool is_told = snapshot.broken == nullptr || domain == nullptr;
    ObjectWriter out;
    out.member("name", snapshot.name);
    out.member("creation_time", utc_time(snapshot.creation_time));
    out.member("description", snapshot.description);
    out.member("state", libxl_domain_snapshot_state_to_string(snapshot.state));
    out.member("save", snapshot.save);
    out.member("save_size", snapshot.save_size);
    out.member("save_digest", snapshot.save_digest);
    out.member("save_compression", libxl_snapshot_compression_to_string(snapshot.save_compression));
    out.array("disks", std::span(snapshot.disks, static_cast<std::size_t>(snapshot.num_disks)),
              write_disk);
    out.member("parent", snapshot.parent);
    out.member("live", snapshot.live);
    out.member("disk_only", snapshot.disk_only);
    out.member("crash_consistent", snapshot.crash_consistent);
    out.member("current", snapshot.current);
    out.member("is_protected", snapshot.is_protected);
    out.member("domain_uuid", is_told ? snapshot.domain_uuid : domain->uuid);
    out.member("domain_name", is_told ? snapshot.domain_name : domain->name);
    out.member("config", snapshot.config);
    out.member("program_version", snapshot.program_version);
    out.member("broken", snapshot.broken);
    if (usage != nullptr)
        write_usage(out, *usage);
    print(stream, out.finish());
}

void check_written(std::FILE *out) {
    if (std::fflush(out) != 0 || std::ferror(out) != 0)
        throw std::runtime_error(std::string("cannot write the output: ") + std::strerror(errno));
}

} // namespace

void SnapshotArray::add(const libxl_domain_snapshot &snapshot, const MeasuredUsage *usage,
                        const libxl_snapshot_domain *domain) {
    print(out_, empty_ ? "[\n" : ",\n");
    empty_ = false;
    write_object(out_, snapshot, usage, domain);
}

void SnapshotArray::finish() {
    print(out_, empty_ ? "[]\n" : "\n]\n");
    check_written(out_);
}

void write_json(std::FILE *out, std::span<const libxl_domain_snapshot> snapshots) {
    SnapshotArray array(out);
    for (const libxl_domain_snapshot &snapshot : snapshots)
        array.add(snapshot);
    array.finish();
}

void write_json(std::FILE *out, const libxl_domain_snapshot &snapshot, const MeasuredUsage *usage) {
    write_object(out, snapshot, usage);
    print(out, "\n");
    check_written(out);
}

void write_plan_json(std::FILE *out, std::string_view plan) {
    ObjectWriter writer;
    writer.lines("plan", plan);
    print(out, writer.finish());
    print(out, "\n");
    check_written(out);
}

} // namespace xlsnap::cli
