"""Insight: the home board, the global search, sources compared. Start reading here."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.insight.api import router
from tandem.domains.insight.conversion_api import router as conversion_router
from tandem.domains.insight.traffic_api import router as traffic_router
from tandem.flow.module import Module, Permission

MODULE: Final = Module(
    name="insight",
    label=Label("洞察", "Insight"),
    permissions=(Permission("spend.write", Label("录入渠道花费", "Enter what sources cost")),),
    routers=(router, conversion_router, traffic_router),
)
