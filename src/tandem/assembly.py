"""The composition root: the one place that knows every room. Engines are handed the sum of what the rooms contribute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tandem.access.permissions import ACCESS_PERMISSIONS, know
from tandem.access.permissions import Permission as Right

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tandem.catalog.model import Catalog
    from tandem.flow.module import DemoHook, Job, KindRegistry, Module, TurnStep
    from tandem.flow.rehearsal.parts import Tryout
    from tandem.stream.door.kinds import DoorKinds
    from tandem.stream.projection import Facts, Projection

#: Rooms whose tables no manifest names.
ENGINE_TABLES = (
    "tandem.kernel.schema",
    "tandem.kernel.retention",
    "tandem.kernel.keeping",
    "tandem.access.tables",
    "tandem.stream.tables",
    "tandem.stream.profile_tables",
    "tandem.stream.segment_tables",
    "tandem.stream.places.tables",
    "tandem.stream.things.tables",
    "tandem.stream.door.tables",
    "tandem.stream.identity.tables",
    "tandem.stream.imports.tables",
    "tandem.stream.sources.tables",
    "tandem.stream.beacon.tables",
    "tandem.stream.webhooks.tables",
    "tandem.stream.rights.tables",
    "tandem.flow.tables",
    "tandem.flow.rehearsal.tables",
    "tandem.flow.experiments.tables",
    "tandem.flow.alerts.tables",
    "tandem.flow.life.tables",
)
DOMAIN_TABLES = (
    "tandem.domains.commerce.tables",
    "tandem.domains.messaging.tables",
    "tandem.domains.messaging.words.tables",
    "tandem.domains.marketing.tables",
    "tandem.domains.contact.tables",
    "tandem.domains.contact.tagging.tables",
    "tandem.domains.contact.material.tables",
    "tandem.domains.contact.sidebar.tables",
    "tandem.domains.contact.radar.tables",
    "tandem.domains.contact.referral.tables",
    "tandem.domains.contact.handover.tables",
    "tandem.domains.contact.ruling.tables",
    "tandem.domains.directory.tables",
    "tandem.domains.notices.tables",
    "tandem.domains.contact.ownership.tables",
    "tandem.domains.contact.parcel.tables",
    "tandem.domains.exports.tables",
    "tandem.connectors.kit.tables",
    "tandem.domains.insight.tables",
    "tandem.domains.sales.tables",
    "tandem.demo.tables",
    "tandem.demo.trial.tables",
)


@dataclass(frozen=True)
class System:
    """Everything that the rooms contribute, joined. Made once per process by `system()`."""

    modules: tuple[Module, ...]
    catalog: Catalog
    door_kinds: DoorKinds
    projections: tuple[Projection, ...]
    facts: tuple[Facts, ...]
    kinds: KindRegistry
    steps: tuple[TurnStep, ...]
    jobs: tuple[Job, ...]
    routers: tuple[APIRouter, ...]
    permissions: tuple[Right, ...]
    demo: tuple[DemoHook, ...]
    tryouts: tuple[Tryout, ...]


def load_tables() -> None:
    """Import every room's tables, so that the metadata is whole. Needs none of the rooms' other parts."""
    for name in (*ENGINE_TABLES, *DOMAIN_TABLES):
        import_module(name)


def modules() -> tuple[Module, ...]:
    """Every module, engines first, in the order in which menus and palettes show them."""
    from tandem.connectors.module import MODULE as CONNECTORS
    from tandem.domains.commerce.module import MODULE as COMMERCE
    from tandem.domains.contact.module import MODULE as CONTACT
    from tandem.domains.directory.module import MODULE as DIRECTORY
    from tandem.domains.exports.module import MODULE as EXPORTS
    from tandem.domains.insight.module import MODULE as INSIGHT
    from tandem.domains.marketing.module import MODULE as MARKETING
    from tandem.domains.messaging.module import module as messaging
    from tandem.domains.notices.module import MODULE as NOTICES
    from tandem.domains.sales.module import MODULE as SALES
    from tandem.gallery.module import module as gallery

    outer = (CONNECTORS, gallery(system), _demo())
    return (
        *_engines(),
        COMMERCE,
        messaging(lambda: system().catalog),
        MARKETING,
        CONTACT,
        SALES,
        DIRECTORY,
        NOTICES,
        INSIGHT,
        EXPORTS,
        *outer,
    )


def _demo() -> Module:
    """The demo's future, for the clock stepper and for clocks that go by themselves."""
    from tandem.catalog.label import Label
    from tandem.demo.pending import hook, job
    from tandem.demo.trial import api as trial_api
    from tandem.demo.trial import work as trial_work
    from tandem.flow.module import Job, Module, Permission

    return Module(
        name="demo",
        label=Label("演示", "Demo"),
        permissions=(Permission("trial.write", Label("开通、进入与清空试用企业", "Open, enter and empty trials")),),
        routers=(trial_api.router,),
        jobs=(job(lambda: system().door_kinds), Job("demo.trials", trial_work.job(system), during_clock=False)),
        demo=(hook(lambda: system().door_kinds),),
    )


