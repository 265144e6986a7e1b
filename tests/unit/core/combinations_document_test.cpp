// SPDX-License-Identifier: LGPL-2.1-only
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "core/combinations.hpp"
#include "one_disk_combination.hpp"

namespace xlsnap {

namespace {

struct Word {
    const char *text;
    int value;
};

constexpr Word kDomains[] = {{"offline", 0}, {"online", 1}};
constexpr Word kMemories[] = {{"default", static_cast<int>(MemoryWish::Default)},
                              {"none", static_cast<int>(MemoryWish::None)},
                              {"image", static_cast<int>(MemoryWish::Image)}};
constexpr Word kDisks[] = {{"default", static_cast<int>(DiskWishKind::Default)},
                           {"none", static_cast<int>(DiskWishKind::None)},
                           {"internal", static_cast<int>(DiskWishKind::Internal)},
                           {"external", static_cast<int>(DiskWishKind::External)}};
constexpr Word kDiskOnly[] = {{"", 0}, {"disk-only", 1}};
constexpr Word kLive[] = {{"", 0}, {"live", 1}};

std::string row_of(const std::string &words, AskedCombination asked, DiskWishKind wish) {
    std::string row = words;
    for (const bool tags : {true, false}) {
        asked.disks = {{wish, true, tags}};
        row += " " + words_of(combine(asked)) + " |";
    }
    return row + "\n";
}

std::string rows_of(const Word &domain, const Word &memory, const Word &disk) {
    std::string rows;
    for (const Word &disk_only : kDiskOnly)
        for (const Word &live : kLive) {
            std::string words = "|";
            for (const Word &word : {domain, memory, disk, disk_only, live})
                words += *word.text == '\0' ? " |" : std::string(" ") + word.text + " |";
            rows += row_of(words,
                           {.online = domain.value != 0,
                            .memory = static_cast<MemoryWish>(memory.value),
                            .disk_only = disk_only.value != 0,
                            .live = live.value != 0},
                           static_cast<DiskWishKind>(disk.value));
        }
    return rows;
}

std::string table_of_the_code() {
    std::string table = "| domain | memory | disk | disk-only | live | on qcow2 | on raw |\n"
                        "|---|---|---|---|---|---|---|\n";
    for (const Word &domain : kDomains)
        for (const Word &memory : kMemories)
            for (const Word &disk : kDisks)
                table += rows_of(domain, memory, disk);
    return table;
}

std::string reasons_of_the_code() {
    std::string list;
    for (int number = 1; number <= static_cast<int>(CombinationRefusal::LiveWithInternal); ++number)
        list += std::to_string(number) + ". " +
                reason_of(static_cast<CombinationRefusal>(number), DiskFormat::Raw) + "\n";
    return list;
}

std::string document() {
    std::ifstream file(XLSNAP_DOCS "/combinations.md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void expect_in_document(const std::string &text) {
    EXPECT_NE(document().find("\n\n" + text + "\n"), std::string::npos)
        << "docs/combinations.md lacks what the code says:\n"
        << text;
}

TEST(CombinationsDocument, HasTheTableOfTheCode) {
    expect_in_document(table_of_the_code());
}

TEST(CombinationsDocument, HasTheReasonsOfTheCode) {
    expect_in_document(reasons_of_the_code());
}

} // namespace

} // namespace xlsnap
