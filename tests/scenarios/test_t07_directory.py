"""T07: organisation and sign-in from WeCom, DingTalk or Feishu; approvals on the phone there; who leaves loses access the same minute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from harness.database import Database
from harness.house import House, Person, open_house
from tandem.connectors.dingtalk.simulator import pushed as dingtalk_pushed
from tandem.connectors.feishu.simulator import SIMULATOR as FEISHU
from tandem.connectors.feishu.simulator import pushed as feishu_pushed
from tandem.connectors.kit import envelopes, wire
from tandem.connectors.kit.texts import compact
from tandem.connectors.simulator.base import Pushed, Shop
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.connectors.wecom.simulator.staff import inbox
from tandem.demo.shelf import picture_of
from tandem.domains.directory import entry_api, jobs
from tandem.domains.notices.jobs import tell
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.settings import settings

TOKEN = "simulated-control"
LIN, ZHAO, QIAN = "linxiaotong", "zhaomin", "qianwei"


@dataclass
class Company:
    """Company a with its simulated directory."""

    house: House
    simulation: Simulation
    account: str = ""
    platform: str = "wecom"
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def admin(self) -> Person:
        return self.house.person("admin")

    def connect(self, platform: str, **handling: Any) -> None:
        """Connect a directory as an administrator would, and have it read."""
        self.platform = platform
        made = self.admin.post("/v1/connector-accounts", {"connector": platform, "source": f"{platform}_hr", "name": "通讯录", "simulated": True, "settings": {}})  # fmt: skip
        assert made.status_code == 201, made.text
        self.account = made.json()["id"]
        assert self.admin.post(f"/v1/connector-accounts/{self.account}/check").status_code == 200
        answer = self.admin.put(f"/v1/directories/{self.account}", handling)
        assert answer.status_code == 200, answer.text
        self.roles = {one["code"]: one["id"] for one in self.admin.get("/v1/roles").json()["items"]}
        self.work()

    def work(self) -> None:
        """The worker's job goes round."""
        while jobs.look_after(self.house.db, self.house.a.id):
            pass

    def act(self, what: str, **given: str) -> Any:
        """Somebody does something at the platform; it is told."""
        shop, simulator = self.simulation.shops[self.platform], self.simulation._simulators[self.platform]
        found = simulator.act(shop, what, given)  # type: ignore[attr-defined]
        for one in simulator.callbacks(shop):  # type: ignore[attr-defined]
            query = "&".join(f"{name}={value}" for name, value in one.query.items())
            answer = self.house.stranger().client.post(f"/hooks/{self.platform}/{self.account}?{query}", content=one.body, headers=dict(one.headers))  # fmt: skip
            assert answer.status_code == 200, answer.text
        return found["result"] if isinstance(found, dict) and "result" in found else found

    def changes(self, *, waiting: bool = True) -> dict[str, dict[str, Any]]:
        found = self.admin.get(f"/v1/directories/{self.account}/changes", waiting=waiting, limit=100)
        assert found.status_code == 200, found.text
        return {one["member"]: one for one in reversed(found.json()["items"])}

    def do(self, *members: str) -> dict[str, Any]:
        waiting = self.changes()
        answer = self.admin.post("/v1/directory-changes/do", {"changes": [waiting[one]["id"] for one in members]})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rule(self, role: str, *, by: str = "admin", **given: Any) -> Any:
        body = {"role_id": self.roles[role], "scope": "own", **given}
        return self.house.person(by).post(f"/v1/directories/{self.account}/rules", body)

    def arrive(self, member: str, *, next_path: str = "/home") -> tuple[Person, dict[str, str]]:
        """A browser goes to the platform's page and comes back with a state and a code."""
        browser = self.house.stranger()
        begun = browser.client.get(
            f"/v1/sign-in/{self.account}/begin", params={"next": next_path}, follow_redirects=False
        )
        assert begun.status_code == 302, begun.text
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        code = browser.post(f"/v1/sign-in/{self.account}/members/{member}/code")
        assert code.status_code == 200, code.text
        return browser, {"account_id": self.account, "state": state, "code": code.json()["code"]}

    def sign_in(self, member: str, **more: str) -> Person:
        browser, answer = self.arrive(member, **more)
        entered = browser.post("/v1/sign-in/session", answer)
        assert entered.status_code == 200, entered.text
        browser.csrf = entered.json()["csrf"]
        return browser


