"""What people's rights bring to the assembled house."""

from collections.abc import Callable
from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Contribution, EventType, Field
from tandem.catalog.value_types import TEXT
from tandem.kernel.db import Database
from tandem.stream.rights import work
from tandem.stream.rights.api import router
from tandem.stream.rights.consents import GRANTED, WITHDRAWN

PERMISSIONS: Final = (
    ("rights.read", Label("查看个人信息请求", "See people's requests about their data")),
    ("rights.write", Label("提交个人信息请求", "File people's requests about their data")),
    ("rights.approve", Label("审批个人信息请求", "Approve people's requests about their data")),
)
_FIELDS: Final = (
    Field("channel", TEXT, Label("渠道", "Channel")),
    Field("purpose", TEXT, Label("用途", "Purpose")),
    Field("source", TEXT, Label("来源", "Source")),
)
CONTRIBUTION: Final = Contribution(
    source="rights",
    event_types=(
        EventType(GRANTED, Label("同意接收或使用", "Consent given"), _FIELDS),
        EventType(WITHDRAWN, Label("撤回同意", "Consent withdrawn"), _FIELDS),
    ),
)
ROUTERS: Final = (router,)


def jobs() -> tuple[tuple[str, Callable[[Database], float]], ...]:
    """Carrying requests out, and dropping packages that have expired."""
    return (("rights", work.job()), ("rights.files", work.drop_expired))
