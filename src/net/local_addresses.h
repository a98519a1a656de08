// The addresses of this machine's network interfaces.
#pragma once

#include <vector>

#include "net/address_guard.h"

namespace punkt::net {

/// All that are configured now, loopback included; empty when the system does not say. Threads: any.
std::vector<Address> local_addresses();

}  // namespace punkt::net
