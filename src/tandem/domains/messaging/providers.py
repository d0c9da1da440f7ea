"""Who carries a channel's messages to people: what connects to the outside registers here, tenants choose and give their keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.messaging.channel import Delivery
from tandem.kernel.errors import Detail


@dataclass(frozen=True, slots=True)
class ProviderSetting:
    """One field of the form. Secret ones are sealed and never shown again.

    `binds`: says to whom a secret is shown, or as whom. A kept secret never goes with another value of it; so does every field that
    does not say otherwise.
    """

    name: str
    label: Label
    secret: bool = False
    required: bool = True
    pattern: str = r"[^\s\x00]{1,500}"
    binds: bool = True


@dataclass(frozen=True, slots=True)
class Keys:
    """A tenant's account at a provider, opened: never log it."""

    tenant_id: UUID
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A message with where it goes. `code` and `params` are the provider's own template and its variables in order, where one is named."""

    key: UUID
    address: str = field(repr=False)
    text: str = field(repr=False)
    code: str = ""
    params: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """`send(keys, message)` hands one message over and says what became of it.

    It raises ChannelDown where nothing can be sent for now (keys, money, no way there), AnswerLost where the message may have gone.
    """

    name: str
    channel: str
    label: Label
    settings: tuple[ProviderSetting, ...]
    send: Callable[[Keys, Addressed], Delivery]
    address: str
    """The kind of identifier that is an address here."""
    needs_code: bool = True
    """Only texts that the provider has approved are sent: each template of ours names one of its own."""
    scope: Callable[[Mapping[str, Any]], str] = lambda _settings: ""
    """The scope that an address has to have: ids of one official account say nothing to another."""
    judge: Callable[[Mapping[str, str]], Sequence[Detail]] = lambda _settings: ()
    """What is wrong with settings of the right form."""


_known: Final[dict[tuple[str, str], Provider]] = {}


def register_provider(provider: Provider) -> None:
    """Let tenants choose it; the same name again replaces it."""
    _known[provider.channel, provider.name] = provider


def provider_of(channel: str, name: str) -> Provider | None:
    """The provider of that name, or None."""
    return _known.get((channel, name))


def providers(channel: str | None = None) -> list[Provider]:
    """Those of a channel, or all."""
    return [one for one in _known.values() if channel in (None, one.channel)]
