"""Tests of tidy.py and run_tests.py: each rule on a small tree that breaks it, and on one that keeps it."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import run_tests  # noqa: E402
import tidy  # noqa: E402
from cpp_functions import functions_of  # noqa: E402


def tidy_of(files):
    """What tidy says about a tree of these files. Every folder gets a README unless the tree names README itself."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            if not any(name.endswith("README.md") for name in files) and path.startswith("src/"):
                (root / path).parent.joinpath("README.md").write_text("x", encoding="utf-8")
        return tidy.findings(root)


def function(name, lines):
    return f"void {name}() {{\n" + "    work();\n" * (lines - 2) + "}\n"


class Arrows(unittest.TestCase):
    def test_left_is_allowed(self):
        self.assertEqual([], tidy_of({"src/base/a.h": "", "src/store/b.cpp": '#include "base/a.h"\n'}))

    def test_right_is_refused(self):
        found = tidy_of({"src/base/b.cpp": '#include "store/a.h"\n', "src/store/a.h": ""})
        self.assertEqual(["src/base/b.cpp:1: base must not include store/a.h; it sees nothing"], found)

    def test_db_and_net_do_not_see_each_other(self):
        self.assertEqual(1, len(tidy_of({"src/net/b.cpp": '#include "db/a.h"\n', "src/db/a.h": ""})))

    def test_rooms_do_not_see_each_other(self):
        found = tidy_of({"src/rooms/tasks/b.cpp": '#include "rooms/notify/a.h"\n', "src/rooms/notify/a.h": ""})
        self.assertIn("crosses from one room to another", found[0])

    def test_only_tests_include_testing(self):
        tree = {"src/testing/clock.h": "", "src/base/a_test.cpp": '#include "testing/clock.h"\n'}
        self.assertEqual([], tidy_of(tree))
        self.assertEqual(1, len(tidy_of({**tree, "src/base/a.cpp": '#include "testing/clock.h"\n'})))

    def test_a_path_starts_at_src(self):
        found = tidy_of({"src/base/a.h": "", "src/base/b.cpp": '#include "a.h"\n#include "base/a.h"\n'})
        self.assertEqual(1, len(found))
        self.assertIn("paths start at src/", found[0])

    def test_an_unknown_folder_has_no_target(self):
        self.assertIn("no target builds it", tidy_of({"src/misc/a.cpp": ""})[0])


class Words(unittest.TestCase):
    def test_each_banned_word_is_found_and_its_substitute_named(self):
        for code in ("auto t = std::chrono::system_clock::now();", "int x = rand();", "int y = std::rand ();",
                     "std::this_thread::sleep_for(1s);", 'auto v = std::getenv("X");', "using namespace std;", "// FIXME later"):
            found = tidy_of({"src/core/a.cpp": code + "\n"})
            self.assertEqual(1, len(found), code)
            self.assertIn("is banned, use ", found[0])

    def test_comments_and_longer_words_are_not_found(self):
        self.assertEqual([], tidy_of({"src/core/a.cpp": "// why not rand()\nint brand();\nusing namespace std::chrono_literals;\nauto x = operand(1) + dice.rand();\n"}))

    def test_the_one_place_where_a_word_belongs_may_use_it(self):
        self.assertEqual([], tidy_of({"src/base/clock.cpp": "system_clock::now();\n", "src/app/config_file.cpp": "getenv(name);\n"}))


