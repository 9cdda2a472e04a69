"""Compiles a flag's targeting into closures over (data, run), once, when a ruleset is loaded.

One method per family of operators; constants are folded, and the shapes that most rules have (an attribute
in a list of names, an attribute equal to a text, one `if`) get closures of their own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from companyos_sdk.evaluator import conditions, iteration
from companyos_sdk.evaluator.code import Code, Run, constant, pay_for, text_constant
from companyos_sdk.evaluator.coercion import to_text
from companyos_sdk.evaluator.evaluators import Evaluators, Place, Shared, Unparsable
from companyos_sdk.evaluator.fractional import (
    Arm,
    Hashing,
    hash_of,
    hash_of_targeting_key,
    is_a_unit,
    split,
    split_into_evaluated,
)
from companyos_sdk.evaluator.limits import check_arms, extent_of, is_membership
from companyos_sdk.evaluator.lookup import (
    FLAGD,
    Read,
    follow,
    lookup,
    lookup_in_context,
    missing_names,
    missing_some_names,
)
from companyos_sdk.evaluator.operators import AFFIXES, EQUALITIES, OPERATORS, ORDERINGS
from companyos_sdk.evaluator.paths import Path, shown
from companyos_sdk.evaluator.values import applied, version_rule

NOTHING, ONE = constant(None), constant(1)
REFERENCE = "$ref"


class Compiler:
    """Compiles the targeting of one flag."""

    def __init__(self, *, flag_key: str, evaluators: Evaluators, hashing: Hashing) -> None:
        self.needs_run = False  # whether the rule loops or asks for the time
        self.names_its_flag = False  # whether the rule would differ for another flag
        self._key = flag_key
        self._evaluators = evaluators
        self._hashing = hashing
        self._inside_loop = False
        self._references: dict[Place, Shared] = {}

    def code(self, node: Any, path: Path) -> Code:
        """The code of a node; raises Unparsable."""
        if node.__class__ is str:
            return text_constant(node)
        if isinstance(node, list):
            return self._list(node, path)
        if not isinstance(node, dict):
            return constant(node)
        if REFERENCE in node:
            return self._reference(node[REFERENCE], path)
        if len(node) != 1:
            return constant(copy.deepcopy(node))
        ((operator, argument),) = node.items()
        return self._operator(operator, argument, (path, operator))

    def _list(self, node: list[Any], path: Path) -> Code:
        codes = [self.code(item, (path, index)) for index, item in enumerate(node)]
        if all(code.is_constant for code in codes):
            return constant([code.value for code in codes])
        runs = [code.run for code in codes]
        return Code(lambda data, run: [each(data, run) for each in runs])

    def _reference(self, name: Any, path: Path) -> Code:
        rule = self._evaluators.rule(name, path)
        place = (name, self._inside_loop)
        found = self._evaluators.compiled.get(place) or self._references.get(place)
        if found is None:
            found = self._shared(rule, place)
        self.needs_run = self.needs_run or found.needs_run
        return found.code

    def _shared(self, rule: Any, place: Place) -> Shared:
        inner = Compiler(flag_key=self._key, evaluators=self._evaluators, hashing=self._hashing)
        inner._inside_loop = self._inside_loop
        found = Shared(inner.code(rule, ("$.$evaluators", place[0])), inner.needs_run)
        self.names_its_flag = self.names_its_flag or inner.names_its_flag
        kept = self._references if inner.names_its_flag else self._evaluators.compiled
        kept[place] = found
        return found

    def _own_key(self) -> str:
        self.names_its_flag = True
        return self._key

    def _resolved(self, node: Any, path: Path) -> Any:
        """The node itself, or what its `$ref` stands for."""
        if isinstance(node, dict) and REFERENCE in node:
            return self._evaluators.rule(node[REFERENCE], path)
        return node

    def _operator(self, operator: str, argument: Any, path: Path) -> Code:
        argument = self._resolved(argument, path)
        operands = argument if isinstance(argument, list) else [argument]
        form = _FORMS.get(operator)
        if form is None:
            known = " ".join(OPERATOR_NAMES)
            raise Unparsable(f"{shown(path)}: there is no operator {operator!r}; the operators are {known}")
        return form(self, operator, operands, path)

    def _codes(self, operands: list[Any], path: Path) -> list[Code]:
        return [self.code(operand, (path, index)) for index, operand in enumerate(operands)]

    # -- reading the context ---------------------------------------------------------------------------------

    def _var(self, _operator: str, operands: list[Any], path: Path) -> Code:
        if len(operands) == 1 and isinstance(operands[0], str):
            return self._fixed_var(operands[0], None)
        codes = self._codes(operands, path)
        name = codes[0] if codes else constant("")
        default = codes[1] if len(codes) > 1 else NOTHING
        if name.is_constant and default.is_constant:
            return self._fixed_var(name.value, default.value)
        read, name_of, default_of = self._reader(), name.run, default.run

        def read_named(data: Any, run: Run) -> Any:
            name = name_of(data, run)
            pay_for(run, name)
            return read(data, name, default_of(data, run), run)

        return Code(read_named)

    def _fixed_var(self, path: Any, default: Any) -> Code:
        steps = [] if path is None or path == "" else to_text(path).split(".")
        if len(steps) == 1 and default is None and steps[0] != FLAGD and not self._inside_loop:
            attribute = steps[0]
            return Code(lambda data, _run: data.get(attribute), attribute=attribute)
        if self._inside_loop and not steps:
            return Code(lambda data, _run: data)
        if self._inside_loop:
            return Code(lambda data, _run: follow(data, steps, default))
        if not steps or steps == [FLAGD]:
            read = self._reader()
            return Code(lambda data, run: read(data, path, default, run))
        if steps[0] == FLAGD:
            return self._flagd_property(steps[1:], default)
        if len(steps) > 1:
            return Code(lambda data, _run: follow(data, steps, default))
        attribute = steps[0]
        return Code(lambda data, _run: data.get(attribute, default))

    def _flagd_property(self, steps: list[str], default: Any) -> Code:
        if steps == ["timestamp"]:
            self.needs_run = True
            return Code(lambda _data, run: run.now)
        return constant(self._own_key() if steps == ["flagKey"] else default)

    def _reader(self) -> Read:
        """Reads a path that is only known when the rule runs."""
        if self._inside_loop:
            return lambda data, path, default, _run: lookup(data, path, default)
        self.needs_run = True
        flag_key = self._own_key()
        return lambda data, path, default, run: lookup_in_context(data, path, default, flag_key, run)

    def _missing(self, _operator: str, operands: list[Any], path: Path) -> Code:
        codes = self._codes(operands, path)
        read, names_of = self._reader(), [code.run for code in codes]

        return Code(missing_names(read, names_of))

    def _missing_some(self, _operator: str, operands: list[Any], path: Path) -> Code:
        needed = self.code(operands[0], (path, 0)) if operands else NOTHING
        names = self.code(operands[1], (path, 1)) if len(operands) > 1 else NOTHING
        read = self._reader()

        return Code(missing_some_names(read, needed.run, names.run))

    # -- conditions ------------------------------------------------------------------------------------------

    def _if(self, _operator: str, operands: list[Any], path: Path) -> Code:
        return conditions.choice(self._codes(operands, path))

    def _and(self, _operator: str, operands: list[Any], path: Path) -> Code:
        return conditions.conjunction(self._codes(operands, path))

    def _or(self, _operator: str, operands: list[Any], path: Path) -> Code:
        return conditions.disjunction(self._codes(operands, path))

    def _not(self, _operator: str, operands: list[Any], path: Path) -> Code:
        return conditions.negation(self.code(operands[0], (path, 0)) if operands else NOTHING)

    def _truth(self, _operator: str, operands: list[Any], path: Path) -> Code:
        return conditions.truth(self.code(operands[0], (path, 0)) if operands else NOTHING)

    def _in(self, _operator: str, operands: list[Any], path: Path) -> Code:
        needle = self.code(operands[0], (path, 0)) if operands else NOTHING
        haystack: Any = self._resolved(operands[1], (path, 1)) if len(operands) > 1 else None
        if is_membership(haystack):
            return conditions.membership(needle, self._evaluators.names(haystack))
        return conditions.containment(needle, self.code(haystack, (path, 1)))

    def _equality(self, operator: str, operands: list[Any], path: Path) -> Code:
        a, b = [*self._codes(operands[:2], path), NOTHING, NOTHING][:2]
        return conditions.equality(EQUALITIES[operator], a, b)

    def _ordering(self, operator: str, operands: list[Any], path: Path) -> Code:
        codes = self._codes(operands[: 3 if operator in ("<", "<=") else 2], path)
        return conditions.ordering(ORDERINGS[operator], codes)

    # -- values ----------------------------------------------------------------------------------------------

    def _eager(self, operator: str, operands: list[Any], path: Path) -> Code:
        codes = self._codes(operands, path)
        rule = applied(OPERATORS[operator], [code.run for code in codes])
        return conditions.folded(Code(rule), codes)

    def _affix(self, operator: str, operands: list[Any], path: Path) -> Code:
        codes = self._codes(operands, path)
        return NOTHING if len(codes) != 2 else conditions.affix(AFFIXES[operator], *codes)

    def _sem_ver(self, _operator: str, operands: list[Any], path: Path) -> Code:
        codes = self._codes(operands, path)
        if len(codes) != 3:
            return NOTHING
        code = Code(version_rule(*codes), is_plain_truth=True)
        return conditions.folded(code, codes)

    def _loop(self, operator: str, operands: list[Any], path: Path) -> Code:
        loop = self._source_and_body(operands, path)
        if operator in iteration.TRUTHS:
            return Code(iteration.TRUTHS[operator](loop), is_plain_truth=True)
        return Code(iteration.LISTS[operator](loop))

    def _reduce(self, _operator: str, operands: list[Any], path: Path) -> Code:
        loop = self._source_and_body(operands, path)
        initial = self.code(operands[2], (path, 2)) if len(operands) > 2 else NOTHING
        return Code(iteration.reduced(loop, initial.run))

    def _source_and_body(self, operands: list[Any], path: Path) -> iteration.Loop:
        self.needs_run = True
        source = self.code(operands[0], (path, 0)) if operands else NOTHING
        node = operands[1] if len(operands) > 1 else None
        outside, self._inside_loop = self._inside_loop, True
        body = self.code(node, (path, 1))
        self._inside_loop = outside
        return iteration.Loop(source.run, body.run, extent_of(node, path, self._evaluators.extents).nodes)

    # -- bucketing -------------------------------------------------------------------------------------------

    def _fractional(self, _operator: str, operands: list[Any], path: Path) -> Code:
        if not operands:
            return NOTHING
        rows = [self._resolved(operand, (path, index)) for index, operand in enumerate(operands)]
        if rows != operands:  # arms that were written out are checked already
            check_arms(rows, path)
        if {*map(type, rows)} == {list}:
            hashed = hash_of_targeting_key(self._hashing, self._own_key())
            return Code(split(self._fixed_var("targetingKey", None).run, hashed, self._arms(rows, path)))
        if is_a_unit(rows[0]) and {*map(type, rows[1:])} <= {list}:
            unit = self.code(rows[0], (path, 0))
            return Code(split(unit.run, hash_of(self._hashing), self._arms(rows[1:], path)))
        return self._evaluated_fractional(self._codes(rows, path))

    def _evaluated_fractional(self, codes: list[Code]) -> Code:
        rule = split_into_evaluated(
            codes[0].run,
            self._fixed_var("targetingKey", None).run,
            hash_of(self._hashing),
            hash_of_targeting_key(self._hashing, self._own_key()),
            [code.run for code in codes[1:]],
        )
        return Code(rule)

    def _arms(self, rows: Sequence[list[Any]], path: Path) -> list[Arm]:
        return [
            Arm(self.code(row[0], path), self.code(row[1], path) if len(row) == 2 else ONE) for row in rows
        ]


Form = Callable[[Compiler, str, list[Any], Path], Code]

_FORMS: dict[str, Form] = {
    "var": Compiler._var,
    "missing": Compiler._missing,
    "missing_some": Compiler._missing_some,
    "if": Compiler._if,
    "?:": Compiler._if,
    "and": Compiler._and,
    "or": Compiler._or,
    "!": Compiler._not,
    "!!": Compiler._truth,
    "in": Compiler._in,
    "reduce": Compiler._reduce,
    "sem_ver": Compiler._sem_ver,
    "fractional": Compiler._fractional,
    **dict.fromkeys(EQUALITIES, Compiler._equality),
    **dict.fromkeys(ORDERINGS, Compiler._ordering),
    **dict.fromkeys(AFFIXES, Compiler._affix),
    **dict.fromkeys(OPERATORS, Compiler._eager),
    **dict.fromkeys(iteration.TRUTHS, Compiler._loop),
    **dict.fromkeys(iteration.LISTS, Compiler._loop),
}

OPERATOR_NAMES = tuple(sorted(_FORMS))
