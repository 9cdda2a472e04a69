"""Rehearsals without a server: the course of a whole plan, many times over, in seconds.

The rules, gates and guardrail are the product's own; work, errors and people are drawn from a `Source`. Order of
reading: `sources` (what a company does), `watch` (the guardrail by whole days), `work` and `facts` (what happens, and
what gates are told of it), `course` (one world), `worlds` (many), `page`.
"""

from __future__ import annotations
