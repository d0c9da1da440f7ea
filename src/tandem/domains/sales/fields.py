"""What leads and referrals add to the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Contribution, Field, Option, Relation
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.domains.sales.events import EVENT_TYPES, LEAD_REPORTED, NEWS, WHY
from tandem.domains.sales.referrals.events import EVENT_TYPES as REFERRALS
from tandem.domains.sales.referrals.fields import RELATIONS

STATES: Final = (
    Option("new", Label("待分配", "Not assigned")),
    Option("assigned", Label("待联系", "Assigned")),
    Option("contacted", Label("已联系", "Contacted")),
    Option("won", Label("已成交", "Won")),
    Option("lost", Label("已流失", "Lost")),
)
CONTRIBUTION: Final = Contribution(
    source="sales",
    relations=(
        Relation(
            "leads",
            Label("线索", "Leads"),
            "customer",
            "lead",
            (
                Field("source", TEXT, Label("线索来源", "Source")),
                Field("subject", TEXT, Label("咨询内容", "Asked about")),
                Field("score", NUMBER, Label("线索评分", "Score"), whole=True),
                Field("state", TEXT, Label("线索状态", "State"), options=STATES),
                Field("why", TEXT, Label("原因", "Reason"), options=WHY),
                Field("created_at", TIMESTAMP, Label("建立时间", "Made at")),
            ),
            time_field="created_at",
            changed_by=(LEAD_REPORTED, *NEWS),
        ),
        *RELATIONS,
    ),
    event_types=(*EVENT_TYPES, *REFERRALS),
)
