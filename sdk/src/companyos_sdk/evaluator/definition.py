"""Reads one flag of a flagd document and checks everything about it but its rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from companyos_sdk.evaluator.limits import DEEPEST, BadRuleset
from companyos_sdk.evaluator.paths import Path

STATES = ("ENABLED", "DISABLED")


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    path: Path
    is_enabled: bool
    variants: Mapping[str, Any]
    default_variant: str | None
    targeting: Any
    metadata: Mapping[str, Any]


def read_definition(key: str, raw: Any, path: Path, shared_metadata: Mapping[str, Any]) -> Definition:
    """The flag at a path; raises BadRuleset for whatever breaks the format."""
    flag = object_at(raw, path)
    state = flag.get("state")
    if state not in STATES:
        raise BadRuleset((path, "state"), f"a flag is ENABLED or DISABLED, not {_shown(state)}")
    variants = _variants(flag, (path, "variants"))
    return Definition(
        key=key,
        path=path,
        is_enabled=state == "ENABLED",
        variants=variants,
        default_variant=_default_variant(flag, variants, (path, "defaultVariant")),
        targeting=_targeting(flag, (path, "targeting")),
        metadata=MappingProxyType({**shared_metadata, **metadata_of(flag, path)}),
    )


def object_at(node: Any, path: Path) -> Mapping[str, Any]:
    """The node, which must be an object with texts for names."""
    if not isinstance(node, Mapping):
        raise BadRuleset(path, f"here belongs an object, not {_shown(node)}")
    if any(not isinstance(name, str) for name in node):
        raise BadRuleset(path, "the names of an object are texts")
    return node


def metadata_of(owner: Mapping[str, Any], path: Path) -> dict[str, Any]:
    where = (path, "metadata")
    metadata = dict(object_at(owner.get("metadata") or {}, where))
    for name, value in metadata.items():
        if not isinstance(value, (str, bool, int, float)):
            raise BadRuleset((where, name), f"metadata are texts, numbers and booleans, not {_shown(value)}")
    return metadata


def _variants(flag: Mapping[str, Any], path: Path) -> dict[str, Any]:
    raw = object_at(flag.get("variants"), path)
    variants = {name: _copied(value, (path, name)) for name, value in raw.items()}
    kinds = {name: _kind(value, (path, name)) for name, value in variants.items()}
    if len(set(kinds.values())) > 1:
        told = ", ".join(f"{name} is a {kind}" for name, kind in list(kinds.items())[:5])
        raise BadRuleset(path, f"the variants of a flag are of one type, but {told}")
    return variants


def _kind(value: Any, path: Path) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (dict, list)):
        return "object"
    raise BadRuleset(path, f"a variant is a boolean, number, string or object, not {_shown(value)}")


def _copied(node: Any, path: Path, level: int = 0) -> Any:
    """A copy of a JSON value, so that nothing the caller does later reaches a loaded flag."""
    if level > DEEPEST:
        raise BadRuleset(path, f"a value nests at most {DEEPEST} levels deep")
    if isinstance(node, dict):
        return {name: _copied(value, (path, str(name)), level + 1) for name, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_copied(value, (path, index), level + 1) for index, value in enumerate(node)]
    return node


def _default_variant(flag: Mapping[str, Any], variants: Mapping[str, Any], path: Path) -> str | None:
    """The default variant; None (absent, null or "") leaves the default to the calling code."""
    name = flag.get("defaultVariant")
    if name is None or name == "":
        return None
    if not isinstance(name, str) or name not in variants:
        raise BadRuleset(
            path, f"{_shown(name)} is none of the flag's variants: {', '.join(variants) or 'it has none'}"
        )
    return name


def _targeting(flag: Mapping[str, Any], path: Path) -> Any:
    rule = flag.get("targeting")
    if rule is not None and not isinstance(rule, dict):
        raise BadRuleset(path, f"a rule is an object with one operator, not {_shown(rule)}")
    return rule


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, (str, int, float, type(None))) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."
