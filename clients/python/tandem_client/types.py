"""Generated from web/openapi.json by clients/python/generate.py; do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class AccountLine(TypedDict):
    """An account in the list. `light`: green works, yellow wants attention, red stands still, grey is not started."""

    id: str
    connector: str
    platform: Label
    source: str
    name: str
    status: str
    simulated: bool
    light: Literal['green', 'yellow', 'red', 'grey']
    why: Label
    expires_at: str | None


class AccountOut(TypedDict):
    """One account with everything an operator needs."""

    id: str
    connector: str
    platform: Label
    source: str
    name: str
    status: str
    simulated: bool
    light: Literal['green', 'yellow', 'red', 'grey']
    why: Label
    expires_at: str | None
    state: str
    address: str | None
    settings: dict[str, Any]
    refresh_expires_at: str | None
    facts: dict[str, Any]
    problem: ProblemOut | None
    tasks: list[AskedOut]
    waiting: int


class Act(TypedDict):
    """What somebody does on a simulated platform, and whom or what with (`{"member": "linxiaotong", "msgid": "..."}`)."""

    what: str
    given: NotRequired[dict[str, str]]


class Adapted(TypedDict):
    """All of a store's values; names left out go back to head office's."""

    values: dict[str, bool | float | str]


class Adoption(TypedDict):
    """Which arm everybody new is led to."""

    arm: str


class AdviserFriend(TypedDict):
    """A friend of an adviser who may be chosen. `times`: handed over lately; `capped`: the platform allows it no more."""

    id: str
    customer_id: str
    customer_name: NotRequired[str | None]
    added_at: str
    orders: int
    last_order_at: str | None
    times: int
    capped: bool
    under_way: bool


class AdviserFriends(TypedDict):
    """An adviser: friends now, lost within the days asked for, being handed over. `held`: `missing` of hers wait to be believed lost."""

    account_id: str
    member: str
    name: str
    away: bool
    friends: int
    lost: int
    lost_by_customer: int
    handing_over: int
    held: bool
    missing: int | None


class AdviserOut(TypedDict):
    """A member of staff who may have customers."""

    account_id: str
    member: str
    name: str
    away: bool


class AdviserWork(TypedDict):
    """How an adviser worked within the days asked for. `replied`: percent of chats answered; `reply_minutes`: to the first answer."""

    account_id: str
    member: str
    name: str
    applied: int
    added: int
    chats: int
    messages: int
    replied: str | None
    reply_minutes: str | None
    removed_by: int


class AlertOut(TypedDict):
    """Something to look at."""

    code: Literal['lag', 'failures', 'silent', 'poll', 'expiring']
    what: Label


class AlikeAnswer(TypedDict):
    """How many pairs were decided; merges go on in the background."""

    count: int


class AlikeLine(TypedDict):
    """Pairs with the same evidence, how many wait."""

    pattern: str
    reason: Label
    joined_by: Label | None
    findings: list[Label]
    count: int


class AlikeRequest(TypedDict):
    """One decision for every pair with this evidence, at most 500 a time."""

    pattern: str
    decision: Literal['keep_apart', 'merge']


class Amount(TypedDict):
    """Money as a decimal string with its currency."""

    amount: str
    currency: str


class Answer(TypedDict):
    """`use`: the id (a tag: the name) of something that is there. `make`: what to make it from, instead of the suggestion."""

    use: NotRequired[str | None]
    make: NotRequired[dict[str, Any] | None]


class ApartRequest(TypedDict):
    """Two customers who are two people."""

    first: str
    second: str


class ApiKey(TypedDict):
    """What may be shown of a key."""

    id: str
    name: str
    prefix: str
    permissions: list[str]
    rate_per_minute: int
    burst: int
    created_by: str
    created_by_name: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


class ApiKeyChange(TypedDict):
    """Fields left out stay as they are."""

    name: NotRequired[str | None]
    rate_per_minute: NotRequired[int | None]
    burst: NotRequired[int | None]


class Approval(TypedDict):
    """`seen`: the `updated_at` of what was read; what was changed after it is not approved."""

    seen: str


class ApprovalOpened(TypedDict):
    """A request with the graph that it wants published, as it was drawn when it was asked for."""

    id: str
    flow_id: str
    flow_name: str
    request: dict[str, Any]
    weight: dict[str, Any]
    state: str
    requested_by: str
    requested_name: str
    requested_at: str
    decided_name: str | None
    decided_at: str | None
    comment: str
    graph: dict[str, Any]


class ApprovalOut(TypedDict):
    """A publishing that waits, or waited, for a second person's word. `weight`: people, cost, human, reasons."""

    id: str
    flow_id: str
    flow_name: str
    request: dict[str, Any]
    weight: dict[str, Any]
    state: str
    requested_by: str
    requested_name: str
    requested_at: str
    decided_name: str | None
    decided_at: str | None
    comment: str


class ApprovedText(TypedDict):
    """The provider's own number of the text, and its variables in order: (variable, placeholder of our template)."""

    code: str
    params: NotRequired[list[list[Any]]]


class ApprovedTextOut(TypedDict):
    """The text that stands for a template on a channel. `wanted`: who carries the channel sends nothing without one."""

    channel: str
    label: Label
    wanted: bool
    code: str | None
    params: list[list[Any]]


class ApprovedTexts(TypedDict):
    """Those of one template."""

    texts: list[ApprovedTextOut]


class ArchiveAccountOut(TypedDict):
    """An account that may have an archive. `active` null: it was never switched on. `unread`: messages no key of ours opened."""

    account_id: str
    account: str
    active: bool | None
    pulled_at: str | None
    messages: int
    unread: int
    withheld: int
    hours: list[ServiceHours]
    alarm_minutes: int
    sample_n: int
    problem: dict[str, Any] | None
    broken: int


class ArchiveChange(TypedDict):
    """How an account's archive is read and looked at; what is left out stays."""

    active: NotRequired[bool | None]
    hours: NotRequired[list[ServiceHours] | None]
    alarm_minutes: NotRequired[int | None]
    sample_n: NotRequired[int | None]


class ArchiveFoundOut(TypedDict):
    """A message that a search found. `text`: what stands around the first word."""

    id: str
    talk_id: str
    customer_id: str
    customer: str | None
    member: str
    adviser: str
    at: str
    said_by: Literal['customer', 'staff']
    kind: str
    text: str
    recalled_at: str | None


class ArchiveMessageOut(TypedDict):
    """Something said. `words`: watched words in it. `media`: what a file is; its content is fetched from the platform when asked for."""

    id: str
    at: str
    said_by: Literal['customer', 'staff']
    kind: str
    text: str
    media: dict[str, Any]
    recalled_at: str | None
    words: list[str]


class ArchiveSearchOut(TypedDict):
    """A part of a search: so many messages were opened, back to that moment; `next` looks further back, also where nothing was found."""

    items: list[ArchiveFoundOut]
    next: NotRequired[str | None]
    opened: int
    back_to: str | None


class ArchiveTalkOut(TypedDict):
    """A customer and an adviser. `hits`: watched words that nobody has looked at."""

    id: str
    customer_id: str
    customer: str | None
    member: str
    adviser: str
    first_at: str
    last_at: str
    messages: int
    hits: int
    waiting_since: str | None
    alarmed_at: str | None


class ArmOut(TypedDict):
    """An arm of a split, compared with the best of the others."""

    entered: int
    converted: int
    rate: float | None
    interval: list[Any] | None
    port: str
    label: Label
    comparison: ComparisonOut | None


class ArmStats(TypedDict):
    """One arm of an experiment. `interval` is the 95 % interval of the rate."""

    label: Label
    entered: int
    converted: int
    rate: float | None
    interval: list[Any] | None


class Arrival(TypedDict):
    """Does the caller edit, and which block have they selected?"""

    editing: NotRequired[bool]
    block: NotRequired[str | None]


class ArticleRuling(TypedDict):
    """What becomes of an article. `seen`: the `updated_at` of what was read, without which nothing is approved."""

    status: Literal['approved', 'archived']
    seen: NotRequired[str | None]


class AskOut(TypedDict):
    """What the template needs. `found`: the tenant has it already (its id; a tag: its name); `suggest`: what would be made."""

    key: str
    what: str
    label: Label
    suggest: dict[str, Any]
    found: str | None


class Asked(TypedDict):
    """The lead will be there in a moment."""

    filed: NotRequired[bool]


class AskedOut(TypedDict):
    """Something that an account is asked for. `percent`: how far a stretch of the past has come, by time."""

    resource: str
    purpose: str
    at: str
    percent: int | None
    records: int
    found: int
    lag_seconds: int | None
    next_at: str
    last_ok_at: str | None
    done: bool
    failures: int
    problem: ProblemOut | None


class AssignmentBody(TypedDict):
    """A role within a data scope; `org_unit_id` for a region or store scope."""

    role_id: str
    scope: NotRequired[Literal['all', 'region', 'store', 'own']]
    org_unit_id: NotRequired[str | None]


class AssignmentLine(TypedDict):
    """An assignment with its names."""

    role_id: str
    role_code: str
    role_name: str
    scope: Literal['all', 'region', 'store', 'own']
    org_unit_id: str | None
    org_unit_name: str | None


class AttemptOut(TypedDict):
    """One attempt; `answer` is the beginning of what the receiver said."""

    number: int
    at: str
    code: int | None
    milliseconds: int
    problem: str | None
    answer: str | None


class Attribute(TypedDict):
    """A name under which customers keep a value of the tenant's own; its `id` is the name."""

    id: str
    name: str


class AuditLine(TypedDict):
    """One change."""

    id: str
    at: str
    user_id: str | None
    user_name: str | None
    api_key_id: str | None
    api_key_name: str | None
    action: str
    entity: str
    entity_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    address: str | None
    names: NotRequired[dict[str, str]]


class AuditOut(TypedDict):
    """A full recompute compared with live membership; empty when they agree. Customers with waiting events may differ for a moment."""

    differences: list[DifferenceOut]


class Authorise(TypedDict):
    """Where the platform shall send the seller back to."""

    redirect: str


class AuthoriseOut(TypedDict):
    """Where the seller says yes; null: the keys alone are enough."""

    url: str | None


class Authorised(TypedDict):
    """What the platform brought back."""

    code: str
    state: str


class BacklogOut(TypedDict):
    """What waits now, and from where on the door says 429."""

    pending: int
    pending_max: int
    inbox: int
    inbox_max: int
    oldest_seconds: int


class BacktestBlock(TypedDict):
    """Runs that came to a block, stand at it, failed, took each port."""

    entered: int
    inside: int
    failed: int
    ports: dict[str, int]


class BacktestDay(TypedDict):
    """One local day."""

    day: str
    entered: int
    message: int
    coupon: int
    cost: float


class BacktestEffect(TypedDict):
    """Messages, coupons, points by block and outcome; `amount` is money for coupons, points for points."""

    what: str
    block: str
    outcome: str
    n: int
    amount: float


class BacktestOut(TypedDict):
    """A backtest: under way (`done` of `total` steps), or with its result. `draft_etag`: of the draft it was of."""

    id: str
    state: str
    days: int
    share: float
    draft_etag: int
    done: int
    total: int | None
    error: Label | None
    created_at: str
    finished_at: str | None
    result: BacktestResult | None


class BacktestPersonOut(TypedDict):
    """Somebody behind a number."""

    run_id: str
    customer: Who | None
    thing: ThingOut | None
    entered_at: str


class BacktestResult(TypedDict):
    """What would have been. `step_hours`: the clock's stride; `unknown`: what the past does not tell; `people_kept`: size of the sample."""

    since: str
    until: str
    step_hours: int
    share: float
    events: int
    entered: int
    customers: int
    held_out: int
    inside: int
    failed: int
    converted: int
    converted_held_out: int
    passages: int
    busiest_hour: int
    blocks: dict[str, BacktestBlock]
    effects: list[BacktestEffect]
    hindered: list[Hindered]
    days: list[BacktestDay]
    caused: dict[str, int]
    unknown: list[Label]
    currency: str
    people_kept: int
    seconds: float


class BatchChange(TypedDict):
    """Where a batch's cards lead and what they give."""

    name: str
    words: NotRequired[str]
    live_code_id: str
    routes: NotRequired[list[ParcelRoute]]
    coupon_template_id: NotRequired[str | None]
    binding: NotRequired[Literal['none', 'ask', 'join']]
    expires_at: NotRequired[str | None]


class BatchFigures(TypedDict):
    """What came of a batch: cards, cards scanned, scans, friends, refused, coupons given and used, who bought again."""

    printed: NotRequired[int]
    scanned: NotRequired[int]
    scans: NotRequired[int]
    friends: NotRequired[int]
    taken: NotRequired[int]
    expired: NotRequired[int]
    asked: NotRequired[int]
    joined: NotRequired[int]
    coupons: NotRequired[int]
    used: NotRequired[int]
    again: NotRequired[int]


class BatchOut(TypedDict):
    """A batch."""

    id: str
    account_id: str
    name: str
    kind: Literal['card', 'order']
    source: str | None
    words: str
    live_code_id: str
    live_code: str | None
    routes: list[ParcelRoute]
    coupon_template_id: str | None
    coupon: str | None
    binding: Literal['none', 'ask', 'join']
    expires_at: str | None
    status: Literal['active', 'archived']
    created_at: str
    figures: BatchFigures


class Binding(TypedDict):
    """An adviser and the colleague she is."""

    account_id: str
    member: str
    adviser: str
    user_id: str
    user_name: str


class BlockOut(TypedDict):
    """A block: passages, those who reached the goal after it, and by which ports runs went on."""

    block: str
    label: Label | None
    passed: int
    converted: int
    rate: float | None
    interval: list[Any] | None
    ports: dict[str, int]


class BlockStats(TypedDict):
    """One block: how many came, stand here, failed here, took each port; since when the one that waits longest stands."""

    entered: int
    inside: int
    failed: int
    ports: dict[str, int]


class BoardMetric(TypedDict):
    """A figure beside the period before. Values are decimal texts; money is in the board's currency."""

    key: str
    label: Label
    question: Label
    unit: Literal['count', 'money']
    total: str
    before: str
    points: list[str]
    points_before: list[str]


class BodyImportsUploadFile(TypedDict):
    file: str
    kind: Literal['customer', 'order']
    source: NotRequired[str]
    mends: NotRequired[str | None]


class BodyMediaUploadMedia(TypedDict):
    file: str


class BrokenMessageOut(TypedDict):
    """A message that broke the platform's library. `aside`: passed over; `again`: tried once more; `gone`: no more there."""

    seq: int
    number: str
    tries: int
    why: str
    state: Literal['trying', 'aside', 'again', 'gone']
    broke_at: str


class BulkEntries(TypedDict):
    """Put everybody whom the filters find on the list, or take them off."""

    filters: Whom
    remove: NotRequired[bool]


class BulkProgress(TypedDict):
    """How far it is. `changed`, known at the end: how many were not on the list before (or were, when taken off)."""

    id: str
    state: Literal['queued', 'running', 'done', 'failed', 'cancelled']
    done: int
    total: int | None
    changed: int | None


class BulkTag(TypedDict):
    """A tag to set on, or to take from, the customers named."""

    customer_ids: list[str]
    tag: str
    remove: NotRequired[bool]


class BulkTagged(TypedDict):
    """How many were named and may be seen, and for how many it made a difference."""

    asked: int
    changed: int


class CallerOut(TypedDict):
    """A flow that calls another: in the version at work (`published`), in its drawing (`drafted`), or in both."""

    id: str
    name: str
    status: str
    published: bool
    drafted: bool


class CameByOut(TypedDict):
    """Her referrer, null where nobody knows of one."""

    referrer: ReferrerOut | None


class CampaignChange(TypedDict):
    """What a campaign promises and guards against. `hold_days`: nothing is given before a friend stayed so long."""

    name: str
    words: NotRequired[str]
    members: list[str]
    tiers: list[RewardTier]
    ends_at: NotRequired[str | None]
    hold_days: NotRequired[int]
    friends_max: NotRequired[int]
    daily_max: NotRequired[int]
    burst_friends: NotRequired[int]
    burst_minutes: NotRequired[int]


class CampaignFigures(TypedDict):
    """The funnel: who invites, who came by them, who counts, who left, what was given."""

    inviters: NotRequired[int]
    joined: NotRequired[int]
    held: NotRequired[int]
    counted: NotRequired[int]
    suspect: NotRequired[int]
    refused: NotRequired[int]
    left: NotRequired[int]
    rewards: NotRequired[int]


class CampaignOut(TypedDict):
    """A campaign with its funnel."""

    id: str
    account_id: str
    name: str
    words: str
    status: Literal['draft', 'running', 'ended']
    members: list[str]
    tiers: list[RewardTier]
    ends_at: str | None
    hold_days: int
    friends_max: int
    daily_max: int
    burst_friends: int
    burst_minutes: int
    figures: CampaignFigures
    created_at: str


class CardLink(TypedDict):
    """A card's address."""

    source: str | None
    number: str | None
    serial: int | None
    url: str


class CardLinks(TypedDict):
    """Addresses of cards."""

    items: list[CardLink]


class CatalogOut(TypedDict):
    """Everything an expression may speak of, each with its names in both languages."""

    entities: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    memberships: list[dict[str, Any]]
    event_types: list[dict[str, Any]]
    functions: list[dict[str, Any]]
    areas: list[dict[str, Any]]
    lookups: list[dict[str, Any]]
    aggregates: list[dict[str, Any]]
    operators: dict[str, list[str]]


class Category(TypedDict):
    """A product category and how many products it has."""

    category: str
    category_en: str | None
    department: str | None
    products: int


class CauseOut(TypedDict):
    """Runs that failed at a block for one reason."""

    block: str
    block_label: Label | None
    ports: list[PortOut]
    reason: str
    n: int
    first_at: str
    last_at: str


class CausesOut(TypedDict):
    """Failed runs by cause, the most frequent first; at most 100 causes."""

    causes: list[CauseOut]


class Change(TypedDict):
    """A cell before and after cleaning."""

    before: str
    after: str


class ChangeOut(TypedDict):
    """What is to be done, or was done, about somebody."""

    id: str
    member: str
    name: str
    what: Literal['join', 'move', 'leave', 'return']
    user_id: str | None
    before: list[HoldingOut]
    after: list[HoldingOut]
    state: Literal['open', 'held', 'done', 'dropped', 'refused']
    why: str
    found_at: str
    done_at: str | None
    decided_by_name: str | None


class ChangeProblem(TypedDict):
    """Why a change was not done."""

    id: str
    message: Label


class Changes(TypedDict):
    """The names of the fields that changed."""

    changed: list[str]


class ChangesDone(TypedDict):
    """How many were done, and why others were not."""

    done: int
    problems: list[ChangeProblem]


class ChangesIn(TypedDict):
    """Changes to be done."""

    changes: list[str]


class ChannelJoins(TypedDict):
    """What group codes of one source brought."""

    channel: str
    codes: int
    joined: int
    here: int
    left: int


class ChannelOut(TypedDict):
    """A channel: who carries it (null: the simulated phone), who could, and its plain settings."""

    channel: str
    label: Label
    provider: str | None
    settings: dict[str, Any]
    updated_at: str | None
    providers: list[ProviderOut]


class ChannelsOut(TypedDict):
    """Every channel."""

    channels: list[ChannelOut]


class Checked(TypedDict):
    """Who we are there."""

    shop: str
    id: str


class CheckedExpression(TypedDict):
    """What an expression is: its text, its tree where it could be read, its type and meaning where it is sound."""

    ok: bool
    text: str
    tree: dict[str, Any] | None
    type: str | None
    plain: Label | None
    depends: dict[str, Any] | None
    cost: ExpressionCost | None
    notes: list[Label]
    errors: list[ExpressionProblem]


class ChoiceOut(TypedDict):
    """An answer that can be given. `reason`: with a reason only."""

    name: str
    label: Label
    good: bool
    reason: bool


class Chosen(TypedDict):
    """Which column fills which field, and which cleaning rules are on; none keeps what was guessed."""

    mapping: NotRequired[dict[str, int] | None]
    cleaning: NotRequired[list[str] | None]


class ChosenRecords(TypedDict):
    """Which open records to replay: all, one source's, or one reason's."""

    source: NotRequired[str | None]
    reason: NotRequired[str | None]


class ClaimOut(TypedDict):
    """Somebody who came by a card. `guards`: why she is not taken for the buyer without a person's word."""

    id: str
    customer_id: str
    customer: str | None
    serial: int | None
    number: str | None
    adviser: str | None
    verdict: Literal['counted', 'taken', 'expired']
    binding: Literal['none', 'same', 'asked', 'joined']
    guards: list[str]
    claimed_at: str


class Clock(TypedDict):
    """`from` is where a running move began, `target` where it ends."""

    business_now: str
    moving: bool
    target: str | None
    began: str | None
    movable: bool


