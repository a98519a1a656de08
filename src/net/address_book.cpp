#include "net/address_book.h"

#include <fmt/format.h>

namespace punkt::net {
namespace {

constexpr std::size_t names_kept_max = 10'000;

bool is_local_name(std::string_view host) { return host == "localhost" || host.ends_with(".localhost"); }

}  // namespace

AddressBook::AddressBook(asio::io_context& context, Resolver& resolver, const AddressGuard& guard,
                         Microseconds lifetime)
    : context_(context), resolver_(resolver), guard_(guard), lifetime_(lifetime) {}

std::optional<Found> AddressBook::find(const Url& url, Microseconds now) {
    if (const auto literal = Address::parse(url.host)) return allowed(url, {*literal});
    if (is_local_name(url.host)) {  // RFC 6761 §6.3; a name server must not have a say in it
        return allowed(url, {*Address::parse("127.0.0.1"), *Address::parse("::1")});
    }
    const auto name = names_.find(url.host);
    if (name == names_.end() || name->second->until <= now) return std::nullopt;
    return allowed(url, name->second->addresses);
}

Found AddressBook::allowed(const Url& url, const std::vector<Address>& addresses) const {
    Found found;
    const Address* refused = nullptr;
    const Address* own = nullptr;
    for (const Address& address : addresses) {
        if (!guard_.allows(address)) {
            refused = &address;
        } else if (guard_.forbids(address, url.port)) {
            own = &address;
        } else {
            found.addresses.push_back(address);
        }
    }
    if (!found.addresses.empty()) return found;
    found.failure = Failure::blocked;
    if (refused != nullptr) {
        found.error =
            fmt::format("{} is not a public address; allow it with PUNKT_ALLOW_PRIVATE_TARGETS", refused->text());
        if (url.host != refused->text()) found.error = fmt::format("'{}' is at {}", url.host, found.error);
    } else {
        found.error = fmt::format("{} port {} is Punkt itself", own->text(), url.port);
    }
    return found;
}

void AddressBook::wait(const std::string& host, Waiting& place) {
    // Forget what nobody asks for any more before there is too much of it.
    if (names_.size() >= names_kept_max) {
        const Microseconds now = SystemClock().elapsed();
        std::erase_if(names_, [&](const auto& entry) { return !entry.second->asked && entry.second->until <= now; });
    }
    auto& name = names_[host];
    if (!name) name = std::make_unique<Name>();
    place.insert_before(name->line);
    if (name->asked) return;
    name->asked = true;
    auto& mailbox = asio::use_service<Mailbox>(context_);
    resolver_.resolve(host, [this, &mailbox, host](Resolved resolved) {
        mailbox.post([this, host, answer = std::move(resolved)] { answered(host, answer); });
    });
}

void AddressBook::answered(const std::string& host, const Resolved& resolved) {
    Name& name = *names_.at(host);
    name.asked = false;
    name.addresses = resolved.addresses;
    name.until = resolved.addresses.empty() ? Microseconds{} : SystemClock().elapsed() + lifetime_;
    while (!name.line.alone()) static_cast<Waiting&>(*name.line.after).answer(resolved);
}

}  // namespace punkt::net
