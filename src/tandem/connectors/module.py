"""Connectors: every platform's door, and the work of asking. Start reading here."""

from __future__ import annotations

from typing import Final

from tandem.catalog.label import Label
from tandem.connectors.kit import api, doorway, rounds, wants
from tandem.connectors.kit.registry import platforms
from tandem.flow.module import Job, Module

for _platform in platforms().values():
    doorway.register(_platform)

MODULE: Final = Module(
    name="connectors",
    label=Label("平台连接", "Connectors"),
    door_kinds=wants.DOOR_KINDS,
    jobs=(Job("connectors.rounds", rounds.job(), during_clock=False),),
    routers=(api.router,),
    tables="tandem.connectors.kit.tables",
)
