"""Marketing: coupons under a lent quota, redemption, points. Start reading here."""

from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.marketing.api import router
from tandem.domains.marketing.door import DOOR_KINDS
from tandem.domains.marketing.fields import CONTRIBUTION
from tandem.domains.marketing.gift import GiveGift
from tandem.domains.marketing.issue import ISSUE
from tandem.domains.marketing.ledger import EXPIRE_POINTS
from tandem.domains.marketing.lending import refill, wanting_tenants
from tandem.domains.marketing.levels import LEVELS, LevelKind
from tandem.domains.marketing.lottery import LotteryKind
from tandem.domains.marketing.more_nodes import MORE_KINDS
from tandem.domains.marketing.nodes import AddPoints, IssueCoupon
from tandem.domains.marketing.projections import EXPIRE_COUPONS, PROJECTIONS
from tandem.domains.marketing.tryout import TRYOUT
from tandem.flow.module import Job, Module, Permission
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds

BUSY_SECONDS: Final = 0.0
IDLE_SECONDS: Final = 0.2
_ROUNDS: Final = Rounds("marketing.fill_leases")


def fill_leases(db: Database) -> float:
    """Lend to every bucket that waits; returns the seconds until it wants to be called again."""

    def fill(tenant_id: UUID) -> int:
        refill(db, tenant_id)
        return 1

    return BUSY_SECONDS if _ROUNDS.each(wanting_tenants(db), fill) else IDLE_SECONDS


MODULE: Final = Module(
    name="marketing",
    label=Label("营销", "Marketing"),
    permissions=(
        Permission("coupon.read", Label("查看优惠券", "See coupons")),
        Permission("coupon.write", Label("管理与发放优惠券", "Manage and issue coupons")),
        Permission("coupon.redeem", Label("核销优惠券", "Redeem coupons")),
        Permission("points.read", Label("查看积分", "See points")),
        Permission("points.write", Label("调整积分", "Change points")),
    ),
    contribution=CONTRIBUTION,
    door_kinds=DOOR_KINDS,
    projections=PROJECTIONS,
    kinds=(IssueCoupon(), GiveGift(), LotteryKind(), LevelKind(), AddPoints(), *MORE_KINDS),
    steps=(ISSUE, EXPIRE_COUPONS, EXPIRE_POINTS, LEVELS),
    tryouts=(TRYOUT,),
    routers=(router,),
    jobs=(Job(name="marketing.fill_leases", run=fill_leases, interval_seconds=IDLE_SECONDS),),
    tables="tandem.domains.marketing.tables",
)
