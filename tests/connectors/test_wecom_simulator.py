"""Does the simulated WeCom behave so that a public client library works against it, with nothing changed but the address?"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from tandem.connectors.simulator.base import Asked, Shop
from tandem.connectors.simulator.listen import serve
from tandem.connectors.simulator.server import Simulation
from tandem.connectors.wecom.simulator import crowd
from tandem.connectors.wecom.simulator.corp import Corp
from tandem.connectors.wecom.simulator.desk import kf_account
from tandem.connectors.wecom.simulator.platform import SECRETS, SETTINGS, SIMULATOR, corp_of
from tandem.connectors.wecom.simulator.service import settle

with warnings.catch_warnings():
    # It is older than some of what it stands on; warnings are errors here.
    warnings.simplefilter("ignore")
    from wechatpy.exceptions import APILimitedException, InvalidSignatureException, WeChatClientException
    from wechatpy.work import WeChatClient, parse_message
    from wechatpy.work.crypto import WeChatCrypto

STAFF = "linxiaotong"


class Instead(HTTPAdapter):
    """Sends to another address what was meant for WeCom's."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request: Any, *args: Any, **more: Any) -> Any:
        request.url = request.url.replace("https://qyapi.weixin.qq.com", self.address)
        return super().send(request, *args, **more)


