"""Say things to the person at the terminal: in the language the terminal is set to, in both where it is set to none."""

import os
import sys
from collections.abc import Mapping
from typing import Final, Literal

#: In the order in which POSIX lets them win.
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_NO_LANGUAGE: Final = ("", "C", "POSIX")


def language(environment: Mapping[str, str] = os.environ) -> Literal["zh", "en"] | None:
    """The language of a terminal; None where it names none (`C.UTF-8` in a container, say), so that both are shown."""
    named = next((text for name in _VARIABLES if (text := environment.get(name))), "")
    plain = named.partition(".")[0].partition("@")[0]
    if plain in _NO_LANGUAGE:
        return None
    return "zh" if plain.lower().startswith("zh") else "en"


def sentence(zh: str, en: str) -> str:
    """What this terminal is shown of a sentence in two languages."""
    return {"zh": zh, "en": en, None: f"{zh} · {en}"}[language()]


def say(zh: str, en: str) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(sentence(zh, en), flush=True)


def complain(zh: str, en: str) -> None:
    """Print one line about something wrong."""
    print(sentence(zh, en), file=sys.stderr, flush=True)
