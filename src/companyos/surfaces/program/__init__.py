"""The program as code: the files of `program/`, read, checked and typed."""

from __future__ import annotations
