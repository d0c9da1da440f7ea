"""What the data-flow engine adds to the catalog: the customer with her profile, tags and segments, visits and behaviour."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Area, Contribution, Entity, Field, Membership, Option, Privacy, Relation
from tandem.catalog.value_types import BOOL, DATE, NUMBER, POINT, TEXT, TIMESTAMP, Type
from tandem.stream.event_types import EVENT_TYPES
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.projection import Facts, Features

CUSTOMER_CHANGED: Final = (
    "customer.created",
    "customer.recorded",
    "customer.updated",
    "customer.merged",
    "customer.unmerged",
)

_EVENT_JOIN: Final = (("bucket", "bucket"), ("owner_id", "id"))
_CNY: Final = Label("元", "CNY")
_TIMES: Final = Label("次", "times")
_DAYS: Final = Label("天", "days")

_GENDERS: Final = (
    Option("female", Label("女", "Female")),
    Option("male", Label("男", "Male")),
    Option("unknown", Label("未知", "Unknown")),
)


def _plain(name: str, kind: Type, zh: str, en: str, *, options: tuple[Option, ...] | None = None) -> Field:
    return Field(name, kind, Label(zh, en), options=options, changed_by=CUSTOMER_CHANGED)


def _personal(name: str, kind: Type, zh: str, en: str) -> Field:
    return Field(name, kind, Label(zh, en), privacy="personal", changed_by=CUSTOMER_CHANGED)


def _sealed(name: str, zh: str, en: str) -> Field:
    return Field(name, TEXT, Label(zh, en), privacy="personal", encrypted=True, changed_by=CUSTOMER_CHANGED)


_CUSTOMER: Final = (
    _sealed("name", "姓名", "Name"),
    _sealed("phone", "手机号", "Phone"),
    _sealed("email", "邮箱", "E-mail"),
    _plain("gender", TEXT, "性别", "Gender", options=_GENDERS),
    _personal("birthday", DATE, "生日", "Birthday"),
    _plain("city", TEXT, "城市", "City"),
    _personal("district", TEXT, "区县", "District"),
    _personal("division", TEXT, "行政区划代码", "Division code"),
    Field(
        "location",
        POINT,
        Label("位置", "Location"),
        privacy="sensitive",
        sql="string_to_array({alias}.location, ',')::numeric[]",
        changed_by=CUSTOMER_CHANGED,
    ),
    _plain("stage", TEXT, "阶段", "Stage"),
    _plain("level", TEXT, "会员等级", "Member level"),
    _plain("first_seen_at", TIMESTAMP, "首次出现时间", "First seen"),
    _plain("created_at", TIMESTAMP, "建档时间", "Created"),
    _plain("do_not_contact", BOOL, "勿扰", "Do not contact"),
)

CLASSES: Final[dict[str, Privacy]] = {one.name: one.privacy for one in _CUSTOMER if one.privacy != "plain"}
"""The customer's fields that not everybody may see, with their class."""

_Feature = tuple[str, Type, Label, Label | None, bool]

_FEATURES: Final[tuple[_Feature, ...]] = (
    ("order_count", NUMBER, Label("累计订单数", "Orders"), _TIMES, True),
    ("spend_total", NUMBER, Label("累计消费", "Total spend"), _CNY, False),
    ("refund_total", NUMBER, Label("累计退款", "Total refunds"), _CNY, False),
    ("first_order_at", TIMESTAMP, Label("首单时间", "First order"), None, False),
    ("last_order_at", TIMESTAMP, Label("最近下单时间", "Last order"), None, False),
    ("last_visit_at", TIMESTAMP, Label("最近到店时间", "Last visit"), None, False),
    ("average_order_value", NUMBER, Label("客单价", "Average order value"), _CNY, False),
    ("rfm_r", NUMBER, Label("RFM 最近购买分", "RFM recency score"), None, True),
    ("rfm_f", NUMBER, Label("RFM 购买频次分", "RFM frequency score"), None, True),
    ("rfm_m", NUMBER, Label("RFM 消费金额分", "RFM monetary score"), None, True),
    ("rfm_score", NUMBER, Label("RFM 综合分", "RFM score"), None, True),
    ("lifetime_value", NUMBER, Label("累计净消费", "Lifetime value"), _CNY, False),
    ("usual_interval_days", NUMBER, Label("通常购买间隔", "Usual days between orders"), _DAYS, False),
    ("expected_order_at", TIMESTAMP, Label("预计下次购买时间", "Next order expected"), None, False),
    ("churn_risk", NUMBER, Label("90 天内不再购买的可能", "Chance of no order in 90 days"), None, False),
    (
        "favourite_category",
        TEXT,
        Label("偏好品类（购买的最近 90 天）", "Favourite category (last 90 days of buying)"),
        None,
        False,
    ),
)

_GAPS: Final = ("order_count", "first_order_at", "last_order_at")

