"""Does no test leave it to chance, or to how busy the machine is, whether it holds? What has once cost a whole run is not written again."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
#: Words that a file must hold to be looked at, how it was written, and what to write instead.
LUCK = {
    (
        "[:-",
        r"\[:-1\] \+ [\"'][0-9A-Za-z][\"']|\[:-2\] \+ [\"'][0-9A-Za-z]{2}[\"']",
    ): "an end that is set may be the right one already: choose another than it is, where all its bits count",
    (
        "Limit(",
        r"\bLimit\(\d[\d_]*, \d[\d_]*\)",
    ): "a slow machine is granted more meanwhile: give the limit a clock that stands",
    ("lease(", r"\blease\(\w+, [\w.]+\)"): "ten seconds are soon over on a busy machine: lease(..., seconds=3600)",
    ("Random()", r"\bRandom\(\)"): "chance needs a seed: Random(7)",
    (
        "random.",
        r"\brandom\.(random|randint|choice|choices|sample|shuffle|uniform)\(",
    ): "chance needs a seed: Random(7)",
    (
        "notifies(",
        r"\bnotifies\(timeout=[\d.]+\)\]",
    ): "what was announced comes when the server gets to it: wait for a last word of your own",
    (
        "set_default_timeout(",
        r"\bset_default_timeout\([12]?\d_?\d{3}\)",
    ): "two busy cores serve the browser and all the rest: 45 s",
    (
        "timeout=",
        r"\.to_\w+\([^)]*timeout=(\d{1,4}|1[0-4]\d{3}|\d_\d{3}|1[0-4]_\d{3})\b",
    ): "a screen gets 15 s at least, however quick it is here",
}
#: Its own `lease` has the longer time.
OWN = {"test_turn.py": "lease("}


def test_nothing_is_left_to_chance() -> None:
    found: list[str] = []
    for path in sorted(TESTS.rglob("*.py")):
        if path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        for (words, pattern), advice in LUCK.items():
            if words not in text or OWN.get(path.name) == words:
                continue
            for hit in re.finditer(pattern, text):
                line = text.count("\n", 0, hit.start()) + 1
                found.append(f"{path.relative_to(TESTS)}:{line}: {hit[0]} - {advice}")
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    wrong = (
        'token[:-1] + "0"', 'path[:-2] + "AA"', "Limit(60, 2)", "lease(connection, engine.worker)", "random.shuffle(people)",
        "ears.notifies(timeout=0.5)]", "context.set_default_timeout(5_000)", "expect(x).to_be_visible(timeout=5000)",
    )  # fmt: skip
    assert [sum(words in one and re.search(pattern, one) is not None for words, pattern in LUCK) for one in wrong] == [
        1
    ] * len(wrong)
