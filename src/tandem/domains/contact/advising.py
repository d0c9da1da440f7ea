"""What ownership and parcel cards contribute to the private domain's manifest."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.contact.ownership import policy
from tandem.domains.contact.ownership import projection as crediting
from tandem.domains.contact.ownership.api import router as ownership_router
from tandem.domains.contact.ownership.mine_api import mine_router
from tandem.domains.contact.parcel import claims, codes
from tandem.domains.contact.parcel import links as links  # noqa: PLC0414 - templates may name them
from tandem.domains.contact.parcel.api import router as parcel_router
from tandem.flow.module import Permission

PERMISSIONS: Final = (
    Permission("performance.read", Label("查看导购业绩", "See advisers' performance")),
    Permission("performance.decide", Label("处理业绩申诉", "Decide on disputed credit")),
    Permission("performance.write", Label("设置归属规则、目标与关账", "Set ownership rules and targets, close months")),
)
PROJECTIONS: Final = (*claims.PROJECTIONS, *crediting.PROJECTIONS)
ROUTERS: Final = (ownership_router, mine_router, parcel_router)
JOBS: Final = (policy.JOB, codes.JOB)
