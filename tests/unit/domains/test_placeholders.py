"""A text is sent whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.domains.messaging.placeholders import MissingValue, names, problems, render

KNOWN = ["coupon.code", "customer.city", "customer.name"]


def test_names_appear_once_in_order() -> None:
    assert names("{{coupon.code}}，{{ customer.name }}！{{coupon.code}}") == ["coupon.code", "customer.name"]


def test_unknown_names_get_the_nearest_known_one() -> None:
    (problem,) = problems("您好 {{custmer.name}}", KNOWN)
    assert problem.where == "body[3]"
    assert "customer.name" in problem.what_en


@pytest.mark.parametrize(
    "text", ["{{name}}", "{{}}", "{{customer.name", "a }} b", "{{customer.name.first}}", "{{'; drop}}"]
)
def test_malformed_places_are_named(text: str) -> None:
    assert problems(text, KNOWN)


def test_a_missing_value_needs_words_instead() -> None:
    assert render("{{customer.name|亲}}，你好", {}.get) == "亲，你好"
    with pytest.raises(MissingValue):
        render("{{customer.name}}，你好", {}.get)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_values_are_never_read_as_placeholders(before: str, name: str, after: str) -> None:
    if "{{" in before + after or "}}" in before + after or (before + "{").endswith("{{") or after.startswith("}"):
        return
    text = before + "{{customer.name}}" + after
    assert render(text, {"customer.name": name}.get) == before + name + after
