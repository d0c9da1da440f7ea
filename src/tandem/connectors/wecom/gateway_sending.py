"""WeCom's mass messages and moments as the private domain reaches them: tasks that staff confirm (LWdoc:7844, D 92135; D 96351)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.values import epoch, listed, member, texts, whole, word
from tandem.connectors.wecom.mapping import whose
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.sending.ports import (
    Outcome,
    PostSpec,
    Published,
    Reaction,
    Reactions,
    Result,
    TaskMade,
    TaskSpec,
)

#: What `get_groupmsg_send_result` says of one customer or group.
OUTCOMES: Final[Mapping[int, Outcome]] = {0: "pending", 1: "sent", 2: "no_friend", 3: "over_quota"}
CONFIRMED: Final = 2
POST_DONE: Final = 3
PAGES_MAX: Final = 200
WINDOW: Final = timedelta(days=30)
_CHAT: Final = {"customers": "single", "groups": "group"}


class SendingCalls:
    """The calls of mass sending. Implements `contact.sending.ports.SendingLine`; `_ask` comes from the line."""

    def _ask(self, name: str, params: Mapping[str, Any], method: str = "POST") -> Any:
        raise NotImplementedError

    @property
    def _seen(self) -> Seen:
        raise NotImplementedError

    def _at(self, moment: datetime) -> datetime:
        raise NotImplementedError

    def _pages(self, name: str, params: Mapping[str, Any], rows: str) -> Iterator[dict[str, Any]]:
        cursor = ""
        for _ in range(PAGES_MAX):
            page = self._ask(name, {**params, **({"cursor": cursor} if cursor else {})})
            yield from listed(page, rows)
            cursor = word(page, "next_cursor")
            if not cursor:
                return
        raise GatewayFailure("later", f"{name} has no end")

    def send_task(self, spec: TaskSpec) -> TaskMade:
        """Make a task. Nothing goes out before its adviser says so."""
        targets = (
            {"external_userid": list(spec.targets)}
            if spec.kind == "customers"
            else {"chat_id_list": list(spec.targets)}
        )
        made = self._ask(
            "externalcontact/add_msg_template", {"chat_type": _CHAT[spec.kind], "sender": spec.sender, **targets, **_body(spec.words.text, spec.words.attachments)}
        )  # fmt: skip
        return TaskMade(word(made, "msgid"), texts(made, "fail_list"))

    def find_task(self, spec: TaskSpec, since: datetime, known: Collection[str]) -> str | None:
        """Compare what was said, to whom and by whom: WeCom keeps no key of ours."""
        asked = {
            "chat_type": _CHAT[spec.kind],
            "start_time": int(max(since, datetime.now(UTC) - WINDOW).timestamp()),
            "end_time": int(datetime.now(UTC).timestamp()) + 1,
            "filter_type": 2,
            "limit": 100,
        }
        for one in list(self._pages("externalcontact/get_groupmsg_list_v2", asked, "group_msg_list")):
            task = word(one, "msgid")
            if task in known or word(member(one, "text"), "content") != spec.words.text:
                continue
            if spec.sender not in self.confirmed(task):
                continue
            told = {row.target for row in self.results(task, spec.sender)}
            if told and told <= set(spec.targets):
                return task
        return None

    def confirmed(self, task_id: str) -> Mapping[str, bool]:
        """Members with the task, and whether each has sent it."""
        rows = self._pages("externalcontact/get_groupmsg_task", {"msgid": task_id, "limit": 1000}, "task_list")
        return {word(one, "userid"): whole(one, "status", 0) == CONFIRMED for one in rows}

    def results(self, task_id: str, member: str) -> Sequence[Result]:
        """Customers or groups of a member's task, and what became of each."""
        rows = self._pages(
            "externalcontact/get_groupmsg_send_result", {"msgid": task_id, "userid": member, "limit": 1000}, "send_list"
        )
        return [self._result(one) for one in rows]

    def _result(self, one: dict[str, Any]) -> Result:
        at = epoch(one, "send_time")
        outcome = OUTCOMES.get(whole(one, "status", 0), "pending")
        return Result(
            word(one, "external_userid") or word(one, "chat_id"), outcome, None if at is None else self._at(at)
        )

    def remind(self, task_id: str) -> None:
        """Ask the staff again; WeCom allows it three times in 24 hours."""
        self._ask("externalcontact/remind_groupmsg_send", {"msgid": task_id})

    def cancel_task(self, task_id: str) -> None:
        """Stop a task; what was sent stays sent."""
        self._ask("externalcontact/cancel_groupmsg_send", {"msgid": task_id})

    def post(self, spec: PostSpec) -> str:
        """Begin to make a post for moments; WeCom works on it by itself."""
        seen: dict[str, Any] = {}
        if spec.senders:
            seen["sender_list"] = {"user_list": list(spec.senders)}
        if spec.tags:
            seen["external_contact_list"] = {"tag_list": list(spec.tags)}
        body = _body(spec.words.text, spec.words.attachments) | ({"visible_range": seen} if seen else {})
        return word(self._ask("externalcontact/add_moment_task", body), "jobid")

    def post_made(self, job_id: str) -> str | None:
        """The post's id once WeCom has made it. Raises GatewayFailure where it refuses to."""
        told = self._ask("externalcontact/get_moment_task_result", {"jobid": job_id}, "GET")
        if whole(told, "status", 0) != POST_DONE:
            return None
        result = member(told, "result")
        if whole(result, "errcode", 0):
            raise GatewayFailure("refused", word(result, "errmsg"), str(result.get("errcode")))
        return word(result, "moment_id") or None

    def find_post(self, spec: PostSpec, since: datetime, known: Collection[str]) -> str | None:
        """A post with these words, made since then."""
        now = datetime.now(UTC)
        begin = max(since, now - WINDOW + timedelta(minutes=1))
        asked = {
            "start_time": int(begin.timestamp()),
            "end_time": int(now.timestamp()) + 1,
            "filter_type": 2,
            "limit": 20,
        }
        for one in self._pages("externalcontact/get_moment_list", asked, "moment_list"):
            if word(one, "moment_id") not in known and word(member(one, "text"), "content") == spec.words.text:
                return word(one, "moment_id")
        return None

    def published(self, post_id: str) -> Sequence[Published]:
        """Members whom the post was given to, and who has published it."""
        rows = self._pages("externalcontact/get_moment_task", {"moment_id": post_id, "limit": 1000}, "task_list")
        return [Published(word(one, "userid"), whole(one, "publish_status", 0) == 1) for one in rows]

    def reactions(self, post_id: str, member: str) -> Reactions:
        """Who liked a member's post and commented on it. Colleagues stand among them by `userid`, customers by `external_userid`."""
        told = self._ask("externalcontact/get_moment_comments", {"moment_id": post_id, "userid": member})
        likes, comments = listed(told, "like_list"), listed(told, "comment_list")
        found = [self._reaction("like", one) for one in likes] + [self._reaction("comment", one) for one in comments]
        return Reactions(len(likes), len(comments), [one for one in found if one is not None])

    def _reaction(self, how: Literal["like", "comment"], one: dict[str, Any]) -> Reaction | None:
        key, at = word(one, "external_userid"), epoch(one, "create_time")
        return None if not key or at is None else Reaction(how, key, whose(self._seen, key), self._at(at))

    def cancel_post(self, post_id: str) -> None:
        """Stop a post that members have not published yet."""
        self._ask("externalcontact/cancel_moment_task", {"moment_id": post_id})


def _body(text: str, attachments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {"text": {"content": text}} if text else {}
    return said | ({"attachments": [dict(one) for one in attachments]} if attachments else {})