@pytest.fixture(scope="module")
def company(module_database: Database) -> Iterator[Company]:
    patch = pytest.MonkeyPatch()
    patch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    patch.setenv("TANDEM_SIMULATOR_TOKEN", TOKEN)
    settings.cache_clear()
    simulation = Simulation(epoch=datetime.now(UTC) - timedelta(days=2), orders_before=1, token=TOKEN)
    wire.route.append(SimulatedTransport(simulation))
    with open_house(module_database) as house:
        made = Company(house, simulation)
        made.connect("wecom")
        yield made
    wire.route.clear()
    patch.undo()
    settings.cache_clear()


@pytest.fixture(autouse=True)
def patient(company: Company) -> None:
    """Each test comes from an address that has asked nothing yet."""
    del company
    entry_api.PER_ADDRESS._tokens.clear()


def test_what_is_read_waits_for_a_person_and_a_role_comes_by_a_rule(company: Company) -> None:
    waiting = company.changes()
    assert {one["what"] for one in waiting.values()} == {"join"}
    assert waiting[LIN]["after"] == []
    logins = {one["login"] for one in company.admin.get("/v1/users", limit=100).json()["items"]}
    assert logins == set(company.house.a.people)
    tree = company.admin.get(f"/v1/directories/{company.account}/departments").json()["items"]
    assert {one["name"] for one in tree} == {"双擎示范连锁", "门店导购", "线上客服"}
    shop = str(company.house.a.units["s1"])
    placed = company.admin.put(
        f"/v1/directories/{company.account}/departments", {"departments": [{"department": "2", "unit_id": shop}]}
    )
    assert placed.status_code == 204, placed.text
    assert company.rule("agent", department="2", scope="unit").status_code == 201
    assert [(one["scope"], one["org_unit_name"]) for one in company.changes()[LIN]["after"]] == [("store", "S1")]
    assert company.do(LIN, ZHAO, QIAN) == {"done": 3, "problems": []}
    me = company.sign_in(LIN).get("/v1/me").json()
    assert (me["user"]["name"], me["scope"]) == ("林晓彤", {"kind": "store", "store_ids": [shop]})
    # Whom no rule covers sees nothing.
    assert company.sign_in(QIAN).get("/v1/me").json()["permissions"] == []


def test_who_leaves_is_out_on_the_next_request(company: Company) -> None:
    company.do("zhoujie")
    leaver = company.sign_in("zhoujie")
    assert leaver.get("/v1/me").status_code == 200
    user = leaver.get("/v1/me").json()["user"]["id"]
    with company.house.database.connect() as owner:
        owner.execute(
            "insert into api_key (id, tenant_id, name, prefix, key_hash, permissions, created_by)"
            " values (gen_random_uuid(), %s, 'k', 'tk_k', decode(md5('zhou'), 'hex'), '{order.read}', %s)",
            (company.house.a.id, user),
        )
    company.act("resign", member="zhoujie")
    company.work()
    assert leaver.get("/v1/me").status_code == 401
    done = company.changes(waiting=False)["zhoujie"]
    assert (done["what"], done["state"], done["decided_by_name"]) == ("leave", "done", None)
    person = company.admin.get(f"/v1/users/{user}").json()
    assert (person["active"], person["assignments"]) == (False, [])
    keys = company.admin.get("/v1/api-keys", limit=100).json()["items"]
    assert [one["revoked_at"] is not None for one in keys if one["created_by"] == user] == [True]
    browser, answer = company.arrive(LIN)
    assert browser.post("/v1/sign-in/session", answer | {"code": "of-somebody-else"}).status_code == 401


def test_a_late_word_ends_nobody_and_silence_ends_who_was_said_to_leave(company: Company) -> None:
    here = company.sign_in(ZHAO)
    shop = company.simulation.shops["wecom"]
    corp = shop.memory["corp"]
    corp.tell("change_contact", "delete_user", datetime.now(UTC), UserID=ZHAO)
    company.act("move", member=QIAN, department="3")
    company.work()
    assert here.get("/v1/me").status_code == 200
    corp.tell("change_contact", "delete_user", datetime.now(UTC) + timedelta(seconds=5), UserID=ZHAO)
    company.act("move", member=QIAN, department="3")
    shop.trouble.drop = 3
    company.work()
    shop.trouble.drop = 0
    assert here.get("/v1/me").status_code == 401


