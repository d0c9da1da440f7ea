"""Routes of the gallery: looking, and installing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body, Label
from tandem.catalog.label import Label as Words
from tandem.flow.shapes import FlowName
from tandem.gallery.install import Answer, GalleryRooms, asked, install, missing
from tandem.gallery.library import Language, ServiceModule, Template, filled, modules, templates, worded

router = APIRouter(tags=["gallery"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]
Writer = Annotated[Access, Depends(allowed("flow.write"))]
InLanguage = Annotated[Language, Query()]


class TemplateLine(BaseModel):
    """A template in the gallery, with its drawing for the preview."""

    id: str
    story: str
    trades: tuple[str, ...]
    name: Label
    about: Label
    needs: int
    graph: dict[str, Any]


class AskOut(BaseModel):
    """What the template needs. `found`: the tenant has it already (its id; a tag: its name); `suggest`: what would be made."""

    key: str
    what: str
    label: Label
    suggest: dict[str, Any]
    found: str | None


class TemplateOut(TemplateLine):
    """A template and what installing it asks for."""

    asks: list[AskOut]


class Install(Body):
    """What the flow is to be called, and the answers by key; what is left out is taken as suggested."""

    name: FlowName
    language: Language = "zh"
    answers: dict[str, Answer] = Field(default_factory=dict[str, Answer], max_length=50)


class Installed(BaseModel):
    """The flow that came of it."""

    flow_id: UUID


class ModuleOut(BaseModel):
    """A service module as the canvas pastes it: what it asks for is left open for the forms."""

    id: str
    name: Label
    about: Label
    blocks: list[dict[str, Any]]
    arrows: list[dict[str, Any]]
    entry: str
    exits: list[dict[str, str]]


def provider(system: Callable[[], GalleryRooms]) -> Callable[[Request], None]:
    """A dependency that puts the assembled system on each request, since no room imports the assembly."""

    def provide(request: Request) -> None:
        request.state.gallery_rooms = system()

    return provide


def _line(one: Template) -> dict[str, Any]:
    return {
        "id": one.id,
        "story": one.story,
        "trades": one.trades,
        "name": one.name,
        "about": one.about,
        "needs": len(one.asks),
        "graph": one.graph,
    }


def _found(template_id: str) -> Template:
    found = templates().get(template_id)
    if found is None:
        raise missing(Words("模板", "template"))
    return found


@router.get("/gallery/templates")
def list_templates(access: Reader, cursor: Cursor = None, limit: LongLimit = 200) -> Page[TemplateLine]:
    """Every flow that can be installed, by story."""
    del access
    rows, following = page_in_memory(list(templates().values()), cursor, limit, "id")
    return Page(items=[TemplateLine(**_line(one)) for one in rows], next=following)


@router.get("/gallery/templates/{template_id}")
def read_template(access: Reader, template_id: str, language: InLanguage = "zh") -> TemplateOut:
    """One template, and what installing it asks for: what the tenant has already is named."""
    one = _found(template_id)
    with access.tx() as tx:
        known = asked(tx, one, language)
    asks = [
        AskOut(key=each.ask.key, what=each.ask.what, label=each.ask.label, suggest=each.suggest, found=each.found)
        for each in known
    ]
    return TemplateOut(**_line(one), asks=asks)


@router.post("/gallery/templates/{template_id}/install", status_code=201)
def install_template(access: Writer, request: Request, template_id: str, body: Install) -> Installed:
    """Make a draft of a template, and whatever it needs that is not here yet."""
    rooms = cast("GalleryRooms", request.state.gallery_rooms)
    with access.tx() as tx:
        return Installed(
            flow_id=install(access, tx, rooms, _found(template_id), body.name, body.answers, body.language)
        )


@router.get("/gallery/modules")
def list_modules(
    access: Reader, language: InLanguage = "zh", cursor: Cursor = None, limit: LongLimit = 200
) -> Page[ModuleOut]:
    """Every service module, ready to be dropped on a canvas."""
    del access
    rows, following = page_in_memory(list(modules().values()), cursor, limit, "id")
    return Page(items=[_module(one, language) for one in rows], next=following)


def _module(one: ServiceModule, language: Language) -> ModuleOut:
    blocks = [block.model_dump(mode="json") for block in one.blocks]
    return ModuleOut(
        id=one.id,
        name=one.name,
        about=one.about,
        blocks=[filled(worded(block, language), {}) for block in blocks],
        arrows=[arrow.model_dump(mode="json", by_alias=True) for arrow in one.arrows],
        entry=one.entry,
        exits=[way.model_dump() for way in one.exits],
    )
