"""Leads become somebody's to follow up, up to the order; customers bring customers. Start reading here."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.sales.api import router
from tandem.domains.sales.door import DOOR_KINDS
from tandem.domains.sales.fields import CONTRIBUTION
from tandem.domains.sales.keeping import PROJECTIONS, REMIND
from tandem.domains.sales.nodes import KINDS
from tandem.domains.sales.referrals import bringing
from tandem.domains.sales.referrals import keeping as referrals
from tandem.domains.sales.referrals.api import router as referral_router
from tandem.domains.sales.unwinding import JOB, PROJECTION
from tandem.flow.module import Module, Permission

MODULE: Final = Module(
    name="sales",
    label=Label("销售线索", "Leads"),
    permissions=(
        Permission("lead.read", Label("查看线索", "See leads")),
        Permission("lead.write", Label("建立、分配与跟进线索", "Make, assign and follow up leads")),
        Permission("lead.rules", Label("设置线索规则与跟进人", "Set the rules of leads and who gets them")),
    ),
    contribution=CONTRIBUTION,
    door_kinds=DOOR_KINDS,
    projections=(*PROJECTIONS, PROJECTION, *referrals.PROJECTIONS, *bringing.PROJECTIONS),
    kinds=KINDS,
    steps=(REMIND,),
    jobs=(JOB,),
    routers=(router, referral_router),
    tables="tandem.domains.sales.tables",
)