def test_a_state_and_a_code_are_good_once_and_in_one_browser(company: Company) -> None:
    browser, answer = company.arrive(LIN)
    thief = company.house.stranger()
    assert thief.post("/v1/sign-in/session", answer).json()["error"]["code"] == "sign_in_refused"
    again, fresh = company.arrive(LIN)
    # A stranger's code in one's own state, and one's own code with somebody else's state.
    assert browser.post("/v1/sign-in/session", answer | {"state": fresh["state"]}).status_code == 401
    assert again.post("/v1/sign-in/session", fresh).status_code == 200
    assert again.post("/v1/sign-in/session", fresh).status_code == 401
    last, new = company.arrive(LIN)
    assert last.post("/v1/sign-in/session", new | {"code": fresh["code"]}).status_code == 401
    foreign = company.house.stranger()
    assert foreign.post("/v1/sign-in/session", new, **{"sec-fetch-site": "cross-site"}).status_code == 403
    with company.house.database.connect() as owner:
        owner.execute("update directory_sign_in set expires_at = now() - interval '1 s'")
    assert last.post("/v1/sign-in/session", new).status_code == 401


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "/x\nSet-Cookie:a", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_afterwards(company: Company, path: str) -> None:
    browser, answer = company.arrive(LIN, next_path=path)
    assert browser.post("/v1/sign-in/session", answer).json()["next"] == "/home"


def test_no_rule_gives_more_than_its_maker_may(company: Company) -> None:
    person = company.admin.post("/v1/users", {"login": "hr", "name": "人事", "password": "correct horse battery", "assignments": [{"role_id": _hr_role(company), "scope": "all"}]})  # fmt: skip
    assert person.status_code == 201, person.text
    assert company.rule("admin", by="hr", scope="all").status_code == 403
    assert company.rule("finance", by="hr", scope="all").status_code == 403
    assert company.rule("agent", by="shop1").status_code == 403
    mine = company.admin.post(
        f"/v1/directories/{company.account}/rules",
        {"role_id": company.roles["admin"], "scope": "all", "department": "3"},
    )
    assert (mine.status_code, mine.json()["gives"], mine.json()["why"]) == (201, False, "waiting")
    rule = mine.json()["id"]
    assert (
        company.admin.post(f"/v1/directory-rules/{rule}/decide", {"agree": True}).json()["error"]["code"] == "rule_own"
    )
    assert company.house.person("hr").post(f"/v1/directory-rules/{rule}/decide", {"agree": True}).status_code == 403
    assert company.changes().get(QIAN) is None
    # A second administrator agrees; it gives then, and no longer once its maker may not.
    company.admin.post("/v1/users", {"login": "second", "name": "二", "password": "correct horse battery", "assignments": [{"role_id": company.roles["admin"], "scope": "all"}]})  # fmt: skip
    assert company.house.person("second").post(f"/v1/directory-rules/{rule}/decide", {"agree": True}).status_code == 204
    assert [one["role_id"] for one in company.changes()[QIAN]["after"]] == [company.roles["admin"]]
    admin = str(company.house.a.people["admin"])
    company.house.person("second").patch(f"/v1/users/{admin}", {"active": False})
    refused = (
        company.house.person("second").post("/v1/directory-changes/do", {"changes": [_id_of(company, QIAN)]}).json()
    )
    assert (refused["done"], refused["problems"][0]["message"]["en"]) == (0, "Things have changed since; look again.")
    company.house.person("second").patch(f"/v1/users/{admin}", {"active": True})
    company.house._signed.pop("admin")
    assert company.admin.delete(f"/v1/directory-rules/{rule}").status_code == 204


