"""The catalog for the visual builders, and checking an expression while it is being written."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints, model_validator

from tandem.access.http import Access, signed_in
from tandem.access.shapes import Body, Label
from tandem.assembly import system
from tandem.catalog import (
    Catalog,
    Checked,
    ExpressionError,
    Scope,
    catalog_json,
    check,
    cost,
    dependencies,
    describe,
    notes,
    parse,
    to_json,
    to_text,
)
from tandem.catalog.builder import from_json
from tandem.catalog.divisions import divisions
from tandem.catalog.model import CatalogError, Privacy, Root
from tandem.flow.about import exists
from tandem.flow.checks import draft_scoping
from tandem.flow.graph import parse_graph
from tandem.flow.scopes import ITEM, RUN, item_of
from tandem.flow.service import get_flow
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.things.catalogue import catalog_of

router = APIRouter(tags=["catalog"])

SignedIn = Annotated[Access, Depends(signed_in())]
RootName = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z][a-z0-9_.]*$")]


class CatalogOut(BaseModel):
    """Everything an expression may speak of, each with its names in both languages."""

    entities: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    memberships: list[dict[str, Any]]
    event_types: list[dict[str, Any]]
    functions: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    lookups: list[dict[str, Any]]
    aggregates: list[dict[str, Any]]
    operators: dict[str, list[str]]


class ExpressionToCheck(Body):
    """An expression as text or as the builder's tree; `scope` names its roots, `returns` the type it must have (null or "any": any).

    The root `run` is a flow's, `flow.` and its id without dashes: what its runs keep, as its draft stands. The root `item` is a row of a
    related set, `item.` and its name (`item.lines`): what the branches of "for each" are about.
    """

    text: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    tree: dict[str, Any] | None = None
    scope: Annotated[dict[RootName, RootName], Field(min_length=1, max_length=10)] = Field(
        default_factory=lambda: {"customer": "customer"}
    )
    returns: Annotated[str, StringConstraints(max_length=40)] | None = "bool"

    @model_validator(mode="after")
    def _one_form(self) -> ExpressionToCheck:
        if (self.text is None) == (self.tree is None):
            message = "give either text or tree"
            raise ValueError(message)
        return self


class ExpressionProblem(BaseModel):
    """One mistake: its place in `text` (code points, `end` exclusive), what to say, and what could stand there instead."""

    code: str
    start: int
    end: int
    line: int
    column: int
    found: Label
    expected: Label
    suggestion: str | None
    message: Label


class ExpressionCost(BaseModel):
    """What one record costs: `level` is cheap, moderate or heavy; an expression of more points than `limit` is refused."""

    level: str
    lookups: int
    parts: int
    points: int
    limit: int


class CheckedExpression(BaseModel):
    """What an expression is: its text, its tree where it could be read, its type and meaning where it is sound."""

    ok: bool
    text: str
    tree: dict[str, Any] | None
    type: str | None
    plain: Label | None
    depends: dict[str, Any] | None
    cost: ExpressionCost | None
    notes: list[Label]
    errors: list[ExpressionProblem]


@router.get("/catalog")
def get(access: SignedIn) -> CatalogOut:
    """Entities, relations, memberships, event types, functions and operators, as far as the caller may read them."""
    return CatalogOut.model_validate(catalog_json(_catalog(access), privacy=_privacy(access)))


def _catalog(access: Access) -> Catalog:
    """The house's catalog with what the caller's company has defined of its own."""
    with access.tx() as tx:
        return catalog_of(tx, system().catalog)


class DivisionsOut(BaseModel):
    """Administrative divisions of China: GB/T 2260 code -> name, in the order of the codes."""

    names: dict[str, str]


@router.get("/catalog/divisions")
def divisions_of_china(access: SignedIn) -> DivisionsOut:
    """All divisions down to the county; a code's beginning names what it lies in."""
    del access
    return DivisionsOut(names=dict(divisions()))


@router.post("/expressions/check")
def check_expression(access: SignedIn, body: ExpressionToCheck) -> CheckedExpression:
    """Read an expression and say what it means, or every mistake with its place. A wrong expression is an answer, not an error."""
    roots = dict(body.scope)
    kept = _kept(access, roots.pop("run")) if roots.get("run", "").startswith("flow.") else {}
    catalog = _catalog(access)
    if (row := item_of(catalog, roots.get(ITEM, "").removeprefix("item."))) is not None:
        kept[ITEM] = row
        del roots[ITEM]
    scope = _scope(catalog, roots, _privacy(access))
    scope = Scope(scope.catalog, MappingProxyType({**scope.roots, **kept}), scope.privacy)
    try:
        text = body.text if body.text is not None else to_text(from_json(body.tree or {}))
    except ExpressionError as wrong:
        return _wrong("", wrong)
    try:
        return _sound(check(text, scope, None if body.returns == "any" else body.returns))
    except ExpressionError as wrong:
        return _wrong(text, wrong)


def _kept(access: Access, named: str) -> dict[str, Root]:
    """The root `run` of a flow's draft; nothing where it keeps nothing, or for whoever may not see flows."""
    if not access.may("flow.read"):
        return {}
    try:
        flow = UUID(named.removeprefix("flow."))
    except ValueError as wrong:
        raise InvalidInput("unknown_scope", "表达式的范围里没有这个流程。", "The scope names no flow.") from wrong
    with access.tx() as tx:
        draft = parse_graph(get_flow(tx, flow).draft)
        catalog = catalog_of(tx, system().catalog)
    if not exists(catalog, draft.settings.subject):
        return {}
    roots = draft_scoping(draft, system().kinds).scope(catalog).roots
    return {RUN: roots[RUN]} if RUN in roots else {}


def _privacy(access: Access) -> frozenset[Privacy]:
    return access.privacy


def _scope(catalog: Catalog, roots: dict[str, str], privacy: frozenset[Privacy]) -> Scope:
    try:
        return catalog.scope(privacy=privacy, **roots)
    except CatalogError as unknown:
        raise InvalidInput(
            "unknown_scope",
            "表达式的范围里有目录中没有的名称。",
            "The scope names something that the catalog does not have.",
            details=(Detail("scope", unknown.zh, unknown.en),),
        ) from unknown


def _sound(found: Checked) -> CheckedExpression:
    plain = describe(found)
    return CheckedExpression(
        ok=True,
        text=found.text,
        tree=to_json(found.tree),
        type=str(found.type),
        plain=Label(zh=plain.zh, en=plain.en),
        depends=dependencies(found).json(),
        cost=ExpressionCost.model_validate(cost(found).json()),
        notes=[Label(zh=note.zh, en=note.en) for note in notes(found)],
        errors=[],
    )


def _wrong(text: str, wrong: ExpressionError) -> CheckedExpression:
    errors = [ExpressionProblem.model_validate(one.json()) for one in wrong.problems]
    return CheckedExpression(
        ok=False,
        text=text,
        tree=_readable(text),
        type=None,
        plain=None,
        depends=None,
        cost=None,
        notes=[],
        errors=errors,
    )


def _readable(text: str) -> dict[str, Any] | None:
    """The tree of a text that parses though its types do not fit, so that the visual form can still show it."""
    try:
        return to_json(parse(text)) if text else None
    except ExpressionError:
        return None
