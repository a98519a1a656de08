#!/usr/bin/env python3
"""Says where the tree breaks the rules of the house (CONTRIBUTING.md) that no compiler knows.

    scripts/tidy.py [root]

Include arrows between the folders of src/, banned words, lengths of functions and files, headers nobody includes,
folders without a README.md. One line per finding, exit code 1 if there is any.
"""
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from cpp_functions import functions_of, without_comments  # noqa: E402

FUNCTION_LINES_MAX = 70  # aim at 60
FILE_LINES_MAX = 500  # aim at 170; a file may say `long: <why>` in its first five lines
ALLOWED = "scripts/tidy_allowed.txt"

# Who may include whom: a folder sees itself and what is named here, leftward only.
SEES = {"base": set()}
for name, left in [("core", "base"), ("db", "core"), ("net", "core"), ("store", "db net"), ("engine", "store"),
                   ("api", "engine"), ("rooms", "api"), ("facades", "rooms"), ("app", "facades"), ("testing", "app")]:
    SEES[name] = set(left.split()).union(*(SEES[other] for other in left.split()))


@dataclass
class Ban:
    word: str  # as it is shown
    pattern: str
    instead: str
    allowed_in: str = r"(?!)"  # paths where it stands rightly
    in_comments: bool = False
    where: str = "src/"
    compiled: re.Pattern = field(init=False)

    def __post_init__(self):
        self.compiled = re.compile(self.pattern)


BANS = [
    Ban("system_clock::now", r"\bsystem_clock::now\b", "the Clock you were given (base/clock.h)", r"^src/base/clock\.cpp$"),
    Ban("rand()", r"(?<![\w.>])s?rand\s*\(", "the Random you were given (base/random.h)"),
    Ban("sleep_for", r"\bsleep_for\b", "a timer at the edge, or a manual clock in tests"),
    Ban("getenv", r"\bgetenv\b", "an Options struct filled by app/config.cpp", r"^src/app/config\w*\.cpp$"),
    # `10s` can be had in no other way.
    Ban("using namespace", r"\busing\s+namespace\b(?!\s+std::\w*literals\b)", "the full name, or an alias of it"),
    Ban("FIXME", r"\bFIXME\b", "`TODO:` with the condition under which it is due", in_comments=True, where=""),
]


def cpp_files(root):
    """Path relative to root -> text, of everything in src/ and tests/."""
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
            for top in ("src", "tests") for file in sorted((root / top).rglob("*"))
            if file.suffix in (".h", ".cpp") and file.is_file()}


def includes(text):
    """(line number, path) of each #include "..." line."""
    return [(number, match[1]) for number, line in enumerate(text.splitlines(), 1)
            if (match := re.match(r'\s*#\s*include\s+"([^"]+)"', line))]


def folder_of(path):
    """src/rooms/tasks/x.h -> rooms"""
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else ""


def check_arrows(files):
    for path, text in files.items():
        folder = folder_of(path)
        if not folder:
            continue
        if folder not in SEES:
            yield f"{path}: src/{folder} is not a folder of the house, so no target builds it"
            continue
        for number, target in includes(text):
            other = target.split("/")[0]
            if other == folder == "rooms" and path.split("/")[2] != target.split("/")[1]:
                yield f"{path}:{number}: {target} crosses from one room to another; meet in core/event.h or app/wiring.cpp"
            elif other == "testing" and path.endswith("_test.cpp") or other == folder or other not in SEES:
                continue
            elif other not in SEES[folder]:
                yield f"{path}:{number}: {folder} must not include {target}; it sees {' '.join(sorted(SEES[folder])) or 'nothing'}"


def check_paths(files):
    for path, text in files.items():
        for number, target in includes(text):
            if path.startswith("src/") and f"src/{target}" not in files:
                yield f"{path}:{number}: \"{target}\" is not a file of src/; paths start at src/, foreign headers use <>"


def check_words(files):
    for path, text in files.items():
        lines, code = text.splitlines(), without_comments(text).splitlines()
        for ban in BANS:
            if not path.startswith(ban.where) or re.search(ban.allowed_in, path):
                continue
            for number, line in enumerate(lines if ban.in_comments else code, 1):
                if ban.compiled.search(line):
                    yield f"{path}:{number}: `{ban.word}` is banned, use {ban.instead}"


def read_allowed(root):
    """(path, function) -> lines it may have. The list shrinks and never grows."""
    file = root / ALLOWED
    rows = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rows = [row.split(maxsplit=2) for row in rows if row and not row.startswith("#")]
    return {(path, name): int(lines) for lines, path, name in rows}


def check_lengths(files, allowed):
    seen = set()
    for path, text in files.items():
        for name, first, length in functions_of(text):
            most = allowed.get((path, name), FUNCTION_LINES_MAX)
            seen.add((path, name))
            if length > most:
                yield f"{path}:{first}: {name} has {length} lines, at most {most} are allowed: split it"
            elif (path, name) in allowed and length < most:
                yield f"{path}:{first}: {name} shrank to {length} lines: {'lower' if length > FUNCTION_LINES_MAX else 'remove'} its row in {ALLOWED}"
        count = text.count("\n")
        if count > FILE_LINES_MAX and not any("long:" in line for line in text.splitlines()[:5]):
            yield f"{path}: {count} lines, at most {FILE_LINES_MAX}: split it, or say `long: <why>` in its first five lines"
    for path, name in sorted(set(allowed) - seen):
        yield f"{ALLOWED}: {name} in {path} is gone: remove its row"


def check_dead(files):
    """A header that only its own .cpp and test include serves nobody."""
    used = set()
    for path, text in files.items():
        stem = re.sub(r"(_test)?\.(cpp|h)$", "", path)
        used.update(f"src/{target}" for _, target in includes(text) if f"src/{target}" != f"{stem}.h")
        # tests/ may also name a neighbour by its bare name
        used.update(f"{path.rsplit('/', 1)[0]}/{target}" for _, target in includes(text))
    for path in files:
        if path.endswith(".h") and path.startswith("src/") and path not in used:
            yield f"{path}: nobody includes it but its own .cpp and test: use it or remove it"


def check_readmes(root, files):
    for folder in sorted({path.rsplit("/", 1)[0] for path in files if path.startswith("src/")}):
        if folder != "src" and not (root / folder / "README.md").exists():
            yield f"{folder}: README.md is missing (purpose, the header to open first, what does not belong)"


def findings(root):
    files = cpp_files(root)
    return [*check_arrows(files), *check_paths(files), *check_words(files), *check_lengths(files, read_allowed(root)),
            *check_dead(files), *check_readmes(root, files)]


def main():
    found = findings(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
