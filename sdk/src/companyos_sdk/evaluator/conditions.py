"""JsonLogic's conditions as code. The shapes most rules have get closures of their own: the hot path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from companyos_sdk.evaluator.code import Code, Rule, Run, TooMuchWork, constant, pay_for
from companyos_sdk.evaluator.coercion import truthy
from companyos_sdk.evaluator.operators import contains, loosely_equal

Comparison = Callable[[Any, Any], bool]

_GROWS: frozenset[type] = frozenset({str, list, tuple, dict})


def folded(code: Code, operands: Sequence[Code]) -> Code:
    """The code, or its answer where every operand is constant."""
    for operand in operands:
        if not operand.is_constant:
            return code
    try:
        return constant(code.run(None, Run(0)))
    except TooMuchWork:  # the flag answers with the error when it is evaluated
        return code


def test_of(code: Code) -> Rule:
    """A rule whose answer Python and JsonLogic find true alike."""
    run = code.run
    if code.is_plain_truth:
        return run
    return lambda data, at: truthy(run(data, at))


# -- choices ---------------------------------------------------------------------------------------------


def choice(codes: Sequence[Code]) -> Code:
    """`if`: test, answer, test, answer, ..., otherwise."""
    branches = list(zip(codes[:-1:2], codes[1::2], strict=False))
    otherwise = codes[-1] if len(codes) % 2 else constant(None)
    is_plain_truth = otherwise.is_plain_truth and all(answer.is_plain_truth for _test, answer in branches)
    if not branches:
        return otherwise
    if len(branches) > 1:
        rule = _first_of(branches, otherwise)
    elif branches[0][1].is_constant and otherwise.is_constant:
        rule = _one_of_two_constants(branches[0][0], branches[0][1].value, otherwise.value)
    else:
        rule = _one_of_two(branches[0][0], branches[0][1], otherwise)
    return folded(Code(rule, is_plain_truth=is_plain_truth), codes)


def _one_of_two_constants(condition: Code, yes: Any, no: Any) -> Rule:
    test = test_of(condition)
    return lambda data, run: yes if test(data, run) else no


def _one_of_two(condition: Code, yes: Code, no: Code) -> Rule:
    test, then, otherwise = test_of(condition), yes.run, no.run
    return lambda data, run: then(data, run) if test(data, run) else otherwise(data, run)


def _first_of(branches: Sequence[tuple[Code, Code]], otherwise: Code) -> Rule:
    pairs = [(test_of(test), answer.run) for test, answer in branches]
    last = otherwise.run

    def choose(data: Any, run: Run) -> Any:
        for test, answer in pairs:
            if test(data, run):
                return answer(data, run)
        return last(data, run)

    return choose


def conjunction(codes: Sequence[Code]) -> Code:
    """`and`: the first answer that is false, or the last one."""
    if not codes:
        return constant(None)
    plain = all(code.is_plain_truth for code in codes)
    rule = _both(codes[0].run, codes[1].run) if plain and len(codes) == 2 else _until(codes, wanted=False)
    return folded(Code(rule, is_plain_truth=plain), codes)


def disjunction(codes: Sequence[Code]) -> Code:
    """`or`: the first answer that is true, or the last one."""
    if not codes:
        return constant(None)
    plain = all(code.is_plain_truth for code in codes)
    rule = _either(codes[0].run, codes[1].run) if plain and len(codes) == 2 else _until(codes, wanted=True)
    return folded(Code(rule, is_plain_truth=plain), codes)


def _both(first: Rule, second: Rule) -> Rule:
    return lambda data, run: first(data, run) and second(data, run)


def _either(first: Rule, second: Rule) -> Rule:
    return lambda data, run: first(data, run) or second(data, run)


def _until(codes: Sequence[Code], *, wanted: bool) -> Rule:
    runs = [code.run for code in codes]

    def look(data: Any, run: Run) -> Any:
        answer = None
        for each in runs:
            answer = each(data, run)
            if truthy(answer) is wanted:
                return answer
        return answer

    return look


def negation(code: Code) -> Code:
    test = test_of(code)
    return folded(Code(lambda data, run: not test(data, run), is_plain_truth=True), [code])


def truth(code: Code) -> Code:
    test = test_of(code)
    return folded(Code(lambda data, run: bool(test(data, run)), is_plain_truth=True), [code])


# -- membership ------------------------------------------------------------------------------------------


def membership(needle: Code, names: frozenset[str]) -> Code:
    """`in` a constant list of names: one look into a set."""
    rule = _attribute_in(needle.attribute, names) if needle.attribute else _value_in(needle.run, names)
    return folded(Code(rule, is_plain_truth=True), [needle])


def _attribute_in(attribute: str, names: frozenset[str]) -> Rule:
    def is_member(context: Any, _run: Run) -> bool:
        try:
            return context.get(attribute) in names
        except TypeError:  # a list or an object has no hash, and is no name
            return False

    return is_member


def _value_in(value_of: Rule, names: frozenset[str]) -> Rule:
    def is_member(data: Any, run: Run) -> bool:
        value = value_of(data, run)
        return isinstance(value, str) and value in names

    return is_member


def containment(needle: Code, haystack: Code) -> Code:
    """`in` anything else: a computed list, a mixed list, a text."""
    wanted, searched = needle.run, haystack.run

    def is_inside(data: Any, run: Run) -> bool:
        needle, haystack = wanted(data, run), searched(data, run)
        pay_for(run, needle, haystack)
        return contains(needle, haystack)

    rule = _item_of(wanted, haystack.value) if haystack.is_constant else is_inside
    return folded(Code(rule, is_plain_truth=True), [needle, haystack])


def _item_of(wanted: Rule, haystack: Any) -> Rule:
    def is_inside(data: Any, run: Run) -> bool:
        needle = wanted(data, run)
        if isinstance(needle, list):
            pay_for(run, needle)
        return contains(needle, haystack)

    return is_inside


# -- comparisons -----------------------------------------------------------------------------------------


def equality(compare: Comparison, a: Code, b: Code) -> Code:
    text, other = (a, b) if a.is_constant else (b, a)
    if compare is loosely_equal and isinstance(text.value, str) and not other.is_constant:
        rule = (
            _attribute_is(other.attribute, text.value)
            if other.attribute
            else _value_is(other.run, text.value)
        )
    else:
        rule = _compared(compare, a.run, b.run)
    return folded(Code(rule, is_plain_truth=True), [a, b])


def _attribute_is(attribute: str, text: str) -> Rule:
    def is_equal(context: Any, run: Run) -> bool:
        value = context.get(attribute)
        return value == text if value.__class__ is str else _loosely(value, text, run)

    return is_equal


def _value_is(value_of: Rule, text: str) -> Rule:
    def is_equal(data: Any, run: Run) -> bool:
        value = value_of(data, run)
        return value == text if value.__class__ is str else _loosely(value, text, run)

    return is_equal


def _loosely(value: Any, text: str, run: Run) -> bool:
    if isinstance(value, (list, tuple)):
        pay_for(run, value)
    return loosely_equal(value, text)


def _compared(compare: Comparison, left: Rule, right: Rule) -> Rule:
    def is_so(data: Any, run: Run) -> bool:
        a, b = left(data, run), right(data, run)
        if a.__class__ in _GROWS or b.__class__ in _GROWS:
            pay_for(run, a, b)
        return compare(a, b)

    return is_so


def ordering(compare: Comparison, codes: Sequence[Code]) -> Code:
    """`<` and its kin; with three operands the middle one lies between the others."""
    if len(codes) < 2:
        return constant(False)
    rule = _compared(compare, codes[0].run, codes[1].run)
    if len(codes) == 3:
        rule = _between(compare, codes[0].run, codes[1].run, codes[2].run)
    return folded(Code(rule, is_plain_truth=True), codes)


def _between(compare: Comparison, low: Rule, middle: Rule, high: Rule) -> Rule:
    def is_between(data: Any, run: Run) -> bool:
        least, value, most = low(data, run), middle(data, run), high(data, run)
        pay_for(run, least, value, value, most)
        return compare(least, value) and compare(value, most)

    return is_between


def affix(test: Callable[[str, str], bool], whole: Code, part: Code) -> Code:
    """`starts_with` and `ends_with`; null unless both are texts."""
    if part.is_constant and isinstance(part.value, str):
        rule = (
            _attribute_has_affix(test, whole.attribute, part.value)
            if whole.attribute
            else _has_affix(test, whole.run, part.value)
        )
    else:
        rule = _has_computed_affix(test, whole.run, part.run)
    return folded(Code(rule, is_plain_truth=True), [whole, part])


def _attribute_has_affix(test: Callable[[str, str], bool], attribute: str, text: str) -> Rule:
    def has(context: Any, _run: Run) -> bool | None:
        value = context.get(attribute)
        return test(value, text) if isinstance(value, str) else None

    return has


def _has_affix(test: Callable[[str, str], bool], value_of: Rule, text: str) -> Rule:
    def has(data: Any, run: Run) -> bool | None:
        value = value_of(data, run)
        return test(value, text) if isinstance(value, str) else None

    return has


def _has_computed_affix(test: Callable[[str, str], bool], value_of: Rule, text_of: Rule) -> Rule:
    def has(data: Any, run: Run) -> bool | None:
        value, text = value_of(data, run), text_of(data, run)
        pay_for(run, text)
        return test(value, text) if isinstance(value, str) and isinstance(text, str) else None

    return has
