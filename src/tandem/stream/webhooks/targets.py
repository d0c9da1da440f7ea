"""Where a webhook may go: never into our own network (server-side request forgery), however a name is spelt or resolves.

The address is judged where it is used: a name is resolved once per attempt, every address it has must be public, and the connection goes
to the very address that was judged, so that a name which changes its mind in between (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tandem.kernel.errors import Detail, InvalidInput

URL_LENGTH_MAX: Final = 2000
_PORTS: Final = {"https": 443, "http": 80}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


class RefusedTarget(Exception):
    """The target leads where webhooks may not go, or nowhere."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str, *, private_allowed: bool) -> Target:
    """Read a URL. Raises InvalidInput for anything but https (http only where private addresses are allowed) to a named host."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise _refused("地址无法识别", "not a URL") from None
    if any(ord(one) <= 32 or ord(one) == 127 for one in url) or len(url) > URL_LENGTH_MAX:
        raise _refused("地址含空白或过长", "spaces or too long")
    if parts.scheme != "https" and not (parts.scheme == "http" and private_allowed):
        raise _refused("地址必须以 https:// 开头", "must begin with https://")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused("地址需要主机名，且不能带用户名、密码或 #", "a host name, without user, password or #")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise _refused("路径需要百分号编码", "the path must be percent-encoded")
    return Target(parts.scheme, _ascii(host), port or _PORTS[parts.scheme], path)


def check_target(url: str, *, private_allowed: bool) -> Target:
    """Refuse at once what can be seen without asking the network: a URL that spells out a private address."""
    target = parse_target(url, private_allowed=private_allowed)
    literal = _literal(target.host)
    if literal is not None and not private_allowed and not is_public(literal):
        raise _refused("不能指向内网或本机地址", "must not lead to a private or local address")
    if target.host.rpartition(".")[2] in {"localhost", "local", "internal"} and not private_allowed:
        raise _refused("不能指向内网或本机地址", "must not lead to a private or local address")
    return target


def judged_addresses(target: Target, *, private_allowed: bool, resolve: Resolve | None = None) -> list[str]:
    """The addresses to connect to. Raises RefusedTarget unless every one of them is public (or private ones are allowed)."""
    try:
        found = list(dict.fromkeys((resolve or _resolve)(target.host, target.port)))
    except OSError as error:
        message = f"cannot resolve {target.host}"
        raise RefusedTarget(message) from error
    if not found:
        message = f"cannot resolve {target.host}"
        raise RefusedTarget(message)
    if not private_allowed and not all(is_public(ipaddress.ip_address(one.partition("%")[0])) for one in found):
        message = f"{target.host} resolves to a private or local address"
        raise RefusedTarget(message)
    return found


def is_public(address: Address) -> bool:
    """Whether an address is out on the internet. An IPv6 address that carries an IPv4 one is judged by that one too."""
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        # Spellings that the C library reads as addresses: 127.1, 0x7f000001, 2130706433.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _ascii(host: str) -> str:
    if host.isascii():
        return host.rstrip(".")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        raise _refused("主机名无法识别", "the host name cannot be read") from None


def _resolve(host: str, port: int) -> list[str]:
    return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _refused(zh: str, en: str) -> InvalidInput:
    return InvalidInput(
        "bad_webhook_url", "推送地址不可用。", "This address cannot be used.", details=(Detail("url", zh, en),)
    )
