// SPDX-License-Identifier: LGPL-2.1-only
#include "adapters/qemu/qmp_client.hpp"
#include "base/foreign_text.hpp"

#include <random>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace xlsnap {

namespace {

struct ErrorClass {
    std::string_view name;
    ErrorCode code;
};

// QapiErrorClass in qapi/error.json of qemu.git, as libxl maps it (libxl_qmp.c in xen.git).
constexpr ErrorClass kErrorClasses[] = {
    {"GenericError", ErrorCode::QmpGenericError},
    {"CommandNotFound", ErrorCode::QmpCommandNotFound},
    {"DeviceNotActive", ErrorCode::QmpDeviceNotActive},
    {"DeviceNotFound", ErrorCode::QmpDeviceNotFound},
};

Error malformed(std::string_view what) {
    return {ErrorCode::ProtocolErrorQmp, fmt::format("QEMU sent {}", what)};
}

// The error that QEMU answered with.
Error refusal(const Json &error) {
    const std::string *name = error.find_string("class");
    const std::string *text = error.find_string("desc");
    if (name == nullptr || text == nullptr)
        return malformed("an error without class and text");
    for (const ErrorClass &known : kErrorClasses) {
        if (known.name == *name)
            return {known.code, fmt::format("QEMU says: {}", quote_foreign(*text))};
    }
    return {ErrorCode::UnknownQmpError,
            fmt::format("QEMU says: {}: {}", quote_foreign(*name), quote_foreign(*text))};
}

constexpr std::string_view kIdDigits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
constexpr std::size_t kIdPrefixLength = 4;

// A QEMU hands an answer that its client did not wait for to the next client of the socket. A
// number chosen at random keeps our ids apart from those of an earlier process of ours. They are
// short since QEMU reads byte by byte, with a turn of the main loop for each (monitor_can_read in
// monitor/monitor.c of qemu.git): 5 us, of which most of the time of a command consists.
std::string make_id_prefix() {
    std::random_device random;
    std::string prefix;
    while (prefix.size() < kIdPrefixLength)
        prefix += kIdDigits[random() % kIdDigits.size()];
    return prefix;
}

bool is_connection_fault(ErrorCode code) {
    return code == ErrorCode::ProtocolErrorQmp || code == ErrorCode::TimedOut;
}

} // namespace

QmpClient::QmpClient(LineSocket socket, QmpLimits limits)
    : socket_(std::move(socket)), limits_(limits), id_prefix_(make_id_prefix()) {}

Result<QmpClient> QmpClient::connect(const std::string &socket_path,
                                     std::chrono::milliseconds timeout, QmpLimits limits) {
    const Deadline deadline(timeout);
    XLSNAP_ASSIGN(LineSocket socket, LineSocket::connect(socket_path, deadline));
    QmpClient client(std::move(socket), limits);
    Status greeted = client.shake_hands(deadline);
    if (greeted)
        return client;
    Error error = std::move(greeted.error());
    if (error.code == ErrorCode::TimedOut)
        return fail(ErrorCode::NotReady,
                    fmt::format("no greeting on {} in time: QEMU is busy or stopped, or another "
                                "client (xentop, for example) holds the socket; end that client "
                                "and try again",
                                socket_path));
    return fail(with_context(socket_path, std::move(error)));
}

// An event that comes up while QEMU turns from one client to the next, as a block job's may,
// reaches the new one before its greeting (qmp_send_response before CHR_EVENT_OPENED in
// monitor/qmp.c).
Status QmpClient::receive_greeting(const Deadline &deadline) {
    for (std::size_t events = 0; events <= limits_.max_skipped; ++events) {
        XLSNAP_ASSIGN(const std::string text, receive_text(deadline));
        const Result<Json> greeting = parse_json(text, limits_.message);
        const Json *qmp = greeting ? greeting->find("QMP") : nullptr;
        if (qmp != nullptr && qmp->as_object() != nullptr)
            return {};
        if (!greeting || greeting->find_string("event") == nullptr)
            break;
    }
    return fail(malformed("something else than a QMP greeting"));
}

// QEMU reads nothing before it has greeted, so what it shall read first need not wait for that.
Status QmpClient::shake_hands(const Deadline &deadline) {
    XLSNAP_ASSIGN(const std::string id, send("qmp_capabilities", {}, deadline));
    XLSNAP_TRY(receive_greeting(deadline));
    Result<Json> negotiated = receive_answer(id, deadline);
    if (!negotiated)
        return fail(std::move(negotiated.error()));
    return {};
}

