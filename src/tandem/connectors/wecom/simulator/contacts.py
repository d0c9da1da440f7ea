"""Operations on customers and tags."""

from __future__ import annotations

from typing import Any

from tandem.connectors.wecom.simulator.calls import Answer, Called, Refusal, operation
from tandem.connectors.wecom.simulator.corp import Contact, Follow, Tag, TagGroup

_FOLLOWERS_PAGE = 500


@operation("externalcontact/get_follow_user_list", "GET")
def _follow_users(called: Called) -> Answer:
    return {"follow_user": [one.userid for one in called.corp.members.values() if one.resigned_at is None]}


@operation("externalcontact/list", "GET")
def _list(called: Called) -> Answer:
    found = called.corp.following(called.member(called.query.get("userid", "")).userid)
    if not found:
        # Normal for a member who has no customers yet.
        raise Refusal(84061, "not external contact")
    return {"external_userid": [one.id for one in found]}


def _person(contact: Contact) -> dict[str, Any]:
    shown = {
        "external_userid": contact.id,
        "name": contact.name,
        "type": contact.type,
        "gender": contact.gender,
        "avatar": "",
    }
    return shown | ({"unionid": contact.unionid} if contact.type == 1 else {"corp_name": "", "corp_full_name": ""})


def _tags(called: Called, follow: Follow) -> list[dict[str, Any]]:
    return [
        {"group_name": group.name, "tag_name": tag.name, "tag_id": tag.id, "type": 1}
        for group, tag in called.corp.tags()
        if tag.id in follow.tags
    ]


def _followed(userid: str, follow: Follow) -> dict[str, Any]:
    shown = {
        "userid": userid,
        "remark": follow.remark,
        "description": follow.description,
        "createtime": int(follow.created_at.timestamp()),
        "remark_corp_name": follow.corp_name,
        "remark_mobiles": follow.mobiles,
        "oper_userid": userid,
        "add_way": follow.add_way,
    }
    return shown | ({"state": follow.state} if follow.state else {})


@operation("externalcontact/get", "GET")
def _get(called: Called) -> Answer:
    contact = called.contact(called.query.get("external_userid", ""))
    begin = int(called.query.get("cursor") or 0)
    follows = list(contact.follows.items())
    page = [
        _followed(userid, one) | {"tags": _tags(called, one)}
        for userid, one in follows[begin : begin + _FOLLOWERS_PAGE]
    ]
    more = {"next_cursor": str(begin + _FOLLOWERS_PAGE)} if begin + _FOLLOWERS_PAGE < len(follows) else {}
    return {"external_contact": _person(contact), "follow_user": page, **more}


@operation("externalcontact/batch/get_by_user")
def _by_users(called: Called) -> Answer:
    one = called.given.get("userid")
    users = [one] if isinstance(one, str) else called.texts("userid_list", most=100)
    for userid in users:
        called.member(userid)
    found = [(userid, contact) for userid in users for contact in called.corp.following(userid)]
    page, following = called.page(found, default=50, most=100)
    told = [
        {
            "external_contact": _person(contact),
            "follow_info": _followed(userid, contact.follows[userid]) | {"tag_id": contact.follows[userid].tags},
        }
        for userid, contact in page
    ]
    return {"external_contact_list": told, "next_cursor": following}


@operation("externalcontact/remark")
def _remark(called: Called) -> Answer:
    follow = called.follow(called.text("userid"), called.text("external_userid"))
    remark, description = called.optional("remark", most=20), called.optional("description", most=150)
    follow.remark = remark if "remark" in called.given else follow.remark
    follow.description = description if "description" in called.given else follow.description
    follow.mobiles = (
        called.texts("remark_mobiles", most=5, least=0) if "remark_mobiles" in called.given else follow.mobiles
    )
    follow.corp_name = called.optional("remark_company", most=64) or follow.corp_name
    return {}


@operation("externalcontact/unionid_to_external_userid")
def _of_unionid(called: Called) -> Answer:
    unionid = called.text("unionid")
    found = next((one.id for one in called.corp.contacts.values() if one.unionid == unionid and one.follows), None)
    if found is None:
        raise Refusal(84061, "not external contact")
    return {"external_userid": found}


@operation("externalcontact/convert_to_openid")
def _openid(called: Called) -> Answer:
    return {"openid": "o" + called.contact(called.text("external_userid")).id[2:]}


