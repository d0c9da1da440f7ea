"""Does the house still stand: floors, rooms, no import cycle?"""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from architecture import tree


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("tandem", cache_dir=None)


def test_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tree.ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_no_import_cycle(graph: grimp.ImportGraph) -> None:
    cycles = [sorted(component) for component in components(graph) if len(component) > 1]
    assert not cycles, "\n".join(" <-> ".join(cycle) for cycle in cycles)


def test_the_assembly_loads_every_room_that_registers_sql() -> None:
    """A function or view registered in a module that nothing imports would be missing from fresh databases."""
    writers = [p for p in tree.under("src/", suffix=".py") if "\nregister_sql(" in p.read_text(encoding="utf-8")]
    expected = {tree.name(p).removeprefix("src/").removesuffix(".py").replace("/", ".") for p in writers}
    program = "import sys; from tandem.assembly import system; system(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tree.ROOT, check=True, capture_output=True, text=True)
    assert expected
    assert expected <= set(done.stdout.split()), sorted(expected - set(done.stdout.split()))


def components(graph: grimp.ImportGraph) -> list[set[str]]:
    """The strongly connected components of the import graph (Tarjan, without recursion).

    A package importing a name from its own module, and that module the package, is a cycle like any other.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []
    for root in graph.modules:
        work = [(root, iter(sorted(graph.find_modules_directly_imported_by(root))))] if root not in index else []
        while work:
            module, targets = work[-1]
            if module not in index:
                index[module] = low[module] = len(index)
                stack.append(module)
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[module])
                if low[module] == index[module]:
                    found.append(popped(stack, module))
            elif target not in index:
                work.append((target, iter(sorted(graph.find_modules_directly_imported_by(target)))))
            elif target in stack:
                low[module] = min(low[module], index[target])
    return found


def popped(stack: list[str], until: str) -> set[str]:
    members: set[str] = set()
    while until not in members:
        members.add(stack.pop())
    return members
