"""Blocks that change the customer: tags."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.kinds.span import Span
from tandem.flow.kinds.told import told
from tandem.flow.node import DONE, CheckContext, CompileContext, Config, Finding, Fragment, Group, NodeKind, Port


class TagConfig(Config):
    """Which tag."""

    tag: str = Field(title="标签 | Tag", min_length=1, max_length=100, json_schema_extra={"x-ui": {"widget": "tag"}})


class AddTagConfig(TagConfig):
    """Which tag, and for how long."""

    keep_for: Span | None = Field(
        default=None, title="保留时长 | Keep for", json_schema_extra={"x-ui": {"widget": "duration"}}
    )


def tag_findings(ctx: CheckContext, tag: str) -> Iterable[Finding]:
    """The finding for a tag nobody has defined."""
    if not ctx.exists("tag", tag):
        yield Finding(
            "tag_missing",
            Label(f"没有名为“{tag}”的标签", f"There is no tag {tag!r}"),
            Label("请选择已有的标签，或先新建", "Choose an existing tag, or make it first"),
            "tag",
        )


# A tag that comes or goes is one event, applied in a later turn, however many runs of the customer the batch holds.
_CHANGED = (
    "select distinct on (r.bucket, r.customer_id) r.* from {rows} r"
    " join {changed} s on s.bucket = r.bucket and s.customer_id = r.customer_id order by r.bucket, r.customer_id, r.id"
)


def _told() -> dict[str, str]:
    return told(
        event_type="%(type)s::text",
        lane="least(r.lane, 1)",
        event_id="tandem_new_id()",
        payload="jsonb_build_object('tag', %(tag)s::text, 'source', 'flow')",
        cause_id="r.id",
        root_id="coalesce(r.root_id, r.id)",
        rows=f"({_CHANGED})",
    )


class AddTag(NodeKind[AddTagConfig]):
    kind = "customer.add_tag"
    group = Group.CUSTOMER
    label = Label("添加标签", "Add a tag")
    help = Label("给客户打上标签，可以设定保留多久。", "Puts a tag on the customer, for ever or for a time.")
    icon = "tag"
    needs = ("customer.write",)
    config = AddTagConfig

    def ports(self, config: AddTagConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: AddTagConfig, ctx: CheckContext) -> Iterable[Finding]:
        return tag_findings(ctx, config.tag)

    def fragment(self, config: AddTagConfig, ctx: CompileContext) -> Fragment:
        del ctx
        return Fragment(
            effects={
                "changed": "insert into customer_tag as g (bucket, tenant_id, customer_id, origin_id, tag, source, set_at, until)"
                " select distinct on (r.bucket, r.customer_id) r.bucket, %(tenant)s::uuid, r.customer_id,"
                " coalesce(r.origin_id, r.customer_id), %(tag)s::text, 'flow', %(now)s::timestamptz,"
                " %(now)s::timestamptz + %(keep)s::interval from {rows} r where r.customer_id is not null"
                " order by r.bucket, r.customer_id, r.id"
                " on conflict (bucket, customer_id, tag) do nothing returning g.bucket, g.customer_id",
                # Who has the tag keeps it, to the later end of the two: no event, since nothing came or went.
                "kept": "update customer_tag g set until = %(now)s::timestamptz + %(keep)s::interval from {rows} r"
                " where g.bucket = r.bucket and g.customer_id = r.customer_id and g.tag = %(tag)s and g.tenant_id = %(tenant)s"
                " and g.until is not null and coalesce(g.until < %(now)s::timestamptz + %(keep)s::interval, true)",
                **_told(),
            },
            facts="jsonb_build_object('tag', %(tag)s::text)",
            params={"tag": config.tag, "keep": config.keep_for.delta if config.keep_for else None, "type": "tag.added"},
        )


class RemoveTag(NodeKind[TagConfig]):
    kind = "customer.remove_tag"
    group = Group.CUSTOMER
    label = Label("移除标签", "Remove a tag")
    help = Label(
        "从客户身上移除标签；没有该标签则直接继续。", "Takes a tag off the customer; who does not have it just goes on."
    )
    icon = "tag-off"
    needs = ("customer.write",)
    config = TagConfig

    def ports(self, config: TagConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: TagConfig, ctx: CheckContext) -> Iterable[Finding]:
        return tag_findings(ctx, config.tag)

    def fragment(self, config: TagConfig, ctx: CompileContext) -> Fragment:
        del ctx
        return Fragment(
            effects={
                "changed": "delete from customer_tag g using {rows} r where g.bucket = r.bucket and g.customer_id = r.customer_id"
                " and g.tag = %(tag)s and g.tenant_id = %(tenant)s returning g.bucket, g.customer_id",
                **_told(),
            },
            facts="jsonb_build_object('tag', %(tag)s::text)",
            params={"tag": config.tag, "type": "tag.removed"},
        )