class ClockMove(TypedDict):
    """Where to: a moment, or so many seconds on. One of the two."""

    to: NotRequired[str | None]
    seconds: NotRequired[int | None]


class CodeFigures(TypedDict):
    """A code's figures by day and by adviser."""

    days: list[DayFigures]
    members: list[MemberFigures]


class ColumnQuality(TypedDict):
    """How full a column is, what share of it can be read, how many cells cleaning changes, and some of them."""

    field: str
    filled: float
    valid: float
    changed: int
    changes: list[Change]


class CommandAnswer(TypedDict):
    """How it went: `done`; `moving` when many rows go on moving in the background; `queued` when somebody else is at work on them;"""

    id: str
    status: str


class Company(TypedDict):
    """Who else has the flow open, and the draft's etag now."""

    items: list[Person]
    etag: int


class CompareOut(TypedDict):
    """Two versions or periods side by side; `difference` is the second minus the first."""

    first: SideOut
    second: SideOut
    difference: ComparisonOut


class Compared(TypedDict):
    """A segment that is compared."""

    id: str
    name: str
    status: Literal['filling', 'ready', 'failed']


class Comparison(TypedDict):
    """The sources side by side, the busiest first, over the days named."""

    first_day: str
    last_day: str
    sources: list[SourceFunnel]
    done: list[DoneOut]


class ComparisonOut(TypedDict):
    """First minus second. `word`: better, worse, none, too_few; `visible`: the smallest difference these numbers would show."""

    difference: float | None
    interval: list[Any] | None
    p: float | None
    visible: float | None
    needed: int | None
    gained: float | None
    word: str
    said: Label


class ConditionOut(TypedDict):
    """A condition judged: `and`, `or`, `not` over parts, or a `condition` with the values it looked at."""

    kind: str
    text: str
    plain: NotRequired[Label | None]
    holds: bool | None
    values: list[dict[str, Any]]
    parts: list[ConditionOut]


class Connect(TypedDict):
    """Who carries it, with the tenant's keys there; secrets that are left out stay while server and account do."""

    provider: str
    settings: dict[str, str]


class ConsentOut(TypedDict):
    """One entry: what, when, from where, on which wording."""

    id: str
    channel: str
    purpose: str
    state: Literal['granted', 'withdrawn']
    text_id: str | None
    text_version: int | None
    wording: str | None
    source: str
    guardian: bool
    has_proof: bool
    at: str
    recorded_by_name: str | None


class ConsentProof(TypedDict):
    """The proof in the clear; the look is on the audit trail."""

    proof: str | None


class ConsentRuleBody(TypedDict):
    """`opt_in`: marketing on the channel needs a consent first; `opt_out`: it goes until one is withdrawn."""

    mode: Literal['opt_in', 'opt_out']


class ConsentRules(TypedDict):
    """The channels that have a rule, with it; all others are `opt_out`."""

    rules: dict[str, Literal['opt_in', 'opt_out']]


class ConsentTextOut(TypedDict):
    """A wording, word by word. `used`: how many consents were given on this very version."""

    id: str
    purpose: str
    channel: str
    version: int
    wording: str
    created_at: str
    used: int


class ContactAccount(TypedDict):
    """A connected account with friends, its room for live codes, and when its advisers were read."""

    id: str
    name: str
    simulated: bool
    codes_used: int
    codes_max: int
    advisers_read_at: str | None
    problem: str | None


class ContactAccountChange(TypedDict):
    """What the platform allows the account, as it says itself."""

    codes_max: int


class Conversion(TypedDict):
    """An order of another currency in the tenant's own. `total` null: there is no rate, and the order is in no total."""

    total: Money | None
    rate: str | None
    rate_day: str | None


class ConvertOut(TypedDict):
    """A person behind a figure: when she came, what she bought since."""

    customer: CustomerLine
    at: str
    orders: int
    revenue: Amount
    waiting: int


class CountsOut(TypedDict):
    """Runs of a flow, over the customers the caller may see; the control group is not among them."""

    entered: NotRequired[int]
    active: NotRequired[int]
    done: NotRequired[int]
    failed: NotRequired[int]
    converted: NotRequired[int]


class Coupon(TypedDict):
    """A coupon in a customer's hand."""

    id: str
    code: str
    template_id: str
    template: str
    customer_id: str
    status: Literal['issued', 'redeemed', 'expired', 'revoked']
    issued_at: str
    expires_at: str
    redeemed_at: str | None
    redeemed_store_id: str | None
    run_id: str | None


class CouponRequest(TypedDict):
    """Whom to give a coupon by hand."""

    template_id: str
    customer_id: str


class CouponRequested(TypedDict):
    """The request was filed; the coupon follows within a moment, or an answer why not."""

    request_id: str


class CouponTemplate(TypedDict):
    """A coupon template with what became of its stock. `external_code`: an outside system issues it and calls it so."""

    name: str
    kind: Literal['amount', 'percent', 'gift']
    value: str | None
    threshold: str
    gift: str | None
    valid_days: int | None
    valid_until: str | None
    per_customer_limit: int | None
    quota: int | None
    id: str
    external_code: str | None
    currency: str
    issued: int
    redeemed: int
    archived: bool
    created_at: str


class CouponTemplateChange(TypedDict):
    """What to change; absent keys stay."""

    name: NotRequired[str | None]
    per_customer_limit: NotRequired[int | None]
    quota: NotRequired[int | None]
    archived: NotRequired[bool | None]


class Credentials(TypedDict):
    """What a person types to sign in."""

    login: str
    password: str


class CustomField(TypedDict):
    """A company's own field of customers; one that nobody has `classed` is personal."""

    name: str
    privacy: Literal['plain', 'personal', 'sensitive']
    classed: bool


class CustomFieldClass(TypedDict):
    """The class of data of a field."""

    name: str
    privacy: Literal['plain', 'personal', 'sensitive']


class CustomerChange(TypedDict):
    """Fields left out stay as they are; null clears one."""

    name: NotRequired[str | None]
    gender: NotRequired[str | None]
    birthday: NotRequired[str | None]
    city: NotRequired[str | None]
    district: NotRequired[str | None]
    division: NotRequired[str | None]
    location: NotRequired[PlaceInput | None]
    stage: NotRequired[str | None]
    level: NotRequired[str | None]
    store_id: NotRequired[str | None]
    owner_user_id: NotRequired[str | None]
    do_not_contact: NotRequired[bool | None]
    attrs: NotRequired[dict[str, str | int | float | bool | None]]


class CustomerGroup(TypedDict):
    """A group that a customer is in, or was."""

    group_id: str
    group: str
    owner_name: str
    joined_at: str
    scene: str
    live_code: str | None
    left_at: str | None


class CustomerLine(TypedDict):
    """A customer in a list. Phone numbers are masked."""

    id: str
    name: str | None
    phone: str | None
    member_no: str | None
    city: str | None
    store: Named | None
    stage: str | None
    level: str | None
    tags: list[str]
    order_count: int
    spend_total: Amount
    last_order_at: str | None
    orders_waiting: int


class CustomerOut(TypedDict):
    """One customer. `profile` is null before anything is known of what she did."""

    id: str
    name: str | None
    phone: str | None
    gender: str | None
    birthday: str | None
    city: str | None
    district: str | None
    division: Division | None
    location: PlaceOutput | None
    store: Named | None
    owner: Named | None
    stage: str | None
    level: str | None
    do_not_contact: bool
    first_seen_at: str
    created_at: str
    merged_into: str | None
    tags: list[TagOut]
    identifiers: list[IdentifierOut]
    profile: Profile | None
    segments: list[MembershipOut]
    attrs: dict[str, Any]


class Customers(TypedDict):
    """A page of customers; the first one says how many there are, up to 10,000 (null: more)."""

    items: list[CustomerLine]
    next: NotRequired[str | None]
    total: NotRequired[int | None]


class DayFigures(TypedDict):
    """What came on one local day."""

    day: str
    added: int
    lost: int


class DayOut(TypedDict):
    """A local day: who was inside at its end, who came and went; `refilled` is the net change by a new definition."""

    day: str
    count: int
    entered: int
    left: int
    refilled: int


class Days(TypedDict):
    """How far back to read."""

    days: NotRequired[int]


class Decided(TypedDict):
    """A second person's word."""

    approve: bool
    comment: NotRequired[str]


class Decision(TypedDict):
    """The answer to a task: one of its ports, and a word why."""

    port: str
    note: NotRequired[str]
    values: NotRequired[dict[str, str | float | bool | None]]


class DelayOut(TypedDict):
    """Times from an event's arrival to what it set off, in milliseconds; `over` took longer than the limit. Null: of nothing."""

    n: int
    p50_ms: int | None
    p95_ms: int | None
    slowest_ms: int
    over: int


class DelayedKind(TypedDict):
    """One kind of effect over the whole time asked for."""

    n: int
    p50_ms: int | None
    p95_ms: int | None
    slowest_ms: int
    over: int
    what: Literal['tag', 'field', 'points', 'coupon', 'task', 'message']


class DelayedMinute(TypedDict):
    """All kinds together, in one minute of the machine's clock."""

    n: int
    p50_ms: int | None
    p95_ms: int | None
    slowest_ms: int
    over: int
    minute: str


class DelaysOut(TypedDict):
    """What we hold ourselves to is that `share` of the effects come within `limit_ms`; `broken`: not so in the last five minutes."""

    limit_ms: int
    share: float
    broken: bool
    since: str
    until: str
    whole: DelayOut
    minutes: list[DelayedMinute]
    kinds: list[DelayedKind]


class DeliveryLine(TypedDict):
    """An event on its way, and its latest answer."""

    id: str
    event_id: str
    type: str
    occurred_at: str
    filed_at: str
    status: Literal['pending', 'sending', 'delivered', 'dead']
    attempts: int
    next_at: str | None
    code: int | None
    problem: str | None
    milliseconds: int | None


class DeliveryOut(TypedDict):
    """A delivery whole; `body` is null where the reader may not see the personal data it may hold."""

    id: str
    event_id: str
    type: str
    occurred_at: str
    filed_at: str
    status: Literal['pending', 'sending', 'delivered', 'dead']
    attempts: int
    next_at: str | None
    code: int | None
    problem: str | None
    milliseconds: int | None
    webhook_id: str
    body: dict[str, Any] | None
    log: list[AttemptOut]


class DepartmentOut(TypedDict):
    """A department and the region or store that it is; `proposed`: the one that is called alike, for a person to take up."""

    department: str
    parent: str
    name: str
    unit_id: str | None
    unit_name: str | None
    proposed_id: str | None
    members: int


class DeskChange(TypedDict):
    """How a desk serves; what is left out stays."""

    active: NotRequired[bool | None]
    answers: NotRequired[Literal['out_of_hours', 'always'] | None]
    hours: NotRequired[list[ServiceHours] | None]
    threshold: NotRequired[float | None]
    polite: NotRequired[str | None]
    offers: NotRequired[bool | None]
    hand_to: NotRequired[str | None]
    alarm_minutes: NotRequired[int | None]


class DeskFigures(TypedDict):
    """What desks did in some days. `answered`: by the knowledge base alone."""

    asked: int
    answered: int
    handed_over: int
    waiting: int
    late: int


class DeskMessageOut(TypedDict):
    """Something said. `choices`: the lines of a menu. `why`: why the desk answered so, or did not."""

    id: str
    at: str
    said_by: Literal['customer', 'staff', 'desk']
    member: str
    kind: str
    text: str
    state: Literal['heard', 'planned', 'sending', 'sent', 'failed', 'dropped', 'unknown']
    article: str | None
    choices: list[str]
    why: str
    problem: str | None


class DeskOut(TypedDict):
    """A desk."""

    id: str
    account_id: str
    account: str
    number: str
    name: str
    active: bool
    answers: Literal['out_of_hours', 'always']
    hours: list[ServiceHours]
    threshold: float
    polite: str
    offers: bool
    hand_to: str
    alarm_minutes: int


class DeskTalkOut(TypedDict):
    """A talk at a desk. `state`: `open`, `asked` (a person was asked for), `person`."""

    id: str
    desk_id: str
    desk: str
    customer_id: str
    customer: str | None
    state: Literal['open', 'asked', 'person']
    member: str
    last_at: str
    asked_at: str | None
    waiting_since: str | None
    alarmed_at: str | None


class DifferenceOut(TypedDict):
    """A customer whom membership and a fresh judgement disagree about."""

    customer_id: str
    is_member: bool


class DirectoryIn(TypedDict):
    """How a directory is handled."""

    mode: NotRequired[Literal['review', 'auto']]
    sign_in: NotRequired[bool]
    stop_percent: NotRequired[int]
    stop_least: NotRequired[int]


class DirectoryOut(TypedDict):
    """A connected account that is the company's directory, or (`mode` null) could be."""

    account_id: str
    connector: str
    label: Label
    name: str
    simulated: bool
    mode: Literal['review', 'auto'] | None
    sign_in: bool
    stop_percent: int
    stop_least: int
    stopped_at: str | None
    read_at: str | None
    problem: Label | None
    members: int
    users: int
    waiting: int
    held: int
    sign_in_address: str | None


class DisputeAnswer(TypedDict):
    """A manager's word."""

    accept: bool
    note: NotRequired[str]


class DisputeOut(TypedDict):
    """A dispute. `may_answer`: whether the reader may."""

    id: str
    order_id: str
    number: str
    store: str | None
    user_id: str
    name: str
    reason: str
    total_cents: int
    currency: str
    wanted: list[SharedBy]
    before: list[SharedBy]
    status: Literal['open', 'seconding', 'accepted', 'rejected', 'withdrawn']
    answer: Literal['accepted', 'rejected'] | None
    note: str
    filed_at: str
    answered_by: str | None
    answered_at: str | None
    confirmed_by: str | None
    confirmed_at: str | None
    may_answer: bool


class Division(TypedDict):
    """An administrative division by its GB/T 2260 code, and in words (上海市黄浦区)."""

    code: str
    name: str | None


class DivisionsOut(TypedDict):
    """Administrative divisions of China: GB/T 2260 code -> name, in the order of the codes."""

    names: dict[str, str]


class DoneBySource(TypedDict):
    """How much of it one source told of; `source` is empty for what was told before sources were kept."""

    source: str
    people: int
    times: int
    anonymous: int


class DoneOut(TypedDict):
    """Something people did in the period: how many customers, how often; `anonymous`, how often browsers of which nobody knows whose."""

    name: str
    people: int
    times: int
    anonymous: int
    sources: list[DoneBySource]


class Double(TypedDict):
    """A customer who is in several groups at once."""

    customer_id: str
    name: str | None
    groups: list[str]


class Draft(TypedDict):
    """The canvas to save. `etag` is the one that came with what was changed."""

    graph: dict[str, Any]
    etag: int


class DraftIn(TypedDict):
    """The draft's etag as it was read."""

    etag: int


class DraftedOut(TypedDict):
    """The draft's new etag, and the block that was put in."""

    etag: int
    block: str


class DryRun(TypedDict):
    """With whom (`customers`; of a flow about things `subjects`; or `pick` so many), from which start, when, for how long."""

    customers: NotRequired[list[str]]
    subjects: NotRequired[list[str]]
    pick: NotRequired[Literal['audience', 'random']]
    count: NotRequired[int]
    start: NotRequired[str | None]
    at: NotRequired[str | None]
    days: NotRequired[int]
    answers: NotRequired[dict[str, str]]
    engagement: NotRequired[Literal['nothing', 'read', 'clicked', 'replied']]


class DryRunOut(TypedDict):
    """What a dry run showed; nothing of it happened. `ended`: where its clock stood at last."""

    began: str
    ended: str
    people: list[PassageOut]


class EffectOut(TypedDict):
    """What a block did for her: a message with its words, a coupon with its code, points."""

    block: str
    block_label: Label | None
    what: str
    outcome: str
    title: str
    text: str | None
    reason: str | None
    until: str | None
    amount: str | None
    at: str


class Entering(TypedDict):
    """How many of them the caller may see and were asked in; the flow's own rules decide who enters."""

    asked: int


class EntriesChange(TypedDict):
    """Customers to put on a list, by id or by lines of text (a phone number, e-mail address, member number or id each), and to take off."""

    add: NotRequired[list[str]]
    remove: NotRequired[list[str]]
    lines: NotRequired[list[str]]


class EntriesOut(TypedDict):
    """What was filed. `unknown` and `ambiguous` are the numbers (from 1) of lines that name nobody or several."""

    added: int
    removed: int
    already: int
    unknown: list[int]
    ambiguous: list[int]


class Entry(TypedDict):
    """Who is to enter a flow (or, where it is about things, which: by their ids in `subjects`), at which start, with which values."""

    customers: NotRequired[list[str]]
    subjects: NotRequired[list[str]]
    block: NotRequired[str | None]
    data: NotRequired[dict[str, str | float | bool | None]]


class EntryOut(TypedDict):
    """One entry: for what, by which rule, and why."""

    id: str
    order_id: str
    number: str
    user_id: str
    name: str
    cause: Literal['sale', 'refund', 'cancel', 'correction', 'dispute']
    amount_cents: int
    home_cents: int | None
    currency: str
    occurred_at: str
    posted_at: str
    period: str
    late: bool
    rule: str | None
    bp: int | None
    evidence: dict[str, Any]
    disputed: bool


class Error(TypedDict):
    error: dict[str, Any]


class EventFieldOut(TypedDict):
    """One value in `data`."""

    name: str
    type: str
    label: Label
    privacy: Literal['plain', 'personal', 'sensitive']


class EventTypeOut(TypedDict):
    """What an event of a type and version says, with an example of the whole body."""

    name: str
    version: int
    label: Label
    fields: list[EventFieldOut]
    example: dict[str, Any]


class EventsAnswer(TypedDict):
    """What became of the records. A record that was known under another payload counts in `updates`, not in `accepted`."""

    accepted: int
    duplicates: int
    updates: int
    refused: list[RefusedBody]


class Evidence(TypedDict):
    """Why the pair is asked about. `days`: how long one's number was silent; `probability` of the nightly comparison."""

    joined_by: Label | None
    against: Label
    days: int | None
    probability: float | None
    findings: list[Finding]


class ExperimentIn(TypedDict):
    """Whether a split ends by itself, and how many people every arm must have before."""

    automatic: bool
    each_min: NotRequired[int]


class Expiring(TypedDict):
    """So many of a balance are lost then."""

    at: str
    n: int


class Explanation(TypedDict):
    """Why a customer is inside or not: what membership says, and the expression judged afresh, part by part."""

    is_member: bool
    since: str | None
    next_change_at: str | None
    why: PartOut


class ExportChoices(TypedDict):
    """What the caller may export, and whether in the clear."""

    lists: list[ExportableList]
    plain: bool
    approves: bool


class ExportLine(TypedDict):
    """An export as the list shows it. `mine`: the caller asked for it; `file`: it can be downloaded now."""

    id: str
    list: Label
    format: str
    filters: dict[str, str]
    plain: bool
    reason: str
    status: Literal['waiting', 'refused', 'queued', 'running', 'done', 'failed', 'cancelled', 'expired']
    rows: int
    bytes: int
    downloads: int
    mine: bool
    file: bool
    created_by: str | None
    decided_by: str | None
    error: Label | None
    created_at: str
    finished_at: str | None
    expires_at: str | None


class ExportRequest(TypedDict):
    """An export to be made. `plain` needs the permission, a reason and a second person."""

    list: str
    format: NotRequired[Literal['csv', 'xlsx']]
    filters: NotRequired[dict[str, str]]
    plain: NotRequired[bool]
    reason: NotRequired[str]


class ExportableList(TypedDict):
    """A list the caller may export, with the filters that narrow it."""

    name: str
    label: Label
    filters: list[str]
    personal: bool
    columns: list[Label]


class ExpressionBody(TypedDict):
    """An expression as text, or as the visual builder's tree: exactly one of them."""

    text: NotRequired[str | None]
    tree: NotRequired[dict[str, Any] | None]


class ExpressionCost(TypedDict):
    """What one record costs: `level` is cheap, moderate or heavy; an expression of more points than `limit` is refused."""

    level: str
    lookups: int
    parts: int
    points: int
    limit: int


class ExpressionProblem(TypedDict):
    """One mistake: its place in `text` (code points, `end` exclusive), what to say, and what could stand there instead."""

    code: str
    start: int
    end: int
    line: int
    column: int
    found: Label
    expected: Label
    suggestion: str | None
    message: Label


class ExpressionToCheck(TypedDict):
    """An expression as text or as the builder's tree; `scope` names its roots, `returns` the type it must have (null or "any": any)."""

    text: NotRequired[str | None]
    tree: NotRequired[dict[str, Any] | None]
    scope: NotRequired[dict[str, Any]]
    returns: NotRequired[str | None]