def test_nobody_comes_to_more_by_whom_she_says_that_a_member_is(company: Company) -> None:
    house, account = company.house, company.account
    rule = company.rule("marketing_assistant", scope="all", department="3").json()
    assert rule["gives"]
    hr = company.admin.get("/v1/users", q="hr").json()["items"][0]["id"]
    by_hr = house.person("hr").put(f"/v1/directories/{account}/members/{QIAN}", {"user_id": hr})
    assert (by_hr.status_code, by_hr.json()["error"]["code"]) == (403, "escalation")
    with house.database.connect() as owner:
        owner.execute(
            "insert into adviser (tenant_id, account_id, member, name, seen_at) values (%s, %s, %s, 'Q', now()) on conflict do nothing",
            (house.a.id, account, QIAN),
        )
    beside = house.person("hr").put(f"/v1/sidebar-bindings/{account}/{QIAN}", {"user_id": hr})
    assert (beside.status_code, beside.json()["error"]["code"]) == (403, "escalation"), beside.text
    assert company.admin.put(f"/v1/directories/{account}/members/{QIAN}", {"user_id": hr}).status_code == 204
    change = company.changes()[QIAN]
    assert [one["role_id"] for one in change["after"] if one not in change["before"]] == [
        company.roles["marketing_assistant"]
    ]
    done = house.person("hr").post("/v1/directory-changes/do", {"changes": [change["id"]]}).json()
    assert (done["done"], len(done["problems"])) == (0, 1)
    assert company.admin.delete(f"/v1/directory-rules/{rule['id']}").status_code == 204
    by_hr = house.person("hr").put(f"/v1/directories/{account}/members/{QIAN}", {"user_id": None})
    assert by_hr.status_code == 204, by_hr.text


def test_nobody_leads_the_way_in_to_a_company_of_her_own(company: Company) -> None:
    company.admin.post("/v1/users", {"login": "ops", "name": "运维", "password": "correct horse battery", "assignments": [{"role_id": company.roles["operator"], "scope": "all"}]})  # fmt: skip
    admin = str(company.house.a.people["admin"])
    source, path = f"/v1/source-accounts/{company.account}", f"/v1/directories/{company.account}/members/{QIAN}"
    config = company.admin.get(source).json()["config"]
    assert company.admin.put(path, {"user_id": admin}).status_code == 204
    for address, body in (
        (f"/v1/connector-accounts/{company.account}/secrets", {"secrets": {"secret": "x" * 43}}),
        (f"{source}/secret", {"secret": "x" * 43}),
    ):
        refused = company.house.person("ops").post(address, body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "way_in"), refused.text
    moved = company.house.person("ops").patch(source, {"config": {**config, "corp_id": "wwsomebodyelses000"}})
    assert (moved.status_code, moved.json()["error"]["code"]) == (403, "way_in"), moved.text
    assert company.house.person("ops").patch(source, {"name": "公司通讯录"}).status_code == 200
    for corp in ("wwsomebodyelses000", config["corp_id"]):
        assert company.admin.patch(source, {"config": {**config, "corp_id": corp}}).status_code == 200
    assert company.admin.put(path, {"user_id": None}).status_code == 204


def _hr_role(company: Company) -> str:
    made = company.admin.post("/v1/roles", {"name": "人事", "permissions": ["user.read", "user.write"]})
    return made.json()["id"]


def _id_of(company: Company, member: str) -> str:
    found = company.house.person("second").get(f"/v1/directories/{company.account}/changes").json()["items"]
    return next(one["id"] for one in found if one["member"] == member)