# ---------------------------------------------------------------------------------------------------------- tags


def _tag(tag: Tag) -> dict[str, Any]:
    return {"id": tag.id, "name": tag.name, "create_time": int(tag.created_at.timestamp()), "order": tag.order}


def _group(group: TagGroup, tags: list[Tag]) -> dict[str, Any]:
    return {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": int(group.created_at.timestamp()),
        "order": group.order,
        "tag": [_tag(one) for one in tags],
    }


@operation("externalcontact/get_corp_tag_list")
def _tag_list(called: Called) -> Answer:
    wanted, groups = (set(called.texts(name, most=1000, least=0)) for name in ("tag_id", "group_id"))
    found = [
        _group(group, [tag for tag in group.tags if not wanted or tag.id in wanted])
        for group in called.corp.tag_groups.values()
        if not groups or group.id in groups
    ]
    return {"tag_group": [one for one in found if one["tag"]]}


def _wanted_group(called: Called) -> TagGroup:
    corp, given = called.corp, called.given
    if given.get("group_id"):
        found = corp.tag_groups.get(str(given["group_id"]))
        if found is None:
            raise Refusal(40068, "invalid tagid")
        return found
    name = called.text("group_name", most=15)
    # Groups of one name are one group.
    return next((one for one in corp.tag_groups.values() if one.name == name), None) or TagGroup(
        corp.next_id("et"), name, called.now, int(given.get("order") or 0)
    )


@operation("externalcontact/add_corp_tag")
def _add_tags(called: Called) -> Answer:
    wanted: list[dict[str, Any]] = list(called.given.get("tag") or [])
    if not wanted:
        raise Refusal(40058, "tag must not be empty")
    if any(not 0 < len(str(one.get("name") or "")) <= 30 for one in wanted):
        raise Refusal(40058, "tag name exceeds max length 30")
    group = _wanted_group(called)
    names = {tag.name for tag in group.tags}
    fresh = list({str(one["name"]): one for one in wanted if one["name"] not in names}.values())
    if sum(1 for _ in called.corp.tags()) + len(fresh) > called.corp.limits["tags"]:
        raise Refusal(40070, "tag count exceeds limit")
    group.tags += [
        Tag(called.corp.next_id("et"), str(one["name"]), called.now, int(one.get("order") or 0)) for one in fresh
    ]
    called.corp.tag_groups[group.id] = group
    asked = {str(one["name"]) for one in wanted}
    return {"tag_group": _group(group, [tag for tag in group.tags if tag.name in asked])}


@operation("externalcontact/edit_corp_tag")
def _edit_tag(called: Called) -> Answer:
    wanted = called.text("id")
    group = called.corp.tag_groups.get(wanted)
    found: Tag | TagGroup | None = group or next((tag for _, tag in called.corp.tags() if tag.id == wanted), None)
    if found is None:
        raise Refusal(40068, "invalid tagid")
    found.name = called.optional("name", most=15 if group else 30) or found.name
    found.order = int(called.given.get("order") or found.order)
    return {}


@operation("externalcontact/del_corp_tag")
def _delete_tags(called: Called) -> Answer:
    gone, groups = (set(called.texts(name, most=1000, least=0)) for name in ("tag_id", "group_id"))
    known = {tag.id for _, tag in called.corp.tags()}
    if not gone | groups or gone - known or groups - called.corp.tag_groups.keys():
        raise Refusal(40068, "invalid tagid")
    gone |= {tag.id for group, tag in called.corp.tags() if group.id in groups}
    for group in list(called.corp.tag_groups.values()):
        group.tags = [one for one in group.tags if one.id not in gone]
        if not group.tags:
            del called.corp.tag_groups[group.id]
    for contact in called.corp.contacts.values():
        for follow in contact.follows.values():
            follow.tags = [one for one in follow.tags if one not in gone]
    return {}


@operation("externalcontact/mark_tag")
def _mark(called: Called) -> Answer:
    follow = called.follow(called.text("userid"), called.text("external_userid"))
    come, gone = (called.texts(name, most=3000, least=0) for name in ("add_tag", "remove_tag"))
    known = {tag.id for _, tag in called.corp.tags()}
    if not come + gone or set(come + gone) - known:
        raise Refusal(40068, "invalid tagid")
    follow.tags = [one for one in dict.fromkeys([*follow.tags, *come]) if one not in set(gone)]
    return {}
