#!/usr/bin/env python3
"""Runs the tests of a build folder by ctest and counts single cases.

    scripts/run_tests.py build/debug [filter]

A filter that matches a ctest name (a folder of src/, or a kind of tests/) runs that whole; any other filter picks the
GoogleTest cases whose full name contains it. The last line is exactly "N passed, M failed": GoogleTest programs
count by case, every other ctest test counts as one. Exit code 1 when something failed or nothing ran.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

SECONDS_PER_TEST = 900  # unless the test sets its own TIMEOUT


def listed_tests(build):
    """Name -> program of every registered test."""
    answer = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True)
    return {test["name"]: Path(test["command"][0]).name if test.get("command") else ""
            for test in json.loads(answer.stdout)["tests"]}


def select(tests, wanted):
    """The chosen tests and the GoogleTest filter to set, or None for no filter."""
    if not wanted:
        return tests, None
    whole = {name: program for name, program in tests.items() if re.search(wanted, name)}
    if whole:
        return whole, None
    # Only programs named test_* are GoogleTest's and understand a filter.
    return {name: program for name, program in tests.items() if program.startswith("test_")}, f"*{wanted}*"


def gtest_cases(folder):
    """Program -> [cases passed, names of cases failed], from the XML files the programs left."""
    found = {}
    for file in sorted(Path(folder).glob("*.xml")):
        # A program that runs twice writes test_store.xml and test_store_1.xml.
        program = re.sub(r"_\d+$", "", file.stem)
        counts = found.setdefault(program, [0, []])
        try:
            cases = list(xml.parse(file).getroot().iter("testcase"))
        except xml.ParseError:
            continue  # the program died while writing; ctest's verdict counts it
        for case in cases:
            if case.get("status") != "run" or case.find("skipped") is not None:
                continue
            if case.find("failure") is not None:
                counts[1].append(f"{case.get('classname')}.{case.get('name')}")
            else:
                counts[0] += 1
    return found


def ctest_verdicts(file):
    """Name -> whether it passed, for every test that ctest ran."""
    if not Path(file).exists():
        return {}
    return {case.get("name"): case.get("status") == "run" for case in xml.parse(file).getroot().iter("testcase")}


def count(verdicts, tests, cases):
    """(passed, names of what failed): cases for GoogleTest programs, one for each other test."""
    passed, failed = 0, []
    for program, (good, bad) in cases.items():
        passed += good
        failed += bad
    for name, good in verdicts.items():
        counted = cases.get(tests.get(name, ""))
        if counted is None:
            if good:
                passed += 1
            else:
                failed.append(name)
        elif not good and not counted[1]:
            failed.append(f"{name} (ended badly although no case failed)")
    return passed, failed


def main():
    build, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    tests, gtest_filter = select(listed_tests(build), wanted)
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, GTEST_OUTPUT=f"xml:{folder}/", GTEST_BRIEF="1")
        if gtest_filter:
            environment["GTEST_FILTER"] = gtest_filter
        verdict_file = f"{folder}/verdicts.junit"
        names = "^(" + "|".join(re.escape(name) for name in tests) + ")$"
        subprocess.run(["ctest", "--test-dir", build, "-j2", "--output-on-failure", "--timeout", str(SECONDS_PER_TEST),
                        "--output-junit", verdict_file, "-R", names], env=environment, check=False)
        passed, failed = count(ctest_verdicts(verdict_file), tests, gtest_cases(folder))
    for name in failed:
        print(f"failed: {name}")
    if passed + len(failed) == 0:
        print(f"No test matches \"{wanted}\"." if wanted else "There is no test to run.")
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
