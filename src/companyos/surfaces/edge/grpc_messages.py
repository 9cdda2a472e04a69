"""The messages of flagd.sync.v1 (https://buf.build/open-feature/flagd), described here: no generated code to keep.

They live in a pool of their own, so that a program may load flagd's own classes beside ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2

PACKAGE = "flagd.sync.v1"
SERVICE = f"{PACKAGE}.FlagSyncService"
_Field = descriptor_pb2.FieldDescriptorProto
_STRUCT = ".google.protobuf.Struct"
_ASKED = {"provider_id": (1, ""), "selector": (2, "")}  # name: number, message type (none: a text)
_FORMS: dict[str, dict[str, tuple[int, str]]] = {
    "SyncFlagsRequest": _ASKED,
    "SyncFlagsResponse": {"flag_configuration": (1, ""), "sync_context": (2, _STRUCT)},
    "FetchAllFlagsRequest": _ASKED,
    "FetchAllFlagsResponse": {"flag_configuration": (1, "")},
    "GetMetadataRequest": {},
    "GetMetadataResponse": {"metadata": (2, _STRUCT)},
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what is asked and what is answered."""

    question: Any
    answer: Any

    @property
    def codecs(self) -> tuple[Any, Any]:
        return self.question.FromString, self.answer.SerializeToString


def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(
        name="flagd/sync/v1/sync.proto",
        package=PACKAGE,
        syntax="proto3",
        dependency=["google/protobuf/struct.proto"],
    )
    for name, fields in _FORMS.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            message.field.add(
                name=field,
                number=number,
                label=_Field.LABEL_OPTIONAL,
                type=_Field.TYPE_MESSAGE if kind else _Field.TYPE_STRING,
                type_name=kind or None,
            )
    pool.AddSerializedFile(file.SerializeToString())
    return pool


_OURS = _pool()


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_OURS.FindMessageTypeByName(name))


def _call(name: str) -> Call:
    return Call(_message(f"{PACKAGE}.{name}Request"), _message(f"{PACKAGE}.{name}Response"))


Struct = _message("google.protobuf.Struct")
SYNC, FETCH, METADATA = _call("SyncFlags"), _call("FetchAllFlags"), _call("GetMetadata")
