#!/usr/bin/env python3
"""What openapi.py makes of short forms, and what it refuses."""
import unittest

import yaml

import openapi

BASE = {
    "openapi": "3.1.0", "info": {"title": "t"}, "place": 0,
    "errors": {"keyed": {"401": "no_key"}, "limited": {"429": "slow"}, "once": "again"},
    "components": {"securitySchemes": {}, "responses": {"no_key": {"description": "none"}}},
}


def merged(**fragment):
    return openapi.merge({"base.yaml": BASE, "room.yaml": {"tag": {"name": "Room"}, **fragment}}, "1.2.3")


def operation(**parts):
    return merged(paths={"/x": {"get": parts}})["paths"]["/x"]["get"]


class ShortForms(unittest.TestCase):
    def test_a_word_is_a_schema(self):
        self.assertEqual(openapi.schema("uuid"), {"type": "string", "format": "uuid"})
        self.assertEqual(openapi.schema("time|null"), {"type": ["string", "null"], "format": "date-time"})
        self.assertEqual(openapi.schema("Task"), {"$ref": "#/components/schemas/Task"})
        self.assertEqual(openapi.schema("Task|null")["oneOf"][1], {"type": "null"})
        nested = openapi.schema({"properties": {"a": {"items": "integer"}}, "anyOf": ["Task"]})
        self.assertEqual(nested["properties"]["a"]["items"], {"type": "integer"})

    def test_common_answers_are_added_and_those_of_its_own_win(self):
        made = operation(responses={"200": {"description": "ok", "json": "any"}, 401: {"description": "mine"}})
        self.assertEqual(made["responses"]["401"], {"description": "mine"})
        self.assertEqual(made["responses"]["409"], {"$ref": "#/components/responses/again"})
        self.assertEqual(made["tags"], ["Room"])
        self.assertIn({"$ref": "#/components/parameters/idempotency_key"}, made["parameters"])

    def test_an_open_route_is_only_limited(self):
        made = operation(security=[], responses={"200": {"description": "ok"}})
        self.assertEqual(sorted(made["responses"]), ["200", "429"])
        self.assertEqual(made["parameters"], [])

    def test_examples_stand_beside_the_schema(self):
        made = operation(responses={"200": {"description": "ok", "json": "any", "example": {"a": 1}}})
        media = made["responses"]["200"]["content"]["application/json"]
        self.assertEqual(media["examples"], {"example": {"value": {"a": 1}}})


class Refused(unittest.TestCase):
    def test_what_is_described_twice(self):
        with self.assertRaisesRegex(openapi.Mistake, "no_key is described twice"):
            merged(components={"responses": {"no_key": {"description": "again"}}})

    def test_equal_keys(self):
        with self.assertRaisesRegex(openapi.Mistake, "'a' stands here twice"):
            yaml.load("a: 1\na: 2\n", openapi.UniqueLoader)

    def test_a_text_that_a_comma_has_cut(self):
        made = operation(parameters=[yaml.load("{name: a, description: One, two.}", openapi.UniqueLoader)])
        self.assertEqual(made["parameters"][0]["description"], "One, two.")
        with self.assertRaisesRegex(openapi.Mistake, "'two' has no value"):
            operation(parameters=[yaml.load("{name: a, two}", openapi.UniqueLoader)])

    def test_on_is_a_word_and_a_date_a_text(self):
        self.assertEqual(yaml.load("on: 2026-11-21", openapi.UniqueLoader), {"on": "2026-11-21"})

    def test_a_merge_key_is_merged(self):
        self.assertEqual(yaml.load("a: &x {b: 1}\nc: {<<: *x, d: true}", openapi.UniqueLoader)["c"], {"b": 1, "d": True})


if __name__ == "__main__":
    unittest.main()
