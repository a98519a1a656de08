"""Finds the functions of a C++ file, well enough to measure them: no preprocessor, no types, only braces and what
stands before them. Lambdas count as part of the function around them."""
import re

# Comments, raw strings, strings, characters; a ' between digits is a separator, not a character.
_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^()\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)


def _blank(text):
    """Same number of lines, nothing on them."""
    return "\n" * text.count("\n")


def without_comments(text):
    """The text without comments; strings stay, lines keep their numbers."""
    return _TOKEN.sub(lambda match: _blank(match[0]) if match[0][:2] in ("//", "/*") else match[0], text)


def _without_comments_and_strings(text):
    plain = _TOKEN.sub(lambda match: _blank(match[0]) if match[0][:2] in ("//", "/*") else '""' + _blank(match[0]), text)
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda match: _blank(match[0]), plain, flags=re.M)


def _outside_parentheses(head):
    """The head with the inside of (...) and <...> argument lists of operators left out."""
    kept, depth = [], 0
    for letter in head:
        depth -= letter == ")"
        if depth == 0:
            kept.append(letter)
        depth += letter == "("
    return "".join(kept)


def _kind(head):
    """What the brace after this head opens: scope (its inside is searched), function, or other (skipped)."""
    flat = " ".join(_outside_parentheses(head).split())
    if re.search(r"\bnamespace\b|\bextern\b", flat) and "(" not in flat:
        return "scope"
    if re.match(r"^(template ?<.*> ?)?(class|struct|union)\b", flat) and not re.search(r"\)$", flat) and "=" not in flat:
        return "scope"
    if "(" not in flat or re.search(r"\boperator\b", flat) is None and re.search(r"(?<![=!<>])=(?!=)", flat):
        return "other"
    initialiser = re.search(r"\)[^:]*(?<!:):(?!:)(.*)$", flat)
    if initialiser and re.search(r"[\w>]$", flat):
        return "member"  # Foo::Foo() : value_{1} { ... }: the brace belongs to value_
    return "function"


def _name(head):
    flat = " ".join(_outside_parentheses(head).split())
    macro = re.match(r"^TEST(_F|_P)?\(", flat)
    if macro:
        return "".join(re.search(r"\((.*?)\)", " ".join(head.split()))[1].replace(",", ".").split())
    match = re.search(r"([\w:~]+(?:<[^()]*>)?|operator\s*[^\s(]+|operator\(\))\s*\(", flat)
    return match[1].replace(" ", "") if match else "?"


def functions_of(text):
    """(name, first line, number of lines) of each function in the text."""
    code = _without_comments_and_strings(text)
    found, scopes, head, head_line, line = [], [], [], 0, 1
    for letter in code:
        if letter == "\n":
            line += 1
        if letter == "{":
            inside = scopes[-1][0] if scopes else "scope"
            kind = _kind("".join(head)) if inside == "scope" else "other"
            scopes.append((kind, "".join(head), head_line or line))
            if kind != "member" and inside == "scope":
                head, head_line = [], 0
        elif letter == "}":
            kind, its_head, first = scopes.pop() if scopes else ("other", "", line)
            if kind == "function":
                found.append((_name(its_head), first, line - first + 1))
            inside = scopes[-1][0] if scopes else "scope"
            if inside == "scope":
                # After a member's braces the initialiser list goes on; ")" tells that a value was there.
                head = [*its_head, "()"] if kind == "member" else []
                head_line = first if kind == "member" else 0
        elif not scopes or scopes[-1][0] == "scope":
            if letter == ";" and "".join(head).count("(") == "".join(head).count(")"):
                head, head_line = [], 0
            else:
                head.append(letter)
                head_line = head_line or (line if letter.strip() else 0)
            if letter == ":" and re.search(r"(public|private|protected)\s*:$", "".join(head[-12:])):
                head, head_line = [], 0
    return found
