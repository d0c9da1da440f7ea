"""Does an expression survive being written as text, as the builder's JSON, and back?"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tandem.catalog import ExpressionError, check, from_json, parse, to_json, to_text
from tandem.catalog.syntax import Node
from unit.catalog.generate import expressions
from unit.catalog.sample import event_scope

RELAXED = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
_TOKENS = re.compile(r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|[0-9]+(?:\.[0-9]+)?%?|\w+(?:\.\w+)?|[<>=!]+|\S""")


def tokens(text: str) -> list[str]:
    return _TOKENS.findall(text)


@RELAXED
@given(expressions())
def test_text_to_json_to_text_changes_nothing(drawn: tuple[str, Node]) -> None:
    text = to_text(drawn[1])
    tree = parse(text)
    carried = from_json(json.loads(json.dumps(to_json(tree))))
    assert carried == tree
    assert to_text(carried) == text


@RELAXED
@given(expressions())
def test_builder_json_checks_as_the_text_does(drawn: tuple[str, Node]) -> None:
    type_, node = drawn
    from_text = check(to_text(node), event_scope(), type_)
    from_builder = check(to_json(node), event_scope(), type_)
    assert from_builder.typed == from_text.typed


@RELAXED
@given(expressions(), st.randoms(use_true_random=False))
def test_spacing_and_spelling_survive(drawn: tuple[str, Node], rng: Any) -> None:
    """Spacing may change; quotes, parentheses, trailing zeros and units stay as written."""
    written = tokens(to_text(drawn[1]))
    spaced = "".join(token + rng.choice((" ", "  ", "\n", " \t")) for token in written)
    assert tokens(to_text(parse(spaced))) == written


@pytest.mark.parametrize(
    "text",
    [
        "((customer.spend)) > 12.500",
        "customer.city = \"it's\" or customer.city = 'it''s' or customer.city = '\\u4e0a'",
        "customer.spend > 007 and customer.spend < 5.50%",
        "customer.joined_at > now() - 1 day",
        "not (not customer.subscribed)",
        "1 - (2 - 3) - 4 > 0",
        "(customer.spend > 1 and customer.spend < 5) or ((customer.subscribed))",
        "graduated(customer.spend, [0: 3%, 100.0: 5%]) > 3",
        "count(orders in last 90 days where category = '奶粉' or gift) >= 2",
    ],
)
def test_what_a_person_wrote_stays(text: str) -> None:
    assert to_text(from_json(to_json(parse(text)))) == text


@settings(max_examples=500, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "customer.city",
                "=",
                "'x'",
                "(",
                ")",
                "and",
                "not",
                "in",
                "[",
                "]",
                ",",
                "count",
                "where",
                "orders",
                "5%",
                "7 days",
                "is",
                "missing",
                ".",
            ]
        ),
        max_size=15,
    ).map(" ".join)
)
@example("'" * 5)
@example("(" * 2_000)
@example("not " * 3_000)
@example("-" * 5_000 + "1")
def test_any_text_parses_or_is_refused_with_its_place(text: str) -> None:
    try:
        check(text, event_scope(), None)
    except ExpressionError as refused:
        for problem in refused.problems:
            assert 0 <= problem.span.start <= problem.span.end <= max(len(text), problem.span.start)
            assert problem.message.zh
            assert problem.message.en


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["and", "compare", "field", "raw", "related", "customer"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "items", "left", "right", "op", "text", "path", "value", "where"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["kind", "items", "left", "right", "op", "text", "path", "value", "name", "args"]),
        _JSON,
        max_size=5,
    )
)
def test_any_builder_json_is_read_or_refused(source: dict[str, Any]) -> None:
    try:
        check(source, event_scope(), None)
    except ExpressionError as refused:
        assert len(refused.problems) > 0  # noqa: PT017 (being accepted is fine too)


def test_builder_json_nested_without_end_is_refused() -> None:
    tree: dict[str, Any] = {"kind": "null"}
    for _ in range(5_000):
        tree = {"kind": "not", "item": tree}
    with pytest.raises(ExpressionError):
        check(tree, event_scope())


def test_raw_text_within_the_builder() -> None:
    tree = {
        "kind": "and",
        "items": [
            {"kind": "raw", "text": "customer.subscribed or customer.spend > 3"},
            {"kind": "raw", "text": "event.amount > 1"},
        ],
    }
    assert check(tree, event_scope()).text == "(customer.subscribed or customer.spend > 3) and event.amount > 1"