class FailedEventLine(TypedDict):
    """An event that could not be applied, and why; its payload stays with the event."""

    id: str
    type: str
    label: Label | None
    customer_id: str | None
    occurred_at: str
    failed_at: str
    reason: str


class FieldIn(TypedDict):
    """A field of a sort of things."""

    name: str
    zh: str
    en: str
    type: Literal['text', 'number', 'bool', 'date', 'timestamp']


class FieldLine(TypedDict):
    """A field that a file can fill."""

    name: str
    label: Label
    required: bool


class FieldOut(TypedDict):
    """A field of a customer, and what was said of it: what holds first, then the latest."""

    field: str
    label: Label
    said: list[WordOut]


class FieldPair(TypedDict):
    """A field of both; where both have one and they differ, a person may choose."""

    field: str
    label: Label
    first: str | None
    second: str | None
    differs: bool


class FieldsOut(TypedDict):
    """The fields of a customer that anybody said something about."""

    fields: list[FieldOut]


class FightOut(TypedDict):
    """`flow` waited or lost `times` messages to `other`; `both` customers are inside both now."""

    flow_id: str
    flow: str
    other_id: str
    other: str
    times: int
    customers: int
    both: int


class FightsOut(TypedDict):
    """Flows that fight for the same customers, the hardest fights first; at most 200 pairs."""

    days: int
    fights: list[FightOut]


class Figures(TypedDict):
    """What a code brought. `first_orders`: people whose first order came after they were added; `buyers`: who ordered after it at all."""

    added: NotRequired[int]
    kept: NotRequired[int]
    lost: NotRequired[int]
    first_orders: NotRequired[int]
    buyers: NotRequired[int]


class Finding(TypedDict):
    """What one comparison of the nightly pass found; `bits` above 0 speak for one person."""

    label: Label
    found: Label
    bits: float


class FindingOut(TypedDict):
    """Something the check found, and how to mend it. `block` is null for the flow as a whole."""

    block: str | None
    where: str
    severity: str
    code: str
    message: Label
    mend: Label


class Findings(TypedDict):
    """Everything the check found; no error means that it can be published."""

    findings: list[FindingOut]


class FlowAlertOut(TypedDict):
    """An early warning. `paused`: the flow was paused because of it."""

    id: str
    flow: NamedFlow
    flow_status: str
    kind: str
    block: str
    block_label: Label | None
    said: Label
    at: str
    seen_at: str
    n: int
    detail: dict[str, Any]
    paused: bool
    closed_at: str | None
    remedies: list[RemedyOut]


class FlowChange(TypedDict):
    """What to change; a key left out stays."""

    name: NotRequired[str | None]
    note: NotRequired[str | None]


class FlowFile(TypedDict):
    """What an exported flow looks like. `refers`: id in the graph -> what it stands for."""

    format: Literal['tandem/flow@1']
    name: str
    note: NotRequired[str]
    graph: dict[str, Any]
    refers: NotRequired[dict[str, Reference]]


class FlowImport(TypedDict):
    """An exported flow; `name` instead of its own; `gaps`: leave fields empty whose segment, template or coupon is missing here."""

    file: dict[str, Any]
    name: NotRequired[str | None]
    gaps: NotRequired[bool]


class FlowLine(TypedDict):
    """A flow in a list."""

    id: str
    name: str
    note: str
    status: str
    updated_at: str
    published: Published | None
    counts: CountsOut
    has_goal: NotRequired[bool]


class FlowOut(TypedDict):
    """A flow with its canvas. `approval`: what waits for a second person; `variant`: the one that is current, or comes next."""

    id: str
    name: str
    note: str
    status: str
    updated_at: str
    published: Published | None
    counts: CountsOut
    has_goal: NotRequired[bool]
    etag: int
    draft: dict[str, Any]
    approval: NotRequired[ApprovalOut | None]
    verdict: NotRequired[ApprovalOut | None]
    variant: NotRequired[VariantOut | None]


class FlowSecretOut(TypedDict):
    """A credential without its value, which is never shown. `updated_by`: who set it last."""

    name: str
    host: str
    note: str
    created_at: str
    updated_at: str
    updated_by: str | None
    used_by: list[FlowUsing]


class FlowStart(TypedDict):
    """Which flow, and what was asked before."""

    flow_id: str
    block: str
    answers: NotRequired[dict[str, Any]]


class FlowStoreOut(TypedDict):
    """A store with what it has set (`values`) and what its customers get (`effective`): the limits of today's version hold."""

    store_id: str
    code: str
    name: str
    values: dict[str, bool | float | str]
    effective: dict[str, bool | float | str]
    updated_at: str | None
    updated_by: str | None


class FlowUsing(TypedDict):
    """A flow that names a credential in its draft or in a version that still runs."""

    id: str
    name: str


class ForecastBody(TypedDict):
    """What the door says to the rows it was asked about. `whole`: they are the whole file."""

    rows: int
    whole: bool
    records: int
    new: int
    updates: int
    duplicates: int
    people_made: int
    refused: int
    left_out: int


class FormFieldOut(TypedDict):
    """A field that a form asks for."""

    name: str
    label: str
    type: str


class Found(TypedDict):
    """Something that answers a search."""

    kind: Literal['customer', 'order', 'flow', 'segment']
    id: str
    title: str
    subtitle: str | None


class FoundPage(TypedDict):
    """The best answers of each kind."""

    items: list[Found]


class FrequencyCap(TypedDict):
    """Limits on marketing messages per customer over all channels (null: none) and quiet hours in the tenant's local time."""

    per_day: NotRequired[int | None]
    per_week: NotRequired[int | None]
    per_month: NotRequired[int | None]
    quiet_from: NotRequired[str | None]
    quiet_until: NotRequired[str | None]


class Friend(TypedDict):
    """A customer to choose from."""

    id: str
    name: str | None


class FriendCallOut(TypedDict):
    """A new friend and what became of the welcome. `seconds`: from the platform's word to its answer."""

    id: str
    told_at: str
    member: str
    adviser: str
    live_code: str | None
    state: Literal['none', 'waiting', 'sending', 'sent', 'silent', 'expired', 'taken', 'refused', 'unknown']
    message: str | None
    seconds: float | None
    reason: str | None


class GeofenceChange(TypedDict):
    """What is left out stays as it is."""

    label: NotRequired[str | None]
    area: NotRequired[dict[str, Any] | None]


class GeofenceOut(TypedDict):
    """A geofence in a list: rings, corners, and the box around them in degrees."""

    name: str
    label: str
    rings: int
    points: int
    west: str
    south: str
    east: str
    north: str
    updated_at: str


class GeofenceWhole(TypedDict):
    """A geofence with its shape as GeoJSON, and the segments, tags and flows that ask it."""

    name: str
    label: str
    rings: int
    points: int
    west: str
    south: str
    east: str
    north: str
    updated_at: str
    area: dict[str, Any]
    used_by: list[Label]


class GoalStats(TypedDict):
    """The goal over all that entered. `rate` null: nobody has entered yet, or the flow has no goal."""

    entered: int
    converted: int
    rate: float | None


class GroupAccountChange(TypedDict):
    """The platform's limits as it says them itself."""

    size_max: NotRequired[int | None]
    greetings_max: NotRequired[int | None]


class GroupAccountOut(TypedDict):
    """What the platform allows an account's groups, and when all were read."""

    account_id: str
    name: str
    simulated: bool
    size_max: int
    greetings_max: int
    read_at: str | None
    problem: str | None


class GroupChatDetail(TypedDict):
    """A group with our own people in it."""

    id: str
    account_id: str
    chat_id: str
    name: str
    owner: str
    owner_name: str
    notice: str
    ended: bool
    people: int
    customers: int
    size_max: int
    joined_week: int
    left_week: int
    opened_at: str | None
    read_at: str | None
    catching_up: bool
    problem: str | None
    staff: list[GroupStaff]


class GroupChatOut(TypedDict):
    """A customer group. `catching_up`: the platform told of a change that it does not show yet."""

    id: str
    account_id: str
    chat_id: str
    name: str
    owner: str
    owner_name: str
    notice: str
    ended: bool
    people: int
    customers: int
    size_max: int
    joined_week: int
    left_week: int
    opened_at: str | None
    read_at: str | None
    catching_up: bool
    problem: str | None


class GroupCodeChange(TypedDict):
    """What to change; absent keys stay."""

    name: NotRequired[str | None]
    channel: NotRequired[str | None]
    opens_groups: NotRequired[bool | None]
    base_name: NotRequired[str | None]
    base_id: NotRequired[int | None]
    seats: NotRequired[list[GroupSeat] | None]


class GroupCodeOut(TypedDict):
    """A group code. `reason`: `regular`, `full` while no group has room, `nobody` while none is left."""

    id: str
    account_id: str
    name: str
    channel: str
    archived: bool
    state: str
    qr_url: str | None
    where: Literal['making', 'placed', 'stuck']
    reason: Literal['regular', 'full', 'nobody'] | None
    problem: str | None
    opens_groups: bool
    base_name: str
    base_id: int
    seats: list[GroupSeatOut]
    joined: int
    here: int
    left: int
    simulated: bool
    config_id: str | None
    created_at: str


class GroupDayOut(TypedDict):
    """All groups on one day, as the platform counts."""

    day: str
    new_groups: int
    groups: int
    active_groups: int
    new_people: int
    people: int
    active_people: int
    messages: int


class GroupFigures(TypedDict):
    """What the platform counted of groups, by day and by owner. It counts whole days: today is not in it."""

    days: list[GroupDayOut]
    owners: list[OwnerFigures]
    read_at: str | None
    problem: str | None


class GroupOut(TypedDict):
    """People and conversions; `interval` is the 95 % interval of the rate."""

    entered: int
    converted: int
    rate: float | None
    interval: list[Any] | None


class GroupPerson(TypedDict):
    """A customer in a group, or who was."""

    customer_id: str
    name: str | None
    joined_at: str
    scene: str
    live_code: str | None
    left_at: str | None
    groups: int


class GroupSeat(TypedDict):
    """A group behind a code. `cap`: let in until it has so many people; none for as many as the platform lets in."""

    group_id: str
    cap: NotRequired[int | None]


class GroupSeatOut(TypedDict):
    """A group behind a code. `now`: the code lets people into it at this moment; `opened`: the platform opened it by itself."""

    group_id: str
    group: str
    people: int
    cap: int | None
    ended: bool
    opened: bool
    now: bool
    joined: int


class GroupStaff(TypedDict):
    """One of our own people in a group."""

    member: str
    name: str


class GroupWelcomeChange(TypedDict):
    """The words as they are to be."""

    name: str
    body: NotRequired[str]
    attachment: NotRequired[dict[str, Any] | None]
    notify: NotRequired[bool]


class GroupWelcomeOut(TypedDict):
    """Words for newcomers, and whether the platform has them as they are here."""

    id: str
    account_id: str
    name: str
    body: str
    attachment: dict[str, Any] | None
    notify: bool
    where: Literal['making', 'placed', 'stuck']
    problem: str | None


class GuardedWordChange(TypedDict):
    """What to change; absent keys stay."""

    level: NotRequired[Literal['block', 'warn', 'allow'] | None]
    pinyin: NotRequired[bool | None]
    homophones: NotRequired[bool | None]


class GuardedWordOut(TypedDict):
    """A word; `hits` within the last 30 days. `homophones`: found by its sound too, which is noted and holds nothing back."""

    id: str
    word: str
    level: Literal['block', 'warn', 'allow']
    pinyin: bool
    homophones: bool
    hits: int
    created_at: str


class Hand(TypedDict):
    """A role or a colleague by name: less than `user.read` shows, and all that a block's form needs."""

    id: str
    name: str


class HandOverItemOut(TypedDict):
    """A customer of a hand-over, and the platform's code where it said no."""

    id: str
    customer_id: str
    customer_name: NotRequired[str | None]
    state: Literal['planned', 'asking', 'asked', 'done', 'refused', 'full', 'capped', 'none', 'failed', 'stopped']
    code: str | None
    asked_at: str | None
    finished_at: str | None


class HandOverOut(TypedDict):
    """A hand-over. Customers by where they are; `unknown`: the platform's customers of hers whom nobody here knows."""

    id: str
    giver: str
    giver_name: str
    taker: str
    taker_name: str
    resigned: bool
    state: Literal['gathering', 'running', 'done']
    planned: int
    asked: int
    done: int
    refused: int
    unknown: int
    groups: int
    groups_done: int
    problem: str | None
    created_at: str
    finished_at: str | None


class Health(TypedDict):
    """The process answers and so does its database."""

    status: Literal['ok']


class HealthOut(TypedDict):
    """No workers means that nothing is applied."""

    held: int
    workers: list[WorkerOut]
    lanes: list[LaneOut]


class HeatOut(TypedDict):
    """A block at which people stand."""

    block: str
    block_label: Label | None
    inside: int
    failed: int
    held: int
    overdue: int
    oldest_at: str
    median_hours: float
    longest_hours: float


class HeatsOut(TypedDict):
    """Every block at which somebody stands, where the longest has stood first."""

    blocks: list[HeatOut]


class Hindered(TypedDict):
    """Why messages of a block were held, skipped or failed."""

    block: str
    ruling: str | None
    reason: str | None
    n: int
    customers: int


class Hint(TypedDict):
    """A script that a flow suggests now."""

    id: str
    script_id: str
    title: str
    text: str
    missing: list[str]


class HoldingOut(TypedDict):
    """A role within a scope."""

    role_id: str
    role_name: Label
    scope: Literal['all', 'region', 'store', 'own']
    org_unit_name: str | None


class HomeBoard(TypedDict):
    """`days` names the points, `days_before` those of the period before; the last day of each is a part day."""

    currency: str
    zone: str
    days: list[str]
    days_before: list[str]
    metrics: list[BoardMetric]


Hours = TypedDict('Hours', {'days': 'list[int]', 'from': 'str', 'until': 'str'})


class IdentifierOut(TypedDict):
    """How a customer is known somewhere; `masked` shows enough to recognise it."""

    kind: str
    scope: str
    masked: str
    source: str
    origin_id: str
    first_seen_at: str
    last_seen_at: str


