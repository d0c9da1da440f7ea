"""A coupon template in its shapes: as it is drawn up, and as it stands with its stock. Service, routes and demo share them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tandem.access.shapes import Name
from tandem.domains.marketing.words import CouponKind

Amount = Annotated[Decimal, Field(ge=0, le=10**9, decimal_places=2)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]
Days = Annotated[int, Field(ge=1, le=3660)]
PerCustomer = Annotated[int, Field(ge=1, le=1000)]


class _Coupon(BaseModel):
    """What a template says of its coupon. Amount: `value` is money off from `threshold` on; percent: per cent off; gift: `gift` names it.

    Valid for `valid_days` after issue, never past `valid_until`. `quota` null: without limit.
    """

    name: Name
    kind: CouponKind = "amount"
    value: Amount | None = Decimal(0)
    """Null: only the outside system that issues it knows."""
    threshold: Amount = Decimal(0)
    gift: Name | None = None
    valid_days: Days | None = None
    valid_until: datetime | None = None
    per_customer_limit: PerCustomer | None = None
    quota: Count | None = None


class NewCouponTemplate(_Coupon):
    """A coupon to offer; one of `valid_days` and `valid_until` is set."""

    model_config = ConfigDict(extra="forbid", str_max_length=10_000)

    @model_validator(mode="after")
    def _fits(self) -> "NewCouponTemplate":
        if self.valid_days is None and self.valid_until is None:
            message = "one of valid_days and valid_until is needed"
            raise ValueError(message)
        if self.valid_until is not None and self.valid_until.tzinfo is None:
            message = "valid_until needs a time zone"
            raise ValueError(message)
        if self.value is None:
            message = "a coupon of our own has a value"
            raise ValueError(message)
        if self.kind == "percent" and not 0 < self.value <= 100:
            message = "a percentage lies above 0 and at most at 100"
            raise ValueError(message)
        if self.kind == "gift" and not self.gift:
            message = "a gift coupon names its gift"
            raise ValueError(message)
        return self


class CouponTemplate(_Coupon):
    """A coupon template with what became of its stock. `external_code`: an outside system issues it and calls it so."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    id: UUID
    external_code: str | None
    currency: str
    issued: int
    redeemed: int
    archived: bool
    created_at: datetime
