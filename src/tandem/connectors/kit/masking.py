"""Taking secrets out of what is shown or kept: by value wherever they stand, and by name where a value is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

HIDDEN: Final = "•••"
_NAMES: Final = (
    r"(?:access_?token|refresh_?token|session|secret|app_?secret|client_?secret|password|sign(?:ature)?|hmac|code|api_?key"
    r"|x-shopify-access-token|x-amz-access-token|x-jos-access-token|x-jos-sign|authorization|event-sign|cookie|set-cookie)"
)
_FORM: Final = re.compile(rf"(?i)(?<![\w-])({_NAMES})(=)([^&\s\"]+)")
_JSON: Final = re.compile(rf"(?i)(\"{_NAMES}\"\s*:\s*)(\"(?:[^\"\\]|\\.)*\"|\d{{6,}})")
_HEADER: Final = re.compile(rf"(?im)^({_NAMES})(:\s*)(.+)$")
SHORT: Final = 6
"""Shorter values are no secrets worth a replacement that would tear words apart."""


def mask(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, nor anything that stands under a secret's name."""
    for secret in sorted({one for one in secrets if len(one) >= SHORT}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _FORM.sub(rf"\1\2{HIDDEN}", text)
    text = _JSON.sub(rf'\1"{HIDDEN}"', text)
    return _HEADER.sub(rf"\1\2{HIDDEN}", text)
