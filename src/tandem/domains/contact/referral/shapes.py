"""What the routes of referral campaigns take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tandem.access.shapes import Body, Name

Status = Literal["draft", "running", "ended"]
State = Literal["held", "counted", "suspect", "refused", "left"]
Member = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class RewardTier(Body):
    """So many friends who stayed bring points, a coupon, or both."""

    friends: int = Field(ge=1, le=1000)
    points: int | None = Field(default=None, ge=1, le=1_000_000)
    coupon: UUID | None = None

    @model_validator(mode="after")
    def _gives_something(self) -> RewardTier:
        if self.points is None and self.coupon is None:
            raise ValueError("a tier gives points or a coupon")
        return self


class CampaignChange(Body):
    """What a campaign promises and guards against. `hold_days`: nothing is given before a friend stayed so long."""

    name: Name
    words: str = Field(default="", max_length=500)
    members: list[Member] = Field(min_length=1, max_length=100)
    tiers: list[RewardTier] = Field(min_length=1, max_length=10)
    ends_at: datetime | None = None
    hold_days: int = Field(default=7, ge=0, le=90)
    friends_max: int = Field(default=50, ge=1, le=10_000)
    daily_max: int = Field(default=10, ge=1, le=1000)
    burst_friends: int = Field(default=5, ge=2, le=1000)
    burst_minutes: int = Field(default=10, ge=1, le=1440)


class NewCampaign(CampaignChange):
    """A campaign to be made."""

    account_id: UUID


class CampaignFigures(BaseModel):
    """The funnel: who invites, who came by them, who counts, who left, what was given."""

    inviters: int = 0
    joined: int = 0
    held: int = 0
    counted: int = 0
    suspect: int = 0
    refused: int = 0
    left: int = 0
    rewards: int = 0


class CampaignOut(BaseModel):
    """A campaign with its funnel."""

    id: UUID
    account_id: UUID
    name: str
    words: str
    status: Status
    members: list[str]
    tiers: list[RewardTier]
    ends_at: datetime | None
    hold_days: int
    friends_max: int
    daily_max: int
    burst_friends: int
    burst_minutes: int
    figures: CampaignFigures
    created_at: datetime


class InvitedOut(BaseModel):
    """Somebody who came, by whom, and whether she counts. `reason`: a stable word, empty where there is none."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    bucket: int
    inviter_id: UUID
    inviter: str | None
    friend_id: UUID
    friend: str | None
    joined_at: datetime
    matures_at: datetime
    verdict: State
    reason: str


class ReferralDecision(Body):
    """Whether a suspicious friend counts."""

    counts: bool


class InviterOut(BaseModel):
    """A customer who invites. `link`: her poster; `making`: WeCom has not given her code yet."""

    customer_id: UUID
    name: str | None
    link: str
    qr_url: str | None
    making: bool
    over: bool
    problem: str | None
    counted: int
    rewarded: list[int]
