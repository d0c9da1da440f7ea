"""The private domain: live codes, welcomes, friendships, materials, the sidebar, the radar, referrals. Start reading here."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.contact import advising, desk
from tandem.domains.contact.acquiring.api import router as acquiring_router
from tandem.domains.contact.api import router
from tandem.domains.contact.counting.api import router as counting_router
from tandem.domains.contact.door import DOOR_KINDS
from tandem.domains.contact.fields import CONTRIBUTION
from tandem.domains.contact.groups.api import router as groups_router
from tandem.domains.contact.groups.codes_api import codes_router
from tandem.domains.contact.groups.door import DOOR_KINDS as GROUP_DOOR_KINDS
from tandem.domains.contact.groups.projections import PROJECTIONS as GROUP_PROJECTIONS
from tandem.domains.contact.handover import projections as handover
from tandem.domains.contact.handover.api import router as handover_router
from tandem.domains.contact.jobs import JOBS
from tandem.domains.contact.nodes import FriendStart, ScanStart
from tandem.domains.contact.projections import PROJECTIONS
from tandem.domains.contact.ruling.api import router as ruling_router
from tandem.domains.contact.sending.api import router as sending_router
from tandem.domains.contact.sending.door import DOOR_KINDS as SENDING_DOOR_KINDS
from tandem.domains.contact.sending.group_nodes import PostToGroups
from tandem.domains.contact.sending.nodes import PrepareMassSend
from tandem.domains.contact.sending.ruling import RULE
from tandem.domains.contact.tagging import projections as tagging
from tandem.domains.contact.tagging.api import router as tagging_router
from tandem.flow.module import Module, Permission

MODULE: Final = Module(
    name="contact",
    label=Label("私域", "Private domain"),
    permissions=(
        Permission("contact.read", Label("查看私域", "See the private domain")),
        Permission("contact.write", Label("管理活码与欢迎语", "Manage live codes and welcomes")),
        Permission("contact.send", Label("发起群发与朋友圈", "Start mass messages and posts")),
        *desk.PERMISSIONS,
        *advising.PERMISSIONS,
    ),
    contribution=CONTRIBUTION,
    door_kinds=(*DOOR_KINDS, *GROUP_DOOR_KINDS, *SENDING_DOOR_KINDS, *desk.DOOR_KINDS),
    projections=(
        *PROJECTIONS,
        *GROUP_PROJECTIONS,
        *tagging.PROJECTIONS,
        *handover.PROJECTIONS,
        *desk.PROJECTIONS,
        *advising.PROJECTIONS,
    ),
    kinds=(FriendStart(), ScanStart(), PrepareMassSend(), PostToGroups(), *desk.KINDS),
    routers=(
        router,
        acquiring_router,
        counting_router,
        groups_router,
        codes_router,
        tagging_router,
        handover_router,
        ruling_router,
        sending_router,
        *desk.ROUTERS,
        *advising.ROUTERS,
    ),
    jobs=(*JOBS, *desk.JOBS, *advising.JOBS),
    steps=(RULE, *desk.STEPS),
    tryouts=(desk.TRYOUT,),
    demo=(desk.CLOCK,),
    tables="tandem.domains.contact.tables",
)
