// SPDX-License-Identifier: LGPL-2.1-only
// The contract of the Toolstack port on the real libxl: run in dom0 by
// tests/xen/toolstack_contract.sh on the domain that XLSNAP_TEST_DOMAIN names, whose console log
// XLSNAP_TEST_CONSOLE names.
#include "contract/toolstack_contract.hpp"

#include <cstdio>
#include <fstream>

#include "adapters/libxl/toolstack.hpp"

namespace xlsnap::test {

namespace {

class StderrLog final : public Log {
  public:
    void detail(const std::string &message) override { print(message); }
    void info(const std::string &message) override { print(message); }
    void warn(const std::string &message) override { print(message); }
    void left_to_do(const std::string &message) override { print(message); }

  private:
    static void print(const std::string &message) { std::fprintf(stderr, "%s\n", message.c_str()); }
};

std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value == nullptr ? "" : value;
}

// What the guest's init prints ten times a second: "xlsnap-guest boot=ID ...".
std::string boot_id_in(const std::string &line) {
    constexpr std::string_view kMark = "xlsnap-guest boot=";
    const std::size_t mark = line.find(kMark);
    if (mark == std::string::npos)
        return "";
    const std::size_t begin = mark + kMark.size();
    return line.substr(begin, line.find(' ', begin) - begin);
}

// libxl, its logger and the domain's configuration live as long as the program: a test that
// destroyed the domain and failed must not rob the next one of it.
class XenHost {
  public:
    static XenHost &instance() {
        static XenHost host;
        return host;
    }

    LibxlToolstack &toolstack() { return *toolstack_; }

    // The running domain of the name; when the last test left none, one that boots anew.
    DomainId running_domain() {
        std::uint32_t domid = 0;
        if (libxl_name_to_domid(ctx_, name_.c_str(), &domid) == 0) {
            if (config_json_.empty())
                config_json_ = toolstack_->inspect(domid).value().config_json;
            if (toolstack_->state(domid).value() == RunState::Running)
                return domid;
            EXPECT_TRUE(toolstack_->destroy(domid));
        }
        domid = toolstack_->start(config_json_).value();
        EXPECT_TRUE(toolstack_->unpause(domid));
        return domid;
    }

    // Waits for the next whole line of the guest.
    std::string next_boot_id() const {
        std::ifstream console(environment("XLSNAP_TEST_CONSOLE"));
        console.seekg(0, std::ios::end);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        std::string text;
        while (std::chrono::steady_clock::now() < deadline) {
            std::string more{std::istreambuf_iterator<char>(console), {}};
            console.clear();
            text += more;
            const std::size_t first_end = text.find('\n');
            const std::size_t second_end =
                first_end == std::string::npos ? first_end : text.find('\n', first_end + 1);
            if (second_end != std::string::npos) {
                const std::string id =
                    boot_id_in(text.substr(first_end + 1, second_end - first_end - 1));
                if (!id.empty())
                    return id;
                text.erase(0, first_end + 1);
            }
            // Each look takes the emulated host's one CPU from the guest.
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
        }
        ADD_FAILURE() << "the guest says nothing on its console";
        return "";
    }

  private:
    XenHost() {
        auto *logger = xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0);
        if (libxl_ctx_alloc(&ctx_, LIBXL_VERSION, 0,
                            reinterpret_cast<xentoollog_logger *>(logger)) != 0)
            std::abort();
        toolstack_ = std::make_unique<LibxlToolstack>(ctx_, log_);
    }

    std::string name_ = environment("XLSNAP_TEST_DOMAIN");
    libxl_ctx *ctx_ = nullptr;
    StderrLog log_;
    std::unique_ptr<LibxlToolstack> toolstack_;
    std::string config_json_;
};

class RealHostOfToolstack final : public ToolstackHost {
  public:
    Toolstack &toolstack() override { return XenHost::instance().toolstack(); }
    DomainId domid() override { return XenHost::instance().running_domain(); }
    std::string boot_id(DomainId /*domid*/) override { return XenHost::instance().next_boot_id(); }
};

std::unique_ptr<ToolstackHost> make_host() {
    return std::make_unique<RealHostOfToolstack>();
}

INSTANTIATE_TEST_SUITE_P(Xen, ToolstackContract, ::testing::Values(make_host));

} // namespace

} // namespace xlsnap::test
