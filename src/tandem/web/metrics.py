"""What the process measures about itself, for Prometheus."""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
REQUESTS = Counter(
    "tandem_http_requests_total",
    "Requests answered",
    ("method", "route", "status"),
    registry=REGISTRY,
)
SECONDS = Histogram(
    "tandem_http_request_seconds",
    "Time to answer a request",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request. `route` is the route's template, so that ids in addresses do not make a series each."""
    counter, histogram = _series(method if method in _METHODS else "other", route, status)
    counter.inc()
    histogram.observe(seconds)


@lru_cache(maxsize=4096)
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Finding them by their labels costs more than counting does."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def exposition() -> bytes:
    """What this process measured, in Prometheus text format."""
    return generate_latest(REGISTRY)