def test_too_many_leaving_at_once_are_held(company: Company) -> None:
    company.admin.put(f"/v1/directories/{company.account}", {"mode": "auto", "stop_percent": 20, "stop_least": 2})
    for number in range(5):
        company.act("hire", member=f"crowd{number}", name=f"众人{number}", department="2")
    company.work()
    # In automatic mode whoever a rule covers comes in by itself.
    people = [company.sign_in(f"crowd{number}") for number in range(5)]
    corp = company.simulation.shops["wecom"].memory["corp"]
    gone = {one: corp.members.pop(one) for one in [f"crowd{number}" for number in range(5)]}
    assert company.admin.post(f"/v1/directories/{company.account}/read").status_code == 202
    company.work()
    held = company.changes()
    assert {held[one]["state"] for one in gone} == {"held"}
    assert [one.get("/v1/me").status_code for one in people] == [200] * 5
    assert company.admin.get(f"/v1/directories/{company.account}").json()["stopped_at"]
    # Somebody says that one has indeed left; the platform has the others back.
    company.do("crowd0")
    assert people[0].get("/v1/me").status_code == 401
    corp.members |= {one: member for one, member in gone.items() if one != "crowd0"}
    # One of the ids comes back under another name: a newcomer's. She is not let in as the colleague whose leaving nobody confirmed.
    corp.members["crowd4"] = replace(gone["crowd4"], name="新来的")
    company.admin.post(f"/v1/directories/{company.account}/read")
    company.work()
    assert company.changes()["crowd4"]["state"] == "held"
    browser, answer = company.arrive("crowd4")
    assert browser.post("/v1/sign-in/session", answer).json()["error"]["code"] == "not_a_member"
    company.do("crowd4")
    assert people[4].get("/v1/me").status_code == 401
    company.admin.post(f"/v1/directories/{company.account}/read")
    company.work()
    assert company.sign_in("crowd4").get("/v1/me").json()["user"]["name"] == "新来的"
    assert company.admin.get(f"/v1/directories/{company.account}").json()["stopped_at"] is None
    assert people[1].get("/v1/me").status_code == 200


def test_who_was_bound_before_the_directory_knew_her_gets_no_role_without_a_look(company: Company) -> None:
    house, account = company.house, company.account
    company.admin.put(f"/v1/directories/{account}", {"mode": "auto"})
    hr = company.admin.get("/v1/users", q="hr").json()["items"][0]["id"]
    with house.database.connect() as owner:
        owner.execute(
            "insert into adviser (tenant_id, account_id, member, name, seen_at) values (%s, %s, 'early', 'E', now())",
            (house.a.id, account),
        )
    # Nobody knows yet that the rules give her more than whoever binds her may give.
    assert house.person("hr").put(f"/v1/sidebar-bindings/{account}/early", {"user_id": hr}).status_code == 204
    rule = company.rule("marketing_assistant", scope="all", department="3").json()
    company.act("hire", member="early", name="早来的", department="3")
    company.work()
    change = company.changes()["early"]
    assert (change["what"], change["why"], change["state"]) == ("move", "bound", "open")
    held = {one["role_id"] for one in company.admin.get(f"/v1/users/{hr}").json()["assignments"]}
    assert company.roles["marketing_assistant"] not in held
    refused = house.person("hr").post("/v1/directory-changes/do", {"changes": [change["id"]]}).json()
    assert (refused["done"], len(refused["problems"])) == (0, 1)
    assert company.admin.delete(f"/v1/directory-rules/{rule['id']}").status_code == 204
    assert house.person("hr").delete(f"/v1/sidebar-bindings/{account}/early").status_code == 204


def test_a_companys_code_is_confirmed_to_nobody_who_was_not_there(company: Company) -> None:
    def ways(person: Person, code: str) -> list[str]:
        return [one["company"] for one in person.get("/v1/sign-in", company=code).json()["ways"]]

    stranger, code = company.house.stranger(), company.house.a.code
    assert ways(stranger, code) == ways(stranger, "nobody-is-called-so") == ways(stranger, "")
    # A second company offers its directory: the log-in page names neither, but to a browser that was signed in.
    with company.house.database.connect() as owner:
        owner.execute(
            "insert into source_account (id, tenant_id, source, connector, name, status, config, key_enc, secret_enc, created_at, updated_at)"
            " select %s, %s, 'wecom', connector, name, status, config - 'simulated', key_enc, secret_enc, created_at, updated_at from source_account where id = %s",
            (made := new_id(), company.house.b.id, company.account),
        )
        owner.execute(
            "insert into directory_account (tenant_id, account_id, due_at) values (%s, %s, 'infinity')",
            (company.house.b.id, made),
        )
    assert ways(stranger, code) == ways(stranger, "nobody-is-called-so") == ways(stranger, company.house.b.code) == []
    known = company.sign_in(LIN)
    assert ways(known, code)
    assert ways(known, company.house.b.code) == []
    with company.house.database.connect() as owner:
        owner.execute("delete from directory_account where account_id = %s", (made,))
        owner.execute("delete from source_account where id = %s", (made,))


