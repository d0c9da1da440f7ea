"""An event and what must hold of it: what starts that listen and waits that listen are both configured by."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.node import CheckContext, Config, Finding, Trigger


class OnEventConfig(Config):
    """Which event, and on what condition."""

    event_type: str = Field(
        title="事件 | Event", min_length=1, max_length=80, json_schema_extra={"x-ui": {"widget": "event_type"}}
    )
    condition: str = Field(
        default="",
        title="附加条件 | Condition",
        max_length=8000,
        json_schema_extra={"x-ui": {"widget": "expression", "scope": {"customer": "customer", "event": "@event_type"}}},
    )

    def findings(self, ctx: CheckContext) -> Iterable[Finding]:
        """What is wrong with the type of event, or with the condition on it."""
        if not ctx.knows_event(self.event_type):
            yield Finding(
                "event_unknown",
                Label(f"没有名为“{self.event_type}”的事件", f"There is no event named {self.event_type!r}"),
                Label("请从列表中选择事件", "Choose an event from the list"),
                "event_type",
            )
        elif self.condition.strip():
            yield from ctx.expression(self.condition, "condition", event_type=self.event_type)

    def trigger(self) -> Trigger:
        """The events that serve."""
        return Trigger((self.event_type,), {}, self.condition)
