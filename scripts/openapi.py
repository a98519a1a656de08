#!/usr/bin/env python3
"""Makes one OpenAPI 3.1 document, as minified JSON, of the fragments in docs/openapi (its README.md describes them).

    openapi.py VERSION OUTPUT [--cpp]      --cpp: a C++ file that holds it, for the binary
"""
import json
import re
import sys
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "openapi"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
WORDS = {  # schemas that are one word in a fragment; "word|null" also takes null
    "any": {},
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object", "additionalProperties": True},
    "uuid": {"type": "string", "format": "uuid"},
    "time": {"type": "string", "format": "date-time"},
    "uri": {"type": "string", "format": "uri"},
}
SINGLE = ("items", "additionalProperties", "not", "if", "then", "else")  # keywords that hold one schema
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


class Mistake(Exception):
    pass


class UniqueLoader(yaml.SafeLoader):
    """YAML takes the last of two equal keys in silence; here that is a mistake. Dates stay texts, as JSON has them, and
    of its many words for a boolean only true and false count."""


def unique_mapping(loader, node):
    keys = [key.value for key, _ in node.value]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise Mistake(f"line {node.start_mark.line + 1}: {twice.pop()!r} stands here twice")
    return loader.construct_mapping(node, deep=True)


UniqueLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, unique_mapping)
UniqueLoader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if not tag.endswith((":timestamp", ":bool"))]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
UniqueLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def without_crumbs(value):
    """YAML reads `{description: One, two.}` as a text and a key `two.` without a value; here it is one text again."""
    crumbs = [key for key, inner in value.items() if inner is None and key not in ("default", "const", "example")]
    if not crumbs:
        return value
    whole = {key: inner for key, inner in value.items() if key not in crumbs}
    if "description" not in whole:
        raise Mistake(f"{crumbs[0]!r} has no value in {value}")
    return {**whole, "description": ", ".join([whole["description"], *crumbs])}


def schema(value):
    """A schema as a fragment writes it: a word, the name of a component, or a schema of JSON Schema 2020-12."""
    if isinstance(value, str):
        return schema_of_word(value)
    if not isinstance(value, dict):
        return value
    made = {}
    for key, inner in without_crumbs(value).items():
        if key in SINGLE:
            made[key] = schema(inner)
        elif key in LISTS:
            made[key] = [schema(each) for each in inner]
        elif key in ("properties", "patternProperties"):
            made[key] = {name: schema(each) for name, each in inner.items()}
        else:
            made[key] = inner
    return made


def schema_of_word(word):
    base = word.removesuffix("|null")
    if base not in WORDS:
        made = {"$ref": f"#/components/schemas/{base}"}
        return {"oneOf": [made, {"type": "null"}]} if base != word else made
    made = dict(WORDS[base])
    if base != word and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


def reference(kind, value):
    return {"$ref": f"#/components/{kind}/{value}"} if isinstance(value, str) else value


def content(value):
    """A response or a request body: `json: <schema>` and `text: <description>` stand for their content."""
    if not isinstance(value, dict):
        return value
    value = without_crumbs(value)
    made = {key: each for key, each in value.items() if key not in ("json", "text", "example", "examples")}
    if "content" in made:
        made["content"] = {kind: {**media, "schema": schema(media.get("schema", "any"))}
                           for kind, media in made["content"].items()}
    if "json" in value:
        media = {"schema": schema(value["json"])}
        if "example" in value:
            media["examples"] = {"example": {"value": value["example"]}}
        elif "examples" in value:
            media["examples"] = {name: {"value": each} for name, each in value["examples"].items()}
        made.setdefault("content", {})["application/json"] = media
    if "text" in value:
        made.setdefault("content", {})[value["text"]] = {"schema": {"type": "string"}}
    return made


def parameter(value):
    if isinstance(value, str):
        return reference("parameters", value)
    return {**without_crumbs(value), "schema": schema(value.get("schema", "string"))}


def operation(value, errors, tag):
    """The common answers are added here, so that a fragment names only what is its own."""
    made = dict(value)
    made.setdefault("tags", [tag])
    kinds = made.pop("x-errors", ["keyed"] if made.get("security") != [] else ["limited"])
    is_idempotent = made.pop("x-idempotent", "keyed" in kinds)
    own = made.get("responses", {})
    responses = {str(status): content(reference("responses", each)) for status, each in own.items()}
    for kind in kinds:
        for status, name in errors[kind].items():  # "429": rate_limited
            responses.setdefault(str(status), reference("responses", name))
    made["parameters"] = [parameter(each) for each in made.get("parameters", [])]
    if is_idempotent:
        responses.setdefault("409", reference("responses", errors["once"]))
        made["parameters"].append(reference("parameters", "idempotency_key"))
    made["responses"] = {status: responses[status] for status in sorted(responses)}
    if "requestBody" in made:
        made["requestBody"] = content(made["requestBody"])
    return made


def add_unique(into, more, what):
    for name, value in more.items():
        if name in into:
            raise Mistake(f"{what} {name} is described twice")
        into[name] = value


def merge(fragments, version):
    """`fragments`: name → content; that of base.yaml has what stands at the top of the document."""
    base = fragments["base.yaml"]
    document = {key: value for key, value in base.items() if key not in ("paths", "components", "errors", "tag", "place")}
    document["info"] = {**document["info"], "version": version}
    document.update(tags=[], paths={}, components={"securitySchemes": base["components"]["securitySchemes"]})
    parts = document["components"]
    for kind in ("schemas", "parameters", "responses", "headers"):
        parts[kind] = {}
    for _, fragment in sorted(fragments.items(), key=lambda each: (each[1].get("place", 99), each[0])):
        if "tag" in fragment:
            document["tags"].append(fragment["tag"])
        for kind, make in (("schemas", schema), ("parameters", parameter), ("responses", content), ("headers", dict)):
            new = fragment.get("components", {}).get(kind, {})
            add_unique(parts[kind], {name: make(value) for name, value in new.items()}, kind)
        errors = {**base["errors"], **fragment.get("errors", {})}
        for path, item in fragment.get("paths", {}).items():
            made = {
                key: operation(value, errors, fragment["tag"]["name"]) if key in METHODS else value
                for key, value in item.items()
            }
            if "parameters" in made:
                made["parameters"] = [parameter(each) for each in made["parameters"]]
            add_unique(document["paths"], {path: made}, "the path")
    for kind in [kind for kind, entries in parts.items() if not entries]:
        del parts[kind]
    return document


def load(folder=FOLDER):
    fragments = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            fragments[path.name] = yaml.load(path.read_text(), UniqueLoader)
        except (yaml.YAMLError, Mistake) as problem:
            raise Mistake(f"{path.name}: {problem}") from problem
    return fragments


def cpp(text):
    return (
        "// Generated by scripts/openapi.py from docs/openapi.\n"
        '#include "app/openapi.h"\n\nnamespace punkt::app {\n\n'
        f'std::string_view openapi() {{\n    return R"punkt_api({text})punkt_api";\n}}\n\n'
        "}  // namespace punkt::app\n"
    )


def main(arguments):
    version, output = arguments[0], Path(arguments[1])
    try:
        text = json.dumps(merge(load(), version), ensure_ascii=False, separators=(",", ":"))
    except Mistake as problem:
        sys.exit(f"docs/openapi/{problem}")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(cpp(text) if "--cpp" in arguments[2:] else text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
