#include "sim/checkers/checkers.h"

namespace punkt::sim {

std::vector<std::unique_ptr<Checker>> all_checkers(Checker::World world) {
    std::vector<std::unique_ptr<Checker>> all;
    for (const auto make : {duplicates, ends_once, expired_in_time, hosts_spared, instants, limits_kept, never_early,
                            nothing_lost, overlap, policy_obeyed, punctual, serial_order, told_once, withdrawn})
        all.push_back(make(world));
    return all;
}

}  // namespace punkt::sim
