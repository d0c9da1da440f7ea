"""Say things to the person at the terminal, in Chinese and in English on one line."""

import sys


def say(zh: str, en: str) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(f"{zh} · {en}", flush=True)


def complain(zh: str, en: str) -> None:
    """Print one line about something wrong."""
    print(f"{zh} · {en}", file=sys.stderr, flush=True)
