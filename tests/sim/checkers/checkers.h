// One promise each. A new one: a file here, a line here and in checkers.cpp.
#pragma once

#include <memory>

#include "sim/checker.h"

namespace punkt::sim {

std::unique_ptr<Checker> duplicates(Checker::World world);
std::unique_ptr<Checker> ends_once(Checker::World world);
std::unique_ptr<Checker> expired_in_time(Checker::World world);
std::unique_ptr<Checker> hosts_spared(Checker::World world);
std::unique_ptr<Checker> instants(Checker::World world);
std::unique_ptr<Checker> limits_kept(Checker::World world);
std::unique_ptr<Checker> never_early(Checker::World world);
std::unique_ptr<Checker> nothing_lost(Checker::World world);
std::unique_ptr<Checker> overlap(Checker::World world);
std::unique_ptr<Checker> policy_obeyed(Checker::World world);
std::unique_ptr<Checker> punctual(Checker::World world);
std::unique_ptr<Checker> serial_order(Checker::World world);
std::unique_ptr<Checker> told_once(Checker::World world);
std::unique_ptr<Checker> withdrawn(Checker::World world);

}  // namespace punkt::sim
