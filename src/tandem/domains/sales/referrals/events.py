"""What happens when customers bring customers, as event types of the catalog.

An event has one owner (ENGINE_RULES 7): that somebody came stands in her own history, and whoever brought her is told by another event.
"""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import NUMBER, TEXT
from tandem.domains.sales.events import YUAN

#: What a referral campaign of the private domain tells, heard here.
REFERRAL_JOINED: Final = "referral.joined"

REFERRAL_REPORTED: Final = "referral.reported"
"""Somebody says by whom a customer came; whether that holds, the rules say."""
REFERRAL_WITHDRAWN: Final = "referral.withdrawn"
"""It was written down by mistake."""
REFERRAL_CAME: Final = "referral.came"
"""She came by another customer, and was none before."""
REFERRAL_STANDING: Final = "referral.standing"
"""Told to whoever brought her: how it stands with the one she brought."""
REFERRAL_MADE: Final = "referral.made"
REFERRAL_PAID: Final = "referral.paid"
REFERRAL_UNDONE: Final = "referral.undone"

_CAMPAIGN: Final = Field("campaign", TEXT, Label("推荐活动", "Campaign"))
_BROUGHT: Final = (
    _CAMPAIGN,
    Field("paid_count", NUMBER, Label("已下单的推荐客户数", "Referred customers who bought"), whole=True),
)
_ORDERED: Final = (*_BROUGHT, Field("amount", NUMBER, Label("首单金额", "First order"), unit=YUAN))

EVENT_TYPES: Final = (
    EventType(REFERRAL_REPORTED, Label("登记推荐人（原始）", "Referrer reported"), (_CAMPAIGN,)),
    EventType(REFERRAL_WITHDRAWN, Label("推荐人登记撤销", "Referrer withdrawn"), ()),
    EventType(REFERRAL_CAME, Label("由老客户推荐而来", "Came by a referral"), (_CAMPAIGN,)),
    EventType(REFERRAL_STANDING, Label("推荐客户动态（原始）", "A referred customer's standing"), (_CAMPAIGN,)),
    EventType(REFERRAL_MADE, Label("推荐了新客户", "Referred a customer"), _BROUGHT),
    EventType(REFERRAL_PAID, Label("推荐的客户首单付款", "A referred customer paid a first order"), _ORDERED),
    EventType(REFERRAL_UNDONE, Label("推荐的客户首单已退", "A referred customer's first order was undone"), _BROUGHT),
)
