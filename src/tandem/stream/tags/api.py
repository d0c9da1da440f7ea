"""Routes of the tenant's tags."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.catalog import Catalog
from tandem.kernel.errors import InvalidInput
from tandem.stream.segment import service
from tandem.stream.segment.service import Expression
from tandem.stream.segment.shapes import NewTag, Said, TagChange, TagLineOut
from tandem.stream.system import catalog_for, catalog_of
from tandem.stream.tags import catalogue

router = APIRouter(tags=["tags"])

Reader = Annotated[Access, Depends(allowed("customer.read"))]
Writer = Annotated[Access, Depends(allowed("segment.write"))]


def _expression(body: NewTag | TagChange) -> Expression | None:
    if body.text is not None and body.tree is not None:
        raise InvalidInput("two_expressions", "文本与条件树只能给一个。", "Give either text or tree, not both.")
    return body.text if body.text is not None else body.tree


@router.get("/tags")
def list_tags(access: Reader, request: Request, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[TagLineOut]:
    """Every tag, by name."""
    with access.tx() as tx:
        rows, following = page_in_memory(catalogue.lines(tx), cursor, limit, "name")
        items = [_with_words(line, catalog_of(request), tx.zone) for line in rows]
    return Page(items=items, next=following)


def _with_words(line: catalogue.TagLine, catalog: Catalog, zone: str) -> TagLineOut:
    """The line with its rule as a sentence."""
    words = None if line.expression is None else service.sentence(catalog, line.expression, zone)
    plain = None if words is None else Said.model_validate(words)
    return TagLineOut.model_validate(line).model_copy(update={"plain": plain})


@router.post("/tags", status_code=201)
def create_tag(access: Writer, request: Request, body: NewTag) -> TagLineOut:
    """Make a tag; with an expression it is computed and follows events and the clock."""
    with access.tx() as tx:
        made = catalogue.create(
            tx,
            catalog_for(access, request),
            body.name,
            label=body.label,
            expression=_expression(body),
            colour=body.colour,
        )
        return TagLineOut.model_validate(made)


@router.patch("/tags/{name}")
def change_tag(access: Writer, request: Request, name: str, body: TagChange) -> TagLineOut:
    """Relabel a tag, or give a computed one another expression."""
    with access.tx() as tx:
        changed = catalogue.change(
            tx, catalog_for(access, request), name, label=body.label, expression=_expression(body), colour=body.colour
        )
        return TagLineOut.model_validate(changed)


@router.delete("/tags/{name}", status_code=204)
def retire_tag(access: Writer, request: Request, name: str) -> None:
    """Delete a tag and take it off everybody; refused while a segment asks for it."""
    with access.tx() as tx:
        catalogue.retire(tx, catalog_of(request), name)
