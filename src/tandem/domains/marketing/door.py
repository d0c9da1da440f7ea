"""What outside systems may tell of marketing: coupons they know, redemptions at their tills, campaigns that reached somebody."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, cast

import msgspec
import orjson

from tandem.catalog.label import Label
from tandem.domains.marketing.events import CAMPAIGN_REACHED, COUPON_REDEEMED
from tandem.domains.marketing.words import CouponKind
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Key, Name, Normalised, Refused, Text

Time = Annotated[datetime, msgspec.Meta(tz=True)]
VALUE_MAX: Final = Decimal(10) ** 9


class RedemptionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A coupon used. `coupon_code` is one we issued; `template_code` names an outside coupon."""

    redemption_id: Key
    identifiers: list[Identifier]
    at: Time
    coupon_code: Text | None = None
    template_code: Text | None = None
    order_id: Text | None = None
    store: Text | None = None


class CouponTemplateIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A coupon that an outside system issues; with us it is reference data."""

    code: Key
    name: Name
    kind: CouponKind = "amount"
    value: Decimal | None = None
    """Null: the other system does not say; nobody then claims it were nothing."""
    threshold: Decimal = Decimal(0)
    gift: Text | None = None
    valid_days: Annotated[int, msgspec.Meta(ge=1, le=3660)] = 30


class CampaignReachIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outside campaign reached somebody."""

    campaign: Name
    identifiers: list[Identifier]
    at: Time


def _redemption(envelope: Envelope, said: RedemptionIn) -> Normalised:
    if said.coupon_code is None and said.template_code is None:
        raise Refused(
            "coupon_code", "券码与券模板编码至少要有一个。", "One of coupon_code and template_code is needed."
        )
    payload: dict[str, Any] = {
        "redemption_id": str(envelope.entity_uuid("redemption", said.redemption_id)),
        "source": envelope.source,
        "coupon_code": said.coupon_code,
        "template_code": said.template_code,
        "order_id": said.order_id,
        "store": said.store,
    }
    return Normalised(
        identifiers=said.identifiers, events=(EventOut(COUPON_REDEEMED, said.at, payload, once="redeemed"),)
    )


def _campaign(envelope: Envelope, said: CampaignReachIn) -> Normalised:
    del envelope
    return Normalised(
        identifiers=said.identifiers,
        events=(EventOut(CAMPAIGN_REACHED, said.at, {"campaign": said.campaign}, once="reached"),),
    )


def _template(envelope: Envelope, said: CouponTemplateIn) -> Normalised:
    del envelope
    for where, amount in (("value", said.value), ("threshold", said.threshold)):
        if amount is not None and (not amount.is_finite() or not 0 <= amount <= VALUE_MAX):
            raise Refused(where, "金额应在 0 与十亿之间。", "The amount must be between 0 and 10^9.")
    return Normalised(reference=said)


_UPSERT: Final = """
insert into coupon_template as t (id, tenant_id, name, external_code, kind, value, gift, threshold, currency, valid_days, created_at, updated_at)
select tandem_new_id(), %(tenant)s, n.name, n.code, n.kind, n.value, n.gift, n.threshold, %(currency)s, n.valid_days, %(at)s, %(at)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(code text, name text, kind text, value numeric, gift text, threshold numeric, valid_days int)
on conflict (tenant_id, external_code) do update set name = excluded.name, kind = excluded.kind, value = excluded.value, gift = excluded.gift,
  threshold = excluded.threshold, valid_days = excluded.valid_days, updated_at = excluded.updated_at
where (t.name, t.kind, t.value, t.gift, t.threshold, t.valid_days)
  is distinct from (excluded.name, excluded.kind, excluded.value, excluded.gift, excluded.threshold, excluded.valid_days)
"""


def upsert_templates(tx: Tx, records: Sequence[object]) -> None:
    """Write outside coupons as templates, by their code."""
    rows = {record.code: msgspec.to_builtins(record) for record in cast("Sequence[CouponTemplateIn]", records)}
    tx.execute(
        _UPSERT,
        {
            "tenant": tx.tenant_id,
            "currency": tx.currency,
            "at": tx.machine_now,
            "rows": orjson.dumps(list(rows.values())).decode(),
        },
    )


DOOR_KINDS: Final = (
    DoorKind("coupon_redemption", Label("券核销", "Coupon redemption"), RedemptionIn, _redemption),
    DoorKind("coupon_template", Label("券模板", "Coupon template"), CouponTemplateIn, _template, upsert_templates),
    DoorKind("campaign_reach", Label("活动触达", "Campaign reach"), CampaignReachIn, _campaign),
)
