"""What several stories ask about a person, through the public API alone."""

from __future__ import annotations

from typing import Any

from town import Town, ok


def found(town: Town, q: str) -> list[str]:
    """Ids of the customers whom the search finds."""
    return [one["id"] for one in ok(town.person("marketing").get("/v1/customers", q=q))["items"]]


def known(town: Town, q: str) -> str:
    """The one customer whom the search finds, once she is there."""
    return str(town.until(lambda: found(town, q), f"{q} is known")[0])


def card(town: Town, customer: str) -> dict[str, Any]:
    """Her page."""
    return ok(town.person("marketing").get(f"/v1/customers/{customer}"))


def profile(town: Town, customer: str) -> dict[str, Any]:
    """Her figures; empty ones before the first."""
    return card(town, customer)["profile"] or {"order_count": 0, "spend_total": {"amount": "0.00"}}


def timeline(town: Town, customer: str, **more: Any) -> list[dict[str, Any]]:
    """Her history, newest first."""
    return ok(town.person("marketing").get(f"/v1/customers/{customer}/timeline", limit=200, **more))["items"]
