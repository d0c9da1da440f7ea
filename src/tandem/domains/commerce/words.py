"""Words of commerce that several of its rooms say."""

from typing import Final, Literal

from tandem.catalog.label import Label
from tandem.catalog.model import Option

Status = Literal["placed", "paid", "completed", "cancelled"]

STATUS_LABELS: Final[dict[Status, Label]] = {
    "placed": Label("待付款", "Placed"),
    "paid": Label("已付款", "Paid"),
    "completed": Label("已完成", "Completed"),
    "cancelled": Label("已取消", "Cancelled"),
}
STATUS_OPTIONS: Final = tuple(Option(status, label) for status, label in STATUS_LABELS.items())
YUAN: Final = Label("元", "CNY")
PIECES: Final = Label("件", "pieces")
