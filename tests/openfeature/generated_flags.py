"""Random flags and contexts, for asking two evaluators the same thing.

The rules are typed as rules that people write are: comparisons compare what can be compared. Where the two evaluators
differ on purpose stands in `test_flagd_core.py`, with an example of each; the generator keeps away from nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

TENANTS = ["corporate", "sales", "legal", "ops", "gtm"]
EMAILS = [
    "ada@corp.example",
    "bob@corp.example",
    "eve@other.example",
    "",
    "ADA@CORP.EXAMPLE",
    "zoë@corp.example",
]
VERSIONS = [
    "1.0.0",
    "2.1.0",
    "2.1.1-rc.1",
    "v3.0",
    "10.4.9",
    "2",
    "1.2.3-alpha.1+build.5",
    "not a version",
    "0.9.0",
]
ROLES = ["admin", "viewer", "auditor", "owner"]
TEXTS = {"tenant": TENANTS, "email": EMAILS, "version": VERSIONS, "country": ["DE", "FR", "US", "", "日本"]}
NUMBERS = ["age", "score", "seats"]
TRUTHS = ["beta", "internal"]
LISTS = ["roles", "teams"]
VARIANTS: dict[str, dict[str, Any]] = {
    "boolean": {"on": True, "off": False},
    "string": {"a": "A", "b": "B", "c": ""},
    "integer": {"one": 1, "two": 2, "zero": 0},
    "float": {"half": 0.5, "double": 2.25},
    "object": {"x": {"k": [1, 2]}, "y": {"k": []}},
    "truth": {"true": True, "false": False},
    "figures": {"1": "first", "2": "second", "3": "third"},
}


class Generator:
    """Everything from one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    # -- documents ---------------------------------------------------------------------------------------------

    def document(self, flags: int) -> dict[str, Any]:
        return {
            "flags": {f"flag-{i}": self.flag() for i in range(flags)},
            "$evaluators": {
                "staff": {"ends_with": [{"var": "email"}, "@corp.example"]},
                "recent": {"sem_ver": [{"var": "version"}, ">=", "2.1"]},
                "tenants": ["sales", "legal"],
                "any": {"or": [{"var": "beta"}, {">": [{"var": "age"}, self.figure()]}]},
            },
            "metadata": {"flagSetId": "generated", "version": self.dice.randrange(100), "fractional": "v3"},
        }

    def flag(self) -> dict[str, Any]:
        kind = self.dice.choice(list(VARIANTS))
        variants = VARIANTS[kind]
        flag: dict[str, Any] = {
            "state": "DISABLED" if self.dice.random() < 0.05 else "ENABLED",
            "variants": variants,
        }
        if self.dice.random() < 0.85:
            flag["defaultVariant"] = self.dice.choice([*variants, *variants, None, ""])
        if self.dice.random() < 0.93:
            flag["targeting"] = self.rule(kind)
        if self.dice.random() < 0.3:
            flag["metadata"] = {"owner": self.dice.choice(ROLES), "risk": self.dice.randrange(4)}
        return flag

    def context(self) -> dict[str, Any]:
        context: dict[str, Any] = {}
        for name, values in TEXTS.items():
            self._maybe(context, name, lambda values=values: self.dice.choice(values))  # type: ignore[misc]
        for name in NUMBERS:
            self._maybe(context, name, self.figure)
        for name in TRUTHS:
            self._maybe(context, name, lambda: self.dice.random() < 0.5)
        for name in LISTS:
            self._maybe(context, name, lambda: self.dice.sample(ROLES + TENANTS, self.dice.randrange(4)))
        self._maybe(context, "amounts", lambda: [self.figure() for _ in range(self.dice.randrange(5))])
        self._maybe(context, "org", lambda: {"unit": self.dice.choice(TENANTS), "size": {"n": self.figure()}})
        return context

    def targeting_key(self) -> str | None:
        return self.dice.choice([None, "", *[f"person-{self.dice.randrange(5000)}" for _ in range(9)]])

    def _maybe(self, context: dict[str, Any], name: str, value: Callable[[], Any]) -> None:
        if self.dice.random() < 0.85:
            context[name] = value()

    # -- rules -------------------------------------------------------------------------------------------------

    def rule(self, kind: str) -> dict[str, Any]:
        variants = list(VARIANTS[kind])
        if kind == "truth" and self.dice.random() < 0.6:
            found = self.truth(3)
            return found if isinstance(found, dict) else {"!!": [found]}
        if kind == "figures" and self.dice.random() < 0.4:
            return {self.dice.choice(["+", "max", "min"]): [self.small(), self.small()]}
        if self.dice.random() < 0.35:
            return self.fractional(variants, 2)
        return self.choice(variants, 2)

    def choice(self, variants: list[str], depth: int) -> dict[str, Any]:
        operands: list[Any] = []
        for _branch in range(self.dice.randint(1, 3)):
            operands += [self.truth(depth), self.outcome(variants, depth - 1)]
        if self.dice.random() < 0.7:
            operands.append(self.outcome(variants, depth - 1))
        return {"if": operands}

    def outcome(self, variants: list[str], depth: int) -> Any:
        dice = self.dice.random()
        if depth > 0 and dice < 0.2:
            return self.fractional(variants, depth)
        if depth > 0 and dice < 0.3:
            return self.choice(variants, depth)
        return self.dice.choice([*variants, *variants, *variants, None, "no such variant"])

    def fractional(self, variants: list[str], depth: int) -> dict[str, Any]:
        arms: list[Any] = [self.arm(variant, depth) for variant in variants]
        unit = self.dice.random()
        if unit < 0.4:
            return {"fractional": arms}
        units: list[Any] = [
            {"cat": [{"var": "$flagd.flagKey"}, {"var": ["targetingKey", "nobody"]}]},
            {"cat": ["salt", {"var": ["email", ""]}]},
            {"var": self.dice.choice([*TEXTS, *NUMBERS, *TRUTHS, "org", "absent"])},
        ]
        return {"fractional": [self.dice.choice(units), *arms]}

    def arm(self, variant: str, depth: int) -> list[Any]:
        weights = [0, 1, 5, 25, 50, 100, -3, 1_000_000]
        named: Any = variant if depth < 2 or self.dice.random() < 0.9 else self.choice([variant], 0)
        return [named] if self.dice.random() < 0.1 else [named, self.dice.choice(weights)]

    def truth(self, depth: int) -> Any:
        if depth > 0 and self.dice.random() < 0.45:
            return self._compound(depth - 1)
        return self.dice.choice(self._comparisons)(self)

    def _compound(self, depth: int) -> dict[str, Any]:
        name = self.dice.choice(["and", "or", "!", "!!", "if", "some", "none", "all"])
        if name in ("and", "or"):
            return {name: [self.truth(depth) for _ in range(self.dice.randint(1, 4))]}
        if name in ("!", "!!"):
            return {name: [self.truth(depth)]}
        if name == "if":
            return {"if": [self.truth(depth), self.truth(depth), self.truth(depth)]}
        test: dict[str, Any] = {"in": [{"var": ""}, self.dice.sample(ROLES + TENANTS, 3)]}
        return {name: [{"var": self.dice.choice(LISTS)}, test]}

    def _text_equal(self) -> Any:
        name = self.dice.choice(list(TEXTS))
        wanted = self.dice.choice(TEXTS[name])
        return {self.dice.choice(["==", "!=", "===", "!=="]): [self.text(name), wanted]}

    def _number_order(self) -> Any:
        operator = self.dice.choice(["<", "<=", ">", ">="])
        return {operator: [self.number(2), self.number(1)]}

    def _between(self) -> Any:
        return {
            self.dice.choice(["<", "<="]): [
                self.dice.randrange(40),
                self.number(1),
                self.dice.randrange(40, 90),
            ]
        }

    def _number_equal(self) -> Any:
        return {self.dice.choice(["==", "!="]): [self.number(1), self.figure()]}

    def _text_order(self) -> Any:
        return {
            self.dice.choice(["<", ">="]): [{"var": ["country", "DE"]}, self.dice.choice(TEXTS["country"])]
        }

    def _in_list(self) -> Any:
        return {"in": [self.text("tenant"), self.dice.sample(TENANTS, 3)]}

    def _in_attribute(self) -> Any:
        return {"in": [self.dice.choice(ROLES), {"var": self.dice.choice(LISTS)}]}

    def _in_text(self) -> Any:
        return {"in": [self.dice.choice(["corp", "@", "z"]), {"var": "email"}]}

    def _affix(self) -> Any:
        operator = self.dice.choice(["starts_with", "ends_with"])
        return {operator: [self.text("email"), self.dice.choice(["ada", "@corp.example", "", "example"])]}

    def _version(self) -> Any:
        operator = self.dice.choice(["=", "!=", "<", "<=", ">", ">=", "^", "~", "=>"])
        return {"sem_ver": [{"var": "version"}, operator, self.dice.choice(VERSIONS)]}

    def _attribute(self) -> Any:
        return {
            "var": self.dice.choice(
                [*TEXTS, *NUMBERS, *TRUTHS, *LISTS, "org", "absent", "roles.0", "org.size.n"]
            )
        }

    def _reference(self) -> Any:
        name = self.dice.choice(["staff", "recent", "any", "tenants"])
        return {"in": [{"var": "tenant"}, {"$ref": name}]} if name == "tenants" else {"$ref": name}

    def _missing(self) -> Any:
        names = self.dice.sample([*TEXTS, *NUMBERS, "absent", "org.unit"], 3)
        return self.dice.choice([{"missing": names}, {"missing_some": [self.dice.randrange(1, 3), names]}])

    def _filtered(self) -> Any:
        kept = {"filter": [{"var": "amounts"}, {">": [{"var": ""}, self.dice.randrange(50)]}]}
        mapped = {"map": [{"var": "amounts"}, {"+": [{"var": ""}, 1]}]}
        return {"some": [self.dice.choice([kept, mapped]), {"<": [{"var": ""}, self.dice.randrange(90)]}]}

    def _constant(self) -> Any:
        return self.dice.choice([True, False, 0, 1, "", "0"])

    _comparisons = (
        _text_equal, _number_order, _between, _number_equal, _text_order, _in_list, _in_attribute, _in_text,
        _affix, _version, _attribute, _reference, _missing, _filtered, _constant,
    )  # fmt: skip

    # -- values ------------------------------------------------------------------------------------------------

    def text(self, name: str) -> Any:
        dice = self.dice.random()
        if dice < 0.1:
            return {
                "substr": [
                    {"var": [name, "none"]},
                    self.dice.choice([0, 1, -3]),
                    self.dice.choice([2, 4, -1]),
                ]
            }
        if dice < 0.2:
            return {"cat": [{"var": [name, ""]}, self.dice.choice(["", "x"])]}
        return {"var": name}

    def number(self, depth: int) -> Any:
        dice = self.dice.random()
        if depth and dice < 0.25:
            operator = self.dice.choice(["+", "-", "*", "max", "min"])
            return {operator: [self.number(depth - 1), self.number(depth - 1)]}
        if depth and dice < 0.3:
            return {"/": [self.number(depth - 1), self.dice.choice([2, 4, 10])]}
        if depth and dice < 0.35:
            total = {"+": [{"var": "current"}, {"var": "accumulator"}]}
            return {"reduce": [{"var": "amounts"}, total, 0]}
        if dice < 0.8:
            return {"var": [self.dice.choice(NUMBERS), self.dice.randrange(9)]}
        return self.figure()

    def small(self) -> Any:
        return {"if": [self.truth(1), self.dice.randrange(3), self.dice.randrange(3)]}

    def figure(self) -> Any:
        return self.dice.choice([0, 1, 2, 17, 40, 41, 89, 0.5, 2.25, 3.0, -1, 40.5, 100])
