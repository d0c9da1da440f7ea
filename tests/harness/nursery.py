"""Processes to be killed: forked from one that has Tandem loaded, because a start from nothing costs each of them two seconds of a core."""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

PRELOADED = [
    "harness.nursery_begin",
    "harness.flow_worker",
    "harness.import_worker",
    "harness.merge_worker",
    "harness.web_worker",
    "harness.nursery_end",
]


@functools.cache
def nursery() -> ForkServerContext:
    """The maker of such processes. What they run must stand at the top of a module; they inherit no connection and no thread."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # Python before 3.12.8 does not hand the server our path: it would find nothing to load beforehand, and say nothing.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context
