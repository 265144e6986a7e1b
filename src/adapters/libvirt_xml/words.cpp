// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/libvirt_xml/words.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace xlsnap {

namespace {

template <typename Value> using Word = std::pair<Value, std::string_view>;

constexpr std::array kKinds{
    Word<DiskSnapshotKind>{DiskSnapshotKind::None, "no"},
    Word<DiskSnapshotKind>{DiskSnapshotKind::Internal, "internal"},
    Word<DiskSnapshotKind>{DiskSnapshotKind::External, "external"},
};

constexpr std::array kXmlStates{
    Word<XmlState>{XmlState::Running, "running"},
    Word<XmlState>{XmlState::Blocked, "blocked"},
    Word<XmlState>{XmlState::Paused, "paused"},
    Word<XmlState>{XmlState::Shutdown, "shutdown"},
    Word<XmlState>{XmlState::Shutoff, "shutoff"},
    Word<XmlState>{XmlState::Crashed, "crashed"},
    Word<XmlState>{XmlState::DiskSnapshot, "disk-snapshot"},
};

constexpr std::array kMemories{
    Word<XmlMemory>{XmlMemory::None, "no"},
    Word<XmlMemory>{XmlMemory::Internal, "internal"},
    Word<XmlMemory>{XmlMemory::External, "external"},
};

constexpr std::array kCompressions{
    Word<MemoryCompression>{MemoryCompression::None, "none"},
    Word<MemoryCompression>{MemoryCompression::Zstd, "zstd"},
};

constexpr std::array kSnapshotStates{
    Word<SnapshotState>{SnapshotState::Unknown, "unknown"},
    Word<SnapshotState>{SnapshotState::Running, "running"},
    Word<SnapshotState>{SnapshotState::Blocked, "blocked"},
    Word<SnapshotState>{SnapshotState::Paused, "paused"},
    Word<SnapshotState>{SnapshotState::Shutdown, "shutdown"},
    Word<SnapshotState>{SnapshotState::Dying, "dying"},
    Word<SnapshotState>{SnapshotState::Inactive, "inactive"},
};

constexpr std::array kFormats{
    Word<DiskFormat>{DiskFormat::Raw, "raw"},   Word<DiskFormat>{DiskFormat::Qcow2, "qcow2"},
    Word<DiskFormat>{DiskFormat::Qcow, "qcow"}, Word<DiskFormat>{DiskFormat::Qed, "qed"},
    Word<DiskFormat>{DiskFormat::Vhd, "vhd"},
};

template <typename Value>
std::string_view word_of(std::span<const Word<Value>> words, const Value &value) {
    const auto found = std::ranges::find(words, value, &Word<Value>::first);
    return found == words.end() ? std::string_view() : found->second;
}

template <typename Value>
std::optional<Value> value_of(std::span<const Word<Value>> words, std::string_view word) {
    const auto found = std::ranges::find(words, word, &Word<Value>::second);
    return found == words.end() ? std::nullopt : std::optional(found->first);
}

} // namespace

std::string_view xml_word(DiskSnapshotKind kind) {
    return word_of<DiskSnapshotKind>(kKinds, kind);
}

std::optional<DiskSnapshotKind> disk_kind_of(std::string_view word) {
    return value_of<DiskSnapshotKind>(kKinds, word);
}

std::string_view xml_word(XmlState state) {
    return word_of<XmlState>(kXmlStates, state);
}

std::optional<XmlState> xml_state_of(std::string_view word) {
    return value_of<XmlState>(kXmlStates, word);
}

std::optional<XmlMemory> xml_memory_of(std::string_view word) {
    return value_of<XmlMemory>(kMemories, word);
}

std::string_view xml_word(MemoryCompression compression) {
    return word_of<MemoryCompression>(kCompressions, compression);
}

std::optional<MemoryCompression> compression_of(std::string_view word) {
    return value_of<MemoryCompression>(kCompressions, word);
}

std::string_view xml_word(SnapshotState state) {
    return word_of<SnapshotState>(kSnapshotStates, state);
}

std::optional<SnapshotState> snapshot_state_of(std::string_view word) {
    return value_of<SnapshotState>(kSnapshotStates, word);
}

std::string_view xml_word(DiskFormat format) {
    return word_of<DiskFormat>(kFormats, format);
}

std::optional<DiskFormat> disk_format_of(std::string_view word) {
    return value_of<DiskFormat>(kFormats, word);
}

// diskTargetDev in libvirt's domaincommon.rng.
bool is_libvirt_target(std::string_view vdev) {
    constexpr std::array<std::string_view, 6> prefixes{"fd", "hd", "sd", "vd", "xvd", "ubd"};
    constexpr auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) {
        return vdev.starts_with(prefix) && vdev.size() > prefix.size() &&
               std::ranges::all_of(vdev, is_word);
    });
}

} // namespace xlsnap
