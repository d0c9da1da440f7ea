"""Does docs/expressions.md say what the functions are, and do the examples hold?

`TANDEM_WRITE_DOCS=1` writes the tables anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from tandem.catalog import Area, Catalog, Field, Label, check, cost, describe
from tandem.catalog.definitions import Entity
from tandem.catalog.functions import FUNCTIONS
from tandem.catalog.handbook import BEGIN, END, function_tables
from tandem.catalog.value_types import POINT, TEXT

DOCS: Final = Path(__file__).parents[3] / "docs/expressions.md"
SOME: Final = Label("某", "some")
EXAMPLES: Final = [f.example for overloads in FUNCTIONS.values() for f in overloads[:1] if f.example and not f.hidden]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The product's catalog, with what no domain contributes yet: a division, a place, areas."""
    from tandem.assembly import system

    whole = system().catalog
    customer = whole.entities["customer"]
    assert isinstance(customer, Entity)
    extra = (Field("division", TEXT, SOME), Field("location", POINT, SOME))
    missing = tuple(one for one in extra if one.name not in {field.name for field in customer.fields})
    wider = replace(customer, fields=customer.fields + missing)
    areas = MappingProxyType({"geofence": Area("geofence", SOME, "geofence"), **whole.areas})
    return replace(whole, entities=MappingProxyType({**whole.entities, "customer": wider}), areas=areas)


def test_the_tables_are_the_functions() -> None:
    text = DOCS.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    written, _, after = rest.partition(END)
    if os.environ.get("TANDEM_WRITE_DOCS"):
        DOCS.write_text(f"{before}{BEGIN}\n\n{function_tables()}\n\n{END}{after}", "utf-8")
        return
    assert written.strip() == function_tables()


def test_every_function_has_an_example() -> None:
    without = [name for name, (first, *_) in FUNCTIONS.items() if not first.hidden and not first.example]
    assert without in ([], ["size"])


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_hold(catalog: Catalog, text: str) -> None:
    checked = check(text, catalog.scope(customer="customer", event="order.paid"), None)
    assert describe(checked).zh
    assert cost(checked).points


def test_the_conditions_that_the_documentation_shows_hold(catalog: Catalog) -> None:
    """Every fenced example without a placeholder is an expression over the customer and an order's event."""
    blocks = re.findall(r"```\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    scope = catalog.scope(customer="customer", event="order.paid")
    for line in lines:
        check(line, scope, None)
    assert len(lines) >= 15
