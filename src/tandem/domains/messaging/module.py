"""Messaging: templates, the outbox and its senders, caps and quiet hours. Start reading here."""

from collections.abc import Callable

from tandem.catalog.label import Label
from tandem.catalog.model import Catalog
from tandem.domains.messaging import optout, withdrawal
from tandem.domains.messaging.api import router, template_router
from tandem.domains.messaging.channels_api import router as channels_router
from tandem.domains.messaging.fields import CONTRIBUTION
from tandem.domains.messaging.jobs import sending
from tandem.domains.messaging.more_nodes import more_kinds
from tandem.domains.messaging.nodes import SendMessage
from tandem.domains.messaging.projections import FACTS, PROJECTIONS
from tandem.domains.messaging.reactions import REACT
from tandem.domains.messaging.release import RELEASE
from tandem.domains.messaging.reports import DOOR_KINDS
from tandem.domains.messaging.tryout import TRYOUT
from tandem.domains.messaging.words.api import router as words_router
from tandem.flow.module import Module, Permission

# Registered by being loaded: a consent taken back stops messages in its own transaction.
STOPS = withdrawal.stop_marketing


def module(catalog: Callable[[], Catalog]) -> Module:
    """The manifest. `catalog` gives the assembled catalog, which senders need to fill placeholders of every domain."""
    return Module(
        name="messaging",
        label=Label("消息", "Messaging"),
        permissions=(
            Permission("message.read", Label("查看消息", "See messages")),
            Permission("message.write", Label("发送消息与设置频次", "Send messages, set caps")),
            Permission("template.write", Label("编辑消息模板", "Edit message templates")),
        ),
        contribution=CONTRIBUTION,
        projections=(*PROJECTIONS, *optout.PROJECTIONS),
        facts=FACTS,
        door_kinds=(*DOOR_KINDS, *optout.DOOR_KINDS),
        kinds=(SendMessage(catalog), *more_kinds(catalog)),
        steps=(RELEASE, REACT),
        tryouts=(TRYOUT,),
        routers=(template_router(catalog), channels_router, words_router, router),
        jobs=(sending(catalog),),
        tables="tandem.domains.messaging.tables",
    )
