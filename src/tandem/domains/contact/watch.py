"""What the chat archive and the service desks contribute to the private domain's manifest."""

from __future__ import annotations

from typing import Any, Final

from tandem.catalog.label import Label
from tandem.domains.contact.archive import alarms, nodes, taking, timeline
from tandem.domains.contact.archive.api import router as archive_router
from tandem.domains.contact.archive.scoring_api import router as scoring_router
from tandem.domains.contact.attending import answering, door, projection
from tandem.domains.contact.attending.api import router as attending_router
from tandem.flow.module import Permission
from tandem.flow.node import NodeKind

PERMISSIONS: Final = (
    Permission("archive.read", Label("查看会话存档与客服会话", "Read archived chats and talks at desks")),
    Permission("archive.write", Label("设置会话存档与质检", "Set up the archive and its inspection")),
    Permission("archive.score", Label("给会话评分", "Score chats")),
)
DOOR_KINDS: Final = door.DOOR_KINDS
PROJECTIONS: Final = projection.PROJECTIONS
KINDS: Final[tuple[NodeKind[Any], ...]] = nodes.KINDS
ROUTERS: Final = (archive_router, scoring_router, attending_router)
JOBS: Final = (*taking.JOBS, *answering.JOBS)
STEPS: Final = (alarms.STEP,)
#: Loaded for what it tells of a customer's history.
CHAPTERS: Final = (timeline,)