@dataclass
class Office:
    """The simulated corporation, and the public library at its door."""

    client: WeChatClient
    shop: Shop
    corp: Corp

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def refused(self, work: Any, *given: Any, **more: Any) -> int:
        """The code with which a call is refused."""
        with pytest.raises(WeChatClientException) as caught:
            work(*given, **more)
        code: int = caught.value.errcode
        return code


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, Simulation]]:
    simulation = Simulation(epoch=datetime.now(UTC))
    server = serve(simulation, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", simulation
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def office(address: tuple[str, Simulation]) -> Iterator[Office]:
    where, simulation = address
    shop = simulation.shops["wecom"]
    shop.memory.clear()
    shop.trouble.tokens_before = None
    client = WeChatClient(SETTINGS["corp_id"], SECRETS["secret"])
    client._http.mount("https://", Instead(f"{where}/wecom/api"))
    yield Office(client, shop, corp_of(shop))
    client._http.close()


def test_people_departments_and_customers_are_told(office: Office) -> None:
    client = office.client
    assert {one["userid"] for one in client.user.list(1, fetch_child=True)} == office.corp.members.keys()
    assert [one["id"] for one in client.department.list()] == [1, 2, 3]
    assert client.user.get(STAFF)["name"] == "林晓彤"
    mine = client.external_contact.list(STAFF)["external_userid"]
    assert set(mine) == {one.id for one in office.corp.following(STAFF)}
    seen = client.external_contact.get(mine[0])
    assert seen["external_contact"]["unionid"] == office.corp.contacts[mine[0]].unionid
    assert STAFF in {one["userid"] for one in seen["follow_user"]}
    assert len(list(client.external_contact.gen_all_by_user(STAFF, limit=3))) == len(mine)
    assert office.refused(client.external_contact.get, "wmnobody") == 40096
    assert office.refused(client.user.get, "nobody") == 60111


def test_a_token_is_fetched_once_and_again_when_it_has_expired(office: Office) -> None:
    office.shop.calls.clear()
    for _ in range(3):
        office.client.user.get(STAFF)
    assert office.shop.calls.count("refresh") == 1
    office.shop.trouble.tokens_before = office.now
    assert office.client.user.get(STAFF)["userid"] == STAFF
    assert office.shop.calls.count("refresh") == 2
    wrong = WeChatClient(SETTINGS["corp_id"], "another secret")
    wrong._http = office.client._http
    assert office.refused(wrong.user.get, STAFF) == 40001
    office.shop.trouble.throttle = 1
    with pytest.raises(APILimitedException):
        office.client.user.get(STAFF)


def test_a_contact_code_brings_a_customer_a_state_and_one_welcome(office: Office) -> None:
    contacts = office.client.external_contact
    made = contacts.add_contact_way(2, 2, remark="抖音直播间", state="douyin-1", user=[STAFF, "zhaomin"])
    assert made["qr_code"]
    assert contacts.get_contact_way(made["config_id"])["contact_way"]["state"] == "douyin-1"
    came = [office.corp.new_contact(f"新客{number}") for number in range(2)]
    codes = [office.corp.scan(made["config_id"], one, office.now) for one in came]
    assert [next(iter(one.follows)) for one in came] == [STAFF, "zhaomin"]
    (follow,) = contacts.get(came[0].id)["follow_user"]
    assert follow["state"] == "douyin-1"
    hello = {"welcome_code": codes[0], "text": {"content": "欢迎，先领 20 元券"}}
    contacts.send_welcome_msg(hello)
    assert office.corp.outgoing[-1]["to"] == [came[0].id]
    assert office.refused(contacts.send_welcome_msg, hello) == 41051
    office.corp.welcomes[str(codes[1])].made_at -= timedelta(seconds=21)
    assert office.refused(contacts.send_welcome_msg, {**hello, "welcome_code": codes[1]}) == 41050
    assert office.refused(contacts.add_contact_way, 1, 2, user=[STAFF, "zhaomin"]) == 41041
    assert office.refused(contacts.add_contact_way, 1, 2, user=[STAFF], state="x" * 31) == 41043
    contacts.update_contact_way(made["config_id"], "改过", user=["zhaomin"])
    assert contacts.get_contact_way(made["config_id"])["contact_way"]["user"] == ["zhaomin"]
    contacts.del_contact_way(made["config_id"])
    assert office.refused(contacts.get_contact_way, made["config_id"]) == 41044


def test_tags_are_made_marked_and_taken_away_with_their_group(office: Office) -> None:
    contacts = office.client.external_contact
    group = contacts.add_corp_tag(None, "尺码", None, [{"name": "90 码"}, {"name": "90 码"}, {"name": "100 码"}])[
        "tag_group"
    ]
    assert [one["name"] for one in group["tag"]] == ["90 码", "100 码"]
    (first, second) = (one["id"] for one in group["tag"])
    who = office.corp.following(STAFF)[0].id
    contacts.mark_tag(STAFF, who, [first, second], None)
    contacts.mark_tag(STAFF, who, None, [second])
    assert first in office.corp.contacts[who].follows[STAFF].tags
    assert second not in office.corp.contacts[who].follows[STAFF].tags
    assert office.refused(contacts.mark_tag, STAFF, who, ["et-unknown"], None) == 40068
    with office.corp.taking_off("externalcontact/mark_tag", who):
        assert office.refused(contacts.mark_tag, STAFF, who, [second], None) == 45033
    contacts.del_corp_tag([first, second])
    assert group["group_id"] not in {one["group_id"] for one in contacts.get_corp_tag_list()["tag_group"]}
    assert first not in office.corp.contacts[who].follows[STAFF].tags
    assert not office.corp.events, "what the API changes is told by no callback"


def test_a_mass_message_waits_for_a_tap_and_counts_against_the_month(office: Office) -> None:
    contacts, corp = office.client.external_contact, office.corp
    corp.limits["mass_per_month"] = 1
    mine = [one.id for one in corp.following(STAFF)]
    template = {
        "chat_type": "single",
        "external_userid": [*mine, "wmnobody"],
        "sender": STAFF,
        "text": {"content": "会员日"},
    }
    sent = contacts.add_msg_template(template)
    assert sent["fail_list"] == ["wmnobody"]
    assert {one["status"] for one in contacts.get_group_msg_result(sent["msgid"])["detail_list"]} == {0}
    from tandem.connectors.wecom.simulator.sending import confirm

    assert confirm(corp, sent["msgid"], STAFF, office.now) == len(mine)
    assert confirm(corp, sent["msgid"], STAFF, office.now) == 0
    assert {one["status"] for one in contacts.get_group_msg_result(sent["msgid"])["detail_list"]} == {1}
    again = contacts.add_msg_template(template)["msgid"]
    assert confirm(corp, again, STAFF, office.now) == 0
    assert {one["status"] for one in contacts.get_group_msg_result(again)["detail_list"]} == {3}
    for _ in range(3):
        office.client.post("externalcontact/remind_groupmsg_send", data={"msgid": again})
    with pytest.raises(APILimitedException):
        office.client.post("externalcontact/remind_groupmsg_send", data={"msgid": again})
    assert office.refused(contacts.add_msg_template, {"external_userid": mine}) == 40058


def test_customers_of_who_leaves_are_handed_over_twice_at_most(office: Office) -> None:
    contacts, corp = office.client.external_contact, office.corp
    who = corp.following(STAFF)[0].id
    assert office.refused(office.client.post, "externalcontact/resigned/transfer_customer", data={"handover_userid": STAFF, "takeover_userid": "zhaomin", "external_userid": [who]}) == 40097  # fmt: skip
    corp.resign(STAFF, office.now)
    assert who in {one["external_userid"] for one in contacts.get_unassigned_list()["info"]}
    for giver, taker, code in ((STAFF, "qianwei", 0), ("qianwei", "sunli", 0), ("sunli", "zhoujie", 40130)):
        path = "externalcontact/resigned/transfer_customer" if giver == STAFF else "externalcontact/transfer_customer"
        given = {"handover_userid": giver, "takeover_userid": taker, "external_userid": [who]}
        corp.contacts[who].follows.pop(taker, None)
        answer = office.client.post(path, data=given)
        assert [one["errcode"] for one in answer["customer"]] == [code]
        settle(corp, who)
    assert "sunli" in corp.contacts[who].follows


def test_groups_their_members_and_their_welcome(office: Office) -> None:
    contacts, corp = office.client.external_contact, office.corp
    (one,) = contacts.get_group_chat_list(limit=10)["group_chat_list"]
    shown = contacts.get_group_chat_info(one["chat_id"])["group_chat"]
    assert len(shown["member_list"]) == len(corp.groups[one["chat_id"]].members)
    made = contacts.add_group_welcome_template({"text": {"content": "欢迎 %NICKNAME%"}})
    assert contacts.get_group_welcome_template(made["template_id"])["text"]["content"] == "欢迎 %NICKNAME%"
    contacts.del_group_welcome_template(made["template_id"])
    assert office.refused(contacts.get_group_welcome_template, made["template_id"]) == 40058
    way = office.client.post(
        "externalcontact/groupchat/add_join_way", data={"scene": 2, "chat_id_list": [one["chat_id"]]}
    )
    assert office.client.post("externalcontact/groupchat/get_join_way", data={"config_id": way["config_id"]})[
        "join_way"
    ]["qr_code"]
    corp.limits["group_members"] = len(corp.groups[one["chat_id"]].members)
    assert not crowd.join(corp, corp.groups[one["chat_id"]], corp.new_contact("晚到"), office.now)


def test_customer_service_answers_five_times_within_two_days(office: Office) -> None:
    client, corp = office.client, office.corp
    who, account = corp.following(STAFF)[0].id, kf_account(corp)
    SIMULATOR.act(office.shop, "say", {"customer": who, "text": "90 码有吗"})
    told = client.kf.sync_msg(token="", cursor="", limit=10)
    assert [one["text"]["content"] for one in told["msg_list"]] == ["90 码有吗"]
    assert client.kf.sync_msg(token="", cursor=told["next_cursor"])["msg_list"] == []
    for _ in range(5):
        client.kf_message.send_text(who, account, "有的")
    assert office.refused(client.kf_message.send_text, who, account, "还有") == 95001
    client.kf.add_servicer(account, [STAFF])
    client.kf.trans_service_state(account, who, 3, STAFF)
    assert client.kf.get_service_state(account, who)["servicer_userid"] == STAFF


def test_callbacks_are_sealed_as_the_public_library_opens_them(office: Office) -> None:
    corp = office.corp
    crypto = WeChatCrypto(SECRETS["callback_token"], SECRETS["encoding_aes_key"], SETTINGS["corp_id"])
    SIMULATOR.act(office.shop, "friend", {"member": STAFF, "state": "表情😀 & <渠道>"})
    (pushed,) = SIMULATOR.callbacks(office.shop)
    query = pushed.query
    opened = crypto.decrypt_message(pushed.body, query["msg_signature"], query["timestamp"], query["nonce"])
    message = parse_message(opened)
    assert message is not None
    assert message._data["ChangeType"] == "add_external_contact"
    assert message._data["State"] == "表情😀 & <渠道>"
    assert message._data["WelcomeCode"] in corp.welcomes
    with pytest.raises(InvalidSignatureException):
        crypto.decrypt_message(pushed.body, query["msg_signature"], query["timestamp"], query["nonce"] + "0")
    check = SIMULATOR.check(office.shop, "1616140317555161061").query
    assert crypto.check_signature(check["msg_signature"], check["timestamp"], check["nonce"], check["echostr"]) in {
        "1616140317555161061", b"1616140317555161061",
    }  # fmt: skip


def test_media_and_application_messages(office: Office) -> None:
    client = office.client
    media = client.media.upload("image", ("a.png", b"\x89PNG" + bytes(20)))
    assert media["media_id"]
    assert office.refused(client.media.upload, "image", ("a.png", b"tiny")) == 40006
    assert client.message.send_text(1000002, [STAFF, "nobody"], "有新线索")["invaliduser"] == "nobody"
    assert client.jsapi.get_ticket()["ticket"] == client.jsapi.get_ticket()["ticket"]


def test_what_is_unknown_or_asked_in_the_wrong_way_is_refused(office: Office) -> None:
    for method, path, code in (("GET", "/cgi-bin/nothing", 41001), ("POST", "/cgi-bin/user/get", 41001)):
        said = SIMULATOR.answer(office.shop, Asked(method, path, {}, {}, b""))
        assert said.body["errcode"] == code
    assert office.refused(office.client.get, "nothing/here") == 43004
    assert office.refused(office.client.post, "user/get", data={}) == 43001
    assert office.refused(office.client.external_contact.batch_get_by_user, STAFF, limit=101) == 40058
