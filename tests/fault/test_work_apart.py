"""Heavy work in a process of its own: is it bounded, and does it go when its parent goes?"""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import psutil
import pytest

from tandem.kernel.apart import ApartFailed, Bounds, call

pytestmark = pytest.mark.fault

ROOMY = Bounds(seconds=60, memory_bytes=1 << 40)


def test_the_answer_comes_back_and_prints_do_not_spoil_it() -> None:
    assert call("operator:add", [20, 22], ROOMY) == 42
    assert call("builtins:print", ["a library talks"], ROOMY) is None


@pytest.mark.parametrize(
    ("target", "arguments", "bounds", "why"),
    [
        ("time:sleep", [60], Bounds(0.2, 1 << 40), "took longer"),
        ("time:sleep", [60], Bounds(60, 1 << 20), "of memory"),
        ("operator:truediv", [1, 0], ROOMY, "ended with 1"),
    ],
)
def test_what_does_not_end_well_is_said(target: str, arguments: list[int], bounds: Bounds, why: str) -> None:
    with pytest.raises(ApartFailed, match=why):
        call(target, arguments, bounds)


def test_it_goes_when_its_parent_is_killed() -> None:
    code = "from tandem.kernel.apart import *; call('time:sleep', [60], Bounds(60, 1 << 40))"
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        until = time.monotonic() + 120
        while not (children := psutil.Process(parent.pid).children()) and time.monotonic() < until:
            time.sleep(0.01)
        parent.send_signal(signal.SIGKILL)
    gone, alive = psutil.wait_procs(children, timeout=120)
    assert len(gone) == 1
    assert not alive
