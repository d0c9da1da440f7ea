"""Talks that were drawn, scored by a person, appealed against and settled by another look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.archive.reading import ALL_BUCKETS
from tandem.domains.contact.archive.shapes import ScoreFormIn, ScoreIn
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.turn import in_bucket
from tandem.stream.rows import to_json

WHOLE: Final = 100
#: A form to begin with; the first that is written replaces it.
FIRST_FORM: Final[dict[str, Any]] = {
    "name": "通用服务评分",
    "criteria": [
        {"key": "speed", "name": "回复及时", "points": 25},
        {"key": "manners", "name": "用语礼貌", "points": 25},
        {"key": "knowledge", "name": "解答准确", "points": 30},
        {"key": "closing", "name": "跟进与促成", "points": 20},
    ],
    "fatal": ["引导私下转账", "辱骂客户", "泄露客户信息"],
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form; the one to begin with has no id."""

    id: UUID | None
    name: str
    criteria: list[Any]
    fatal: list[str]
    created_at: datetime | None = None
    created_by: str | None = None


_FORM: Final = """
select f.id, f.name, f.criteria, f.fatal, f.created_at, u.name as created_by from score_form as f
left join staff_user as u on u.tenant_id = %(tenant)s and u.id = f.created_by
where f.tenant_id = %(tenant)s
"""


def _first_form() -> Form:
    return Form(None, str(FIRST_FORM["name"]), list(FIRST_FORM["criteria"]), list(FIRST_FORM["fatal"]))


def form_of(tx: Tx) -> Form:
    """The form that counts."""
    row = tx.maybe(Form, f"{_FORM} order by f.created_at desc, f.id desc limit 1", {"tenant": tx.tenant_id})
    return row or _first_form()


def form_for(tx: Tx, one: SampleRow) -> Form:
    """The form that a talk is scored by: the one that counts, or for a talk that has its score the one it was scored by.

    A second look, after an appeal say, goes by the same questions as the first.
    """
    if one.scored_at is None:
        return form_of(tx)
    if one.form_id is None:
        return _first_form()
    return tx.one(Form, f"{_FORM} and f.id = %(id)s", {"tenant": tx.tenant_id, "id": one.form_id})


def put_form(tx: Tx, given: ScoreFormIn) -> Form:
    """A new form; what was scored by older ones stays as it is. Raises InvalidInput unless the points are a hundred."""
    keys, called = [one.key for one in given.criteria], [one.name.strip() for one in given.criteria]
    if sum(one.points for one in given.criteria) != WHOLE or not len(set(keys)) == len(set(called)) == len(keys):
        detail = Detail(
            "criteria", "分值合计须为 100，项目不能重复", "the points add up to 100, and no item comes twice"
        )
        raise InvalidInput("bad_form", "评分表有误。", "The form is not right.", details=(detail,))
    told, before = given.model_dump(), form_of(tx)
    told["fatal"] = list(dict.fromkeys(told["fatal"]))
    made = new_id()
    tx.execute(
        """
        insert into score_form (id, tenant_id, name, criteria, fatal, created_at, created_by)
        values (%(id)s, %(tenant)s, %(name)s, %(stored)s::jsonb, %(fatal)s::text[], %(at)s, %(user)s)
        """,
        {
            **told,
            "stored": to_json(told["criteria"]),
            "id": made,
            "tenant": tx.tenant_id,
            "at": tx.machine_now,
            "user": tx.user_id,
        },
    )
    old = {name: getattr(before, name) for name in told}
    audit.record(tx, "score_form.created", "score_form", made, *audit.changes(old, told))
    return form_of(tx)


def total_of(form: Form, scores: dict[str, int], fatal: list[str]) -> int:
    """What a talk comes to: the points given, nought with a fatal fault. Raises InvalidInput. Pure."""
    problems = [
        Detail(f"scores.{one['key']}", f"0 至 {one['points']} 分", f"0 to {one['points']} points")
        for one in form.criteria
        if not 0 <= scores.get(one["key"], -1) <= one["points"]
    ]
    problems += [
        Detail(f"scores.{name}", "评分表里没有这一项", "the form has no such item")
        for name in scores
        if name not in {one["key"] for one in form.criteria}
    ]
    problems += [
        Detail("fatal", f"评分表里没有“{one}”", f"the form does not know {one!r}")
        for one in fatal
        if one not in form.fatal
    ]
    if problems:
        raise InvalidInput("bad_score", "评分有误。", "The score is not right.", details=tuple(problems))
    return 0 if fatal else sum(scores.values())


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A talk that was drawn."""

    id: UUID
    talk_id: UUID
    customer_id: UUID
    member: str
    adviser: str
    week: date
    since: datetime
    until: datetime
    state: str
    scores: dict[str, Any]
    fatal: list[str]
    total: int | None
    first_total: int | None
    comment: str
    appeal: str
    scored_by: str | None
    scored_by_id: UUID | None
    scored_at: datetime | None
    form_id: UUID | None


# Whoever takes her consent back is not scored any more either.
_SAMPLE: Final = """
select s.id, s.talk_id, s.customer_id, s.member, coalesce(a.name, s.member) as adviser, s.week, s.since, s.until, s.state,
  coalesce(s.scores, '{}'::jsonb) as scores, s.fatal, s.total, s.first_total, s.comment, s.appeal, u.name as scored_by, s.scored_by as scored_by_id,
  s.scored_at, s.form_id
