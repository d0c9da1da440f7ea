"""What the private domain adds to the catalog: a customer's friendships."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Contribution, Field, Option, Relation
from tandem.catalog.value_types import TEXT, TIMESTAMP
from tandem.domains.contact.archive.events import EVENT_TYPES as ARCHIVE
from tandem.domains.contact.attending.events import EVENT_TYPES as DESKS
from tandem.domains.contact.chat.events import EVENT_TYPES as CHATS
from tandem.domains.contact.events import EVENT_TYPES, FRIEND_REPORTED
from tandem.domains.contact.groups import fields as groups
from tandem.domains.contact.groups.events import EVENT_TYPES as GROUP_EVENTS
from tandem.domains.contact.ownership.events import EVENT_TYPES as CREDITS
from tandem.domains.contact.parcel.events import EVENT_TYPES as PARCELS
from tandem.domains.contact.radar.events import EVENT_TYPES as READINGS
from tandem.domains.contact.referral.events import EVENT_TYPES as REFERRALS
from tandem.domains.contact.sending.events import EVENT_TYPES as POSTS
from tandem.domains.contact.sidebar.events import EVENT_TYPES as ADVISERS

_LOST_BY: Final = (
    Option("customer", Label("客户删除", "The customer")),
    Option("adviser", Label("员工删除", "The adviser")),
    Option("unknown", Label("核对时发现，不知是谁", "Found missing, by whom unknown")),
    Option("handed_over", Label("已移交给其他员工", "Handed over to another adviser")),
)

CONTRIBUTION: Final = Contribution(
    source="contact",
    relations=(
        Relation(
            "friendships",
            Label("好友关系", "Friendships"),
            "customer",
            "friendship",
            (
                Field("member", TEXT, Label("员工账号", "Adviser's account")),
                Field("state", TEXT, Label("渠道参数 state", "State")),
                Field("way", TEXT, Label("添加方式", "How added")),
                Field("added_at", TIMESTAMP, Label("添加时间", "Added at")),
                Field("lost_at", TIMESTAMP, Label("流失时间", "Lost at")),
                Field("lost_by", TEXT, Label("由谁删除", "Ended by"), options=_LOST_BY),
            ),
            time_field="added_at",
            changed_by=(FRIEND_REPORTED,),
        ),
        *groups.RELATIONS,
    ),
    fields={"customer": groups.CUSTOMER_FIELDS},
    event_types=(
        *EVENT_TYPES,
        *GROUP_EVENTS,
        *CHATS,
        *ARCHIVE,
        *DESKS,
        *ADVISERS,
        *READINGS,
        *REFERRALS,
        *CREDITS,
        *PARCELS,
        *POSTS,
    ),
)
