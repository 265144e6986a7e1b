// SPDX-License-Identifier: LGPL-2.1-only
#include "contract/toolstack_contract.hpp"

#include "support/fake_toolstack.hpp"

namespace xlsnap::test {

namespace {

Disk connected_disk(const char *vdev) {
    Disk disk;
    disk.vdev = vdev;
    disk.path = std::string("/images/") + vdev + ".qcow2";
    disk.format = DiskFormat::Qcow2;
    disk.backend = DiskBackend::Qdisk;
    disk.writable = true;
    disk.frontend_connected = true;
    return disk;
}

class FakeHostOfToolstack final : public ToolstackHost {
  public:
    explicit FakeHostOfToolstack(GuestType type) {
        Domain domain;
        domain.name = "guest";
        domain.uuid = "6c8a2e5e-0f4b-4d0c-9d6e-1d1a3b0f9a01";
        domain.type = type;
        domain.disks = {connected_disk("xvda"), connected_disk("xvdb")};
        domid_ = toolstack_.add(std::move(domain), "first boot");
    }

    Toolstack &toolstack() override { return toolstack_; }
    DomainId domid() override { return domid_; }
    std::string boot_id(DomainId domid) override { return toolstack_.guest(domid).memory; }

  private:
    FakeToolstack toolstack_;
    DomainId domid_ = 0;
};

template <GuestType Type> std::unique_ptr<ToolstackHost> make_host() {
    return std::make_unique<FakeHostOfToolstack>(Type);
}

INSTANTIATE_TEST_SUITE_P(FakePv, ToolstackContract, ::testing::Values(make_host<GuestType::Pv>));
INSTANTIATE_TEST_SUITE_P(FakePvh, ToolstackContract, ::testing::Values(make_host<GuestType::Pvh>));

} // namespace

} // namespace xlsnap::test
