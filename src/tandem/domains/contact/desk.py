"""What materials, chats, the sidebar, the radar and referrals contribute to the private domain's manifest."""

from typing import Any, Final

from tandem.catalog.label import Label
from tandem.domains.contact import watch
from tandem.domains.contact.chat import door as chat_door
from tandem.domains.contact.chat import nodes as chat_nodes
from tandem.domains.contact.chat import projection as chats
from tandem.domains.contact.chat.api import router as chat_router
from tandem.domains.contact.material.api import router as material_router
from tandem.domains.contact.media import lending
from tandem.domains.contact.media.api import router as media_router
from tandem.domains.contact.playbook import driving as playbooks
from tandem.domains.contact.playbook.api import router as playbook_router
from tandem.domains.contact.radar import projection as radar
from tandem.domains.contact.radar.api import router as radar_router
from tandem.domains.contact.referral import inviting, rewards
from tandem.domains.contact.referral import nodes as referral_nodes
from tandem.domains.contact.referral import projection as referrals
from tandem.domains.contact.referral.api import router as referral_router
from tandem.domains.contact.sidebar import nodes as sidebar_nodes
from tandem.domains.contact.sidebar.api import router as sidebar_router
from tandem.domains.contact.sidebar.entry import router as entry_router
from tandem.flow.module import Permission
from tandem.flow.node import NodeKind
from tandem.flow.rehearsal.parts import Tryout

PERMISSIONS: Final = (
    Permission("sidebar.use", Label("使用聊天侧边栏", "Use the chat sidebar")),
    Permission("material.write", Label("编写素材与话术", "Write materials and scripts")),
    Permission("material.approve", Label("审核素材与话术", "Approve materials and scripts")),
    *watch.PERMISSIONS,
)
DOOR_KINDS: Final = (*chat_door.DOOR_KINDS, *watch.DOOR_KINDS)
PROJECTIONS: Final = (*chats.PROJECTIONS, *radar.PROJECTIONS, *referrals.PROJECTIONS, *watch.PROJECTIONS)
KINDS: Final[tuple[NodeKind[Any], ...]] = (*chat_nodes.KINDS, *sidebar_nodes.KINDS, *referral_nodes.KINDS, *watch.KINDS)
ROUTERS: Final = (
    chat_router,
    playbook_router,
    material_router,
    media_router,
    entry_router,
    sidebar_router,
    radar_router,
    referral_router,
    *watch.ROUTERS,
)
JOBS: Final = (inviting.JOB, lending.JOB, playbooks.JOB, *watch.JOBS)
STEPS: Final = (rewards.MATURE, playbooks.DROPS, *watch.STEPS)
#: Whom a rehearsal lets invite, and what it suggests to say, stays in the rehearsal.
TRYOUT: Final = Tryout(name="contact", tables={"sidebar_hint": "", "referral_inviter": "true"})
#: What a demo's clock stops for.
CLOCK: Final = playbooks.CLOCK
