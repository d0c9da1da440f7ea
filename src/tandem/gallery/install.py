"""Installing a template: what the tenant has is found by name, what it lacks is made from the answers, and a checked draft comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tandem.access import audit
from tandem.access.http import Access
from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.domains.marketing import service as marketing
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.messaging import service as messaging
from tandem.flow.module import KindRegistry
from tandem.flow.service import create_flow
from tandem.gallery.library import Ask, Language, Template, graph_of, worded
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput, NotFound
from tandem.stream.segment import service as segments
from tandem.stream.tags import catalogue
from tandem.stream.tags import service as tags
from tandem.stream.things import types as things

TABLES: Mapping[str, str] = {
    "segment": "segment",
    "message_template": "message_template",
    "coupon_template": "coupon_template",
}
RIGHTS: Mapping[str, str] = {
    "segment": "segment.write",
    "message_template": "message.write",
    "coupon_template": "coupon.write",
    "tag": "customer.write",
    "thing_type": "thing.define",
}

COMPUTED_TAG: Final = "segment.write"
"""A tag with a rule stands on a segment of its own."""


class GalleryRooms(Protocol):
    """The part of the assembled system that installing needs."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def kinds(self) -> KindRegistry: ...


class Answer(BaseModel):
    """`use`: the id (a tag: the name) of something that is there. `make`: what to make it from, instead of the suggestion."""

    model_config = ConfigDict(extra="forbid")
    use: str | None = Field(default=None, max_length=200)
    make: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An asking, and what the tenant already has of that name. `found` None: it would be made."""

    ask: Ask
    suggest: dict[str, Any]
    found: str | None


def asked(tx: Tx, template: Template, language: Language) -> list[Known]:
    """What the template needs, and what of it is there already."""
    return [
        Known(one, worded(one.suggest, language), _there(tx, one, worded(one.suggest, language)))
        for one in template.asks
    ]


def install(
    access: Access,
    tx: Tx,
    rooms: GalleryRooms,
    template: Template,
    name: str,
    answers: Mapping[str, Answer],
    language: Language,
) -> UUID:
    """Make what is missing and a draft that uses it; returns the flow's id.

    Raises InvalidInput naming each answer that does not fit, Forbidden for something the caller may not make.
    """
    unknown = sorted(set(answers) - {one.key for one in template.asks})
    if unknown:
        raise _wrong([Detail(f"answers.{one}", "没有问这一项", "this is not asked") for one in unknown])
    given: dict[str, str] = {}
    problems: list[Detail] = []
    for known in asked(tx, template, language):
        answer = answers.get(known.ask.key, Answer())
        try:
            given[known.ask.key] = _settled(access, tx, rooms.catalog, known, answer)
        except InvalidInput as error:
            problems += [_placed(known.ask.key, one) for one in error.details] or [
                Detail(f"answers.{known.ask.key}", error.zh, error.en)
            ]
    if problems:
        raise _wrong(problems)
    flow = create_flow(tx, name, graph_of(template, language, given), worded(_about(template), language))
    audit.record(tx, "flow.installed", "flow", flow, after={"template": template.id})
    return flow


def _about(template: Template) -> str:
    return f"{template.about.zh} | {template.about.en}"


def _settled(access: Access, tx: Tx, catalog: Catalog, known: Known, answer: Answer) -> str:
    if answer.use is not None:
        return _used(tx, known.ask, answer.use)
    if answer.make is None and known.found is not None:
        return known.found
    make = {**known.suggest, **(answer.make or {})}
    access.require(COMPUTED_TAG if known.ask.what == "tag" and make.get("text") else RIGHTS[known.ask.what])
    return _MAKE[known.ask.what](tx, catalog, make)


def _used(tx: Tx, ask: Ask, wanted: str) -> str:
    """The answer, if it names something that is there. Raises InvalidInput."""
    if ask.what == "tag":
        return wanted
    if ask.what == "thing_type":
        # Events and formulas of the drawing call it by its key: no other will do.
        found = _there(tx, ask, ask.suggest)
        if found is None or wanted != found:
            raise _wrong([Detail("use", "只能使用这种对象", "only this sort of things will do")])
        return found
    try:
        found = tx.value(
            f"select id from {TABLES[ask.what]} where tenant_id = %(tenant)s and id = %(id)s and archived_at is null",
            {"tenant": tx.tenant_id, "id": UUID(wanted)},
        )
    except ValueError:
        found = None
    if found is None:
        raise _wrong([Detail("use", f"所选的{ask.label.zh}不存在", f"{ask.label.en}: there is no such thing")])
    return str(found)


def _there(tx: Tx, ask: Ask, suggest: Mapping[str, Any]) -> str | None:
    name = suggest["name"]
    if ask.what == "thing_type":
        return tx.value(
            "select name from thing_type where tenant_id = %(tenant)s and name = %(name)s",
            {"tenant": tx.tenant_id, "name": suggest["key"]},
        )
    if ask.what == "tag":
        return tx.value(
            "select name from tag where tenant_id = %(tenant)s and name = %(name)s",
            {"tenant": tx.tenant_id, "name": name},
        )
    found = tx.value(
        f"select id from {TABLES[ask.what]} where tenant_id = %(tenant)s and name = %(name)s and archived_at is null order by id limit 1",
        {"tenant": tx.tenant_id, "name": name},
    )
    return None if found is None else str(found)


def _segment(tx: Tx, catalog: Catalog, make: dict[str, Any]) -> str:
    draft = segments.Draft(name=str(make["name"]), text=str(make["text"]))
    return str(segments.create(tx, catalog, draft).id)


def _message(tx: Tx, catalog: Catalog, make: dict[str, Any]) -> str:
    made = messaging.create_template(
        tx, catalog, name=str(make["name"]), body=str(make["body"]), message_class=str(make["message_class"])
    )
    return str(made)


def _coupon(tx: Tx, catalog: Catalog, make: dict[str, Any]) -> str:
    del catalog
    try:
        return str(marketing.create_template(tx, NewCouponTemplate.model_validate(make)))
    except ValidationError as error:
        details = [
            Detail(".".join(str(part) for part in one["loc"]), "填写的内容不成立", one["msg"]) for one in error.errors()
        ]
        raise _wrong(details) from error


def _tag(tx: Tx, catalog: Catalog, make: dict[str, Any]) -> str:
    """A tag set by hand, or with a rule (`text`) one that comes and goes by itself."""
    if not make.get("text"):
        tags.know(tx, [str(make["name"])])
        return str(make["name"])
    return catalogue.create(tx, catalog, str(make["name"]), expression=str(make["text"])).name


def _thing_type(tx: Tx, catalog: Catalog, make: dict[str, Any]) -> str:
    fields = [things.ThingField(**one) for one in make["fields"]]
    stages = [things.Stage(**one) for one in make["stages"]]
    return things.create(tx, catalog, str(make["key"]), Label(str(make["zh"]), str(make["en"])), fields, stages).name


_MAKE: Mapping[str, Callable[[Tx, Catalog, dict[str, Any]], str]] = {
    "segment": _segment,
    "message_template": _message,
    "coupon_template": _coupon,
    "tag": _tag,
    "thing_type": _thing_type,
}


def _placed(key: str, detail: Detail) -> Detail:
    return Detail(f"answers.{key}.{detail.where}", detail.what_zh, detail.what_en)


def _wrong(details: list[Detail]) -> InvalidInput:
    return InvalidInput(
        "gallery_answers", "有几项还需要填写或改正。", "Some answers are missing or wrong.", details=tuple(details)
    )


def missing(what: Label) -> NotFound:
    """The error for a template that is not in the gallery."""
    return NotFound("gallery_missing", f"模板库里没有这个{what.zh}。", f"The gallery has no such {what.en}.")