@pytest.mark.parametrize(
    ("platform", "member", "title"), [("dingtalk", "chenyu", "店长"), ("feishu", "ou_chenyu", "店长")]
)
def test_dingtalk_and_feishu_are_directories_too(company: Company, platform: str, member: str, title: str) -> None:
    other = Company(company.house, company.simulation)
    other.connect(platform)
    tree = {
        one["name"]: one["department"]
        for one in other.admin.get(f"/v1/directories/{other.account}/departments").json()["items"]
    }
    assert {"华东大区", "上海徐汇店"} <= tree.keys()
    assert other.rule("agent", position=title, leaders_only=True, department=tree["华东大区"]).status_code == 201
    assert other.changes()[member]["after"]
    other.do(member)
    person = other.sign_in(member)
    assert person.get("/v1/me").json()["user"]["name"] == "陈雨"
    browser, answer = other.arrive(member)
    assert browser.post("/v1/sign-in/session", answer).status_code == 200
    assert re.fullmatch(r"[0-9a-f-]{36}", str(UUID(other.account)))
    other.act("leave", member=member.removeprefix("ou_"))
    other.work()
    assert person.get("/v1/me").status_code == 401


def phone(company: Company, member: str) -> list[dict[str, Any]]:
    """The cards on somebody's phone, after the worker went round and everybody's ten seconds of settling."""
    for _ in range(2):
        with company.house.database.connect() as owner:
            owner.execute("update staff_notice set send_after = now() where state = 'waiting'")
            owner.execute("update staff_push set due_at = now() where state = 'planned'")
        tell(company.house.db, company.house.a.id)
    return inbox(company.simulation.shops["wecom"].memory["corp"], member)


def ask_export(company: Company) -> str:
    asked = company.admin.post(
        "/v1/exports", {"list": "customers", "format": "csv", "plain": True, "reason": "给物流核对地址"}
    )
    assert asked.status_code == 201, asked.text
    return asked.json()["id"]


def export_state(company: Company, export: str) -> str:
    with company.house.database.connect() as owner:
        return owner.execute("select state from export_file where id = %s", (export,)).fetchone()[0]


def test_a_second_word_is_given_on_the_phone(company: Company) -> None:
    rule = company.rule("compliance", scope="all", department="3").json()["id"]
    assert company.house.person("second").post(f"/v1/directory-rules/{rule}/decide", {"agree": True}).status_code == 204
    # By itself a strong role comes to nobody, and nobody hands it on who may not give it.
    assert company.admin.get(f"/v1/directories/{company.account}").json()["mode"] == "auto"
    change = company.changes()["sunli"]
    assert change["why"] == "strong"
    handed = company.house.person("hr").post("/v1/directory-changes/do", {"changes": [change["id"]]}).json()
    assert handed["done"] == 0
    company.do("sunli")
    before = len(phone(company, "sunli"))
    export = ask_export(company)
    cards = phone(company, "sunli")
    assert [one["title"] for one in cards[before:]] == ["请审批：导出明文个人信息"]
    path = urlsplit(cards[-1]["url"]).path
    assert path.startswith(f"/phone/{company.account}/")
    notice = path.rpartition("/")[2]
    # The link alone is nobody's: it opens for whom it was sent to, after the sign-in inside of the app, and reading it decides nothing.
    assert company.house.stranger().get(f"/v1/notices/{notice}").status_code == 401
    assert company.admin.get(f"/v1/notices/{notice}").status_code == 404
    sun = company.sign_in("sunli", next_path=path)
    read = sun.get(f"/v1/notices/{notice}").json()
    assert [(one["name"], one["reason"]) for one in read["choices"]] == [("yes", False), ("no", True)]
    assert export_state(company, export) == "waiting"
    said = f"/v1/notices/{notice}/decide"
    assert sun.post(said, {"choice": "no"}).json()["error"]["code"] == "reason_missing"
    assert sun.post(said, {"choice": "no", "comment": "用途不清"}).status_code == 204
    assert export_state(company, export) == "refused"
    assert sun.post(said, {"choice": "yes"}).json()["error"]["code"] == "notice_over"
    # Rights are looked at when the answer is given, not when the card was sent.
    again = ask_export(company)
    notice = urlsplit(phone(company, "sunli")[-1]["url"]).path.rpartition("/")[2]
    user = sun.get("/v1/me").json()["user"]["id"]
    assert company.admin.patch(f"/v1/users/{user}", {"assignments": []}).status_code == 200
    assert sun.post(f"/v1/notices/{notice}/decide", {"choice": "yes"}).status_code == 403
    assert export_state(company, again) == "waiting"


