"""Which platforms there are. Each folder's `connector.py` offers `PLATFORM`."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Final

from tandem.connectors.kit.platform import Platform

#: In the order in which the set-up screen shows them.
FOLDERS: Final = (
    "taobao", "jd", "pinduoduo", "douyin", "kuaishou", "wechat_shop", "youzan", "shopify", "amazon", "ebay",
)  # fmt: skip

#: Platforms that hold people and conversations instead of orders.
OFFICES: Final = ("wecom", "wechat_oa", "dingtalk", "feishu")


@lru_cache(maxsize=1)
def platforms() -> dict[str, Platform]:
    """Every platform that can be connected, by name."""
    found = [import_module(f"tandem.connectors.{folder}.connector").PLATFORM for folder in (*FOLDERS, *OFFICES)]
    return {one.manifest.name: one for one in found}


def platform_of(name: str) -> Platform | None:
    """The platform of that name, or None."""
    return platforms().get(name)