Result<Json> QmpClient::execute(const std::string &command, Json::Object arguments,
                                std::chrono::milliseconds deadline) {
    XLSNAP_TRY(check_usable(command));
    return judge(exchange(command, std::move(arguments), Deadline(deadline)), command);
}

std::pair<Result<Json>, Result<Json>> QmpClient::execute_both(QmpCommand first, QmpCommand second) {
    if (const Status usable = check_usable(first.name); !usable)
        return {fail(usable.error()), fail(usable.error())};
    const Deadline deadline(first.deadline);
    const Result<std::pair<std::string, std::string>> ids = send_both(first, second, deadline);
    if (!ids) {
        Result<Json> unsent = judge(fail(ids.error()), first.name);
        return {unsent, unsent};
    }
    Result<Json> answer = judge(receive_answer(ids->first, deadline), first.name);
    if (const Status usable = check_usable(second.name); !usable)
        return {std::move(answer), fail(usable.error())};
    return {std::move(answer),
            judge(receive_answer(ids->second, Deadline(second.deadline)), second.name)};
}

Status QmpClient::check_usable(const std::string &command) const {
    if (usable_)
        return {};
    return fail(ErrorCode::ProtocolErrorQmp,
                fmt::format("QMP {}: the connection was given up before", command));
}

Result<Json> QmpClient::judge(Result<Json> answer, const std::string &command) {
    if (!answer && is_connection_fault(answer.error().code))
        usable_ = false;
    return std::move(answer).with_context("QMP " + command);
}

Result<Json> QmpClient::exchange(const std::string &command, Json::Object arguments,
                                 const Deadline &deadline) {
    XLSNAP_ASSIGN(const std::string id, send(command, std::move(arguments), deadline));
    return receive_answer(id, deadline);
}

Result<QmpClient::Request> QmpClient::make_request(const std::string &command,
                                                   Json::Object arguments) {
    std::string id = fmt::format("{}{}", id_prefix_, ++commands_);
    Json::Object request{{"execute", command}, {"id", id}};
    if (!arguments.empty())
        request.emplace("arguments", std::move(arguments));
    const std::string text = Json(std::move(request)).to_text();
    // QEMU answers what it cannot parse without the id, so that answer would be waited for in vain.
    if (!parse_json(text))
        return fail(ErrorCode::Invalid, "an argument is not UTF-8");
    return Request{std::move(id), text + "\n"};
}

Result<std::string> QmpClient::send(const std::string &command, Json::Object arguments,
                                    const Deadline &deadline) {
    XLSNAP_ASSIGN(Request request, make_request(command, std::move(arguments)));
    XLSNAP_TRY(socket_.send(request.line, deadline));
    return std::move(request.id);
}

Result<std::pair<std::string, std::string>>
QmpClient::send_both(QmpCommand &first, QmpCommand &second, const Deadline &deadline) {
    XLSNAP_ASSIGN(Request one, make_request(first.name, std::move(first.arguments)));
    XLSNAP_ASSIGN(Request other, make_request(second.name, std::move(second.arguments)));
    XLSNAP_TRY(socket_.send(one.line + other.line, deadline));
    return std::pair(std::move(one.id), std::move(other.id));
}

Result<Json> QmpClient::receive_answer(const std::string &id, const Deadline &deadline) {
    std::size_t skipped_bytes = 0;
    for (std::size_t skipped = 0; skipped <= limits_.max_skipped; ++skipped) {
        XLSNAP_ASSIGN(const std::string text, receive_text(deadline));
        Result<Json> message = parse_json(text, limits_.message);
        if (!message)
            return fail(malformed("no message of QMP: " + message.error().message));
        const Json *value = message->find("return");
        const Json *error = message->find("error");
        const bool is_answer = (value != nullptr) != (error != nullptr);
        if (!is_answer && (value != nullptr || message->find_string("event") == nullptr))
            return fail(malformed("a message that is neither an answer nor an event"));
        const std::string *answered = message->find_string("id");
        if (is_answer && answered != nullptr && *answered == id) {
            if (error != nullptr)
                return fail(refusal(*error));
            return *value;
        }
        skipped_bytes += text.size();
        if (skipped_bytes > limits_.max_skipped_bytes)
            break;
    }
    return fail(malformed("too many other messages instead of an answer"));
}

Result<std::string> QmpClient::receive_text(const Deadline &deadline) {
    return socket_.receive_line(limits_.message.max_bytes, deadline);
}

} // namespace xlsnap
