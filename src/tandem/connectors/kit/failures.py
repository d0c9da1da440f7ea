"""One vocabulary for everything that can go wrong with a platform, whatever words the platform has for it."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from tandem.catalog.label import Label
from tandem.kernel.errors import TandemError

Kind = Literal["configuration", "authentication", "throttled", "transient", "permanent", "malformed"]


class ConnectorFailure(TandemError):
    """A call to a platform failed. `platform_code` is the platform's own word; `retry_after_seconds` where it said when to come back."""

    status: ClassVar[int] = 502
    kind: ClassVar[Kind] = "transient"

    def __init__(self, told: str, *, platform_code: str = "", retry_after_seconds: float | None = None) -> None:
        label = LABELS[self.kind]
        shown = f"（{platform_code}）" if platform_code else ""
        super().__init__(f"connector_{self.kind}", f"{label.zh}{shown}：{told}", f"{label.en}{shown}: {told}")
        self.told = told
        self.platform_code = platform_code
        self.retry_after_seconds = retry_after_seconds


class WronglySetUp(ConnectorFailure):
    """A key, an address or a permission is missing; asking again does not help."""

    kind: ClassVar[Kind] = "configuration"


class NotAuthorised(ConnectorFailure):
    """The grant does not hold (any more). `expired`: a fresh token may help, so one is fetched and the call repeated once."""

    kind: ClassVar[Kind] = "authentication"

    def __init__(self, told: str, *, platform_code: str = "", expired: bool = False) -> None:
        super().__init__(told, platform_code=platform_code)
        self.expired = expired


class TooMany(ConnectorFailure):
    """The platform wants fewer calls."""

    kind: ClassVar[Kind] = "throttled"


class Passing(ConnectorFailure):
    """It may work in a moment: a time-out, a broken connection, the platform's own trouble."""

    kind: ClassVar[Kind] = "transient"


class Lasting(ConnectorFailure):
    """The platform understood and said no."""

    kind: ClassVar[Kind] = "permanent"


class Garbled(ConnectorFailure):
    """The answer is not what the platform's documents say."""

    kind: ClassVar[Kind] = "malformed"


LABELS: Final[dict[Kind, Label]] = {
    "configuration": Label("设置有误", "Not set up rightly"),
    "authentication": Label("授权无效", "Not authorised"),
    "throttled": Label("被平台限流", "Throttled by the platform"),
    "transient": Label("暂时不通", "Passing trouble"),
    "permanent": Label("平台拒绝", "Refused by the platform"),
    "malformed": Label("返回内容有误", "Answer not understood"),
}
REMEDIES: Final[dict[Kind, Label]] = {
    "configuration": Label(
        "核对应用密钥、店铺编号与接口权限。", "Check the app's keys, the shop's number and the permissions of the app."
    ),
    "authentication": Label("请重新授权。", "Authorise again."),
    "throttled": Label(
        "无需处理，稍后自动继续；如经常出现，请降低同时同步的账号数。",
        "Nothing to do: it goes on by itself. If it happens often, sync fewer accounts at once.",
    ),
    "transient": Label("无需处理，会自动重试。", "Nothing to do: it is tried again by itself."),
    "permanent": Label("查看平台的提示并在平台后台处理。", "Read what the platform says and mend it there."),
    "malformed": Label(
        "查看最近报文；若平台改了格式，请升级连接器后重放。",
        "Look at the last payloads; if the platform changed its format, update the connector and replay.",
    ),
}