class Lengths(unittest.TestCase):
    def test_a_function_at_the_limit_passes_and_one_above_fails(self):
        self.assertEqual([], tidy_of({"src/core/a.cpp": function("f", 70)}))
        self.assertEqual(["src/core/a.cpp:1: f has 71 lines, at most 70 are allowed: split it"],
                         tidy_of({"src/core/a.cpp": function("f", 71)}))

    def test_an_allowed_function_may_shrink_but_not_grow(self):
        row = {tidy.ALLOWED: "# why\n80 src/core/a.cpp f\n"}
        self.assertEqual([], tidy_of({**row, "src/core/a.cpp": function("f", 80)}))
        self.assertIn("at most 80", tidy_of({**row, "src/core/a.cpp": function("f", 81)})[0])
        self.assertIn("lower its row", tidy_of({**row, "src/core/a.cpp": function("f", 75)})[0])
        self.assertIn("remove its row", tidy_of({**row, "src/core/a.cpp": function("f", 60)})[0])
        self.assertIn("is gone", tidy_of({**row, "src/core/a.cpp": ""})[0])

    def test_a_long_file_says_why(self):
        self.assertIn("501 lines", tidy_of({"src/core/a.cpp": "\n" * 501})[0])
        self.assertEqual([], tidy_of({"src/core/a.cpp": "// long: a table of zones\n" + "\n" * 501}))


class Functions(unittest.TestCase):
    def check(self, code, *expected):
        self.assertEqual(list(expected), functions_of(code))

    def test_namespaces_and_classes_are_looked_into(self):
        self.check("namespace a {\nclass B : public C {\n  public:\n    int f() const {\n        return 1;\n    }\n};\n}\n", ("f", 4, 3))

    def test_lambdas_and_blocks_belong_to_their_function(self):
        self.check("void A::f(int x) {\n    if (x) {\n        g([&] {\n        });\n    }\n}\n", ("A::f", 1, 6))

    def test_a_constructor_with_braces_in_its_initialisers_is_one_function(self):
        self.check("A::A(int x)\n    : a_{x}, b_(std::move(x)), c_{1} {\n    g();\n}\nint h() {\n}\n", ("A::A", 1, 4), ("h", 5, 2))

    def test_tables_and_enums_are_no_functions(self):
        self.check("constexpr int t[] = {\n1,\n};\nenum class E {\na,\n};\nstruct S {\n    int a{1};\n};\n")

    def test_braces_in_text_and_comments_do_not_count(self):
        self.check('void f() {\n    g("{", \'{\', R"({{)"); // {\n    int n = 1\'000; /* { */\n}\n', ("f", 1, 4))

    def test_a_gtest_case_is_named_by_its_arguments(self):
        self.check("TEST(Retry, waits) {\n}\n", ("Retry.waits", 1, 2))


class Dead(unittest.TestCase):
    def test_a_header_without_foreign_users_is_dead(self):
        tree = {"src/core/a.h": "", "src/core/a.cpp": '#include "core/a.h"\n', "src/core/a_test.cpp": '#include "core/a.h"\n'}
        self.assertIn("nobody includes it", tidy_of(tree)[0])
        self.assertEqual([], tidy_of({**tree, "src/store/b.cpp": '#include "core/a.h"\n'}))

    def test_a_folder_without_readme_is_named(self):
        self.assertEqual(1, len(tidy_of({"src/core/a.cpp": "", "README.md": ""})))


class Counting(unittest.TestCase):
    tests = {"store": "test_store", "tidy": "python3"}

    def test_cases_and_plain_tests_are_added(self):
        self.assertEqual((6, []), run_tests.count({"store": True, "tidy": True}, self.tests, {"test_store": [5, []]}))

    def test_a_failed_case_is_counted_once(self):
        self.assertEqual((4, ["A.b"]), run_tests.count({"store": False}, self.tests, {"test_store": [4, ["A.b"]]}))

    def test_a_program_that_died_counts_as_failed(self):
        passed, failed = run_tests.count({"store": False}, self.tests, {"test_store": [4, []]})
        self.assertEqual((4, 1), (passed, len(failed)))
        self.assertEqual((0, ["store"]), run_tests.count({"store": False}, self.tests, {}))

    def test_a_filter_picks_whole_tests_first_and_cases_otherwise(self):
        self.assertEqual(({"store": "test_store"}, None), run_tests.select(self.tests, "sto"))
        self.assertEqual(({"store": "test_store"}, "*Retry*"), run_tests.select(self.tests, "Retry"))


if __name__ == "__main__":
    unittest.main()
