"""Which fields a file can fill, and which column probably holds which. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tandem.catalog.label import Label
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.imports.looks import LOOKS


@dataclass(frozen=True, slots=True)
class ImportField:
    """A field with the names that columns holding it go by."""

    name: str
    label: Label
    also: tuple[str, ...] = ()
    required: bool = False


_PERSON: Final = (
    ImportField("phone", Label("手机号", "Phone"), ("手机", "手机号码", "联系电话", "电话", "mobile", "phone number", "tel", "买家手机", "收货人手机")),
    ImportField("email", Label("邮箱", "E-mail"), ("电子邮箱", "电子邮件", "e-mail", "mail", "email address")),
    ImportField("member_no", Label("会员号", "Member number"), ("会员卡号", "会员编号", "卡号", "member", "member id", "card no", "membership number")),
    ImportField("union_id", Label("UnionID", "Union id"), ("unionid", "微信unionid")),
    ImportField("open_id", Label("OpenID", "Open id"), ("openid", "微信openid")),
    ImportField("online_account", Label("线上账号", "Online account"), ("买家昵称", "买家账号", "旺旺", "平台账号", "account", "buyer")),
)  # fmt: skip
CUSTOMER_FIELDS: Final = (
    ImportField("external_id", Label("外部编号", "External id"), ("客户编号", "客户id", "编号", "id", "customer id", "customer_id")),
    *_PERSON,
    ImportField("name", Label("姓名", "Name"), ("客户姓名", "客户名称", "名字", "full name", "customer name", "会员姓名")),
    ImportField("gender", Label("性别", "Gender"), ("sex",)),
    ImportField("birthday", Label("生日", "Birthday"), ("出生日期", "出生年月日", "birth date", "date of birth", "birthdate")),
    ImportField("city", Label("城市", "City"), ("所在城市", "市")),
    ImportField("address", Label("地址（拆出城市与区县）", "Address (gives city and district)"), ("地址", "详细地址", "联系地址", "收货地址", "家庭住址", "address")),
    ImportField("district", Label("区县", "District"), ("区", "所在区县", "城区", "所在区", "county")),
    ImportField("store", Label("门店编码", "Store code"), ("门店", "所属门店", "开卡门店", "store", "shop")),
    ImportField("tags", Label("标签", "Tags"), ("客户标签", "tag", "labels")),
)  # fmt: skip
ORDER_FIELDS: Final = (
    ImportField("order_id", Label("订单号", "Order id"), ("订单编号", "单号", "交易号", "order no", "order number", "order", "basket id"), required=True),
    *_PERSON,
    ImportField("placed_at", Label("下单时间", "Placed at"), ("订单时间", "创建时间", "下单日期", "交易时间", "销售日期", "order date", "created at", "date"), required=True),
    ImportField("paid_at", Label("付款时间", "Paid at"), ("支付时间", "付款日期", "payment time", "paid")),
    ImportField("status", Label("状态", "Status"), ("订单状态", "交易状态", "order status")),
    ImportField("total", Label("订单金额", "Total"), ("实付金额", "应付金额", "总金额", "合计", "order total", "order amount", "paid amount")),
    ImportField("store", Label("门店编码", "Store code"), ("门店", "门店编号", "store", "shop", "store id")),
    ImportField("channel", Label("渠道", "Channel"), ("销售渠道", "订单来源", "source")),
    ImportField("product_id", Label("商品编码", "Product id"), ("商品", "商品id", "货号", "sku", "sku编码", "product", "item")),
    ImportField("quantity", Label("数量", "Quantity"), ("件数", "购买数量", "qty")),
    ImportField("amount", Label("行金额", "Line amount"), ("商品金额", "小计", "金额", "sales value", "line total")),
    ImportField("discount", Label("行优惠", "Line discount"), ("优惠", "优惠金额", "折扣")),
)  # fmt: skip
FIELDS: Final = {"customer": CUSTOMER_FIELDS, "order": ORDER_FIELDS}


def called(kind: str, name: str) -> Label:
    """What people call a field; its own name where the kind has no such field."""
    found = next((field.label for field in FIELDS[kind] if field.name == name), None)
    return found or Label(name, name)


Mapping = dict[str, int]
"""Field -> column."""


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-:：()（）/*]+", "", unicodedata.normalize("NFKC", text)).lower()


def guess(
    kind: str, header: Sequence[str], sample: Sequence[Sequence[str]] = (), known: Mapping | None = None
) -> Mapping:
    """Field -> column: by the names of the columns, then by what stands in them. A column serves one field; `known` ones stay."""
    found = _by_name(kind, header, known or {})
    for field, fits in LOOKS[kind]:
        if field in found:
            continue
        free = [column for column in range(len(header)) if column not in found.values()]
        place = next((column for column in free if fits([row[column] for row in sample if column < len(row)])), None)
        if place is not None:
            found[field] = place
    return found


def _by_name(kind: str, header: Sequence[str], known: Mapping) -> Mapping:
    taken = set(known.values())
    found = dict(known)
    plain = [_plain(name) for name in header]
    for field in FIELDS[kind]:
        if field.name in found:
            continue
        names = [_plain(one) for one in (field.name, field.label.zh, field.label.en, *field.also)]
        for name in names:
            place = next((at for at, column in enumerate(plain) if column == name and at not in taken), None)
            if place is not None:
                found[field.name] = place
                taken.add(place)
                break
    return found


def check(kind: str, header: Sequence[str], mapping: Mapping) -> None:
    """Raise InvalidInput where a mapping names fields or columns that do not exist, or leaves out what records cannot do without."""
    known = {field.name: field for field in FIELDS[kind]}
    details = [
        Detail(f"mapping.{name}", "没有这个字段或列", "no such field or column")
        for name, column in mapping.items()
        if name not in known or not 0 <= column < len(header)
    ]
    details += [
        Detail(f"mapping.{name}", f"必须选择“{field.label.zh}”对应的列", f"choose the column for {field.label.en}")
        for name, field in known.items()
        if field.required and name not in mapping
    ]
    if kind == "customer" and not any(field.name in mapping for field in _PERSON):
        details.append(
            Detail("mapping", "至少选择一个标识列（手机号、邮箱、会员号等）", "choose at least one identifier column")
        )
    if details:
        raise InvalidInput(
            "bad_mapping", "列的对应关系不完整。", "The columns are not mapped completely.", details=tuple(details)
        )
