#include "net/local_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <array>

namespace punkt::net {

std::vector<Address> local_addresses() {
    std::vector<Address> found;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return found;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr) continue;
        std::array<char, INET6_ADDRSTRLEN> text{};
        const int family = one->ifa_addr->sa_family;
        const void* bytes = nullptr;
        if (family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr;
        if (family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
        if (bytes == nullptr || inet_ntop(family, bytes, text.data(), text.size()) == nullptr) continue;
        if (const auto address = Address::parse(text.data())) found.push_back(*address);
    }
    freeifaddrs(list);
    return found;
}

}  // namespace punkt::net