def test_what_a_colleague_wrote_is_approved_on_the_phone_as_it_was_told(company: Company) -> None:
    company.rule("agent", scope="all", department="3")
    if "sunli" in company.changes():
        company.do("sunli")
    user = company.sign_in("sunli").get("/v1/me").json()["user"]["id"]
    reader = [{"role_id": company.roles["compliance"], "scope": "all"}]
    assert company.admin.patch(f"/v1/users/{user}", {"assignments": reader}).status_code == 200
    phone(company, "sunli")
    made = company.admin.post("/v1/talk-scripts", {"title": "秋装邀约", "body": "新品到店"}).json()
    card = phone(company, "sunli")[-1]
    assert card["title"] == "请审核话术：秋装邀约"
    old, sun = urlsplit(card["url"]).path.rpartition("/")[2], company.sign_in("sunli")
    assert [one["name"] for one in sun.get(f"/v1/notices/{old}").json()["choices"]] == ["yes"]
    # Whoever is to agree reads it where she agrees.
    assert sun.get(f"/v1/notices/{old}").json()["lines"][-1]["zh"] == "新品到店"
    # It is changed meanwhile: what was told is agreed to by nobody, and the change is told anew.
    company.admin.put(f"/v1/talk-scripts/{made['id']}", {"title": "秋装邀约", "body": "新品到店，满减"})
    assert sun.post(f"/v1/notices/{old}/decide", {"choice": "yes"}).json()["error"]["code"] == "changed_meanwhile"
    new = urlsplit(phone(company, "sunli")[-1]["url"]).path.rpartition("/")[2]
    assert (new != old, sun.get(f"/v1/notices/{old}").json()["over"]) == (True, True)
    assert sun.post(f"/v1/notices/{new}/decide", {"choice": "yes"}).status_code == 204
    (row,) = company.admin.get("/v1/talk-scripts").json()["items"]
    assert (row["status"], row["own"]) == ("approved", False)
    # A picture is looked at where it is agreed to, not only named.
    csrf = {"X-CSRF-Token": company.admin.csrf}
    sent = {"file": ("秋装.png", picture_of(40, 30), "image/png")}
    file = company.admin.client.post("/v1/media", files=sent, headers=csrf).json()
    company.admin.post("/v1/materials", {"name": "秋装图", "kind": "image", "media_id": file["id"]})
    shown = sun.get(f"/v1/notices/{urlsplit(phone(company, 'sunli')[-1]['url']).path.rpartition('/')[2]}").json()
    assert (shown["media_id"], sun.get(f"/v1/media/{shown['media_id']}/content").status_code) == (file["id"], 200)


def test_a_burst_is_one_message_and_a_silent_platform_gets_it_once(company: Company) -> None:
    company.rule("marketing_assistant", scope="all", department="3")
    company.do(QIAN)
    phone(company, QIAN)
    before = len(phone(company, QIAN))
    with company.house.database.connect() as owner:
        owner.execute("update staff_push set made_at = now() - interval '1 hour'")
        flow = new_id()
        owner.execute(
            "insert into flow (id, tenant_id, name, status, draft) values (%s, %s, '新客欢迎', 'running', '{}')",
            (flow, company.house.a.id),
        )
        for number in range(30):
            owner.execute(
                "insert into flow_alert (id, tenant_id, flow_id, kind, block, at, seen_at, n, detail)"
                " values (%s, %s, %s, 'stall', %s, now(), now(), 3, '{\"hours\": 30}')",
                (new_id(), company.house.a.id, flow, f"b{number}"),
            )
    company.simulation.shops["wecom"].trouble.fail = 4
    phone(company, QIAN)
    company.simulation.shops["wecom"].trouble.fail = 0
    cards = phone(company, QIAN)
    assert len(phone(company, QIAN)) == len(cards) == before + 1
    assert (cards[-1]["title"], cards[-1]["description"].rpartition("\n")[2]) == ("流程预警 30", "还有 25 条")
    qian = company.sign_in(QIAN)
    off = qian.put("/v1/notice-settings", {"kinds_off": ["alert"]}).json()
    assert {one["kind"] for one in off["kinds"] if not one["on"]} == {"alert"}
    assert off["reached"]
    assert qian.put("/v1/notice-settings", {"kinds_off": ["nothing"]}).status_code == 422