def _let_take_part() -> None:
    # They take part by being loaded, in what floors below cannot name them for: merges, erasures, a customer's history, deletions of
    # geofences, and whatever browsers left that somebody resolves.
    for name in (
        "flow.merged",
        "flow.reheard",
        "flow.rehomed",
        "flow.things",
        "flow.erased",
        "flow.timeline",
        "flow.geofences",
        "stream.beacon.parts",
    ):
        import_module(f"tandem.{name}")


def _engines() -> tuple[Module, ...]:
    """What the two engines themselves bring: their kinds, events, routes."""
    from tandem.access.idempotency import forget_old
    from tandem.catalog.label import Label
    from tandem.flow import parts as flow_parts
    from tandem.flow.module import DemoHook, Job, Module, Permission
    from tandem.kernel.keeping import Keeping
    from tandem.kernel.partitions import keep_ahead
    from tandem.kernel.retention import drop_old_intake
    from tandem.stream import parts, profile_parts, steps
    from tandem.stream.rights import parts as rights_parts
    from tandem.stream.webhooks import parts as webhook_parts

    _let_take_part()
    return (
        Module(
            name="door",
            label=Label("数据接入与身份", "Intake and identity"),
            permissions=tuple(Permission(name, label) for name, label in parts.PERMISSIONS),
            door_kinds=parts.DOOR_KINDS,
            projections=parts.PROJECTIONS,
            routers=parts.routers(system),
            jobs=tuple(Job(name, run, during_clock=name not in parts.LONG_JOBS) for name, run in parts.jobs(system)),
        ),
        Module(
            name="stream",
            label=Label("客户与数据", "Customers and data"),
            permissions=tuple(Permission(name, label) for name, label in profile_parts.PERMISSIONS),
            projections=profile_parts.PROJECTIONS,
            facts=profile_parts.FACTS,
            routers=profile_parts.routers(system),
            # A night of a moving clock is a night: the job that looks every ten minutes of machine time would sleep through it.
            demo=(DemoHook("stream.cut_points", steps.next_cut_points, steps.play_cut_points),),
            jobs=(
                Job("kernel.partitions", keep_ahead, during_clock=False),
                Job("kernel.retention", drop_old_intake, during_clock=False),
                Job("kernel.keeping", Keeping(), during_clock=False),
                Job("stream.cut_points", profile_parts.cut_points),
                Job("stream.audit_segments", profile_parts.audits(system), during_clock=False),
            ),
        ),
        Module(
            name="developers",
            label=Label("开发者", "Developers"),
            permissions=tuple(Permission(name, label) for name, label in webhook_parts.PERMISSIONS),
            routers=webhook_parts.routers(system),
            jobs=(
                *(Job(name, run, during_clock=False) for name, run in webhook_parts.jobs()),
                Job("access.idempotency", forget_old, during_clock=False),
            ),
        ),
        Module(
            name="rights",
            label=Label("个人信息权利", "People's rights"),
            permissions=tuple(Permission(name, label) for name, label in rights_parts.PERMISSIONS),
            contribution=rights_parts.CONTRIBUTION,
            routers=rights_parts.ROUTERS,
            jobs=tuple(Job(name, run, during_clock=False) for name, run in rights_parts.jobs()),
        ),
        Module(
            name="flow",
            label=Label("流程", "Flows"),
            permissions=flow_parts.PERMISSIONS,
            contribution=flow_parts.CONTRIBUTION,
            kinds=flow_parts.KINDS,
            steps=flow_parts.STEPS,
            routers=flow_parts.routers(system),
            jobs=flow_parts.jobs(system),
        ),
    )


@lru_cache(maxsize=1)
def system() -> System:
    """The assembled system. Raises CatalogError or ValueError when two rooms contradict each other."""
    from tandem.catalog.model import Catalog
    from tandem.flow.module import KindRegistry
    from tandem.stream.door.kinds import DoorKinds
    from tandem.stream.fields import contribution

    load_tables()
    rooms = modules()
    facts = tuple(_each(rooms, "facts"))
    contributions = [contribution(facts), *(one.contribution for one in rooms if one.contribution is not None)]
    permissions = (
        *ACCESS_PERMISSIONS,
        *(Right(one.name, one.label.zh, one.label.en) for one in _each(rooms, "permissions")),
    )
    know(permissions)
    return System(
        modules=rooms,
        catalog=Catalog.assemble(contributions),
        door_kinds=DoorKinds(tuple(_each(rooms, "door_kinds"))),
        projections=tuple(_each(rooms, "projections")),
        facts=facts,
        kinds=KindRegistry(tuple(_each(rooms, "kinds"))),
        steps=tuple(_each(rooms, "steps")),
        jobs=tuple(_each(rooms, "jobs")),
        routers=tuple(_each(rooms, "routers")),
        permissions=permissions,
        demo=tuple(_each(rooms, "demo")),
        tryouts=tuple(_each(rooms, "tryouts")),
    )


def _each(rooms: Iterable[Module], what: str) -> Iterable[Any]:
    for room in rooms:
        yield from getattr(room, what)
