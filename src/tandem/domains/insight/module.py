"""Insight: the home board and the global search. Start reading here."""

from typing import Final

from tandem.catalog.label import Label
from tandem.domains.insight.api import router
from tandem.flow.module import Module

MODULE: Final = Module(name="insight", label=Label("洞察", "Insight"), routers=(router,))
