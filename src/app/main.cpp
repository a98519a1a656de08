// The binary. Everything happens in run_cli().
#include <iostream>

#include "app/cli.h"
#include "app/config.h"

int main(int argc, char** argv) {
    return punkt::app::run_cli({argv + 1, argv + argc},
                               {.out = std::cout, .err = std::cerr, .environment = punkt::app::process_environment()});
}