def dingtalk_event(shop: Shop) -> Pushed:
    return dingtalk_pushed(shop, {"EventType": "user_modify_org", "TimeStamp": "1700000000000", "UserId": ["hejing"]})


def feishu_event(shop: Shop) -> Pushed:
    header = {"event_id": "e1", "event_type": "contact.user.updated_v3", "create_time": "1700000000000"}
    header["token"] = shop.secrets["verification_token"]
    return feishu_pushed(shop, {"schema": "2.0", "header": header, "event": {"object": {"open_id": "ou_hejing"}}})


@pytest.mark.parametrize("platform", ["dingtalk", "feishu"])
def test_their_events_are_answered_as_they_want_and_forged_ones_are_refused(company: Company, platform: str) -> None:
    with company.house.database.connect() as owner:
        account = owner.execute(
            "select id from source_account where connector = %s and tenant_id = %s", (platform, company.house.a.id)
        ).fetchone()[0]
    shop = company.simulation.shops[platform]
    door = company.house.stranger().client
    if platform == "feishu":
        hand = FEISHU.handshake(shop, "eb3c1f")
        answer = door.post(f"/hooks/feishu/{account}", content=hand.body, headers=dict(hand.headers))
        assert answer.json() == {"challenge": "eb3c1f"}
    one = dingtalk_event(shop) if platform == "dingtalk" else feishu_event(shop)
    query = "&".join(f"{name}={value}" for name, value in one.query.items())
    where = f"/hooks/{platform}/{account}?{query}"
    answer = door.post(where, content=one.body, headers=dict(one.headers)).json()
    if platform == "dingtalk":
        # Sealed and signed: anything else is delivered again.
        said = envelopes.opened(
            shop.secrets["encoding_aes_key"], answer["encrypt"], receiver_id=shop.settings["app_key"]
        )
        assert said.message == "success"
        token, stamp, nonce = shop.secrets["callback_token"], answer["timeStamp"], answer["nonce"]
        assert envelopes.is_signed(answer["msg_signature"], token, stamp, nonce, answer["encrypt"])
    else:
        assert answer == {"code": 0}
    forged = {name: value[::-1] for name, value in one.headers.items() if "signature" in name}
    forged_query = where.replace("msg_signature=", "msg_signature=0")
    refused = door.post(forged_query, content=one.body, headers={**one.headers, **forged})
    assert refused.status_code == 401
    plain = compact({"EventType": "user_leave_org", "UserId": ["hejing"], "TimeStamp": "1"}).encode()
    assert door.post(where, content=plain, headers=dict(one.headers)).status_code == 401


def test_who_attends_to_a_customer_hears_that_she_waits(company: Company) -> None:
    customer, desk = new_id(), new_id()
    with company.house.database.connect() as owner:
        owner.execute("update staff_push set made_at = now() - interval '1 hour'")
        owner.execute(
            "insert into service_desk (id, tenant_id, account_id, number, name, updated_at) values (%s, %s, %s, 'kf1', '售后', now())",
            (desk, company.house.a.id, company.account),
        )
        owner.execute(
            "insert into desk_talk (tenant_id, id, bucket, customer_id, origin_id, desk_id, state, member, last_at, waiting_since, alarmed_at)"
            " values (%s, %s, %s, %s, %s, %s, 'person', %s, now(), now(), now())",
            (company.house.a.id, new_id(), bucket_of(customer), customer, customer, desk, LIN),
        )
    cards = phone(company, LIN)
    assert cards[-1]["title"] == "有一位客户在“售后”久等未回复"
    assert cards[-1]["title"] not in {one.get("title") for one in phone(company, QIAN)}
    # Answered meanwhile: nobody is reminded of what is over.
    with company.house.database.connect() as owner:
        owner.execute("update desk_talk set waiting_since = null")
    phone(company, LIN)
    mine = company.sign_in(LIN).get("/v1/notices").json()["items"]
    assert [one["title"]["zh"] for one in mine if one["kind"] == "chat"] == []
