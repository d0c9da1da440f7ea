"""What groups add to the catalog: which groups a customer is in, and how many."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Field, Relation
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.domains.contact.groups.events import GROUP_REPORTED

_COUNT: Final = """(select count(*) from group_membership as m
where m.bucket = {alias}.bucket and m.tenant_id = {alias}.tenant_id and m.customer_id = {alias}.id and m.left_at is null)"""
_CHAT: Final = "left join group_chat as her_group on her_group.tenant_id = {alias}.tenant_id and her_group.id = {alias}.group_chat_id"
CHANGED_BY: Final = (GROUP_REPORTED, "customer.merged", "customer.unmerged")

RELATIONS: Final = (
    Relation(
        "groups",
        Label("所在客户群", "Groups"),
        "customer",
        "group_membership",
        (
            Field("name", TEXT, Label("群名", "Name"), sql="her_group.name"),
            Field("chat_id", TEXT, Label("平台的群编号", "The platform's id"), sql="her_group.chat_id"),
            Field("owner", TEXT, Label("群主账号", "Owner's account"), sql="her_group.owner"),
            Field("scene", TEXT, Label("入群方式", "How she came")),
            Field("state", TEXT, Label("渠道参数 state", "State")),
            Field("joined_at", TIMESTAMP, Label("入群时间", "Joined at")),
        ),
        time_field="joined_at",
        joins=_CHAT,
        where="{alias}.left_at is null",
        changed_by=CHANGED_BY,
    ),
)
CUSTOMER_FIELDS: Final = (
    Field(
        "group_count", NUMBER, Label("所在客户群数", "Number of groups"), whole=True, sql=_COUNT, changed_by=CHANGED_BY
    ),
)