from score_sample as s
join archive_talk as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = s.bucket and t.id = s.talk_id
  and t.consent = 'agreed'
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = t.account_id and a.member = s.member
left join staff_user as u on u.tenant_id = %(tenant)s and u.id = s.scored_by
where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s
"""


def list_samples(tx: Tx, *, state: str | None, cursor: str | None, limit: int) -> tuple[list[SampleRow], str | None]:
    """A page of samples: the last week's first."""
    week, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        SampleRow,
        f"""
        {_SAMPLE} and (%(state)s::text is null or s.state = %(state)s)
          and (%(week)s::date is null or (s.week, s.id) < (%(week)s, %(last)s::uuid))
        order by s.week desc, s.id desc limit %(more)s
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "state": state, "week": week, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "week", "id")


def get_sample(tx: Tx, sample_id: UUID) -> SampleRow:
    """One sample. Raises NotFound."""
    row = tx.maybe(
        SampleRow, f"{_SAMPLE} and s.id = %(id)s", {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": sample_id}
    )
    if row is None:
        raise NotFound("no_such_sample", "没有这条抽检。", "There is no such sample.")
    return row


def _change(tx: Tx, one: SampleRow, columns: str, **more: Any) -> None:
    turn = in_bucket(tx, one.customer_id)
    tx.execute(
        f"""
        update score_sample set {columns}
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s and state = %(before)s
        """,
        turn.params(id=one.id, before=one.state, user=tx.user_id, at=tx.machine_now, **more),
    )


def score(tx: Tx, sample_id: UUID, given: ScoreIn) -> SampleRow:
    """Score a talk, or settle an appeal by another look; that one is done by somebody else. Raises NotFound, InvalidInput, Conflict."""
    one = get_sample(tx, sample_id)
    form = form_for(tx, one)
    if one.state == "settled":
        raise Conflict("settled", "申诉已有结论，不能再改。", "The appeal is settled; the score stays.")
    if one.state == "appealed" and tx.user_id is not None and tx.user_id == one.scored_by_id:
        raise Conflict("own_score", "申诉要由另一位同事复核。", "An appeal is looked at by somebody else.")
    total = total_of(form, given.scores, given.fatal)
    again = one.state == "appealed"
    columns = "scores = %(scores)s::jsonb, fatal = %(fatal)s::text[], total = %(total)s, comment = %(comment)s, form_id = %(form)s"
    columns += (
        ", state = 'settled', settled_by = %(user)s, settled_at = %(at)s, first_total = total"
        if again
        else ", state = 'scored', scored_by = %(user)s, scored_at = %(at)s"
    )
    _change(
        tx,
        one,
        columns,
        scores=to_json(given.scores),
        fatal=given.fatal,
        total=total,
        comment=given.comment,
        form=form.id,
    )
    action = "score_sample.settled" if again else "score_sample.scored"
    audit.record(tx, action, "score_sample", sample_id, {"total": one.total}, {"total": total})
    return get_sample(tx, sample_id)


def appeal(tx: Tx, sample_id: UUID, reason: str) -> SampleRow:
    """Say that a score is not right. Raises NotFound, Conflict."""
    one = get_sample(tx, sample_id)
    if one.state != "scored":
        raise Conflict(
            "not_scored", "只有已评分且未申诉过的会话可以申诉。", "Only a scored talk can be appealed against, once."
        )
    _change(
        tx, one, "state = 'appealed', appeal = %(reason)s, appealed_by = %(user)s, appealed_at = %(at)s", reason=reason
    )
    audit.record(tx, "score_sample.appealed", "score_sample", sample_id, {"state": "scored"}, {"state": "appealed"})
    return get_sample(tx, sample_id)


@dataclass(frozen=True, slots=True)
class Figures:
    """An adviser's scores."""

    member: str
    adviser: str
    scored: int
    waiting: int
    mean: float | None
    lowest: int | None
    fatal: int
    appeals: int


def figures(tx: Tx, since: date) -> list[Figures]:
    """Of every adviser since a week, the lowest first."""
    return tx.all(
        Figures,
        """
        select s.member, coalesce(min(a.name), s.member) as adviser, count(s.total) as scored, count(*) filter (where s.total is null) as waiting,
          round(avg(s.total), 1)::float8 as mean, min(s.total) as lowest, count(*) filter (where cardinality(s.fatal) > 0) as fatal,
          count(s.appealed_at) as appeals
        from score_sample as s
        join archive_talk as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = s.bucket and t.id = s.talk_id
          and t.consent = 'agreed'
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = t.account_id and a.member = s.member
        where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.week >= %(since)s
        group by s.member order by mean nulls last, s.member limit 1000
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "since": since},
    )
