"""What joins two people and what speaks against it, in words."""

from __future__ import annotations

from typing import Final

from tandem.access.shapes import Label

KINDS: Final = {
    "phone": Label(zh="同一手机号", en="Same phone"),
    "email": Label(zh="同一邮箱", en="Same e-mail"),
    "member_no": Label(zh="同一会员号", en="Same member number"),
    "union_id": Label(zh="同一 union id", en="Same union id"),
    "open_id": Label(zh="同一 OpenID", en="Same OpenID"),
    "encrypted_id": Label(zh="同一平台加密买家", en="Same encrypted buyer"),
    "online_account": Label(zh="同一线上账号", en="Same online account"),
    "masked_person": Label(zh="打码手机号、姓和城市相同", en="Same masked phone, surname and city"),
    "device_person": Label(zh="设备和姓名相同", en="Same device and full name"),
    "phone_person": Label(zh="手机号和姓名相同", en="Same phone and full name"),
    "parcel_card": Label(
        zh="同一张包裹卡：随订单寄出，由这位好友扫码",
        en="One parcel card: packed with the order, scanned by this friend",
    ),
    "likely": Label(zh="夜间比对：很可能是同一个人", en="Nightly comparison: likely one person"),
    "by_hand": Label(zh="人工", en="By hand"),
}

DOUBTS: Final = {
    "member_no": Label(zh="会员号不同", en="Their member numbers differ"),
    "union_id": Label(zh="union id 不同", en="Their union ids differ"),
    "surname": Label(zh="姓名不同：可能是一家人共用", en="Other surnames: a family may share it"),
    "name": Label(zh="同姓不同名：可能是一家人共用", en="Same surname, other given name: a family may share it"),
    "birthday": Label(zh="生日不同", en="Their birthdays differ"),
    "gender": Label(zh="性别不同", en="Their genders differ"),
    "recycled": Label(zh="隔了很久换了姓名：号码可能已转给别人", en="Another name after a long silence: the number may have changed hands"),
    "shared": Label(zh="这个标识已知有多人在用，又没有别的佐证", en="Several people are known to use it, and nothing else speaks for them"),
    "too_many_accounts": Label(zh="其中一位已有太多账号", en="One of them has too many accounts already"),
    "kept_apart": Label(zh="有人说过他们是两个人", en="Somebody said that they are two people"),
    "parcel_card": Label(zh="只有包裹卡为证：卡片认物不认人，也可能是收礼的人扫的", en="Only a parcel card says so: whoever holds it may scan it, a gift's receiver too"),
    "parcel_card_passed_on": Label(zh="包裹卡可能转给了别人（多人扫过、隔了很久或双方各有账号）", en="The parcel card may have been passed on (many looked, much later, or each has an account)"),
    "likely": Label(zh="没有共同的标识，资料很像", en="No identifier in common, and much alike"),
}  # fmt: skip

COLUMNS: Final = {
    "name": Label(zh="姓名", en="Name"),
    "place": Label(zh="地区", en="Place"),
    "gender": Label(zh="性别", en="Gender"),
    "birthday": Label(zh="生日", en="Birthday"),
    "mask": Label(zh="打码手机号", en="Masked phone"),
    "device": Label(zh="设备", en="Device"),
}

LEVELS: Final = {
    "same": Label(zh="相同", en="same"),
    "same_surname": Label(zh="同姓", en="same surname"),
    "same_district": Label(zh="同区", en="same district"),
    "same_city": Label(zh="同城", en="same city"),
    "different": Label(zh="不同", en="different"),
}

FIELDS: Final = {
    "name": Label(zh="姓名", en="Name"),
    "gender": Label(zh="性别", en="Gender"),
    "birthday": Label(zh="生日", en="Birthday"),
    "city": Label(zh="城市", en="City"),
    "district": Label(zh="区县", en="District"),
    "store_id": Label(zh="所属门店", en="Store"),
    "owner_user_id": Label(zh="负责人", en="Owner"),
    "stage": Label(zh="阶段", en="Stage"),
    "level": Label(zh="等级", en="Level"),
}
GENDERS: Final = {
    "female": Label(zh="女", en="Female"),
    "male": Label(zh="男", en="Male"),
    "other": Label(zh="其他", en="Other"),
}
GIVEN_UP: Final = Label(zh="多次处理失败，已放弃", en="It failed too often and was given up")
