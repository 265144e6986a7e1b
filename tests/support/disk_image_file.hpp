// SPDX-License-Identifier: LGPL-2.1-only
#pragma once

#include <string>
#include <vector>

namespace xlsnap::test {

// A disk image in a file, made and looked at by qemu-img and qemu-io alone. Its content is told by
// the letter that fills its first MiB; '?' stands for any other content. Looking disturbs nobody
// who has the image open.
class DiskImageFile {
  public:
    DiskImageFile(std::string path, std::string format)
        : path_(std::move(path)), format_(std::move(format)) {}

    [[nodiscard]] const std::string &path() const { return path_; }

    // Makes the image new.
    void create(char letter) const;
    // The same, holding nothing, with the other image as its backing file.
    void create_over(const DiskImageFile &base) const;
    // Nobody may have it open.
    void write(char letter) const;

    [[nodiscard]] char content() const;
    [[nodiscard]] char content_of_tag(const std::string &tag) const;
    [[nodiscard]] std::vector<std::string> tags() const;
    // What its header says of its backing file: "FORMAT PATH"; empty when it has none.
    [[nodiscard]] std::string backing() const;

    // `qemu-img check` finds neither errors nor leaks.
    [[nodiscard]] bool is_intact() const;

  private:
    [[nodiscard]] std::string options() const;
    [[nodiscard]] char read_first_mib(const std::vector<std::string> &source) const;

    std::string path_;
    std::string format_;
};

} // namespace xlsnap::test