class ImportDetail(TypedDict):
    """An import with what is needed to choose its columns. `undone`: what an undo did, by name."""

    id: str
    kind: str
    file_name: str
    state: Literal['reading', 'uploaded', 'queued', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone', 'undo_failed']
    source: str
    bytes: int
    rows_total: int
    rows_done: int
    done: int
    total: int | None
    accepted: int
    duplicates: int
    updates: int
    refused: int
    left_out: int
    people_made: int
    quality: int | None
    error: Label | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    format: str
    encoding: str
    delimiter: str
    header: list[str]
    mapping: dict[str, int]
    cleaning: list[str]
    notices: list[Label]
    fields: list[FieldLine]
    rules: list[RuleLine]
    mends: str | None
    undone: dict[str, int] | None


class ImportLine(TypedDict):
    """An import as lists show it. `done` of `total` is the progress of what is going on: bytes while reading, rows afterwards."""

    id: str
    kind: str
    file_name: str
    state: Literal['reading', 'uploaded', 'queued', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone', 'undo_failed']
    source: str
    bytes: int
    rows_total: int
    rows_done: int
    done: int
    total: int | None
    accepted: int
    duplicates: int
    updates: int
    refused: int
    left_out: int
    people_made: int
    quality: int | None
    error: Label | None
    created_at: str
    started_at: str | None
    finished_at: str | None


class ImportPreview(TypedDict):
    """What would happen under a mapping and cleaning rules. `forecast` is missing where the mapping cannot be used yet."""

    sample: list[SampleRow]
    score: int
    columns: list[ColumnQuality]
    repeated: int
    forecast: ForecastBody | None
    problems: list[RowProblem]
    unusable: list[Label]
    masked: bool


class InHand(TypedDict):
    """A coupon that she can use."""

    name: str
    code: str
    expires_at: str


class InspectionHitChange(TypedDict):
    """What was done about it."""

    state: Literal['handled', 'ignored']
    note: NotRequired[str]


class InspectionHitOut(TypedDict):
    """A watched word and what stands around it."""

    id: str
    talk_id: str
    customer_id: str
    customer: str | None
    member: str
    adviser: str
    said_by: Literal['customer', 'staff']
    list: str
    word: str
    level: Literal['alarm', 'note']
    at: str
    context: str
    state: Literal['open', 'handled', 'ignored']
    note: str
    handled_by: str | None
    handled_at: str | None


class InspectionListOut(TypedDict):
    """A list of words. `hits30`: found in the last thirty days."""

    id: str
    name: str
    said_by: Literal['customer', 'staff']
    level: Literal['alarm', 'note']
    words: list[str]
    active: bool
    hits30: int


class Install(TypedDict):
    """What the flow is to be called, and the answers by key; what is left out is taken as suggested."""

    name: str
    language: NotRequired[Literal['zh', 'en']]
    answers: NotRequired[dict[str, Answer]]


class Installed(TypedDict):
    """The flow that came of it."""

    flow_id: str


class InterceptAccountOut(TypedDict):
    """Whether an account's advisers are held to the words: rules and words that stand there, words too long for it."""

    id: str
    name: str
    enabled: bool
    levels: list[Literal['block', 'warn']]
    semantics: list[Literal['phone', 'email', 'red_packet']]
    rules: int
    words: int
    skipped: int
    read_at: str | None
    problem: str | None


class InterceptChange(TypedDict):
    """Whether advisers are to be held to the words on the platform too, to which, and to what beside; absent keys stay."""

    enabled: bool
    levels: NotRequired[list[Literal['block', 'warn']] | None]
    semantics: NotRequired[list[Literal['phone', 'email', 'red_packet']] | None]


class InvitedOut(TypedDict):
    """Somebody who came, by whom, and whether she counts. `reason`: a stable word, empty where there is none."""

    id: str
    bucket: int
    inviter_id: str
    inviter: str | None
    friend_id: str
    friend: str | None
    joined_at: str
    matures_at: str
    verdict: Literal['held', 'counted', 'suspect', 'refused', 'left']
    reason: str


class InviterOut(TypedDict):
    """A customer who invites. `link`: her poster; `making`: WeCom has not given her code yet."""

    customer_id: str
    name: str | None
    link: str
    qr_url: str | None
    making: bool
    over: bool
    problem: str | None
    counted: int
    rewarded: list[int]


class Kept(TypedDict):
    """One kind of records. `default` holds where nothing was chosen, `least` is what the law of the house asks."""

    what: str
    label: Label
    days: int
    default: int
    least: int


class KeptDays(TypedDict):
    """How many days to keep it."""

    days: int


class KeptList(TypedDict):
    """Everything that is kept for a time."""

    items: list[Kept]


class KindLine(TypedDict):
    """A kind that a tenant may make weak."""

    kind: str
    label: Label


class KindOut(TypedDict):
    """A kind of block for the palette."""

    kind: str
    version: int
    group: str
    role: str
    label: Label
    help: Label
    icon: str
    needs: list[str]
    for_customer: bool
    config_schema: dict[str, Any]
    default_config: dict[str, Any]
    ports: list[PortOut]
    port_source: PortSource | None


class Kinds(TypedDict):
    """Every kind this server knows, in the palette's order."""

    items: list[KindOut]


class KnowledgeArticleOut(TypedDict):
    """An article."""

    id: str
    title: str
    category: str
    questions: list[str]
    answer: str
    material_id: str | None
    material: str | None
    topic_id: str | None
    topic: str | None
    status: Literal['draft', 'approved', 'archived']
    expires_on: str | None
    used: int
    updated_at: str
    own: bool


class KnowledgeTried(TypedDict):
    """What would be answered and why: `sure`, `unsure`, `torn`, `nothing`."""

    why: Literal['sure', 'unsure', 'torn', 'nothing']
    answer: str | None
    near: list[NearArticle]


class KnowledgeTry(TypedDict):
    """A question to try, at a threshold."""

    text: str
    threshold: NotRequired[float]


class Known(TypedDict):
    """Who knows her."""

    adviser: str
    added_at: str


class Label(TypedDict):
    """A text in both languages."""

    zh: str
    en: str


class LaneOut(TypedDict):
    """What waits in a lane of this tenant (counted up to 100 a bucket), and for how long the oldest has; null when nothing does."""

    lane: Literal['live', 'normal', 'bulk', 'slow']
    events_waiting: int
    event_lag_seconds: float | None
    runs_due: int
    run_lag_seconds: float | None


class LaneWorkOut(TypedDict):
    """A worker's turns of a lane since it began; `rows_per_second` is events and steps of runs by the time of these turns."""

    lane: Literal['live', 'normal', 'bulk', 'slow']
    turns: int
    events: int
    moved: int
    failed: int
    rows_per_second: float
    slowest_ms: float


class LeadDetail(TypedDict):
    """A lead with what happened to it, oldest first."""

    id: str
    customer_id: str
    customer: str | None
    store_id: str | None
    owner_id: str | None
    owner: str | None
    source: str
    subject: str
    campaign: str
    score: int
    reasons: dict[str, int]
    times: int
    state: Literal['new', 'assigned', 'contacted', 'won', 'lost']
    why: str
    amount: Amount | None
    order_id: str | None
    overdue: bool
    created_at: str
    asked_at: str
    assigned_at: str | None
    contacted_at: str | None
    friend_at: str | None
    closed_at: str | None
    due_at: str | None
    steps: list[LeadStep]


class LeadFunnel(TypedDict):
    """One source's people: who wrote to a desk, who became a lead, whom we know as a friend since, who ordered; and what they paid."""

    source: str
    consulted: int
    leads: int
    contacted: int
    friends: int
    orders: int
    friend_orders: int
    lost: int
    amount: Amount


class LeadFunnels(TypedDict):
    """The sources of a period, the busiest first; a hundred at most."""

    first_day: str
    last_day: str
    sources: list[LeadFunnel]


class LeadLost(TypedDict):
    """Why."""

    reason: Literal['price', 'elsewhere', 'no_answer', 'not_meant', 'other']


class LeadOut(TypedDict):
    """A lead. `customer` is her name where the caller may read it; `overdue`: its owner was reminded and did nothing yet."""

    id: str
    customer_id: str
    customer: str | None
    store_id: str | None
    owner_id: str | None
    owner: str | None
    source: str
    subject: str
    campaign: str
    score: int
    reasons: dict[str, int]
    times: int
    state: Literal['new', 'assigned', 'contacted', 'won', 'lost']
    why: str
    amount: Amount | None
    order_id: str | None
    overdue: bool
    created_at: str
    asked_at: str
    assigned_at: str | None
    contacted_at: str | None
    friend_at: str | None
    closed_at: str | None
    due_at: str | None


class LeadOwner(TypedDict):
    """Whose it is now."""

    user_id: str


class LeadRules(TypedDict):
    """How leads are kept. `assign`: to the least busy, in turns, or by hand; `same_days`: asking again counts to the same lead;"""

    assign: NotRequired[Literal['load', 'turns', 'hand']]
    same_days: NotRequired[int]
    remind_minutes: NotRequired[int]
    win_days: NotRequired[int]
    seats: NotRequired[list[LeadSeatBody]]


class LeadRulesOut(TypedDict):
    """The rules, who gets leads, and what a score is made of."""

    assign: Literal['load', 'turns', 'hand']
    same_days: int
    remind_minutes: int
    win_days: int
    seats: list[LeadSeatOut]
    points: dict[str, int]


class LeadSeatBody(TypedDict):
    """Somebody who gets leads; of one store, or of all."""

    user_id: str
    store_id: NotRequired[str | None]


class LeadSeatOut(TypedDict):
    """Somebody who gets leads, and how many she has open: null to whoever may not keep the rules."""

    user_id: str
    name: str
    active: bool
    store_id: str | None
    store: str | None
    open: int | None


class LeadStep(TypedDict):
    """Something that happened to a lead."""

    type: str
    at: str
    owner: str | None
    reason: str | None


class LimitsBodyInput(TypedDict):
    """From how many people, or how much money, a second person is asked; null: never for that."""

    people_max: NotRequired[int | None]
    cost_max: NotRequired[float | str | None]


class LimitsBodyOutput(TypedDict):
    """From how many people, or how much money, a second person is asked; null: never for that."""

    people_max: NotRequired[int | None]
    cost_max: NotRequired[str | None]


class LimitsInInput(TypedDict):
    """Limits of a flow, or of all flows; null is what holds without."""

    runs_per_hour: NotRequired[int | None]
    runs_inside: NotRequired[int | None]
    effects_per_minute: NotRequired[int | None]
    cost_per_day: NotRequired[float | str | None]
    stuck_hours: NotRequired[int | None]
    steps_per_run: NotRequired[int | None]


class LimitsInOutput(TypedDict):
    """Limits of a flow, or of all flows; null is what holds without."""

    runs_per_hour: NotRequired[int | None]
    runs_inside: NotRequired[int | None]
    effects_per_minute: NotRequired[int | None]
    cost_per_day: NotRequired[str | None]
    stuck_hours: NotRequired[int | None]
    steps_per_run: NotRequired[int | None]


class LimitsOut(TypedDict):
    """What somebody has set (`own`), and what holds."""

    own: LimitsInOutput
    effective: LimitsInOutput


class LinkBalance(TypedDict):
    """How many friends an account's links may still bring. `low`: fewer than `warn_below`; `total` and `left` None: never read."""

    account_id: str
    name: str
    total: int | None
    left: int | None
    expiring: list[Expiring]
    warn_below: int
    low: bool
    read_at: str | None
    problem: str | None


class LinkBalanceChange(TypedDict):
    """With fewer left colleagues are told."""

    warn_below: int


class LiveCodeChange(TypedDict):
    """What to change; absent keys stay. Who was given as `seats` replaces everybody."""

    name: NotRequired[str | None]
    channel: NotRequired[str | None]
    skip_verify: NotRequired[bool | None]
    tags: NotRequired[list[str] | None]
    seats: NotRequired[list[Seat] | None]


class LiveCodeOut(TypedDict):
    """A live code. `where`: `making` until the platform has it, `placed`, `stuck` while the platform refuses it."""

    id: str
    account_id: str
    name: str
    channel: str
    kind: Literal['single', 'many', 'link']
    archived: bool
    state: str
    skip_verify: bool
    tags: list[str]
    qr_url: str | None
    where: Literal['making', 'placed', 'stuck']
    reason: Literal['regular', 'backup', 'nobody'] | None
    problem: str | None
    seats: list[SeatOut]
    figures: Figures
    clicks: int | None
    created_at: str


class Looked(TypedDict):
    """Something that she looked at and did not buy since."""

    name: str
    times: int
    last_at: str


class LookedOut(TypedDict):
    """A value that a condition looked at, in plain words; null is missing."""

    text: str
    value: Any
    plain: NotRequired[Said | None]


class LostFriend(TypedDict):
    """A friendship that ended."""

    id: str
    customer_id: str
    customer_name: NotRequired[str | None]
    member: str
    adviser: str
    live_code: str | None
    added_at: str | None
    lost_at: str
    lost_by: Literal['customer', 'adviser', 'unknown']


class LotteryDraw(TypedDict):
    """A draw on record."""

    id: str
    customer_id: str
    customer_name: NotRequired[str | None]
    flow_id: str
    run_id: str
    block: str
    visit: int
    roll: int
    odds: list[PrizeOdds]
    prize: int
    outcome: str | None
    drawn_at: str


class MadeApiKey(TypedDict):
    """The only answer that ever holds the key itself."""

    id: str
    key: str
    prefix: str


class MadeSource(TypedDict):
    """A new account and its secret, shown this once."""

    source: SourceOut
    secret: str


class MadeWebhook(TypedDict):
    """The only answer that ever holds the secret."""

    webhook: WebhookOut
    secret: str


class MassAccountChange(TypedDict):
    """The platform's rules as it says them itself."""

    quota: NotRequired[Literal['month_days', 'per_month', 'per_week', 'per_day'] | None]
    quota_n: NotRequired[int | None]
    task_max: NotRequired[int | None]
    reminders_max: NotRequired[int | None]
    keep_days: NotRequired[int | None]


class MassAccountOut(TypedDict):
    """What the platform allows an account's mass messages."""

    account_id: str
    name: str
    quota: Literal['month_days', 'per_month', 'per_week', 'per_day']
    quota_n: int
    task_max: int
    reminders_max: int
    keep_days: int


class MassGroupOut(TypedDict):
    """A group of a mass message and where it stands."""

    group_id: str
    group: str
    adviser: str
    state: Literal['waiting', 'ready', 'held', 'booking', 'booked', 'asked', 'sent', 'refused', 'cancelled']
    reason: str | None
    settled_at: str | None


class MassPersonOut(TypedDict):
    """A customer of a mass message and where she stands; `until`: when what holds her back would be over."""

    id: str
    customer_id: str
    name: str | None
    adviser: str | None
    state: Literal['waiting', 'ready', 'held', 'booking', 'booked', 'asked', 'sent', 'refused', 'cancelled']
    reason: str | None
    until: str | None
    settled_at: str | None


class MassPostOut(TypedDict):
    """An adviser's part in a post."""

    member: str
    adviser: str
    published: bool
    likes: int
    comments: int


class MassSendChange(TypedDict):
    """What to change of a draft; absent keys stay."""

    name: NotRequired[str | None]
    body: NotRequired[str | None]
    attachments: NotRequired[list[dict[str, Any]] | None]
    segment_id: NotRequired[str | None]
    members: NotRequired[list[str] | None]
    groups: NotRequired[list[str] | None]
    tags: NotRequired[list[str] | None]


class MassSendOut(TypedDict):
    """A mass message or a post, and where its people (or groups) stand. `reminders_left`: for the task reminded of most."""

    id: str
    account_id: str
    simulated: bool
    name: str
    kind: Literal['customers', 'groups', 'moments']
    body: str
    attachments: list[dict[str, Any]]
    segment_id: str | None
    segment: str | None
    members: list[str]
    groups: list[str]
    tags: list[str]
    status: Literal['draft', 'gathering', 'checking', 'checked', 'booking', 'making', 'running', 'done', 'cancelled']
    audience_at: str | None
    started_at: str | None
    finished_at: str | None
    created_at: str
    counts: list[MassStateCount]
    tasks: int
    tasks_made: int
    tasks_confirmed: int
    problem: str | None


class MassStateCount(TypedDict):
    """How many people or groups stand somewhere, for a reason."""

    state: Literal['waiting', 'ready', 'held', 'booking', 'booked', 'asked', 'sent', 'refused', 'cancelled']
    reason: str | None
    n: int


class MassTaskOut(TypedDict):
    """An adviser's task. `reminders_left`: how often she may still be asked within 24 hours."""

    id: str
    member: str
    adviser: str
    number: int
    size: int
    state: Literal['waiting', 'making', 'made', 'done', 'refused', 'cancelled']
    confirmed: bool
    ref: str | None
    made_at: str | None
    read_at: str | None
    reminders_left: int
    problem: str | None


class MaterialLink(TypedDict):
    """A material, with a link that tells who read it."""

    id: str
    name: str
    kind: str
    folder: str
    product: str
    link: str


class MaterialOut(TypedDict):
    """A material."""

    id: str
    code: str
    name: str
    kind: Literal['article', 'page', 'pdf', 'image', 'video']
    folder: str
    url: str | None
    media_id: str | None
    words: str
    product: str
    status: Literal['draft', 'approved', 'archived']
    expires_on: str | None
    updated_at: str
    own: bool


class Me(TypedDict):
    """Who is working, for whom, and what they may do."""

    user: MeUser
    tenant: MeTenant
    permissions: list[str]
    scope: MeScope
    csrf: str
    business_now: str
    language: str


class MeScope(TypedDict):
    """How far the person sees at most; single permissions may reach less far."""

    kind: Literal['all', 'region', 'store', 'own']
    store_ids: list[str]


class MeTenant(TypedDict):
    """The company, with what formats need."""

    id: str
    name: str
    zone: str
    currency: str
    demo: bool
    trial: bool


class MeUser(TypedDict):
    """The person."""

    id: str
    login: str
    name: str


class MediaOut(TypedDict):
    """A picture, a video or a file. `type` is what its bytes are."""

    id: str
    name: str
    kind: Literal['image', 'video', 'file']
    type: str
    size: int
    width: int | None
    height: int | None
    created_at: str


class Member(TypedDict):
    """A customer inside a segment."""

    id: str
    name: str | None
    phone: str | None
    city: str | None
    since: str


class MemberBinding(TypedDict):
    """Which colleague a member is; null: nobody."""

    user_id: str | None


class MemberFigures(TypedDict):
    """What came to one adviser."""

    added: NotRequired[int]
    kept: NotRequired[int]
    lost: NotRequired[int]
    first_orders: NotRequired[int]
    buyers: NotRequired[int]
    member: str
    name: str


class MemberOut(TypedDict):
    """A member of staff, and who she is here. `likely`: whom she may be, for a person to say."""

    member: str
    name: str
    departments: list[str]
    position: str
    state: Literal['active', 'disabled', 'left']
    user_id: str | None
    user_name: str | None
    user_active: bool | None
    likely_id: str | None
    likely_name: str | None
    likely_by: Literal['login', 'name'] | None


class MembershipOut(TypedDict):
    """A segment the customer is in."""

    id: str
    name: str
    since: str


class Mend(TypedDict):
    """Which cause, and what to do about it; `port`: by which a skipped run goes on."""

    block: str
    reason: str
    how: Literal['retry', 'skip']
    port: NotRequired[int]


class MendAnswer(TypedDict):
    """What the door made of a mended record: taken, or what is still wrong with it."""

    accepted: int
    duplicates: int
    updates: int
    problems: list[MendProblem]


class MendProblem(TypedDict):
    """One thing that is still wrong."""

    where: str
    what: Label


class MendedText(TypedDict):
    """A record's text as it should have been. `check` only asks the door what it thinks of it."""

    payload: str
    check: NotRequired[bool]


class MergeLine(TypedDict):
    """A merge that happened. `choices`: fields that the survivor shows of the other though she has her own."""

    id: str
    survivor: MergedCustomer
    loser: MergedCustomer
    at: str
    by: str | None
    undone_at: str | None
    undone_by: str | None
    rule: Label
    choices: list[Label]
    moved_rows: int


class MergeRequest(TypedDict):
    """Who stays, who is merged into her, and of which fields (`name`, `birthday`, ...) the merged one's value is to be shown."""

    survivor: str
    loser: str
    choices: NotRequired[list[str]]


class MergedCustomer(TypedDict):
    """A customer by name."""

    id: str
    name: str | None


class Message(TypedDict):
    """A message and what became of it. `customer_name` is null for the nameless and for whom the caller may not see."""

    id: str
    customer_id: str
    customer_name: NotRequired[str | None]
    template_id: str
    template: str
    channel: str
    message_class: Literal['marketing', 'transactional']
    status: str
    reason: str | None
    planned_at: str
    release_at: str
    finished_at: str | None
    reported: NotRequired[Literal['delivered', 'undelivered'] | None]
    reported_reason: NotRequired[str | None]
    reported_at: NotRequired[str | None]
    flow_id: str | None
    run_id: str | None
    block: str | None


class MessageTemplate(TypedDict):
    """A message template."""

    id: str
    name: str
    channel: str
    message_class: Literal['marketing', 'transactional']
    body: str
    placeholders: list[str]
    repeat_unknown: bool
    archived: bool
    updated_at: str


class MessageTemplateChange(TypedDict):
    """What to change; absent keys stay."""

    name: NotRequired[str | None]
    body: NotRequired[str | None]
    archived: NotRequired[bool | None]


class Mine(TypedDict):
    """An adviser's own month."""

    user_id: str
    name: str
    period: str
    currency: str
    cents: int
    refunded_cents: int
    orders: int
    target_cents: int | None
    rank: int | None
    of: int
    store: str | None
    closed: bool


class MissingBelieved(TypedDict):
    """Whose missing friends are to be believed lost at the next reading."""

    account_id: str
    member: str


class MissingLine(TypedDict):
    """Orders of a currency that no rate covers, held out of every total; `total` in that currency."""

    currency: str
    orders: int
    total: str
    first_day: str
    last_day: str


class ModuleOut(TypedDict):
    """A service module as the canvas pastes it: what it asks for is left open for the forms."""

    id: str
    name: Label
    about: Label
    blocks: list[dict[str, Any]]
    arrows: list[dict[str, Any]]
    entry: str
    exits: list[dict[str, str]]


class Money(TypedDict):
    """An amount in a currency, as decimal text."""

    amount: str
    currency: str


class MoneyLine(TypedDict):
    """An amount as exact text."""

    amount: str
    currency: str


class MoreCards(TypedDict):
    """More cards of a batch."""

    count: int


class Named(TypedDict):
    """Something one can open, by its name."""

    id: str
    name: str


class NamedFlow(TypedDict):
    """A flow by name."""

    id: str
    name: str


class NearArticle(TypedDict):
    """An article that came near. `shared`: what its wording and the question have in common."""

    article_id: str
    title: str
    question: str
    score: float
    shared: list[str]
    by_topic: bool


class NewAccount(TypedDict):
    """An account to connect. With `simulated` the simulator's keys are filled in."""

    connector: str
    source: str
    name: str
    settings: NotRequired[dict[str, str]]
    simulated: NotRequired[bool]


class NewApiKey(TypedDict):
    """A key to make. Its data scope is its maker's."""

    name: str
    permissions: list[str]
    expires_at: NotRequired[str | None]
    rate_per_minute: NotRequired[int]
    burst: NotRequired[int]


class NewBacktest(TypedDict):
    """Over how many days back, and with which part of the customers (1 for all)."""

    days: NotRequired[int]
    share: NotRequired[float]


class NewBatch(TypedDict):
    """Cards to print (`card`), or links of orders (`order`). `count`: how many cards."""

    name: str
    words: NotRequired[str]
    live_code_id: str
    routes: NotRequired[list[ParcelRoute]]
    coupon_template_id: NotRequired[str | None]
    binding: NotRequired[Literal['none', 'ask', 'join']]
    expires_at: NotRequired[str | None]
    account_id: str
    kind: NotRequired[Literal['card', 'order']]
    source: NotRequired[str | None]
    count: NotRequired[int]


class NewBinding(TypedDict):
    """Whom an adviser signs in as."""

    user_id: str


class NewCampaign(TypedDict):
    """A campaign to be made."""

    name: str
    words: NotRequired[str]
    members: list[str]
    tiers: list[RewardTier]
    ends_at: NotRequired[str | None]
    hold_days: NotRequired[int]
    friends_max: NotRequired[int]
    daily_max: NotRequired[int]
    burst_friends: NotRequired[int]
    burst_minutes: NotRequired[int]
    account_id: str


class NewConsent(TypedDict):
    """A consent given or taken back. `channel` is a channel's name or `*`; `proof` says who signed what, and is sealed."""

    channel: NotRequired[str]
    purpose: Literal['marketing', 'service', 'profiling', 'sensitive']
    state: Literal['granted', 'withdrawn']
    source: str
    text_id: NotRequired[str | None]
    guardian: NotRequired[bool]
    proof: NotRequired[str | None]
    at: NotRequired[str | None]


class NewConsentText(TypedDict):
    """The next version of a wording for a purpose and channel (`*`: every one)."""

    purpose: Literal['marketing', 'service', 'profiling', 'sensitive']
    channel: NotRequired[str]
    wording: str


class NewCouponTemplate(TypedDict):
    """A coupon to offer; one of `valid_days` and `valid_until` is set."""

    name: str
    kind: NotRequired[Literal['amount', 'percent', 'gift']]
    value: NotRequired[float | str | None]
    threshold: NotRequired[float | str]
    gift: NotRequired[str | None]
    valid_days: NotRequired[int | None]
    valid_until: NotRequired[str | None]
    per_customer_limit: NotRequired[int | None]
    quota: NotRequired[int | None]


class NewDispute(TypedDict):
    """An adviser says that an order, by the number it was sold under, is hers in this part."""

    number: str
    reason: str
    percent: NotRequired[int]


class NewFlow(TypedDict):
    """A flow to make, empty or from a graph."""

    name: str
    note: NotRequired[str]
    graph: NotRequired[dict[str, Any] | None]


class NewFlowSecret(TypedDict):
    """A credential to seal. `host`: the one host to which it may be sent, such as `erp.example.com`."""

    host: str
    value: str
    note: NotRequired[str]


class NewGeofence(TypedDict):
    """`name` is what expressions ask: `within(customer.location, 'geofence:<name>')`. It never changes."""

    name: str
    label: str
    area: dict[str, Any]


class NewGroupCode(TypedDict):
    """A code that leads into groups, one after the other as they fill up."""

    account_id: str
    name: str
    channel: NotRequired[str]
    opens_groups: NotRequired[bool]
    base_name: NotRequired[str]
    base_id: NotRequired[int]
    seats: list[GroupSeat]


class NewGroupWelcome(TypedDict):
    """Words for newcomers; `%NICKNAME%` becomes the name. At most one attachment, as the platform takes it."""

    account_id: str
    name: str
    body: NotRequired[str]
    attachment: NotRequired[dict[str, Any] | None]
    notify: NotRequired[bool]


class NewGuardedWords(TypedDict):
    """Words to add. `allow`: phrases inside of which nothing is found. `pinyin`: find them spelt in Latin letters too."""

    words: list[str]
    level: NotRequired[Literal['block', 'warn', 'allow']]
    pinyin: NotRequired[bool]


class NewHandOver(TypedDict):
    """A hand-over to begin: all of an adviser's customers, or some. The message is told to customers of one who still serves."""

    account_id: str
    giver: str
    taker: str
    customers: NotRequired[list[str] | None]
    with_groups: NotRequired[bool]
    message: NotRequired[str]


class NewInspectionList(TypedDict):
    """Words to be looked for in what one side says."""

    name: str
    said_by: Literal['customer', 'staff']
    level: NotRequired[Literal['alarm', 'note']]
    words: list[str]
    active: NotRequired[bool]


class NewKnowledgeArticle(TypedDict):
    """A question, its other wordings, and the answer."""

    title: str
    category: NotRequired[str]
    questions: NotRequired[list[str]]
    answer: str
    material_id: NotRequired[str | None]
    topic_id: NotRequired[str | None]
    expires_on: NotRequired[str | None]


class NewLead(TypedDict):
    """A lead that a person enters."""

    customer_id: str
    subject: NotRequired[str]
    source: NotRequired[str]
    campaign: NotRequired[str]


class NewLiveCode(TypedDict):
    """A live code to set up. `channel` is where it is shown; `tags` are given to everybody who comes by it."""

    account_id: str
    name: str
    channel: NotRequired[str]
    kind: NotRequired[Literal['single', 'many', 'link']]
    skip_verify: NotRequired[bool]
    tags: NotRequired[list[str]]
    seats: list[Seat]


class NewMassSend(TypedDict):
    """A mass message or a post to draft. `members`: only these advisers; none: whoever is a customer's adviser (a post: all)."""

    account_id: str
    name: str
    kind: NotRequired[Literal['customers', 'groups', 'moments']]
    body: NotRequired[str]
    attachments: NotRequired[list[dict[str, Any]]]
    segment_id: NotRequired[str | None]
    members: NotRequired[list[str]]
    groups: NotRequired[list[str]]
    tags: NotRequired[list[str]]


class NewMaterial(TypedDict):
    """An article has words of its own; everything else is a file of yours or lies at an address."""

    name: str
    kind: NotRequired[Literal['article', 'page', 'pdf', 'image', 'video']]
    folder: NotRequired[str]
    url: NotRequired[str | None]
    media_id: NotRequired[str | None]
    words: NotRequired[str]
    product: NotRequired[str]
    expires_on: NotRequired[str | None]


class NewMessageTemplate(TypedDict):
    """A template to add."""

    name: str
    message_class: NotRequired[Literal['marketing', 'transactional']]
    channel: NotRequired[Literal['simulated']]
    body: str
    repeat_unknown: NotRequired[bool]


class NewOrgUnit(TypedDict):
    """A node to add."""

    kind: Literal['brand', 'region', 'store']
    code: str
    name: str
    parent_id: NotRequired[str | None]


class NewOwnership(TypedDict):
    """Rules to hold from now on, or from another moment. `version`: the one that was looked at, so that nobody overwrites another's."""

    rules: list[OwnershipRule]
    version: int
    starts_at: NotRequired[str | None]


class NewPlatformTags(TypedDict):
    """Tags of ours to be made there: in a group (`group_id`), or in a new one (`group_name`)."""

    account_id: str
    group_id: NotRequired[str | None]
    group_name: NotRequired[str | None]
    names: list[str]


class NewPlaybook(TypedDict):
    """A plan to draft."""

    name: str
    groups: NotRequired[list[str]]
    begins_on: NotRequired[str | None]
    steps: NotRequired[list[PlaybookStep]]
    account_id: str


class NewReferrer(TypedDict):
    """Who brought her."""

    referrer_id: str


class NewRightsRequest(TypedDict):
    """What a person asked for. `asked_at` is when she did (default: now); the due date counts from there."""

    kind: Literal['export', 'erase']
    customer_id: str
    reason: str
    asked_at: NotRequired[str | None]


class NewRole(TypedDict):
    """A role to add."""

    name: str
    permissions: list[str]


class NewScript(TypedDict):
    """Words with placeholders such as `{{customer.name|亲}}`."""

    title: str
    folder: NotRequired[str]
    body: str
    material_id: NotRequired[str | None]
    expires_on: NotRequired[str | None]


class NewSecret(TypedDict):
    """The secret that the other side gave, and until when it holds; none: one is made up."""

    secret: NotRequired[str | None]
    expires_at: NotRequired[str | None]


class NewSegment(TypedDict):
    """A segment to make: live follows events and the clock, static stays as of its making, a list holds whom people put on it."""

    name: str
    description: NotRequired[str]
    kind: NotRequired[Literal['live', 'static', 'list']]
    text: NotRequired[str | None]
    tree: NotRequired[dict[str, Any] | None]


class NewSource(TypedDict):
    """An account to make. Without `secret` one is made up and shown once. `config` depends on the connector."""

    connector: str
    source: str
    name: str
    config: NotRequired[dict[str, Any]]
    mapping: NotRequired[dict[str, Any] | None]
    secret: NotRequired[str | None]
    lag_seconds_max: NotRequired[int]
    failure_percent_max: NotRequired[int]
    silent_minutes_max: NotRequired[int | None]
    secret_expires_at: NotRequired[str | None]


class NewTag(TypedDict):
    """A tag; with an expression it is computed, and nobody sets it by hand."""

    name: str
    label: NotRequired[str | None]
    text: NotRequired[str | None]
    tree: NotRequired[dict[str, Any] | None]
    colour: NotRequired[str | None]


class NewThing(TypedDict):
    """A thing to make. Without a number it gets one."""

    title: NotRequired[str | None]
    stage: NotRequired[str | None]
    store_id: NotRequired[str | None]
    owner_user_id: NotRequired[str | None]
    fields: NotRequired[dict[str, str | float | bool | None]]
    number: NotRequired[str | None]


class NewThingType(TypedDict):
    """A sort of things to define; its key stays for good."""

    zh: str
    en: str
    fields: NotRequired[list[FieldIn]]
    stages: NotRequired[list[StageIn]]
    name: str


class NewTopic(TypedDict):
    """`groups`: every group must be met by one of its words."""

    name: str
    groups: list[list[str]]
    but: NotRequired[list[str]]
    questions_only: NotRequired[bool]
    product: NotRequired[str]
    material_id: NotRequired[str | None]
    active: NotRequired[bool]


class NewTrial(TypedDict):
    """A trade's code; `customers` where not as many as the trade suggests."""

    trade: str
    customers: NotRequired[int | None]


class NewUser(TypedDict):
    """A person to add."""

    login: str
    name: str
    password: str
    language: NotRequired[Literal['zh', 'en'] | None]
    assignments: NotRequired[list[AssignmentBody]]


class NewVariant(TypedDict):
    """A window for the draft. Times are business time. `at_start`: those inside stay or move in; `at_end`: what those inside it do then."""

    name: str
    starts_at: str
    ends_at: str
    at_start: NotRequired[Literal['stay', 'move']]
    at_end: NotRequired[Literal['stay', 'move', 'leave']]


class NewWebhook(TypedDict):
    """A subscription to make."""

    name: str
    url: str
    event_types: list[str]
    filter: NotRequired[str]
    include_personal: NotRequired[bool]


class NewWelcome(TypedDict):
    """A welcome message. Empty lists ask for nothing; times are in the tenant's zone, over midnight where the end is earlier."""

    name: str
    body: str
    attachments: NotRequired[list[dict[str, Any]]]
    live_codes: NotRequired[list[str]]
    channels: NotRequired[list[str]]
    members: NotRequired[list[str]]
    tags: NotRequired[list[str]]
    days: NotRequired[list[int]]
    from_time: NotRequired[str | None]
    until_time: NotRequired[str | None]
    active: NotRequired[bool]


class NextRound(TypedDict):
    """Where the round before ended; null begins anew."""

    after: NotRequired[str | None]


class NightLine(TypedDict):
    """How the last nightly comparison went; `installed` is false where its library is missing."""

    installed: bool
    trained_at: NotRequired[str | None]
    scored_at: NotRequired[str | None]
    customers: NotRequired[int]
    proposed: NotRequired[int]
    merged: NotRequired[int]


class Note(TypedDict):
    """What an adviser learnt."""

    text: str


class NoticeAnswer(TypedDict):
    """An answer, with a word about it."""

    choice: str
    comment: NotRequired[str]


class NoticeKindOut(TypedDict):
    """A kind of notice, and whether the caller hears of it."""

    kind: str
    label: Label
    on: bool


class NoticeOut(TypedDict):
    """Something that the caller was told. `page`: where on the screen it is looked at in full."""

    id: str
    kind: str
    title: Label
    lines: list[Label]
    urgent: bool
    over: bool
    made_at: str
    page: str


class NoticeSettings(TypedDict):
    """Kinds that are left out, and hours in which only what is urgent comes; both hours null: none."""

    kinds_off: NotRequired[list[str]]
    quiet_from: NotRequired[str | None]
    quiet_until: NotRequired[str | None]


class NoticeSettingsOut(TypedDict):
    """How the caller wants to be told. `reached`: her phone is known by a directory."""

    kinds: list[NoticeKindOut]
    quiet_from: str | None
    quiet_until: str | None
    reached: bool


class NoticeWhole(TypedDict):
    """A notice with what can be answered now. `media_id`: the file of what waits for approval."""

    id: str
    kind: str
    title: Label
    lines: list[Label]
    urgent: bool
    over: bool
    made_at: str
    page: str
    choices: list[ChoiceOut]
    media_id: str | None


class OneSignature(TypedDict):
    """A signature as the platform's script takes it."""

    timestamp: int
    nonce: str
    signature: str


class OneTag(TypedDict):
    """A tag."""

    tag: str


class OpenFlowOut(TypedDict):
    """A published flow in which stores may set something; `adapted`: how many stores of the caller's scope have set it otherwise."""

    id: str
    name: str
    status: Literal['running', 'paused', 'draining']
    adapted: int


class OpenReceiver(TypedDict):
    """What for: it is told to the platform where it asks, and stays on record."""

    purpose: Literal['ship', 'after_sale']


class OpenTask(TypedDict):
    """A question about her that waits for a colleague."""

    id: str
    title: str
    flow: str
    due_at: str | None


class OpeningOut(TypedDict):
    """Somebody opened it. `outcome`: `opened`, or the kind of failure; null while the platform is asked."""

    at: str
    user_id: str | None
    user_name: str | None
    purpose: str
    outcome: str | None


class OrderCreditOut(TypedDict):
    """Whose an order is, and its entries. `rule` null: it was not looked at (not paid, or from before the rules)."""

    order_id: str
    number: str
    currency: str
    total_cents: int
    rule: str | None
    place: int | None
    version: int | None
    evidence: dict[str, Any]
    settled: bool
    shares: list[SharedBy]
    entries: list[EntryOut]
    disputes: list[DisputeOut]


class OrderDetail(TypedDict):
    """An order with its lines and refunds; `converted` where its currency is not the tenant's."""

    id: str
    external_id: str
    source: str
    status: str
    customer_id: str | None
    store_id: str | None
    store: str | None
    sales_channel: str | None
    placed_at: str
    paid_at: str | None
    total: Money
    discount: Money
    refunded_total: Money
    line_count: int
    converted: NotRequired[Conversion | None]
    goods: Money
    beside: Money
    lines: list[OrderLine]
    refunds: list[OrderRefund]


class OrderItem(TypedDict):
    """An order as lists show it."""

    id: str
    external_id: str
    source: str
    status: str
    customer_id: str | None
    store_id: str | None
    store: str | None
    sales_channel: str | None
    placed_at: str
    paid_at: str | None
    total: Money
    discount: Money
    refunded_total: Money
    line_count: int


class OrderLine(TypedDict):
    """A line of an order."""

    line_no: int
    product_id: str
    product: str | None
    category: str | None
    department: str | None
    quantity: str
    amount: Money
    discount: Money


class OrderRef(TypedDict):
    """An order by the platform's number; `serial` binds a printed card to it at packing."""

    source: str
    number: str
    serial: NotRequired[int | None]


class OrderRefs(TypedDict):
    """Orders that want a link each, or whose cards are bound."""

    orders: list[OrderRef]


class OrderRefund(TypedDict):
    """A refund of an order."""

    id: str
    external_id: str
    amount: Money
    refunded_at: str


class OrgUnit(TypedDict):
    """A brand, region or store."""

    id: str
    parent_id: str | None
    kind: Literal['brand', 'region', 'store']
    code: str
    name: str
    active: bool


class OrgUnitChange(TypedDict):
    """Fields left out stay as they are."""

    name: NotRequired[str | None]
    active: NotRequired[bool | None]
    parent_id: NotRequired[str | None]


class OverlapOut(TypedDict):
    """The regions that hold anybody, those in most segments first; `count` is everybody in any of them."""

    segments: list[Compared]
    regions: list[RegionOut]
    count: int


class OwnPassword(TypedDict):
    """The old password proves who asks."""

    old: str
    new: str


class OwnProfile(TypedDict):
    """What people may change about themselves."""

    name: NotRequired[str | None]
    language: NotRequired[Literal['zh', 'en'] | None]


class OwnerFigures(TypedDict):
    """An owner's groups: what came within the days asked for, and how things stood on the last of them."""

    member: str
    name: str
    new_groups: int
    new_people: int
    messages: int
    groups: int
    people: int
    active_people: int


class OwnershipOut(TypedDict):
    """The rules now, those before, and what stands in their way. `waiting`: orders from before the saving are still being looked at."""

    version: int
    rules: list[OwnershipRule]
    versions: list[PolicyOut]
    waiting: bool
    posts: int
    unbound: int
    channels: list[str]
    closed: list[str]


class OwnershipRule(TypedDict):
    """One rule; the first that finds somebody decides."""

    kind: Literal['till', 'parcel', 'scan', 'radar', 'friend', 'owner', 'store']
    days: NotRequired[int]
    renewed_by: NotRequired[list[Literal['added', 'order', 'radar']]]
    pick: NotRequired[Literal['first', 'latest']]
    rota: NotRequired[Literal['customer', 'order']]
    channels: NotRequired[list[str]]
    shares: NotRequired[list[SharePart]]


class OwnershipTried(TypedDict):
    """What the last days would have looked like. `orders` of which `changed` would be somebody else's; `whole`: all were looked at."""

    days: int
    orders: int
    changed: int
    whole: bool
    currency: str
    advisers: list[TriedAdviser]
    rules: list[TriedRule]


class OwnershipTry(TypedDict):
    """Rules to be tried on orders of the last days."""

    rules: list[OwnershipRule]
    days: NotRequired[int]


class PageAccountLine(TypedDict):
    items: list[AccountLine]
    next: NotRequired[str | None]


class PageAddress(TypedDict):
    """The page that wants to call the platform's app."""

    account_id: str
    url: str


class PageAdviserFriend(TypedDict):
    items: list[AdviserFriend]
    next: NotRequired[str | None]


class PageAdviserFriends(TypedDict):
    items: list[AdviserFriends]
    next: NotRequired[str | None]


class PageAdviserOut(TypedDict):
    items: list[AdviserOut]
    next: NotRequired[str | None]


class PageAdviserWork(TypedDict):
    items: list[AdviserWork]
    next: NotRequired[str | None]


class PageApiKey(TypedDict):
    items: list[ApiKey]
    next: NotRequired[str | None]


class PageApprovalOut(TypedDict):
    items: list[ApprovalOut]
    next: NotRequired[str | None]


class PageArchiveAccountOut(TypedDict):
    items: list[ArchiveAccountOut]
    next: NotRequired[str | None]


class PageArchiveMessageOut(TypedDict):
    items: list[ArchiveMessageOut]
    next: NotRequired[str | None]


class PageArchiveTalkOut(TypedDict):
    items: list[ArchiveTalkOut]
    next: NotRequired[str | None]


class PageAttribute(TypedDict):
    items: list[Attribute]
    next: NotRequired[str | None]


class PageAuditLine(TypedDict):
    items: list[AuditLine]
    next: NotRequired[str | None]


class PageBacktestOut(TypedDict):
    items: list[BacktestOut]
    next: NotRequired[str | None]


class PageBacktestPersonOut(TypedDict):
    items: list[BacktestPersonOut]
    next: NotRequired[str | None]


class PageBatchOut(TypedDict):
    items: list[BatchOut]
    next: NotRequired[str | None]


class PageBinding(TypedDict):
    items: list[Binding]
    next: NotRequired[str | None]


class PageBrokenMessageOut(TypedDict):
    items: list[BrokenMessageOut]
    next: NotRequired[str | None]


class PageCallerOut(TypedDict):
    items: list[CallerOut]
    next: NotRequired[str | None]


class PageCampaignOut(TypedDict):
    items: list[CampaignOut]
    next: NotRequired[str | None]


class PageCategory(TypedDict):
    items: list[Category]
    next: NotRequired[str | None]


class PageChangeOut(TypedDict):
    items: list[ChangeOut]
    next: NotRequired[str | None]


class PageChannelJoins(TypedDict):
    items: list[ChannelJoins]
    next: NotRequired[str | None]


class PageClaimOut(TypedDict):
    items: list[ClaimOut]
    next: NotRequired[str | None]


class PageConsentOut(TypedDict):
    items: list[ConsentOut]
    next: NotRequired[str | None]


class PageConsentTextOut(TypedDict):
    items: list[ConsentTextOut]
    next: NotRequired[str | None]


class PageContactAccount(TypedDict):
    items: list[ContactAccount]
    next: NotRequired[str | None]


class PageConvertOut(TypedDict):
    items: list[ConvertOut]
    next: NotRequired[str | None]


class PageCoupon(TypedDict):
    items: list[Coupon]
    next: NotRequired[str | None]


class PageCouponTemplate(TypedDict):
    items: list[CouponTemplate]
    next: NotRequired[str | None]


class PageCustomField(TypedDict):
    items: list[CustomField]
    next: NotRequired[str | None]


class PageCustomerGroup(TypedDict):
    items: list[CustomerGroup]
    next: NotRequired[str | None]


class PageDeliveryLine(TypedDict):
    items: list[DeliveryLine]
    next: NotRequired[str | None]


class PageDepartmentOut(TypedDict):
    items: list[DepartmentOut]
    next: NotRequired[str | None]


class PageDeskMessageOut(TypedDict):
    items: list[DeskMessageOut]
    next: NotRequired[str | None]


class PageDeskOut(TypedDict):
    items: list[DeskOut]
    next: NotRequired[str | None]


class PageDeskTalkOut(TypedDict):
    items: list[DeskTalkOut]
    next: NotRequired[str | None]


class PageDirectoryOut(TypedDict):
    items: list[DirectoryOut]
    next: NotRequired[str | None]


class PageDisputeOut(TypedDict):
    items: list[DisputeOut]
    next: NotRequired[str | None]


class PageDouble(TypedDict):
    items: list[Double]
    next: NotRequired[str | None]


class PageEntryOut(TypedDict):
    items: list[EntryOut]
    next: NotRequired[str | None]


class PageEventTypeOut(TypedDict):
    items: list[EventTypeOut]
    next: NotRequired[str | None]


class PageExportLine(TypedDict):
    items: list[ExportLine]
    next: NotRequired[str | None]


class PageFailedEventLine(TypedDict):
    items: list[FailedEventLine]
    next: NotRequired[str | None]


class PageFlowAlertOut(TypedDict):
    items: list[FlowAlertOut]
    next: NotRequired[str | None]


class PageFlowLine(TypedDict):
    items: list[FlowLine]
    next: NotRequired[str | None]


class PageFlowSecretOut(TypedDict):
    items: list[FlowSecretOut]
    next: NotRequired[str | None]


class PageFlowStoreOut(TypedDict):
    items: list[FlowStoreOut]
    next: NotRequired[str | None]


class PageFriend(TypedDict):
    items: list[Friend]
    next: NotRequired[str | None]


class PageFriendCallOut(TypedDict):
    items: list[FriendCallOut]
    next: NotRequired[str | None]


class PageGeofenceOut(TypedDict):
    items: list[GeofenceOut]
    next: NotRequired[str | None]


class PageGroupAccountOut(TypedDict):
    items: list[GroupAccountOut]
    next: NotRequired[str | None]


class PageGroupChatOut(TypedDict):
    items: list[GroupChatOut]
    next: NotRequired[str | None]


class PageGroupCodeOut(TypedDict):
    items: list[GroupCodeOut]
    next: NotRequired[str | None]


class PageGroupPerson(TypedDict):
    items: list[GroupPerson]
    next: NotRequired[str | None]


class PageGroupWelcomeOut(TypedDict):
    items: list[GroupWelcomeOut]
    next: NotRequired[str | None]


class PageGuardedWordOut(TypedDict):
    items: list[GuardedWordOut]
    next: NotRequired[str | None]


class PageHand(TypedDict):
    items: list[Hand]
    next: NotRequired[str | None]


class PageHandOverItemOut(TypedDict):
    items: list[HandOverItemOut]
    next: NotRequired[str | None]


class PageHandOverOut(TypedDict):
    items: list[HandOverOut]
    next: NotRequired[str | None]


class PageImportLine(TypedDict):
    items: list[ImportLine]
    next: NotRequired[str | None]


class PageInspectionHitOut(TypedDict):
    items: list[InspectionHitOut]
    next: NotRequired[str | None]


class PageInspectionListOut(TypedDict):
    items: list[InspectionListOut]
    next: NotRequired[str | None]


class PageInterceptAccountOut(TypedDict):
    items: list[InterceptAccountOut]
    next: NotRequired[str | None]


class PageInvitedOut(TypedDict):
    items: list[InvitedOut]
    next: NotRequired[str | None]


class PageInviterOut(TypedDict):
    items: list[InviterOut]
    next: NotRequired[str | None]


class PageKnowledgeArticleOut(TypedDict):
    items: list[KnowledgeArticleOut]
    next: NotRequired[str | None]


class PageLeadOut(TypedDict):
    items: list[LeadOut]
    next: NotRequired[str | None]


class PageLinkBalance(TypedDict):
    items: list[LinkBalance]
    next: NotRequired[str | None]


class PageLiveCodeOut(TypedDict):
    items: list[LiveCodeOut]
    next: NotRequired[str | None]


class PageLostFriend(TypedDict):
    items: list[LostFriend]
    next: NotRequired[str | None]


class PageLotteryDraw(TypedDict):
    items: list[LotteryDraw]
    next: NotRequired[str | None]


class PageMassAccountOut(TypedDict):
    items: list[MassAccountOut]
    next: NotRequired[str | None]


class PageMassGroupOut(TypedDict):
    items: list[MassGroupOut]
    next: NotRequired[str | None]


class PageMassPersonOut(TypedDict):
    items: list[MassPersonOut]
    next: NotRequired[str | None]


class PageMassPostOut(TypedDict):
    items: list[MassPostOut]
    next: NotRequired[str | None]


class PageMassSendOut(TypedDict):
    items: list[MassSendOut]
    next: NotRequired[str | None]


class PageMassTaskOut(TypedDict):
    items: list[MassTaskOut]
    next: NotRequired[str | None]


class PageMaterialLink(TypedDict):
    items: list[MaterialLink]
    next: NotRequired[str | None]


class PageMaterialOut(TypedDict):
    items: list[MaterialOut]
    next: NotRequired[str | None]


class PageMediaOut(TypedDict):
    items: list[MediaOut]
    next: NotRequired[str | None]


class PageMember(TypedDict):
    items: list[Member]
    next: NotRequired[str | None]


class PageMemberOut(TypedDict):
    items: list[MemberOut]
    next: NotRequired[str | None]


class PageMergeLine(TypedDict):
    items: list[MergeLine]
    next: NotRequired[str | None]


class PageMessage(TypedDict):
    items: list[Message]
    next: NotRequired[str | None]


class PageMessageTemplate(TypedDict):
    items: list[MessageTemplate]
    next: NotRequired[str | None]


class PageModuleOut(TypedDict):
    items: list[ModuleOut]
    next: NotRequired[str | None]


class PageNoticeOut(TypedDict):
    items: list[NoticeOut]
    next: NotRequired[str | None]


class PageOpenFlowOut(TypedDict):
    items: list[OpenFlowOut]
    next: NotRequired[str | None]


class PageOrderItem(TypedDict):
    items: list[OrderItem]
    next: NotRequired[str | None]


class PageOrgUnit(TypedDict):
    items: list[OrgUnit]
    next: NotRequired[str | None]


class PagePairLine(TypedDict):
    items: list[PairLine]
    next: NotRequired[str | None]


class PagePeriodOut(TypedDict):
    items: list[PeriodOut]
    next: NotRequired[str | None]


class PagePermissionLine(TypedDict):
    items: list[PermissionLine]
    next: NotRequired[str | None]


class PagePhoneText(TypedDict):
    items: list[PhoneText]
    next: NotRequired[str | None]


class PagePlaceholder(TypedDict):
    items: list[Placeholder]
    next: NotRequired[str | None]


class PagePlatformRule(TypedDict):
    items: list[PlatformRule]
    next: NotRequired[str | None]


class PagePlatformTagGroupOut(TypedDict):
    items: list[PlatformTagGroupOut]
    next: NotRequired[str | None]


class PagePlaybookGroupOut(TypedDict):
    items: list[PlaybookGroupOut]
    next: NotRequired[str | None]


class PagePlaybookOut(TypedDict):
    items: list[PlaybookOut]
    next: NotRequired[str | None]


class PagePostOut(TypedDict):
    items: list[PostOut]
    next: NotRequired[str | None]


class PageProduct(TypedDict):
    items: list[Product]
    next: NotRequired[str | None]


class PagePushOut(TypedDict):
    items: list[PushOut]
    next: NotRequired[str | None]


class PageQualityOut(TypedDict):
    items: list[QualityOut]
    next: NotRequired[str | None]


class PageQuarantineGroup(TypedDict):
    items: list[QuarantineGroup]
    next: NotRequired[str | None]


class PageQuarantineItem(TypedDict):
    items: list[QuarantineItem]
    next: NotRequired[str | None]


class PageRanked(TypedDict):
    items: list[Ranked]
    next: NotRequired[str | None]


class PageRateLine(TypedDict):
    items: list[RateLine]
    next: NotRequired[str | None]


class PageReaderOut(TypedDict):
    items: list[ReaderOut]
    next: NotRequired[str | None]


class PageReadingFigures(TypedDict):
    items: list[ReadingFigures]
    next: NotRequired[str | None]


class PageRedemptionReport(TypedDict):
    items: list[RedemptionReport]
    next: NotRequired[str | None]


class PageReferralOut(TypedDict):
    items: list[ReferralOut]
    next: NotRequired[str | None]


class PageRefusedLine(TypedDict):
    items: list[RefusedLine]
    next: NotRequired[str | None]


class PageRefusedRow(TypedDict):
    items: list[RefusedRow]
    next: NotRequired[str | None]


class PageReplyFigures(TypedDict):
    items: list[ReplyFigures]
    next: NotRequired[str | None]


class PageRightsRequestOut(TypedDict):
    items: list[RightsRequestOut]
    next: NotRequired[str | None]


class PageRole(TypedDict):
    items: list[Role]
    next: NotRequired[str | None]


class PageRuleOut(TypedDict):
    items: list[RuleOut]
    next: NotRequired[str | None]


class PageRunLine(TypedDict):
    items: list[RunLine]
    next: NotRequired[str | None]


class PageSaidOut(TypedDict):
    items: list[SaidOut]
    next: NotRequired[str | None]


class PageScoreFigures(TypedDict):
    items: list[ScoreFigures]
    next: NotRequired[str | None]


class PageScoreSampleOut(TypedDict):
    items: list[ScoreSampleOut]
    next: NotRequired[str | None]


class PageScript(TypedDict):
    items: list[Script]
    next: NotRequired[str | None]


class PageScriptOut(TypedDict):
    items: list[ScriptOut]
    next: NotRequired[str | None]


class PageSegmentOut(TypedDict):
    items: list[SegmentOut]
    next: NotRequired[str | None]


class PageSourceHealthOut(TypedDict):
    items: list[SourceHealthOut]
    next: NotRequired[str | None]


class PageSourceOut(TypedDict):
    items: list[SourceOut]
    next: NotRequired[str | None]


class PageSpendOut(TypedDict):
    items: list[SpendOut]
    next: NotRequired[str | None]


class PageStartableFlow(TypedDict):
    items: list[StartableFlow]
    next: NotRequired[str | None]


class PageStateCount(TypedDict):
    items: list[StateCount]
    next: NotRequired[str | None]


class PageStockLevel(TypedDict):
    items: list[StockLevel]
    next: NotRequired[str | None]


class PageStore(TypedDict):
    items: list[Store]
    next: NotRequired[str | None]


class PageStuckLine(TypedDict):
    items: list[StuckLine]
    next: NotRequired[str | None]


class PageTagAccountOut(TypedDict):
    items: list[TagAccountOut]
    next: NotRequired[str | None]


class PageTagConflictOut(TypedDict):
    items: list[TagConflictOut]
    next: NotRequired[str | None]


class PageTagLineOut(TypedDict):
    items: list[TagLineOut]
    next: NotRequired[str | None]


class PageTaskOut(TypedDict):
    items: list[TaskOut]
    next: NotRequired[str | None]


class PageTemplateLine(TypedDict):
    items: list[TemplateLine]
    next: NotRequired[str | None]


class PageThingEvent(TypedDict):
    items: list[ThingEvent]
    next: NotRequired[str | None]


class PageThingRow(TypedDict):
    items: list[ThingRow]
    next: NotRequired[str | None]


class PageThingTypeOut(TypedDict):
    items: list[ThingTypeOut]
    next: NotRequired[str | None]


class PageTimelineEntry(TypedDict):
    items: list[TimelineEntry]
    next: NotRequired[str | None]


class PageTopicOut(TypedDict):
    items: list[TopicOut]
    next: NotRequired[str | None]


class PageTradeOut(TypedDict):
    items: list[TradeOut]
    next: NotRequired[str | None]


class PageTrialOut(TypedDict):
    items: list[TrialOut]
    next: NotRequired[str | None]


class PageUser(TypedDict):
    items: list[User]
    next: NotRequired[str | None]


class PageVariantOut(TypedDict):
    items: list[VariantOut]
    next: NotRequired[str | None]


class PageVersionOut(TypedDict):
    items: list[VersionOut]
    next: NotRequired[str | None]


class PageWebhookOut(TypedDict):
    items: list[WebhookOut]
    next: NotRequired[str | None]


class PageWelcomeOut(TypedDict):
    items: list[WelcomeOut]
    next: NotRequired[str | None]


class PageWordHitOut(TypedDict):
    items: list[WordHitOut]
    next: NotRequired[str | None]


class PairLine(TypedDict):
    """Two customers who may be one. Pairs with one `pattern` have the same evidence."""

    first: PersonLine
    second: PersonLine
    reason: Label
    pattern: str
    filed_at: str | None
    evidence: Evidence
    fields: list[FieldPair]


class ParcelRoute(TypedDict):
    """Whose parcels go to the advisers of another live code: those to these cities, those of this store's orders."""

    cities: NotRequired[list[str]]
    store_id: NotRequired[str | None]
    live_code_id: str


class PartOut(TypedDict):
    """A part of the expression with its answer for one customer, in plain words."""

    kind: Literal['and', 'or', 'not', 'condition']
    text: str
    plain: NotRequired[Said | None]
    holds: bool
    values: NotRequired[list[LookedOut]]
    parts: NotRequired[list[PartOut]]


class PassageOut(TypedDict):
    """The way of one person (or thing) through the draft."""

    customer: Who | None
    thing: ThingOut | None
    enters: bool
    entry: ConditionOut | None
    event_type: str | None
    event_at: str | None
    status: str
    arm: str | None
    block: str | None
    block_label: Label | None
    wake_at: str | None
    steps: list[StepOut]
    effects: list[EffectOut]


class PeriodOut(TypedDict):
    """A month."""

    period: str
    closed_at: str | None
    closed_by: str | None
    cents: int


class PermissionLine(TypedDict):
    """One right a role can carry."""

    name: str
    area: str
    label: Label


class Person(TypedDict):
    """Somebody who has the flow open."""

    user_id: str
    name: str
    editing: bool
    block: str | None


class PersonLine(TypedDict):
    """A customer beside another; the phone masked."""

    id: str
    name: str | None
    phone: str | None
    member_no: str | None
    city: str | None
    stage: str | None
    level: str | None
    tags: list[str]
    order_count: int
    spend_total: MoneyLine
    last_order_at: str | None
    first_seen_at: str
    identifiers: list[ShownIdentifier]


class PhoneReaction(TypedDict):
    """What the customer does with a message."""

    what: Literal['delivered', 'read', 'clicked', 'replied']


class PhoneText(TypedDict):
    """A message as it arrived on the simulated phone. `customer_name` as in a message."""

    id: str
    customer_id: str
    customer_name: NotRequired[str | None]
    template_id: str | None
    delivered_at: str
    text: str


class PlaceInput(TypedDict):
    """A place on the earth: degrees, WGS-84, to six decimal places (0.1 m)."""

    longitude: float | str
    latitude: float | str


class PlaceOutput(TypedDict):
    """A place on the earth: degrees, WGS-84, to six decimal places (0.1 m)."""

    longitude: str
    latitude: str


class PlacedDepartment(TypedDict):
    """A department and the region or store that it is; null: none."""

    department: str
    unit_id: str | None


class PlacedDepartments(TypedDict):
    """Departments and what they are."""

    departments: list[PlacedDepartment]


class Placeholder(TypedDict):
    """A placeholder a template may use."""

    name: str
    label: Label
    personal: bool


class PlatformOut(TypedDict):
    """A platform that can be connected."""

    name: str
    label: Label
    auth: str
    push: str
    capabilities: list[str]
    settings: list[SettingOut]
    tier: str
    simulated: bool


class PlatformRule(TypedDict):
    """What a platform says of leading its buyers away. `verified`: read at the source named; else ask the platform first."""

    connector: str
    stance: Literal['forbidden', 'restricted', 'own', 'unknown']
    text: Label
    origin: str
    verified: bool


class PlatformTagGroupOut(TypedDict):
    """A group of tags. `wins`: whose word holds; `off`: not synchronised."""

    id: str
    account_id: str
    name: str
    wins: Literal['last', 'ours', 'platform', 'off']
    there: bool
    tags: list[PlatformTagOut]


class PlatformTagOut(TypedDict):
    """A tag there, the tag of ours that it is, and how many customers have it here."""

    id: str
    name: str
    tag: str
    status: Literal['there', 'wanted', 'gone', 'ended']
    problem: str | None
    customers: int


class PlatformsOut(TypedDict):
    """Every platform."""

    platforms: list[PlatformOut]


class PlaybookGroupOut(TypedDict):
    """A group of a playbook, and where it stands with each step that has begun."""

    group_id: str
    group: str
    owner: str
    ended: bool
    places: list[PlaybookPlaceOut]


class PlaybookOut(TypedDict):
    """A playbook."""

    id: str
    account_id: str
    name: str
    status: Literal['draft', 'running', 'paused', 'ended']
    groups: list[str]
    begins_on: str | None
    started_at: str | None
    finished_at: str | None
    created_at: str
    steps: list[PlaybookStepOut]


class PlaybookPlaceOut(TypedDict):
    """Where a group stands with one step. `reason`: why it was held back."""

    step_id: str
    state: Literal['waiting', 'open', 'done', 'held', 'skipped']
    reason: str | None
    given: int
    doubles: int
    at: str | None


class PlaybookPlan(TypedDict):
    """A plan of days for some groups."""

    name: str
    groups: NotRequired[list[str]]
    begins_on: NotRequired[str | None]
    steps: NotRequired[list[PlaybookStep]]


class PlaybookStep(TypedDict):
    """What happens on a day (from 1) at a time. `coupon_id`: the coupon that everybody in the groups gets, once."""

    day: int
    at: str
    kind: Literal['message', 'coupon', 'task']
    title: str
    body: NotRequired[str]
    attachments: NotRequired[list[dict[str, Any]]]
    coupon_id: NotRequired[str | None]


class PlaybookStepOut(TypedDict):
    """A step, and in how many of its groups it is done. `given`, `doubles`: coupons, and who had one from another group."""

    id: str
    day: int
    at: str
    kind: Literal['message', 'coupon', 'task']
    title: str
    body: str
    attachments: list[dict[str, Any]]
    coupon_id: str | None
    coupon: str | None
    state: Literal['waiting', 'begun', 'done', 'missed', 'cancelled']
    due_at: str | None
    mass_send_id: str | None
    groups: int
    groups_done: int
    given: int
    doubles: int


class PointOut(TypedDict):
    """One minute or hour."""

    at: str
    received: int
    quarantined: int
    turned_away: int
    lag_seconds: int | None


class Points(TypedDict):
    """A customer's points: `lots` in the order they will be spent."""

    balance: int
    lots: list[PointsLot]
    entries: list[PointsEntry]


class PointsAdjustment(TypedDict):
    """A correction by hand; negative takes points away."""

    delta: int
    reason: str


class PointsEntry(TypedDict):
    """A movement of the ledger."""

    id: str
    from_account: str
    to_account: str
    amount: int
    posted_at: str
    reason: str


class PointsLot(TypedDict):
    """Points that came together and expire together."""

    id: str
    earned: int
    remaining: int
    earned_at: str
    expires_at: str | None


class PolicyOut(TypedDict):
    """A version of the rules."""

    version: int
    rules: list[OwnershipRule]
    starts_at: str
    saved_at: str
    saved_by: str | None


class PortOut(TypedDict):
    """A way out of a block."""

    name: str
    label: Label
    optional: NotRequired[bool]


class PortSource(TypedDict):
    """Ports that follow from a list in the configuration: before, one per item of `field`, after."""

    field: str
    name: str
    label: str
    before: list[PortOut]
    after: list[PortOut]


class PostBody(TypedDict):
    """A colleague who earns credit."""

    code: NotRequired[str | None]
    store_id: NotRequired[str | None]
    left_at: NotRequired[str | None]
    successor_id: NotRequired[str | None]


class PostOut(TypedDict):
    """A colleague, and her post where she has one."""

    user_id: str
    name: str
    active: bool
    code: str | None
    store_id: str | None
    store: str | None
    since: str | None
    left_at: str | None
    successor_id: str | None
    successor: str | None
    members: list[str]


class Preview(TypedDict):
    """The text as it would arrive; `missing` are placeholders without a value for this customer."""

    text: str
    missing: list[str]


class PreviewEntry(TypedDict):
    """Customers who enter together at a start: at `at`, or (null) at once. `messages`: to them, at most; null without a bound."""

    block: str
    segment: str
    people: int
    at: str | None
    messages: int | None
    cost: NotRequired[str | None]


class PreviewInside(TypedDict):
    """Customers inside a version."""

    version: int
    runs: int


class PreviewOut(TypedDict):
    """Whom an expression means right now."""

    count: int
    samples: list[Sample]
    took_ms: int


class PreviewRequest(TypedDict):
    """A text to try, on one customer or without any."""

    body: str
    customer_id: NotRequired[str | None]


class Priorities(TypedDict):
    """The orders of all fields, and the sources that there are to choose from."""

    fields: list[PriorityLine]
    sources: list[str]


class PriorityBody(TypedDict):
    """`sources`: names, `shop*` for all that begin so, `*` for everybody else; null goes back to the default."""

    sources: list[str] | None


class PriorityLine(TypedDict):
    """Whom to believe about a field, the strongest first. `chosen`: the tenant's own order, else the default is shown."""

    field: str
    label: Label
    sources: list[str]
    chosen: bool


class PrizeOdds(TypedDict):
    """A prize as it stood at a draw. `odds` in per cent."""

    name: str
    label: str
    odds: str


class ProblemOut(TypedDict):
    """What went wrong, and what helps."""

    kind: str
    title: Label
    told: str
    platform_code: str
    remedy: Label


class Product(TypedDict):
    """A product."""

    product_id: str
    name: str
    category: str | None
    category_en: str | None
    department: str | None
    brand: str | None
    price: str | None


class Profile(TypedDict):
    """The feature row."""

    order_count: int
    spend_total: Amount
    refund_total: Amount
    first_order_at: str | None
    last_order_at: str | None
    last_visit_at: str | None
    average_order_value: Amount | None
    rfm_r: int | None
    rfm_f: int | None
    rfm_m: int | None
    rfm_score: int | None
    favourite_category: str | None
    lifetime_value: Amount
    usual_interval_days: str | None
    expected_order_at: str | None
    churn_risk: str | None
    orders_waiting: int


class ProviderField(TypedDict):
    """A field of a provider's form."""

    name: str
    label: Label
    secret: bool
    required: bool


class ProviderOut(TypedDict):
    """A provider that can be chosen. `needs_approved_text`: each template names one of the provider's own."""

    name: str
    label: Label
    needs_approved_text: bool
    settings: list[ProviderField]


class Publish(TypedDict):
    """What becomes of those inside: they stay on their version, move to the new one, or leave."""

    running: NotRequired[Literal['stay', 'move', 'leave']]
    successors: NotRequired[dict[str, str]]
    note: NotRequired[str]


class PublishPreview(TypedDict):
    """What publishing the draft would do. `listens`: others enter later, as things happen."""

    entries: list[PreviewEntry]
    listens: bool
    inside: list[PreviewInside]
    human: NotRequired[list[str]]
    reasons: NotRequired[list[str]]
    people_max: NotRequired[int | None]
    cost_max: NotRequired[str | None]


class PublishStock(TypedDict):
    """The number to tell. `was`: what the person saw before; another count since then is a conflict."""

    quantity: int
    was: NotRequired[float | str | None]


class Published(TypedDict):
    """The current version."""

    version_id: str
    number: int
    published_at: str


class PushOut(TypedDict):
    """A number that was told, or is to be: by a person, or by a flow where nobody is named. `problem` says what the shop answered."""

    id: str
    at: str
    quantity: int
    state: Literal['waiting', 'asking', 'done', 'refused', 'overtaken']
    by: str | None
    problem: Label | None


class QualityOut(TypedDict):
    """How good a source's data is. Shares from 0 to 1, null where there is too little to tell."""

    source: str
    received: int
    unread: int
    understood: float | None
    filled: float | None
    held: float | None
    score: int | None


class QuarantineGroup(TypedDict):
    """Open records of one source with the same first reason."""

    key: str
    source: str
    kind: str
    reason: str
    where: str
    what: Label
    count: int
    oldest: str
    newest: str


class QuarantineItem(TypedDict):
    """A record the door could not understand, without its payload."""

    id: str
    source: str
    external_id: str
    kind: str
    mode: Literal['live', 'backfill']
    occurred_at: str | None
    problems: list[RefusedBody]
    schema_version: str
    received_at: str
    status: str
    attempts: int
    replayed_at: str | None


class QuarantinePayload(TypedDict):
    """A quarantined record's payload as it came; `masked` where parts are closed because the caller may not see such data."""

    payload: str
    masked: bool


class Question(TypedDict):
    """Something asked before a flow starts."""

    name: str
    type: Literal['text', 'number', 'bool', 'date', 'timestamp']
    label: str
    required: bool
    options: list[str]


class Ranked(TypedDict):
    """Somebody's month, in the tenant's currency. `rank` is shared by equals; `target_cents` null: none was set."""

    id: str
    name: str
    store: str | None
    rank: int
    cents: int
    refunded_cents: int
    orders: int
    target_cents: int | None


class RateFindings(TypedDict):
    """What a person should look at. `home` is the tenant's own currency."""

    home: str
    missing: list[MissingLine]
    stale: list[StaleLine]


class RateIn(TypedDict):
    """A rate to write; the last word on a day wins."""

    currency: str
    day: str
    rate: float | str


class RateLine(TypedDict):
    """What one unit of a currency is worth in the tenant's own on a day."""

    currency: str
    day: str
    rate: str
    updated_at: str


class RatesBody(TypedDict):
    """Rates, at most 5,000 a call: as rows, or as the text of a CSV with the columns currency, day, rate."""

    rates: NotRequired[list[RateIn]]
    csv: NotRequired[str | None]


class RatesWritten(TypedDict):
    """How many rates are new or other, and how many orders are being revalued for it in the background."""

    written: int
    orders: int


class ReaderOut(TypedDict):
    """A customer who read. `depth` in per cent."""

    customer_id: str
    name: str | None
    opened_at: str
    times: int
    seconds: int
    depth: int
    liked: bool
    forwarded: bool


class ReadingFigures(TypedDict):
    """What content did. `seconds`: on the mean of an opening."""

    key: str
    name: str
    opened: int
    readers: int
    strangers: int
    seconds: int
    finished: int
    liked: int
    forwarded: int


class ReceiverOut(TypedDict):
    """Whom the parcel goes to. Shown this once and kept nowhere. `virtual`: the phone leads to her for some days only."""

    name: str
    phone: str
    address: str
    virtual: bool


class ReceiverStanding(TypedDict):
    """Whether it can be opened, else why not; openings left today; who opened it before, the latest first, twenty at most."""

    possible: bool
    why: Literal['no_platform', 'forbidden', 'paused', 'quota'] | None
    left_today: int | None
    openings: list[OpeningOut]


class Recognised(TypedDict):
    """What a sentence is about, if anything."""

    topic_id: NotRequired[str | None]
    topic: NotRequired[str | None]
    material: NotRequired[str | None]
    question: NotRequired[bool]


class RecordedConsent(TypedDict):
    """The new entry, and how many planned messages a withdrawal stopped."""

    id: str
    stopped_messages: int


class RedeemRequest(TypedDict):
    """A coupon at the till."""

    code: str
    store_id: NotRequired[str | None]
    order_id: NotRequired[str | None]


class RedemptionReport(TypedDict):
    """A redemption told by an outside till that was not counted where it arrived, and why."""

    id: str
    customer_id: str
    code: str
    coupon_id: str | None
    status: Literal['forwarded', 'unknown_code', 'already_redeemed', 'revoked', 'not_here']
    reported_at: str
    store_id: str | None
    external_order_id: str | None
    source: str


class Reference(TypedDict):
    """Something outside the flow that a block names."""

    what: Literal['segment', 'message_template', 'coupon_template']
    name: str


class ReferralDecision(TypedDict):
    """Whether a suspicious friend counts."""

    counts: bool


class ReferralOut(TypedDict):
    """Somebody whom a customer brought."""

    id: str
    customer_id: str
    name: str | None
    campaign: str
    state: Literal['came', 'paid', 'known']
    came_at: str
    paid_at: str | None
    amount: Amount | None


class ReferrerOut(TypedDict):
    """By whom a customer came. `name`: null where the caller may not read her."""

    customer_id: str
    name: str | None
    source: Literal['campaign', 'staff']
    campaign: str
    state: Literal['came', 'paid', 'known']
    came_at: str
    paid_at: str | None
    amount: Amount | None


class Refusal(TypedDict):
    """Why a request is turned down."""

    note: str


class RefusedBody(TypedDict):
    """A record that was not taken, with the place and the reason."""

    index: int
    where: str
    what: Label


class RefusedLine(TypedDict):
    """A merge that did not happen, and why."""

    id: str
    survivor: MergedCustomer
    loser: MergedCustomer
    at: str
    by: str | None
    rule: Label
    why: Label
    open: bool


class RefusedRow(TypedDict):
    """A row that was refused, or taken without some of its cells, as it came."""

    row: int
    cells: list[str]
    what: Label


class RegionOut(TypedDict):
    """Customers in exactly these of the compared segments."""

    segment_ids: list[str]
    count: int


class RemedyOut(TypedDict):
    """Something to do about an alert: `action` says what, `label` as a button reads it."""

    action: Literal['pause', 'resume', 'stop', 'retry', 'skip', 'people', 'limits', 'failures', 'workers', 'edit', 'send_on', 'merges']
    label: Label


class Replay(TypedDict):
    """Which deliveries to send again: those of a state, filed within a span of time."""

    status: NotRequired[Literal['dead', 'delivered']]
    filed_from: NotRequired[str | None]
    filed_to: NotRequired[str | None]


class ReplayProgress(TypedDict):
    """A bulk replay. `taken` and `refused` are known at the end."""

    id: str
    state: Literal['queued', 'running', 'done', 'failed', 'cancelled']
    done: int
    total: int | None
    taken: int | None
    refused: int | None


class Replayed(TypedDict):
    """How many are on their way again; `more` says that others still match: call again."""

    replayed: int
    more: bool


class ReplyFigures(TypedDict):
    """How soon an adviser answered: seconds of service hours. `waiting`: customers without an answer now."""

    member: str
    adviser: str
    replies: int
    median_seconds: int | None
    worst_seconds: int | None
    within: int
    late: int
    waiting: int
    alarmed: int


class Restore(TypedDict):
    """`etag` of the draft that the version replaces."""

    etag: int


class ResultsOut(TypedDict):
    """What came of a flow. `uplift` compares who was served with the control group; null without one."""

    treated: GroupOut
    control: GroupOut
    control_block: str | None
    uplift: ComparisonOut | None
    splits: list[SplitOut]
    blocks: list[BlockOut]


class Retried(TypedDict):
    """How many events went back into the inbox, and where the next round begins (null: this was the last)."""

    retried: int
    next: NotRequired[str | None]


class RetryRound(TypedDict):
    """Where the round before ended; null begins anew."""

    after: NotRequired[str | None]


class RevealBody(TypedDict):
    """Which personal value to show in the clear."""

    field: Literal['name', 'phone', 'email']


class RevealedOut(TypedDict):
    """A personal value in the clear; the look is on the audit trail."""

    value: str


class RewardTier(TypedDict):
    """So many friends who stayed bring points, a coupon, or both."""

    friends: int
    points: NotRequired[int | None]
    coupon: NotRequired[str | None]


class RightsRequestOut(TypedDict):
    """A request and how far it is. `receipt` holds counts by table; `genuine` says that its hash and signature are ours."""

    id: str
    kind: Literal['export', 'erase']
    customer_id: str
    reason: str
    status: Literal['open', 'approved', 'done', 'refused', 'failed']
    asked_at: str
    due_at: str
    created_by: str | None
    created_by_name: str | None
    first_approved_by: str | None
    first_approved_by_name: str | None
    decided_by_name: str | None
    decided_at: str | None
    note: str | None
    done_at: str | None
    receipt: dict[str, Any] | None
    receipt_hash: str | None
    signature: str | None
    has_file: bool
    genuine: NotRequired[bool | None]


class Role(TypedDict):
    """A role. Built-in ones have a label in both languages and cannot be changed."""

    id: str
    code: str
    name: str
    built_in: bool
    permissions: list[str]
    holders: int
    label: NotRequired[Label | None]


class RoleChange(TypedDict):
    """Fields left out stay as they are."""

    name: NotRequired[str | None]
    permissions: NotRequired[list[str] | None]


class Rotation(TypedDict):
    """How long the old secret signs beside the new one."""

    overlap_hours: NotRequired[int]


class RoundAnswer(TypedDict):
    """How many records were taken, how many stay, and where the next round begins (null: this was the last)."""

    taken: int
    refused: int
    next: str | None


class RowProblem(TypedDict):
    """What is wrong with a row; `row` counts like a spreadsheet, the header being 1. `taken`: it goes in without the cell named."""

    row: int
    what: Label
    taken: bool


class RuleIn(TypedDict):
    """Who holds a role: in a department and below it, with a position, or leading one. `unit`: the store or region her department is."""

    department: NotRequired[str | None]
    position: NotRequired[str | None]
    leaders_only: NotRequired[bool]
    role_id: str
    scope: Literal['all', 'unit', 'own']


class RuleLine(TypedDict):
    """A cleaning rule; `fields` names those it touches, none meaning all."""

    name: str
    label: Label
    fields: list[str]


class RuleOut(TypedDict):
    """A rule. `gives`: its role is given now; else `why` says why not."""

    id: str
    department: str | None
    department_name: str | None
    position: str | None
    leaders_only: bool
    role_id: str
    role_name: Label
    strong: bool
    scope: Literal['all', 'unit', 'own']
    gives: bool
    why: Literal['waiting', 'refused', 'maker_gone', 'maker_short', 'unseconded'] | None
    made_by: str
    made_by_name: str
    decided_by_name: str | None


class RuleWord(TypedDict):
    """A second person's word on a rule."""

    agree: bool


class RulesAnswer(TypedDict):
    """The rules, what may be chosen, and the last night."""

    rules: RulesBody
    kinds: list[KindLine]
    night: NightLine


class RulesBody(TypedDict):
    """What joins with this tenant (`weak`: kinds that only suggest), what guards, and from which likelihood a pair counts."""

    weak: NotRequired[list[str]]
    contradictions_max: NotRequired[int]
    shared_after: NotRequired[int]
    accounts_max: NotRequired[int]
    names_speak: NotRequired[bool]
    recycled_days: NotRequired[int]
    review_above: NotRequired[float]
    merge_above: NotRequired[float | None]


class RunLine(TypedDict):
    """A run in a list. `since`: at its place since when. `reason`: why it stands still."""

    id: str
    flow: NamedFlow
    version: int
    customer_id: str | None
    customer: Who | None
    thing: NotRequired[ThingOut | None]
    block: str | None
    block_label: Label | None
    state: str
    status: str
    since: str | None
    reason: str | None
    entered_at: str
    ended_at: str | None
    wake_at: str | None
    goal_at: str | None


class RunOut(TypedDict):
    """A run with every step and what each did for her. `entry`: the condition of entry with its values as of then, None without one."""

    id: str
    flow: NamedFlow
    version: int
    customer_id: str | None
    customer: Who | None
    thing: NotRequired[ThingOut | None]
    block: str | None
    block_label: Label | None
    state: str
    status: str
    since: str | None
    reason: str | None
    entered_at: str
    ended_at: str | None
    wake_at: str | None
    goal_at: str | None
    arm: str | None
    steps: list[StepOut]
    entry_event: str | None
    entry: ConditionOut | None
    effects: list[EffectOut]


class Said(TypedDict):
    """A sentence in both languages."""

    zh: str
    en: str


class SaidOut(TypedDict):
    """A message. `text` is null for whoever may not see sensitive data; `way` where the message came by, in words; `about` an order."""

    event_id: str
    at: str
    by: Literal['customer', 'staff']
    text: str | None
    way: Label
    source: str
    topic: str | None
    about: str | None
    conversation: str | None


class Sample(TypedDict):
    """One of the customers meant; the name is masked."""

    id: str
    name: str | None
    city: str | None
    order_count: int
    last_order_at: str | None


class SampleOut(TypedDict):
    """The newest page of one resource, mapped; nothing was kept."""

    resource: str
    records: list[SampleRecord]
    problems: list[SampleProblem]


class SampleProblem(TypedDict):
    """Something that a mapping could not read."""

    where: str
    what: Label


class SampleRecord(TypedDict):
    """A record as it would be taken in."""

    kind: str
    external_id: str | None
    time: str | None
    payload: dict[str, Any]


class SampleRow(TypedDict):
    """A row of the file, as it is and as it will be; `problem` where it will be refused, `note` where a cell is left out."""

    row: int
    cells: list[str]
    cleaned: list[str]
    problem: Label | None
    note: Label | None


class SamplesOut(TypedDict):
    """A sample of each resource."""

    samples: list[SampleOut]


class Saved(TypedDict):
    """The draft's new etag."""

    etag: int


class ScoreAppeal(TypedDict):
    """Why the score is not right."""

    reason: str


class ScoreCriterion(TypedDict):
    """One thing that is judged, and how many points it is worth."""

    key: str
    name: str
    points: int


class ScoreFigures(TypedDict):
    """An adviser's scores in some weeks."""

    member: str
    adviser: str
    scored: int
    waiting: int
    mean: float | None
    lowest: int | None
    fatal: int
    appeals: int


class ScoreFormIn(TypedDict):
    """By what talks are scored. Points add up to a hundred; `fatal` faults make it nought."""

    name: str
    criteria: list[ScoreCriterion]
    fatal: NotRequired[list[str]]


class ScoreFormOut(TypedDict):
    """A form. `id` null: the one to begin with, which nobody here wrote."""

    id: str | None
    name: str
    criteria: list[ScoreCriterion]
    fatal: list[str]
    created_at: str | None
    created_by: str | None


class ScoreIn(TypedDict):
    """Points by criterion, faults, and a word about it."""

    scores: dict[str, int]
    fatal: NotRequired[list[str]]
    comment: NotRequired[str]


class ScoreSampleOut(TypedDict):
    """A talk drawn for scoring."""

    id: str
    talk_id: str
    customer_id: str
    customer: str | None
    member: str
    adviser: str
    week: str
    since: str
    until: str
    state: Literal['open', 'scored', 'appealed', 'settled']
    scores: dict[str, int]
    fatal: list[str]
    total: int | None
    first_total: int | None
    comment: str
    appeal: str
    scored_by: str | None
    scored_at: str | None


class Script(TypedDict):
    """A script filled in for her. `missing`: what nobody knows of her."""

    id: str
    title: str
    folder: str
    text: str
    missing: list[str]
    material_id: str | None
    uses: int


class ScriptOut(TypedDict):
    """A talk script."""

    id: str
    title: str
    folder: str
    body: str
    material_id: str | None
    material: str | None
    status: Literal['draft', 'approved', 'archived']
    expires_on: str | None
    uses: int
    updated_at: str
    own: bool


class Seat(TypedDict):
    """An adviser behind a code."""

    member: str
    weight: NotRequired[int]
    daily_cap: NotRequired[int | None]
    backup: NotRequired[bool]
    hours: NotRequired[list[Hours]]


class SeatOut(TypedDict):
    """An adviser behind a code. `now`: the code leads to her at this moment; `today`: friends it gave her today."""

    member: str
    name: str
    away: bool
    weight: int
    daily_cap: int | None
    backup: bool
    hours: list[Hours]
    today: int
    now: bool


class Secret(TypedDict):
    """A fresh secret, shown once."""

    secret: str
    old_secret_until: str | None


class Secrets(TypedDict):
    """Secrets to replace; those left out stay."""

    secrets: dict[str, str]


class SegmentChange(TypedDict):
    """Fields left out stay as they are; a changed expression makes a new version."""

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    text: NotRequired[str | None]
    tree: NotRequired[dict[str, Any] | None]


class SegmentOut(TypedDict):
    """A segment; `status` is filling until everybody has been judged by its version, `seen` of the tenant's customers so far."""

    id: str
    name: str
    description: str
    kind: str
    version: int
    text: str
    tree: dict[str, Any]
    plain: NotRequired[Said | None]
    count: int
    seen: int
    status: Literal['filling', 'ready', 'failed']
    as_of: str | None
    problem: str | None
    created_at: str
    updated_at: str


class SendOn(TypedDict):
    """Who waits at a block goes on by one of its ports; without one by its time-out, else by the first."""

    block: str
    port: NotRequired[str | None]


class Sentence(TypedDict):
    """A sentence to try."""

    text: str


class SeriesOut(TypedDict):
    """A source's recent past, oldest first, without gaps."""

    points: list[PointOut]


ServiceHours = TypedDict('ServiceHours', {'days': 'list[int]', 'from': 'str', 'until': 'str'})


class SettingOut(TypedDict):
    """A field of the set-up form."""

    name: str
    label: Label
    secret: bool
    required: bool


class SharePart(TypedDict):
    """A fixed part of an order. `bp`: ten thousandths. `found`: whoever the rule finds."""

    to: Literal['found', 'till', 'inviter', 'owner', 'store']
    bp: int


class SharedBy(TypedDict):
    """An adviser's part of an order."""

    user_id: str
    name: str
    bp: int


class ShopStock(TypedDict):
    """What the shop counts now, and whether another number can be told it, else why not."""

    possible: bool
    why: Literal['no_platform', 'forbidden', 'paused', 'place'] | None
    platform: Label | None
    shop: str | None
    product_id: str
    place: str
    quantity: str
    counted_at: str


class ShownIdentifier(TypedDict):
    """An identifier, masked; `shared`: the other one has it as well."""

    kind: str
    masked: str
    source: str
    shared: bool


class ShownSecret(TypedDict):
    """A secret, shown this once."""

    secret: str


class SideOut(TypedDict):
    """One side of a comparison."""

    version: int | None
    since: str | None
    until: str | None
    treated: GroupOut
    blocks: list[BlockOut]


class SidebarCustomer(TypedDict):
    """One customer as her adviser sees her beside the chat."""

    customer: CustomerOut
    known_by: list[Known]
    hints: list[Hint]
    orders: list[SidebarOrder]
    looked: list[Looked]
    coupons: list[InHand]
    points: int
    tasks: list[OpenTask]
    runs: list[Standing]


class SidebarOrder(TypedDict):
    """One of her last orders."""

    id: str
    number: str
    status: str
    total: str
    currency: str
    placed_at: str


class SidebarSetting(TypedDict):
    """Hosts at which the sidebar's page may stand, such as `crm.example.com`."""

    trusted_hosts: list[str]


class SidebarSettingOut(TypedDict):
    """An account's sidebar. `page`: the address to enter in WeCom's console; null until this installation knows its own."""

    account_id: str
    trusted_hosts: list[str]
    page: str | None


class SignInAnswer(TypedDict):
    """What the platform's page sent the browser back with."""

    account_id: str
    code: str
    state: str


class SignInCode(TypedDict):
    """What the platform's sign-in page sent back."""

    account_id: str
    code: str
    state: str


class SignInWay(TypedDict):
    """A button of the log-in page."""

    account_id: str
    connector: str
    label: Label
    company: str
    simulated: bool


class SignInsOut(TypedDict):
    """The buttons of the log-in page."""

    ways: list[SignInWay]


class Signatures(TypedDict):
    """For `wx.config` and `wx.agentConfig`."""

    corp_id: str
    agent_id: str
    config: OneSignature
    agent_config: OneSignature


class SignedInAs(TypedDict):
    """Who is signed in now, and the token for her further requests."""

    name: str
    csrf: str


class SignedInOut(TypedDict):
    """Who is signed in, the token of her unsafe requests, and where she was going."""

    name: str
    csrf: str
    next: str


class Simulated(TypedDict):
    """What shall happen in a simulated shop: so many orders a minute from now on, so many orders at once."""

    per_minute: NotRequired[int | None]
    orders: NotRequired[int | None]


class SimulatedBehaviour(TypedDict):
    """How the simulated channel behaves."""

    mode: NotRequired[Literal['deliver', 'fail', 'lose', 'answer_lost', 'throttle']]
    latency_seconds: NotRequired[float]
    people: NotRequired[bool | None]
    refusing: NotRequired[list[Literal['sms', 'email', 'official_account', 'mini_program', 'dingtalk', 'feishu']] | None]


class SimulatedCode(TypedDict):
    """A code as the platform would have given it."""

    code: str


class SimulatedMember(TypedDict):
    """A member of a demo's simulated company."""

    member: str
    name: str


class SimulatedMembers(TypedDict):
    """The members of a demo's simulated company."""

    members: list[SimulatedMember]


class SimulatedNow(TypedDict):
    """How many orders a minute a simulated shop has now."""

    per_minute: float


class SimulatedState(TypedDict):
    """How the simulated channel behaves now, and how it can."""

    mode: str
    latency_seconds: float
    people: bool
    refusing: list[str]
    modes: dict[str, Label]


class Skip(TypedDict):
    """By which port (its position) a failed run goes past the block."""

    port: NotRequired[int]


class SourceBody(TypedDict):
    """How good a source's data is."""

    source: str
    files: int
    rows: int
    refused: int
    score: int | None
    last_at: str


class SourceChange(TypedDict):
    """Fields left out stay as they are. Another host to ask (`config.url`) wants its `secret` with it."""

    name: NotRequired[str | None]
    secret: NotRequired[str | None]
    status: NotRequired[Literal['active', 'paused'] | None]
    config: NotRequired[dict[str, Any] | None]
    mapping: NotRequired[dict[str, Any] | None]
    lag_seconds_max: NotRequired[int | None]
    failure_percent_max: NotRequired[int | None]
    silent_minutes_max: NotRequired[int | None]
    secret_expires_at: NotRequired[str | None]


class SourceFunnel(TypedDict):
    """One source's figures. `key` is empty for orders that name no channel."""

    key: str
    came: int
    friend: int
    member: int
    first_order: int
    second_order: int
    revenue: Amount
    spend: Amount
    waiting: int


class SourceHealthOut(TypedDict):
    """A source's last hour. `failure_percent` is null where too few calls came to tell, `lag_seconds` where no live record did."""

    source: str
    account_id: str | None
    name: str | None
    connector: str | None
    status: str | None
    received: int
    quarantined: int
    unverified: int
    refused: int
    throttled: int
    failure_percent: float | None
    lag_seconds: int | None
    lag_seconds_worst: int
    last_at: str | None
    secret_expires_at: str | None
    alerts: list[AlertOut]


class SourceOut(TypedDict):
    """An account. `address` is where its sender posts, after our own host; null where we ask it instead."""

    id: str
    connector: str
    source: str
    name: str
    status: Literal['active', 'paused']
    address: str | None
    config: dict[str, Any]
    mapping: dict[str, Any] | None
    lag_seconds_max: int
    failure_percent_max: int
    silent_minutes_max: int | None
    secret_expires_at: str | None
    created_at: str
    updated_at: str


class SpendBody(TypedDict):
    """Lines, and a pasted table of `day, source, amount[, note]`; either may be left out."""

    by: Literal['source', 'channel']
    lines: NotRequired[list[SpendIn]]
    table: NotRequired[str | None]


class SpendIn(TypedDict):
    """Money spent on a day."""

    key: str
    day: str
    amount: float | str
    note: NotRequired[str]


class SpendOut(TypedDict):
    """A line as it is kept."""

    id: str
    by: Literal['source', 'channel']
    key: str
    day: str
    amount: Amount
    note: str
    created_at: str


class SpendWritten(TypedDict):
    """How many lines were kept."""

    written: int


class SplitOut(TypedDict):
    """A split with its arms. `leader` is ahead; `won` beyond doubt. `adoptable`: not a bandit, which leads people on by itself."""

    block: str
    adoptable: bool
    label: Label | None
    arms: list[ArmOut]
    leader: str | None
    won: bool
    automatic: bool
    each_min: int
    adopted: str | None
    adopted_at: str | None
    by_itself: bool
    problem: str | None


class StageIn(TypedDict):
    """A stage of a sort of things."""

    name: str
    zh: str
    en: str


class StageOut(TypedDict):
    """A stage and how many things are in it, as far as the caller sees them."""

    name: str
    label: Label
    things: int


class StaleLine(TypedDict):
    """Orders of a currency converted at an earlier day's rate, and by how many days at most."""

    currency: str
    orders: int
    days_most: int


class Standing(TypedDict):
    """A flow that she is in, and where."""

    flow: str
    block: Label | None
    state: str
    since: str | None
    entered_at: str


class StartableFlow(TypedDict):
    """A flow that colleagues may start."""

    flow_id: str
    block: str
    title: str
    about: str
    questions: list[Question]


class StateCount(TypedDict):
    """How many messages are in a state for a reason."""

    status: str
    reason: str | None
    n: int


class Stats(TypedDict):
    """A flow at work, over all its versions."""

    blocks: dict[str, BlockStats]
    goal: GoalStats
    arms: dict[str, ArmStats]
    verdict: Label | None


class StepOut(TypedDict):
    """One block passed: when, by which port, decided from which values. `port` of a run that left otherwise is e.g. "goal"."""

    at: str
    block: str
    kind: str | None
    label: Label | None
    port: str | None
    port_label: Label | None
    facts: dict[str, Any] | None
    fact_names: NotRequired[dict[str, Label]]


class StockLevel(TypedDict):
    """What a source says is left of a product. `place` is a warehouse or location by the source's code; empty: the source as a whole."""

    id: str
    source: str
    product_id: str
    product: str | None
    place: str
    quantity: str
    low_at: str | None
    counted_at: str


class StockLine(TypedDict):
    """Below which quantity a stock item is low; null: it never is."""

    low_at: float | str | None


class Store(TypedDict):
    """A shop."""

    id: str
    code: str
    name: str
    region: str | None
    city: str | None


class StoreSettingOut(TypedDict):
    """Something a store may set. `default` holds where it has not; numbers lie within `least` and `most`, texts within `length`."""

    name: str
    label: str
    type: Literal['text', 'number', 'bool']
    default: bool | float | str
    least: float | None
    most: float | None
    length: int


class StoreSettingsOut(TypedDict):
    """What stores may set in a flow."""

    settings: list[StoreSettingOut]


class StuckLine(TypedDict):
    """A merge, or its undoing, that stands half-way: both people are held, and `waiting` events of theirs wait. `why`: its last failure."""

    id: str
    verb: Literal['merge', 'undo']
    merge_id: str | None
    survivor: MergedCustomer
    loser: MergedCustomer
    at: str
    why: str
    waiting: int


class SuggestionOut(TypedDict):
    """What to add where people are lost."""

    key: str
    block: str
    block_label: Label | None
    port: str
    kind: str
    title: Label
    reason: Label
    passed: int
    share: float


class SuggestionsOut(TypedDict):
    """What the drop-off suggests, the largest leak first."""

    suggestions: list[SuggestionOut]


class TagAccountOut(TypedDict):
    """An account's tags. `waiting`: customers' tags still to be told there; `stuck`: those that were refused too often."""

    id: str
    name: str
    tags_used: int
    tags_max: int
    read_at: str | None
    met: bool
    waiting: int
    stuck: int
    problem: str | None


class TagBody(TypedDict):
    """A tag to set."""

    tag: str


class TagChange(TypedDict):
    """Fields left out stay as they are."""

    label: NotRequired[str | None]
    text: NotRequired[str | None]
    tree: NotRequired[dict[str, Any] | None]
    colour: NotRequired[str | None]


class TagConflictOut(TypedDict):
    """A change that was set back. `had`: whether the customer had the tag here; `kept`: whose word held."""

    id: str
    at: str
    customer_id: str
    customer_name: NotRequired[str | None]
    adviser: str
    group: str
    tag: str
    had: bool
    kept: Literal['ours', 'platform']


class TagGroupChange(TypedDict):
    """Whose word holds from now on."""

    wins: Literal['last', 'ours', 'platform', 'off']


class TagLimits(TypedDict):
    """What the platform allows the account, as it says itself."""

    tags_max: int


class TagLineOut(TypedDict):
    """A tag of the tenant with the number of customers who have it."""

    name: str
    label: str
    kind: Literal['manual', 'computed']
    expression: str | None
    plain: NotRequired[Said | None]
    colour: str | None
    count: int
    status: Literal['filling', 'ready']
    created_at: str


class TagOut(TypedDict):
    """A tag on a customer."""

    tag: str
    label: str | None
    source: str
    set_at: str
    until: str | None


class TargetRefused(TypedDict):
    """A line of the table that was not understood."""

    line: int
    zh: str
    en: str


class TargetRow(TypedDict):
    """What somebody or a store is to sell in a month; null takes it away."""

    kind: Literal['adviser', 'store']
    id: str
    cents: NotRequired[int | None]


class TargetsBody(TypedDict):
    """Targets of a month; what is not named stays."""

    targets: list[TargetRow]


class TargetsFile(TypedDict):
    """Targets as lines of a table: staff number or store code, and an amount in the tenant's currency."""

    text: str


class TargetsTaken(TypedDict):
    """How a table went: all of it, or nothing and why."""

    taken: int
    refused: list[TargetRefused]


class TaskOut(TypedDict):
    """A question to a person."""

    id: str
    title: str
    instructions: str
    role: str
    state: str
    customer: Who | None
    thing: NotRequired[ThingOut | None]
    flow: NamedFlow
    run_id: str
    due_at: str | None
    created_at: str
    decided_at: str | None
    decided_port: str | None
    note: str | None
    ports: list[PortOut]
    fields: list[FormFieldOut]


class TemplateLine(TypedDict):
    """A template in the gallery, with its drawing for the preview."""

    id: str
    story: str
    trades: list[str]
    name: Label
    about: Label
    needs: int
    graph: dict[str, Any]


class TemplateOut(TypedDict):
    """A template and what installing it asks for."""

    id: str
    story: str
    trades: list[str]
    name: Label
    about: Label
    needs: int
    graph: dict[str, Any]
    asks: list[AskOut]


class TextToTry(TypedDict):
    """A text to look at."""

    text: str


class TextTried(TypedDict):
    """What would become of the text."""

    outcome: Literal['sent', 'noted', 'held_back']
    words: list[WordFound]


class ThingChange(TypedDict):
    """What to change; a key left out stays, a field that is null is taken away."""

    title: NotRequired[str | None]
    stage: NotRequired[str | None]
    store_id: NotRequired[str | None]
    owner_user_id: NotRequired[str | None]
    fields: NotRequired[dict[str, str | float | bool | None]]


class ThingEvent(TypedDict):
    """Something that happened to a thing."""

    id: str
    type: str
    label: Label
    at: str
    payload: dict[str, Any]


class ThingFieldOut(TypedDict):
    """A field."""

    name: str
    label: Label
    type: str


class ThingOut(TypedDict):
    """What a run is about, where that is no customer: `type` is an entity of the catalog, `label` what people call such a thing."""

    type: str
    label: Label
    id: str
    title: str


class ThingRow(TypedDict):
    """A thing."""

    id: str
    type: str
    number: str
    title: str
    stage: str | None
    stage_at: str
    store_id: str | None
    owner_user_id: str | None
    fields: dict[str, Any]
    created_at: str
    updated_at: str


class ThingTypeChange(TypedDict):
    """A sort of things, as it is to be."""

    zh: str
    en: str
    fields: NotRequired[list[FieldIn]]
    stages: NotRequired[list[StageIn]]


class ThingTypeOut(TypedDict):
    """A sort of things."""

    name: str
    label: Label
    fields: list[ThingFieldOut]
    stages: list[StageOut]
    updated_at: str


class TimelineEntry(TypedDict):
    """An event of the customer's history; `payload` holds the plain values of its type's fields, `facts` the same for people."""

    event_id: str
    type: str
    label: Label
    occurred_at: str
    summary: Label | None
    backfill: bool
    facts: list[TimelineFact]
    payload: dict[str, Any]


class TimelineFact(TypedDict):
    """One value of an event, in words."""

    label: Label
    value: Label


class TopicOut(TypedDict):
    """A topic."""

    id: str
    name: str
    groups: list[list[str]]
    but: list[str]
    questions_only: bool
    product: str
    material_id: str | None
    material: str | None
    active: bool


class TradeOut(TypedDict):
    """A trade one can try, with what its sample year holds."""

    code: str
    label: Label
    company: str
    customers: int
    products: list[str]
    segments: list[str]


class TrafficFunnel(TypedDict):
    """All together, and the sources, the busiest first."""

    first_day: str
    last_day: str
    whole: TrafficSource
    sources: list[TrafficSource]


class TrafficList(TypedDict):
    """The last calls, newest first."""

    calls: list[TrafficOut]


class TrafficOut(TypedDict):
    """A call as it went out and came back, secrets masked."""

    id: str
    at: str
    operation: str
    status: int | None
    failure: str | None
    took_ms: int
    text: str


class TrafficSource(TypedDict):
    """A source's people in the period, each in the source by which she was first seen. `reached` did one of the three things before it;"""

    source: str
    live: int
    cart: int
    grouped: int
    reached: int
    friend: int
    first_order: int
    second_order: int
    beside: int
    revenue: Amount
    spend: Amount


class TrendOut(TypedDict):
    """Days up to today, oldest first."""

    days: list[DayOut]


class Trial(TypedDict):
    """A mapping to try on a sample of what the source sends."""

    mapping: dict[str, Any]
    sample: Any


class TrialAnswer(TypedDict):
    """What a mapping makes of a sample. Nothing is kept."""

    records: list[TrialRecord]
    problems: list[TrialProblem]


class TrialChange(TypedDict):
    """A value that a cleaning rule spelt otherwise."""

    where: str
    before: str
    after: str


class TrialOut(TypedDict):
    """A trial. `done` of `records` says how far opening or emptying has come; `seconds`: how long opening took."""

    id: str
    trade: str
    label: Label
    name: str
    status: Literal['opening', 'ready', 'failed', 'emptying']
    customers: int
    records: int
    done: int
    opened_at: str
    seconds: int | None
    problem: Label | None


class TrialProblem(TypedDict):
    """Something a mapping or the door could not read."""

    where: str
    what: Label


class TrialRecord(TypedDict):
    """One record that the sample holds, as it is after cleaning, with what that changed and what the door says of it."""

    kind: str
    external_id: str | None
    time: str | None
    payload: dict[str, Any]
    changes: list[TrialChange]
    problem: TrialProblem | None


class TriedAdviser(TypedDict):
    """What rules would change for an adviser, in the tenant's currency."""

    user_id: str | None
    name: str | None
    orders_now: int
    orders_then: int
    cents_now: int
    cents_then: int


class TriedRule(TypedDict):
    """How many orders a rule would decide. `place` beyond the last: nobody's."""

    kind: str
    place: int
    orders: int
    cents: int


class TypedName(TypedDict):
    """The trial's name, typed by who wants it gone."""

    name: str


class User(TypedDict):
    """A person who can sign in."""

    id: str
    login: str
    name: str
    language: str | None
    active: bool
    created_at: str
    last_seen_at: str | None
    assignments: list[AssignmentLine]


class UserChange(TypedDict):
    """Fields left out stay as they are; `assignments` replaces all."""

    name: NotRequired[str | None]
    language: NotRequired[Literal['zh', 'en'] | None]
    active: NotRequired[bool | None]
    password: NotRequired[str | None]
    assignments: NotRequired[list[AssignmentBody] | None]


class Utterance(TypedDict):
    """What a customer says on the simulated phone."""

    text: str


class VariantOut(TypedDict):
    """A variant: the version that takes the everyday one's place from `starts_at` to `ends_at`."""

    id: str
    version_id: str
    number: int
    name: str
    starts_at: str
    ends_at: str
    at_start: str
    at_end: str
    state: str


class VersionOut(TypedDict):
    """A published version."""

    id: str
    number: int
    status: str
    published_at: str
    current: bool
    graph: dict[str, Any]
    note: str
    by_name: str | None
    agreed_name: NotRequired[str | None]


class WebhookChange(TypedDict):
    """Fields left out stay as they are. `active` also switches a disabled one on again."""

    name: NotRequired[str | None]
    url: NotRequired[str | None]
    event_types: NotRequired[list[str] | None]
    filter: NotRequired[str | None]
    include_personal: NotRequired[bool | None]
    status: NotRequired[Literal['active', 'paused'] | None]


class WebhookOut(TypedDict):
    """A subscription and how its receiver is doing. `disabled_reason`: failing or gone. Counts are of the last seven days."""

    id: str
    name: str
    url: str
    event_types: list[str]
    filter: str
    filter_problem: Label | None
    include_personal: bool
    status: Literal['active', 'paused', 'disabled']
    disabled_reason: str | None
    failing_since: str | None
    last_success_at: str | None
    old_secret_until: str | None
    created_at: str
    delivered: int
    pending: int
    dead: int


class WelcomeChange(TypedDict):
    """A welcome message as it is to be, with its place in the order (from 1)."""

    name: str
    body: str
    attachments: NotRequired[list[dict[str, Any]]]
    live_codes: NotRequired[list[str]]
    channels: NotRequired[list[str]]
    members: NotRequired[list[str]]
    tags: NotRequired[list[str]]
    days: NotRequired[list[int]]
    from_time: NotRequired[str | None]
    until_time: NotRequired[str | None]
    active: NotRequired[bool]
    place: NotRequired[int | None]


class WelcomeCounts(TypedDict):
    """What became of welcomes in the last 24 hours. Seconds from the platform's word to its answer, of those sent."""

    sent: NotRequired[int]
    silent: NotRequired[int]
    expired: NotRequired[int]
    taken: NotRequired[int]
    refused: NotRequired[int]
    unknown: NotRequired[int]
    waiting: NotRequired[int]
    none: NotRequired[int]
    half_within: NotRequired[float | None]
    most_within: NotRequired[float | None]


class WelcomeOut(TypedDict):
    """A welcome message; `sent` within the last 30 days."""

    id: str
    name: str
    place: int
    active: bool
    body: str
    attachments: list[dict[str, Any]]
    live_codes: list[str]
    channels: list[str]
    members: list[str]
    tags: list[str]
    days: list[int]
    from_time: str | None
    until_time: str | None
    sent: int


class Who(TypedDict):
    """A customer by name, masked for strangers."""

    id: str
    name: str


class Whom(TypedDict):
    """The filters of the customer list; none means everybody whom the caller may see."""

    q: NotRequired[str | None]
    segment_id: NotRequired[str | None]
    tag: NotRequired[str | None]
    store_id: NotRequired[str | None]
    city: NotRequired[str | None]
    stage: NotRequired[str | None]
    last_order_from: NotRequired[str | None]
    last_order_to: NotRequired[str | None]
    spend_min: NotRequired[float | str | None]
    spend_max: NotRequired[float | str | None]
    region: NotRequired[str | None]


class WhyOut(TypedDict):
    """Why a customer (or thing) is, was, or never was in a flow. `bars`: what stands in the way now, whatever happens."""

    flow: NamedFlow
    flow_status: str
    customer: Who | None
    thing: NotRequired[ThingOut | None]
    runs: list[WhyRun]
    tries: list[WhyTry]
    bars: list[Label]


class WhyRun(TypedDict):
    """A run of hers, with what she got or did not get by it and why."""

    id: str
    version: int
    status: str
    arm: str | None
    entered_at: str
    ended_at: str | None
    effects: list[EffectOut]


class WhyTry(TypedDict):
    """A moment at which she could have entered: `code` is stable, `reason` the sentence, `condition` with its values as of then."""

    block: str
    block_label: Label | None
    at: str | None
    event_type: str | None
    code: str
    reason: Label
    condition: ConditionOut | None
    run_id: str | None


class WordFound(TypedDict):
    """A word and where the text says it: from `start` up to `end`, in characters."""

    word: str
    level: Literal['block', 'warn']
    start: int
    end: int
    found: str


class WordHitOut(TypedDict):
    """A text that said a word, and where it stood."""

    id: str
    at: str
    word: str
    found: str
    level: Literal['block', 'warn']
    place: str
    name: str


class WordOut(TypedDict):
    """What one source said last; `other_person`: of somebody who was merged into this customer."""

    value: Any
    source: str
    at: str
    holds: bool
    other_person: bool


class WordsAdded(TypedDict):
    """How many of them were new."""

    added: int


class WorkerOut(TypedDict):
    """A worker process that has spoken within the last minute, whatever tenants it serves."""

    id: str
    started_at: str
    reported_at: str
    buckets: int
    lanes: list[LaneWorkOut]
