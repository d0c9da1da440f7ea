"""The bucket's turn over its inbox: events become facts, and everything that follows from them is brought up to date."""

from tandem.stream.apply.service import apply
from tandem.stream.apply.store import SLOW_LANE, retry

__all__ = ["SLOW_LANE", "apply", "retry"]
