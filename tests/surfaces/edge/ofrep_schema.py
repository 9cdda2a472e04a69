"""What OFREP 0.3 says an answer looks like, as JSON Schema (open-feature/protocol: openapi.yaml, ADR-0008)."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

_METADATA = {"type": "object", "additionalProperties": {"type": ["boolean", "string", "number"]}}
_TEXT = {"type": "string", "minLength": 1}
_SUCCESS = {
    "type": "object",
    "required": ["key", "reason"],
    "properties": {
        "key": _TEXT,
        "reason": {"enum": ["STATIC", "TARGETING_MATCH", "SPLIT", "DEFAULT", "DISABLED", "UNKNOWN"]},
        "variant": {"type": "string"},
        "value": {"type": ["boolean", "string", "number", "object", "array"]},
        "metadata": _METADATA,
    },
    "not": {"required": ["errorCode"]},
}
_FAILURE = {
    "type": "object",
    "required": ["key", "errorCode"],
    "properties": {
        "key": _TEXT,
        "errorCode": {"enum": ["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"]},
        "errorDetails": {"type": "string"},
        "metadata": _METADATA,
    },
    "not": {"anyOf": [{"required": ["value"]}, {"required": ["variant"]}]},
}
_STREAM = {
    "type": "object",
    "required": ["type"],
    "oneOf": [{"required": ["url"]}, {"required": ["endpoint"]}],
    "properties": {
        "type": {"type": "string"},
        "inactivityDelaySec": {"type": "integer", "minimum": 1},
        "endpoint": {
            "type": "object",
            "required": ["requestUri"],
            "properties": {"requestUri": {"type": "string", "pattern": "^/"}, "origin": {"type": "string"}},
        },
    },
}
_GENERAL = {"type": "object", "required": ["errorDetails"], "properties": {"errorDetails": _TEXT}}
_NOT_FOUND = {
    "type": "object",
    "required": ["key", "errorCode"],
    "properties": {
        "key": _TEXT,
        "errorCode": {"const": "FLAG_NOT_FOUND"},
        "errorDetails": {"type": "string"},
    },
}

ONE: dict[int, dict[str, Any]] = {200: _SUCCESS, 400: _FAILURE, 404: _NOT_FOUND}
ALL: dict[int, dict[str, Any]] = {
    200: {
        "type": "object",
        "required": ["flags"],
        "properties": {
            "flags": {"type": "array", "items": {"oneOf": [_SUCCESS, _FAILURE]}},
            "metadata": _METADATA,
            "eventStreams": {"type": "array", "items": _STREAM},
        },
    },
    400: {"type": "object", "required": ["errorCode"], "properties": {"errorCode": _TEXT}},
}
MESSAGE = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"const": "refetchEvaluation"},
        "etag": {"type": "string"},
        "lastModified": {"type": "integer", "minimum": 0},
        "version": {"type": "integer"},
    },
    "additionalProperties": False,  # what changed is never told here
}


def check(content: Any, schema: dict[str, Any] | None) -> None:
    """Raise when an answer is not of its schema; a status without one is OFREP's general error."""
    Draft202012Validator(schema or _GENERAL).validate(content)
