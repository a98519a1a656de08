# Sourced by ./dev: everything that can be proven here, one line per step with its time, all steps even if one fails.

check_format() { cpp_files | xargs -0 -r clang-format-16 --dry-run --Werror; }

check_release() {
    [ -f build/release/build.ninja ] || cmake --preset release
    ninja -C build/release -j "$(jobs_count)" # -Werror is on in every preset
}

# sanitized preset [filter target...]: its tests, all or those of the filter, for which the targets are enough. The kernel's address randomisation is switched off for them, because
# the sanitizers of clang 16 cannot map their shadow memory on kernels that randomise 32 bits.
sanitized() {
    local preset=$1
    [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset"
    ninja -C "build/$preset" -j "$(jobs_count)" "${@:3}"
    ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
        ASAN_SYMBOLIZER_PATH=$(command -v llvm-symbolizer-16) TSAN_OPTIONS="external_symbolizer_path=$(command -v llvm-symbolizer-16)" \
        setarch "$(uname -m)" -R python3 scripts/run_tests.py "build/$preset" "${@:2:1}"
}

# Asks clang-tidy about the .cpp files of src/, tests left out (GoogleTest's macros are not ours to change).
check_clang_tidy() {
    [ -f build/debug/compile_commands.json ] || cmake --preset debug
    git ls-files -z -- 'src/*.cpp' ':!src/*_test.cpp' |
        xargs -0 -r -n 4 -P "$(jobs_count)" clang-tidy-16 --quiet -p build/debug --warnings-as-errors='*'
}

check_simulation() { build/release/punkt_sim --seeds 200; }

# measured "What it is" command...: like step, but goes on after a failure and always tells the time.
check_failed=()
measured() {
    local title=$1 started=$SECONDS verdict=ok
    # In a subshell of its own, so that `fail` ends the step and not the whole check.
    (step "$@") 2> >(grep -v "^$title: [0-9]* s$" >&2) || verdict=FAILED
    [ "$verdict" = ok ] || check_failed+=("$title")
    printf '%-32s %-6s %4d s\n' "$title" "$verdict" $((SECONDS - started))
}

check_all() {
    local started=$SECONDS
    measured "Format" check_format
    measured "Rules of the house" python3 scripts/tidy.py
    measured "Release without warnings" check_release
    measured "All tests" ./dev test
    measured "Tests with ASan and UBSan" sanitized asan
    measured "Threads with TSan" sanitized tsan '^(store|engine|net)$' test_store test_engine test_net
    measured "clang-tidy" check_clang_tidy
    measured "The page of the API" python3 scripts/docs_page.py build/release/punkt
    [ ! -d tests/sim ] || measured "Simulation, 200 seeds" check_simulation
    if [ "${#check_failed[@]}" -gt 0 ]; then
        fail "${#check_failed[@]} of the steps failed ($(IFS=,; echo "${check_failed[*]}")): the end of each one's output is above, all of it in build/log."
    fi
    say "Everything passed in $((SECONDS - started)) s."
}