# Columns the engine works out from those a domain gives.
FOLLOWS: Final = {
    "average_order_value": ("order_count", "spend_total"),
    "lifetime_value": ("spend_total", "refund_total"),
    "usual_interval_days": _GAPS,
    "expected_order_at": _GAPS,
    "churn_risk": _GAPS,
    "rfm_r": ("last_order_at",),
    "rfm_f": ("order_count", "last_order_at"),
    "rfm_m": ("spend_total", "last_order_at"),
    "rfm_score": ("order_count", "spend_total", "last_order_at"),
}

RESCORED: Final = "profile.rescored"
"""Filed by nobody: the pseudo-event under which new cut points make segments over RFM scores judge again."""


def _feature(feature: _Feature, facts: Iterable[Facts]) -> Field:
    name, kind, label, unit, whole = feature
    given = set(FOLLOWS.get(name, (name,)))
    changed = {
        kind
        for source in facts
        if isinstance(source, Features) and given & set(source.columns)
        for kind in source.types
    }
    changed |= {"customer.merged", "customer.unmerged"}
    if name.startswith("rfm_") or given == set(_GAPS):
        changed.add(RESCORED)
    return Field(name, kind, label, unit=unit, whole=whole, changed_by=tuple(sorted(changed)))


LIST_CHANGES: Final = ("segment.listed", "segment.unlisted", "customer.merged", "customer.unmerged")

_AT: Final = Field("at", TIMESTAMP, Label("时间", "Time"), sql="{alias}.occurred_at")

_AHEAD: Final = timedelta(days=2)
"""The door refuses events of later than tomorrow; turns write theirs at the moment."""

_RELATIONS: Final = (
    Relation(
        "visits",
        Label("到店", "Visits"),
        "customer",
        "event",
        (_AT, Field("store", TEXT, Label("门店编号", "Store code"), sql="({alias}.payload->>'store')")),
        time_field="at",
        join=_EVENT_JOIN,
        where="{alias}.type = 'visit.recorded'",
        changed_by=("visit.recorded",),
        ahead=_AHEAD,
    ),
    Relation(
        "behaviours",
        Label("行为", "Behaviour"),
        "customer",
        "event",
        (_AT, Field("name", TEXT, Label("行为名称", "Behaviour name"), sql="({alias}.payload->>'name')")),
        time_field="at",
        join=_EVENT_JOIN,
        where="{alias}.type = 'behaviour.recorded'",
        changed_by=("behaviour.recorded",),
        ahead=_AHEAD,
    ),
    # What holds of her custom fields. Those classed as sensitive are left out: no expression may tell them by its answer.
    Relation(
        "attributes",
        Label("自定义资料", "Custom fields"),
        "customer",
        "customer_field",
        (
            Field("name", TEXT, Label("名称", "Name"), sql="substr({alias}.field, 7)"),
            Field("text", TEXT, Label("内容", "Value"), privacy="personal", sql="({alias}.value #>> '{}')"),
            Field(
                "number",
                NUMBER,
                Label("数值", "Value as a number"),
                privacy="personal",
                sql=r"(case when ({alias}.value #>> '{}') ~ '^-?\d{1,15}(\.\d{1,6})?$' then ({alias}.value #>> '{}')::numeric end)",
            ),
            Field("at", TIMESTAMP, Label("得知时间", "Known since")),
        ),
        time_field="at",
        where=(
            "{alias}.holds and starts_with({alias}.field, 'attrs.') and not exists (select from custom_field as f"
            " where f.tenant_id = {alias}.tenant_id and f.name = substr({alias}.field, 7) and f.privacy = 'sensitive')"
        ),
        changed_by=CUSTOMER_CHANGED,
    ),
    Relation(
        "list_entries",
        Label("所在名单", "Lists"),
        "customer",
        "list_entry",
        (
            Field("list", TEXT, Label("名单编号", "List id"), sql="{alias}.segment_id::text"),
            Field("added_at", TIMESTAMP, Label("加入时间", "Added")),
        ),
        time_field="added_at",
        changed_by=LIST_CHANGES,
    ),
)

GEOFENCES: Final = Area("geofence", Label("地理围栏", "Geofence"), "geofence_ring", key_column="name")
"""A change of one is followed by a fill of the segments that ask it (``stream.places.service``), so no event tells it."""

_MEMBERSHIPS: Final = (
    Membership("tags", "has_tag", Label("标签", "Tags"), "customer", "customer_tag", "tag"),
    Membership(
        "segments",
        "in_segment",
        Label("分群", "Segments"),
        "customer",
        "segment_member",
        "segment_id",
        column_type="uuid",
    ),
)


def contribution(facts: Iterable[Facts]) -> Contribution:
    """What stream adds, given the facts that all rooms contribute: they say which events change which profile field."""
    sources = tuple(facts)
    fields = _CUSTOMER + tuple(_feature(feature, sources) for feature in _FEATURES)
    return Contribution(
        source="stream",
        entities=(Entity("customer", Label("客户", "Customer"), CUSTOMER_SOURCE, fields),),
        relations=_RELATIONS,
        memberships=_MEMBERSHIPS,
        event_types=EVENT_TYPES,
        areas=(GEOFENCES,),
    )
