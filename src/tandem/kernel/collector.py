"""Python's cyclic garbage collector, set for processes that handle large batches of short-lived rows."""

import gc
from typing import Final

#: Allocations between two looks at the youngest generation. With the default of 700 a batch of a thousand records spends more time in
#: the collector, which walks every module of the house again and again and finds nothing, than in decoding (bench/intake.py).
YOUNG_OBJECTS: Final = 50_000


def pause_collector() -> None:
    """Call before a long-running process loads its modules: a quarter of that time went into looking through them for garbage."""
    gc.disable()


def calm_collector() -> None:
    """Call once when a long-running process has loaded its modules: they are never looked at again, and batches are left alone.

    Rows are freed by reference counting as before; cycles (exceptions with tracebacks, mostly) are found later, not never.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    gc.enable()
