"""Generated from web/openapi.json by clients/python/generate.py; do not edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote

from tandem_client import types as t
from tandem_client.transport import Transport


class Access:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def me(self) -> t.Me:
        """Who is signed in."""
        return self._transport.request('GET', '/v1/me')

    def change_me(self, body: t.OwnProfile, *, idempotency_key: str | None = None) -> t.Me:
        """Change one's own name or language."""
        return self._transport.request('PATCH', '/v1/me', body=body, idempotency_key=idempotency_key)

    def change_password(self, body: t.OwnPassword, *, idempotency_key: str | None = None) -> None:
        """Change one's own password; all other sessions end. Guessing the old one is throttled like the log-in."""
        return self._transport.request('POST', '/v1/me/password', body=body, idempotency_key=idempotency_key)

    def sign_in(self, body: t.Credentials, *, idempotency_key: str | None = None) -> t.Me:
        """Open a session and set its cookie. A session the browser brought along ends: its token is never taken over."""
        return self._transport.request('POST', '/v1/session', body=body, idempotency_key=idempotency_key)

    def sign_out(self, *, idempotency_key: str | None = None) -> None:
        """End the session this request came with."""
        return self._transport.request('DELETE', '/v1/session', idempotency_key=idempotency_key)


class Catalog:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self) -> t.CatalogOut:
        """Entities, relations, memberships, event types, functions and operators, as far as the caller may read them."""
        return self._transport.request('GET', '/v1/catalog')

    def divisions_of_china(self) -> t.DivisionsOut:
        """All divisions down to the county; a code's beginning names what it lies in."""
        return self._transport.request('GET', '/v1/catalog/divisions')

    def check_expression(self, body: t.ExpressionToCheck, *, idempotency_key: str | None = None) -> t.CheckedExpression:
        """Read an expression and say what it means, or every mistake with its place. A wrong expression is an answer, not an error."""
        return self._transport.request('POST', '/v1/expressions/check', body=body, idempotency_key=idempotency_key)


class Clock:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self) -> t.Clock:
        """The tenant's business time, and whether it is being moved."""
        return self._transport.request('GET', '/v1/clock')

    def move(self, body: t.ClockMove, *, idempotency_key: str | None = None) -> t.Clock:
        """Move a demo's clock on: every due moment in between happens in its order. Progress comes as the live topic `clock`."""
        return self._transport.request('POST', '/v1/clock/move', body=body, idempotency_key=idempotency_key)


class Connectors:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_connector_accounts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageAccountLine:
        """Accounts of platforms with their light, newest first."""
        return self._transport.request('GET', '/v1/connector-accounts', query={'cursor': cursor, 'limit': limit})

    def iter_list_connector_accounts(self, *, limit: int | None = None) -> Iterator[t.AccountLine]:
        """Every item of `list_connector_accounts`, page after page."""
        return self._transport.pages('/v1/connector-accounts', {'limit': limit})

    def create_connector_account(self, body: t.NewAccount, *, idempotency_key: str | None = None) -> t.AccountOut:
        """Set up an account with its keys; the platform is not asked yet."""
        return self._transport.request('POST', '/v1/connector-accounts', body=body, idempotency_key=idempotency_key)

    def read_connector_account(self, account_id: str) -> t.AccountOut:
        """One account: authorisation, tasks, lag, problems with remedies."""
        return self._transport.request('GET', f"/v1/connector-accounts/{quote(str(account_id), safe='')}")

    def disconnect_account(self, account_id: str, *, idempotency_key: str | None = None) -> None:
        """Forget the account's tokens and tasks; what it brought stays."""
        return self._transport.request('DELETE', f"/v1/connector-accounts/{quote(str(account_id), safe='')}", idempotency_key=idempotency_key)

    def act_on_account(self, account_id: str, body: t.Act, *, idempotency_key: str | None = None) -> None:
        """Let somebody do something on a simulated platform: add a friend, join a group, confirm a task. Its callbacks come here."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/acts", body=body, idempotency_key=idempotency_key)

    def begin_authorisation(self, account_id: str, body: t.Authorise, *, idempotency_key: str | None = None) -> t.AuthoriseOut:
        """Where to send the seller, first or again."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/authorise", body=body, idempotency_key=idempotency_key)

    def finish_authorisation(self, account_id: str, body: t.Authorised, *, idempotency_key: str | None = None) -> t.AccountOut:
        """Take the code that the platform gave."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/authorised", body=body, idempotency_key=idempotency_key)

    def check_account(self, account_id: str, *, idempotency_key: str | None = None) -> t.Checked:
        """Ask the platform who we are there."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/check", idempotency_key=idempotency_key)

    def replay_account(self, account_id: str, body: t.Days, *, idempotency_key: str | None = None) -> t.AccountOut:
        """Read the last days again."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/replay", body=body, idempotency_key=idempotency_key)

    def resume_account(self, account_id: str, *, idempotency_key: str | None = None) -> t.AccountOut:
        """Try at once what waits after a failure."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/resume", idempotency_key=idempotency_key)

    def sample_account(self, account_id: str, *, idempotency_key: str | None = None) -> t.SamplesOut:
        """A page of each resource as it would be taken in; nothing is kept."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/sample", idempotency_key=idempotency_key)

    def replace_secrets(self, account_id: str, body: t.Secrets, *, idempotency_key: str | None = None) -> t.AccountOut:
        """Replace some secrets."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/secrets", body=body, idempotency_key=idempotency_key)

    def read_simulated(self, account_id: str) -> t.SimulatedNow:
        """How busy a simulated shop is dialled now."""
        return self._transport.request('GET', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/simulated")

    def simulate_account(self, account_id: str, body: t.Simulated, *, idempotency_key: str | None = None) -> None:
        """Let things happen in a simulated shop; it pushes them here."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/simulated", body=body, idempotency_key=idempotency_key)

    def start_account(self, account_id: str, body: t.Days, *, idempotency_key: str | None = None) -> t.AccountOut:
        """Ask from now on, and read the past."""
        return self._transport.request('POST', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/start", body=body, idempotency_key=idempotency_key)

    def read_traffic(self, account_id: str, *, failed: bool | None = None, limit: int | None = None) -> t.TrafficList:
        """The last calls, secrets masked. What people bought stands in them: reading them needs the right to see personal data."""
        return self._transport.request('GET', f"/v1/connector-accounts/{quote(str(account_id), safe='')}/traffic", query={'failed': failed, 'limit': limit})

    def list_platforms(self) -> t.PlatformsOut:
        """The platforms that can be connected, and what each wants to know."""
        return self._transport.request('GET', '/v1/connectors')


class Contact:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_adviser_friends(self, *, days: int | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageAdviserFriends:
        """Advisers with their friends and those they lost, leavers with friends first."""
        return self._transport.request('GET', '/v1/adviser-friends', query={'days': days, 'cursor': cursor, 'limit': limit})

    def iter_list_adviser_friends(self, *, days: int | None = None, limit: int | None = None) -> Iterator[t.AdviserFriends]:
        """Every item of `list_adviser_friends`, page after page."""
        return self._transport.pages('/v1/adviser-friends', {'days': days, 'limit': limit})

    def list_friends_of_adviser(self, account_id: str, member: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageAdviserFriend:
        """An adviser's friends as they are now, the latest first: whom to choose for a hand-over."""
        return self._transport.request('GET', f"/v1/adviser-friends/{quote(str(account_id), safe='')}/{quote(str(member), safe='')}/customers", query={'cursor': cursor, 'limit': limit})

    def iter_list_friends_of_adviser(self, account_id: str, member: str, *, limit: int | None = None) -> Iterator[t.AdviserFriend]:
        """Every item of `list_friends_of_adviser`, page after page."""
        return self._transport.pages(f"/v1/adviser-friends/{quote(str(account_id), safe='')}/{quote(str(member), safe='')}/customers", {'limit': limit})

    def list_adviser_work(self, *, days: int | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageAdviserWork:
        """How advisers worked, those with most chats first."""
        return self._transport.request('GET', '/v1/adviser-work', query={'days': days, 'cursor': cursor, 'limit': limit})

    def iter_list_adviser_work(self, *, days: int | None = None, limit: int | None = None) -> Iterator[t.AdviserWork]:
        """Every item of `list_adviser_work`, page after page."""
        return self._transport.pages('/v1/adviser-work', {'days': days, 'limit': limit})

    def list_advisers(self, *, account_id: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageAdviserOut:
        """Staff who may have customers, those who are there first."""
        return self._transport.request('GET', '/v1/advisers', query={'account_id': account_id, 'cursor': cursor, 'limit': limit})

    def iter_list_advisers(self, *, account_id: str | None = None, limit: int | None = None) -> Iterator[t.AdviserOut]:
        """Every item of `list_advisers`, page after page."""
        return self._transport.pages('/v1/advisers', {'account_id': account_id, 'limit': limit})

    def read_advisers(self, *, idempotency_key: str | None = None) -> Any:
        """Let the platform be asked anew who may have customers."""
        return self._transport.request('POST', '/v1/advisers/read', idempotency_key=idempotency_key)

    def list_archive_accounts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageArchiveAccountOut:
        """Accounts that may have an archive, and how it is read."""
        return self._transport.request('GET', '/v1/archive/accounts', query={'cursor': cursor, 'limit': limit})

    def iter_list_archive_accounts(self, *, limit: int | None = None) -> Iterator[t.ArchiveAccountOut]:
        """Every item of `list_archive_accounts`, page after page."""
        return self._transport.pages('/v1/archive/accounts', {'limit': limit})

    def change_archive_account(self, account_id: str, body: t.ArchiveChange, *, idempotency_key: str | None = None) -> t.ArchiveAccountOut:
        """Switch an archive on or off; say its service hours, when waiting is too long, how many talks are scored."""
        return self._transport.request('PATCH', f"/v1/archive/accounts/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_broken_messages(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageBrokenMessageOut:
        """Messages over which the platform's library broke each time, and which were set aside; the latest first."""
        return self._transport.request('GET', f"/v1/archive/accounts/{quote(str(account_id), safe='')}/broken", query={'cursor': cursor, 'limit': limit})

    def iter_list_broken_messages(self, account_id: str, *, limit: int | None = None) -> Iterator[t.BrokenMessageOut]:
        """Every item of `list_broken_messages`, page after page."""
        return self._transport.pages(f"/v1/archive/accounts/{quote(str(account_id), safe='')}/broken", {'limit': limit})

    def retry_broken_message(self, account_id: str, seq: int, *, idempotency_key: str | None = None) -> None:
        """Have one tried again soon: the library may have been renewed."""
        return self._transport.request('POST', f"/v1/archive/accounts/{quote(str(account_id), safe='')}/broken/{quote(str(seq), safe='')}/retry", idempotency_key=idempotency_key)

    def list_reply_figures(self, *, days: int | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageReplyFigures:
        """How soon advisers answered, the slowest first; who waits for them now."""
        return self._transport.request('GET', '/v1/archive/replies', query={'days': days, 'cursor': cursor, 'limit': limit})

    def iter_list_reply_figures(self, *, days: int | None = None, limit: int | None = None) -> Iterator[t.ReplyFigures]:
        """Every item of `list_reply_figures`, page after page."""
        return self._transport.pages('/v1/archive/replies', {'days': days, 'limit': limit})

    def search_archive(self, *, q: str | None = None, member: str | None = None, customer_id: str | None = None, said_by: Literal['customer', 'staff'] | None = None, from_: str | None = None, to: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.ArchiveSearchOut:
        """Messages of all talks that the caller may read, the latest first."""
        return self._transport.request('GET', '/v1/archive/search', query={'q': q, 'member': member, 'customer_id': customer_id, 'said_by': said_by, 'from': from_, 'to': to, 'cursor': cursor, 'limit': limit})

    def iter_search_archive(self, *, q: str | None = None, member: str | None = None, customer_id: str | None = None, said_by: Literal['customer', 'staff'] | None = None, from_: str | None = None, to: str | None = None, limit: int | None = None) -> Iterator[t.ArchiveFoundOut]:
        """Every item of `search_archive`, page after page."""
        return self._transport.pages('/v1/archive/search', {'q': q, 'member': member, 'customer_id': customer_id, 'said_by': said_by, 'from': from_, 'to': to, 'limit': limit})

    def list_archive_talks(self, *, which: Literal['all', 'waiting', 'late', 'hits'] | None = None, member: str | None = None, customer_id: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageArchiveTalkOut:
        """Talks whose customers agreed, the latest first."""
        return self._transport.request('GET', '/v1/archive/talks', query={'which': which, 'member': member, 'customer_id': customer_id, 'cursor': cursor, 'limit': limit})

    def iter_list_archive_talks(self, *, which: Literal['all', 'waiting', 'late', 'hits'] | None = None, member: str | None = None, customer_id: str | None = None, limit: int | None = None) -> Iterator[t.ArchiveTalkOut]:
        """Every item of `list_archive_talks`, page after page."""
        return self._transport.pages('/v1/archive/talks', {'which': which, 'member': member, 'customer_id': customer_id, 'limit': limit})

    def get_archive_talk(self, talk_id: str) -> t.ArchiveTalkOut:
        """One talk."""
        return self._transport.request('GET', f"/v1/archive/talks/{quote(str(talk_id), safe='')}")

    def list_archive_messages(self, talk_id: str, *, q: str | None = None, until: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageArchiveMessageOut:
        """What was said, the latest first; with `q` only what says so, with `until` only what was said before. Every look is on the trail."""
        return self._transport.request('GET', f"/v1/archive/talks/{quote(str(talk_id), safe='')}/messages", query={'q': q, 'until': until, 'cursor': cursor, 'limit': limit})

    def iter_list_archive_messages(self, talk_id: str, *, q: str | None = None, until: str | None = None, limit: int | None = None) -> Iterator[t.ArchiveMessageOut]:
        """Every item of `list_archive_messages`, page after page."""
        return self._transport.pages(f"/v1/archive/talks/{quote(str(talk_id), safe='')}/messages", {'q': q, 'until': until, 'limit': limit})

    def get_archive_file(self, talk_id: str, message_id: str) -> Any:
        """A message's file, fetched from the platform, which keeps it for some days. Always a download: it is a stranger's."""
        return self._transport.request('GET', f"/v1/archive/talks/{quote(str(talk_id), safe='')}/messages/{quote(str(message_id), safe='')}/file")

    def list_contact_accounts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageContactAccount:
        """Connected accounts whose platform knows friends."""
        return self._transport.request('GET', '/v1/contact-accounts', query={'cursor': cursor, 'limit': limit})

    def iter_list_contact_accounts(self, *, limit: int | None = None) -> Iterator[t.ContactAccount]:
        """Every item of `list_contact_accounts`, page after page."""
        return self._transport.pages('/v1/contact-accounts', {'limit': limit})

    def change_contact_account(self, account_id: str, body: t.ContactAccountChange, *, idempotency_key: str | None = None) -> t.ContactAccount:
        """Say how many live codes the platform allows."""
        return self._transport.request('PATCH', f"/v1/contact-accounts/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_groups_of_customer(self, customer_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageCustomerGroup:
        """The groups a customer is in, then those she left."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/groups", query={'cursor': cursor, 'limit': limit})

    def iter_list_groups_of_customer(self, customer_id: str, *, limit: int | None = None) -> Iterator[t.CustomerGroup]:
        """Every item of `list_groups_of_customer`, page after page."""
        return self._transport.pages(f"/v1/customers/{quote(str(customer_id), safe='')}/groups", {'limit': limit})

    def list_desk_talks(self, *, which: Literal['all', 'asked', 'late'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageDeskTalkOut:
        """Talks at desks, the latest first; `asked`: those that wait for a person."""
        return self._transport.request('GET', '/v1/desk-talks', query={'which': which, 'cursor': cursor, 'limit': limit})

    def iter_list_desk_talks(self, *, which: Literal['all', 'asked', 'late'] | None = None, limit: int | None = None) -> Iterator[t.DeskTalkOut]:
        """Every item of `list_desk_talks`, page after page."""
        return self._transport.pages('/v1/desk-talks', {'which': which, 'limit': limit})

    def desk_figures(self, *, days: int | None = None) -> t.DeskFigures:
        """What the desks did in the last days, and who waits now."""
        return self._transport.request('GET', '/v1/desk-talks/figures', query={'days': days})

    def get_desk_talk(self, talk_id: str) -> t.DeskTalkOut:
        """One talk."""
        return self._transport.request('GET', f"/v1/desk-talks/{quote(str(talk_id), safe='')}")

    def list_desk_messages(self, talk_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageDeskMessageOut:
        """What was said, the latest first. Every look is on the trail."""
        return self._transport.request('GET', f"/v1/desk-talks/{quote(str(talk_id), safe='')}/messages", query={'cursor': cursor, 'limit': limit})

    def iter_list_desk_messages(self, talk_id: str, *, limit: int | None = None) -> Iterator[t.DeskMessageOut]:
        """Every item of `list_desk_messages`, page after page."""
        return self._transport.pages(f"/v1/desk-talks/{quote(str(talk_id), safe='')}/messages", {'limit': limit})

    def list_friend_calls(self, *, state: Literal['none', 'waiting', 'sending', 'sent', 'silent', 'expired', 'taken', 'refused', 'unknown'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageFriendCallOut:
        """New friends as the platform told them, and what became of their welcomes, newest first."""
        return self._transport.request('GET', '/v1/friend-calls', query={'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_friend_calls(self, *, state: Literal['none', 'waiting', 'sending', 'sent', 'silent', 'expired', 'taken', 'refused', 'unknown'] | None = None, limit: int | None = None) -> Iterator[t.FriendCallOut]:
        """Every item of `list_friend_calls`, page after page."""
        return self._transport.pages('/v1/friend-calls', {'state': state, 'limit': limit})

    def count_friend_calls(self) -> t.WelcomeCounts:
        """What became of welcomes in the last 24 hours."""
        return self._transport.request('GET', '/v1/friend-calls/counts')

    def list_group_accounts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageGroupAccountOut:
        """What platforms allow their groups, and when groups were read."""
        return self._transport.request('GET', '/v1/group-accounts', query={'cursor': cursor, 'limit': limit})

    def iter_list_group_accounts(self, *, limit: int | None = None) -> Iterator[t.GroupAccountOut]:
        """Every item of `list_group_accounts`, page after page."""
        return self._transport.pages('/v1/group-accounts', {'limit': limit})

    def read_groups(self, *, idempotency_key: str | None = None) -> Any:
        """Let all groups be read anew now."""
        return self._transport.request('POST', '/v1/group-accounts/read', idempotency_key=idempotency_key)

    def change_group_account(self, account_id: str, body: t.GroupAccountChange, *, idempotency_key: str | None = None) -> t.GroupAccountOut:
        """Say how many people the platform lets into a group, and how many words for newcomers it keeps."""
        return self._transport.request('PATCH', f"/v1/group-accounts/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_group_chats(self, *, account_id: str | None = None, ended: bool | None = None, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageGroupChatOut:
        """Customer groups, the largest first."""
        return self._transport.request('GET', '/v1/group-chats', query={'account_id': account_id, 'ended': ended, 'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_group_chats(self, *, account_id: str | None = None, ended: bool | None = None, q: str | None = None, limit: int | None = None) -> Iterator[t.GroupChatOut]:
        """Every item of `list_group_chats`, page after page."""
        return self._transport.pages('/v1/group-chats', {'account_id': account_id, 'ended': ended, 'q': q, 'limit': limit})

    def list_doubles(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageDouble:
        """Customers who are in several groups at once, those in most first."""
        return self._transport.request('GET', '/v1/group-chats/doubles', query={'cursor': cursor, 'limit': limit})

    def iter_list_doubles(self, *, limit: int | None = None) -> Iterator[t.Double]:
        """Every item of `list_doubles`, page after page."""
        return self._transport.pages('/v1/group-chats/doubles', {'limit': limit})

    def get_group_chat(self, group_id: str) -> t.GroupChatDetail:
        """One group with our own people in it."""
        return self._transport.request('GET', f"/v1/group-chats/{quote(str(group_id), safe='')}")

    def list_group_people(self, group_id: str, *, where: Literal['here', 'left'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageGroupPerson:
        """Customers in a group or who left it, the latest first."""
        return self._transport.request('GET', f"/v1/group-chats/{quote(str(group_id), safe='')}/people", query={'where': where, 'cursor': cursor, 'limit': limit})

    def iter_list_group_people(self, group_id: str, *, where: Literal['here', 'left'] | None = None, limit: int | None = None) -> Iterator[t.GroupPerson]:
        """Every item of `list_group_people`, page after page."""
        return self._transport.pages(f"/v1/group-chats/{quote(str(group_id), safe='')}/people", {'where': where, 'limit': limit})

    def read_group_chat(self, group_id: str, *, idempotency_key: str | None = None) -> Any:
        """Let a group be read anew now."""
        return self._transport.request('POST', f"/v1/group-chats/{quote(str(group_id), safe='')}/read", idempotency_key=idempotency_key)

    def list_group_codes(self, *, archived: bool | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageGroupCodeOut:
        """Codes that lead into groups with what they brought, newest first."""
        return self._transport.request('GET', '/v1/group-codes', query={'archived': archived, 'cursor': cursor, 'limit': limit})

    def iter_list_group_codes(self, *, archived: bool | None = None, limit: int | None = None) -> Iterator[t.GroupCodeOut]:
        """Every item of `list_group_codes`, page after page."""
        return self._transport.pages('/v1/group-codes', {'archived': archived, 'limit': limit})

    def create_group_code(self, body: t.NewGroupCode, *, idempotency_key: str | None = None) -> t.GroupCodeOut:
        """Set a group code up; the platform's follows within a moment."""
        return self._transport.request('POST', '/v1/group-codes', body=body, idempotency_key=idempotency_key)

    def list_group_channels(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageChannelJoins:
        """What group codes brought by source, most first."""
        return self._transport.request('GET', '/v1/group-codes/channels', query={'cursor': cursor, 'limit': limit})

    def iter_list_group_channels(self, *, limit: int | None = None) -> Iterator[t.ChannelJoins]:
        """Every item of `list_group_channels`, page after page."""
        return self._transport.pages('/v1/group-codes/channels', {'limit': limit})

    def get_group_code(self, code_id: str) -> t.GroupCodeOut:
        """One group code."""
        return self._transport.request('GET', f"/v1/group-codes/{quote(str(code_id), safe='')}")

    def change_group_code(self, code_id: str, body: t.GroupCodeChange, *, idempotency_key: str | None = None) -> t.GroupCodeOut:
        """Change a group code; the printed QR code stays the same."""
        return self._transport.request('PATCH', f"/v1/group-codes/{quote(str(code_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def archive_group_code(self, code_id: str, *, idempotency_key: str | None = None) -> None:
        """Retire a group code: it leads nowhere any more; what it brought stays."""
        return self._transport.request('DELETE', f"/v1/group-codes/{quote(str(code_id), safe='')}", idempotency_key=idempotency_key)

    def get_group_code_picture(self, code_id: str, *, named: bool | None = None) -> None:
        """The code as a picture: the platform's own, or drawn here; `named`: as SVG with its name under it."""
        return self._transport.request('GET', f"/v1/group-codes/{quote(str(code_id), safe='')}/picture", query={'named': named})

    def get_group_figures(self, *, days: int | None = None, account_id: str | None = None) -> t.GroupFigures:
        """What the platform counted of groups, by day and by owner."""
        return self._transport.request('GET', '/v1/group-figures', query={'days': days, 'account_id': account_id})

    def list_group_playbooks(self, *, cursor: str | None = None, limit: int | None = None) -> t.PagePlaybookOut:
        """Plans of days for groups, newest first."""
        return self._transport.request('GET', '/v1/group-playbooks', query={'cursor': cursor, 'limit': limit})

    def iter_list_group_playbooks(self, *, limit: int | None = None) -> Iterator[t.PlaybookOut]:
        """Every item of `list_group_playbooks`, page after page."""
        return self._transport.pages('/v1/group-playbooks', {'limit': limit})

    def create_group_playbook(self, body: t.NewPlaybook, *, idempotency_key: str | None = None) -> t.PlaybookOut:
        """Draft a playbook: nothing happens before it begins."""
        return self._transport.request('POST', '/v1/group-playbooks', body=body, idempotency_key=idempotency_key)

    def get_group_playbook(self, playbook_id: str) -> t.PlaybookOut:
        """One playbook and how far each step is."""
        return self._transport.request('GET', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}")

    def change_group_playbook(self, playbook_id: str, body: t.PlaybookPlan, *, idempotency_key: str | None = None) -> t.PlaybookOut:
        """Replace a draft's plan."""
        return self._transport.request('PUT', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_group_playbook(self, playbook_id: str, *, idempotency_key: str | None = None) -> None:
        """Throw a draft away."""
        return self._transport.request('DELETE', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}", idempotency_key=idempotency_key)

    def begin_group_playbook(self, playbook_id: str, *, idempotency_key: str | None = None) -> t.PlaybookOut:
        """Let a playbook run from its first day on; owners confirm every message."""
        return self._transport.request('POST', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/begin", idempotency_key=idempotency_key)

    def copy_group_playbook(self, playbook_id: str, *, idempotency_key: str | None = None) -> t.PlaybookOut:
        """Draft the same plan once more."""
        return self._transport.request('POST', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/copy", idempotency_key=idempotency_key)

    def end_group_playbook(self, playbook_id: str, *, idempotency_key: str | None = None) -> t.PlaybookOut:
        """End a playbook: what owners have not confirmed goes to nobody."""
        return self._transport.request('POST', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/end", idempotency_key=idempotency_key)

    def list_playbook_groups(self, playbook_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PagePlaybookGroupOut:
        """Where each group stands with every step that has begun."""
        return self._transport.request('GET', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/groups", query={'cursor': cursor, 'limit': limit})

    def iter_list_playbook_groups(self, playbook_id: str, *, limit: int | None = None) -> Iterator[t.PlaybookGroupOut]:
        """Every item of `list_playbook_groups`, page after page."""
        return self._transport.pages(f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/groups", {'limit': limit})

    def pause_group_playbook(self, playbook_id: str, *, idempotency_key: str | None = None) -> t.PlaybookOut:
        """Hold a playbook: no further step begins."""
        return self._transport.request('POST', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/pause", idempotency_key=idempotency_key)

    def resume_group_playbook(self, playbook_id: str, *, idempotency_key: str | None = None) -> t.PlaybookOut:
        """Let a playbook go on; steps whose time passed meanwhile are missed."""
        return self._transport.request('POST', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/resume", idempotency_key=idempotency_key)

    def finish_group_task(self, playbook_id: str, step_id: str, group_id: str, *, idempotency_key: str | None = None) -> None:
        """Say that a group's task is done."""
        return self._transport.request('POST', f"/v1/group-playbooks/{quote(str(playbook_id), safe='')}/steps/{quote(str(step_id), safe='')}/groups/{quote(str(group_id), safe='')}/done", idempotency_key=idempotency_key)

    def list_group_welcomes(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageGroupWelcomeOut:
        """Words for newcomers of groups, by name."""
        return self._transport.request('GET', '/v1/group-welcomes', query={'cursor': cursor, 'limit': limit})

    def iter_list_group_welcomes(self, *, limit: int | None = None) -> Iterator[t.GroupWelcomeOut]:
        """Every item of `list_group_welcomes`, page after page."""
        return self._transport.pages('/v1/group-welcomes', {'limit': limit})

    def create_group_welcome(self, body: t.NewGroupWelcome, *, idempotency_key: str | None = None) -> t.GroupWelcomeOut:
        """Keep words for newcomers and hand them to the platform."""
        return self._transport.request('POST', '/v1/group-welcomes', body=body, idempotency_key=idempotency_key)

    def change_group_welcome(self, welcome_id: str, body: t.GroupWelcomeChange, *, idempotency_key: str | None = None) -> t.GroupWelcomeOut:
        """Replace words for newcomers."""
        return self._transport.request('PUT', f"/v1/group-welcomes/{quote(str(welcome_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_group_welcome(self, welcome_id: str, *, idempotency_key: str | None = None) -> None:
        """Take words for newcomers away, from the platform too."""
        return self._transport.request('DELETE', f"/v1/group-welcomes/{quote(str(welcome_id), safe='')}", idempotency_key=idempotency_key)

    def list_hand_overs(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageHandOverOut:
        """Hand-overs, newest first."""
        return self._transport.request('GET', '/v1/hand-overs', query={'cursor': cursor, 'limit': limit})

    def iter_list_hand_overs(self, *, limit: int | None = None) -> Iterator[t.HandOverOut]:
        """Every item of `list_hand_overs`, page after page."""
        return self._transport.pages('/v1/hand-overs', {'limit': limit})

    def begin_hand_over(self, body: t.NewHandOver, *, idempotency_key: str | None = None) -> t.HandOverOut:
        """Begin handing an adviser's customers to another; it goes on by itself."""
        return self._transport.request('POST', '/v1/hand-overs', body=body, idempotency_key=idempotency_key)

    def get_hand_over(self, hand_over_id: str) -> t.HandOverOut:
        """One hand-over."""
        return self._transport.request('GET', f"/v1/hand-overs/{quote(str(hand_over_id), safe='')}")

    def list_hand_over_customers(self, hand_over_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageHandOverItemOut:
        """A hand-over's customers and where each of them is."""
        return self._transport.request('GET', f"/v1/hand-overs/{quote(str(hand_over_id), safe='')}/customers", query={'cursor': cursor, 'limit': limit})

    def iter_list_hand_over_customers(self, hand_over_id: str, *, limit: int | None = None) -> Iterator[t.HandOverItemOut]:
        """Every item of `list_hand_over_customers`, page after page."""
        return self._transport.pages(f"/v1/hand-overs/{quote(str(hand_over_id), safe='')}/customers", {'limit': limit})

    def stop_hand_over(self, hand_over_id: str, *, idempotency_key: str | None = None) -> Any:
        """Ask for nobody further."""
        return self._transport.request('POST', f"/v1/hand-overs/{quote(str(hand_over_id), safe='')}/stop", idempotency_key=idempotency_key)

    def list_inspection_hits(self, *, state: Literal['open', 'handled', 'ignored'] | None = None, said_by: Literal['customer', 'staff'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageInspectionHitOut:
        """Watched words that were said, the latest first, with what stands around them."""
        return self._transport.request('GET', '/v1/inspection-hits', query={'state': state, 'said_by': said_by, 'cursor': cursor, 'limit': limit})

    def iter_list_inspection_hits(self, *, state: Literal['open', 'handled', 'ignored'] | None = None, said_by: Literal['customer', 'staff'] | None = None, limit: int | None = None) -> Iterator[t.InspectionHitOut]:
        """Every item of `list_inspection_hits`, page after page."""
        return self._transport.pages('/v1/inspection-hits', {'state': state, 'said_by': said_by, 'limit': limit})

    def settle_inspection_hit(self, hit_id: str, body: t.InspectionHitChange, *, idempotency_key: str | None = None) -> t.InspectionHitOut:
        """Say what was done about a hit."""
        return self._transport.request('POST', f"/v1/inspection-hits/{quote(str(hit_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_inspection_lists(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageInspectionListOut:
        """Lists of watched words."""
        return self._transport.request('GET', '/v1/inspection-lists', query={'cursor': cursor, 'limit': limit})

    def iter_list_inspection_lists(self, *, limit: int | None = None) -> Iterator[t.InspectionListOut]:
        """Every item of `list_inspection_lists`, page after page."""
        return self._transport.pages('/v1/inspection-lists', {'limit': limit})

    def create_inspection_list(self, body: t.NewInspectionList, *, idempotency_key: str | None = None) -> t.InspectionListOut:
        """Watch for these words from now on."""
        return self._transport.request('POST', '/v1/inspection-lists', body=body, idempotency_key=idempotency_key)

    def change_inspection_list(self, list_id: str, body: t.NewInspectionList, *, idempotency_key: str | None = None) -> t.InspectionListOut:
        """Change a list; what was found stays."""
        return self._transport.request('PUT', f"/v1/inspection-lists/{quote(str(list_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_inspection_list(self, list_id: str, *, idempotency_key: str | None = None) -> None:
        """Watch for these words no more; what was found stays."""
        return self._transport.request('DELETE', f"/v1/inspection-lists/{quote(str(list_id), safe='')}", idempotency_key=idempotency_key)

    def list_intercept_accounts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageInterceptAccountOut:
        """Connected accounts and the rules on words that they hold."""
        return self._transport.request('GET', '/v1/intercept-accounts', query={'cursor': cursor, 'limit': limit})

    def iter_list_intercept_accounts(self, *, limit: int | None = None) -> Iterator[t.InterceptAccountOut]:
        """Every item of `list_intercept_accounts`, page after page."""
        return self._transport.pages('/v1/intercept-accounts', {'limit': limit})

    def change_intercept_account(self, account_id: str, body: t.InterceptChange, *, idempotency_key: str | None = None) -> t.InterceptAccountOut:
        """Hold an account's advisers to the words, or let them go; the platform follows within seconds."""
        return self._transport.request('PUT', f"/v1/intercept-accounts/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_knowledge_articles(self, *, q: str | None = None, status: Literal['draft', 'approved', 'archived'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageKnowledgeArticleOut:
        """Articles, the last changed first; those put away only when asked for."""
        return self._transport.request('GET', '/v1/knowledge-articles', query={'q': q, 'status': status, 'cursor': cursor, 'limit': limit})

    def iter_list_knowledge_articles(self, *, q: str | None = None, status: Literal['draft', 'approved', 'archived'] | None = None, limit: int | None = None) -> Iterator[t.KnowledgeArticleOut]:
        """Every item of `list_knowledge_articles`, page after page."""
        return self._transport.pages('/v1/knowledge-articles', {'q': q, 'status': status, 'limit': limit})

    def create_knowledge_article(self, body: t.NewKnowledgeArticle, *, idempotency_key: str | None = None) -> t.KnowledgeArticleOut:
        """Write an article; somebody approves it before it answers."""
        return self._transport.request('POST', '/v1/knowledge-articles', body=body, idempotency_key=idempotency_key)

    def try_knowledge(self, body: t.KnowledgeTry, *, idempotency_key: str | None = None) -> t.KnowledgeTried:
        """What would be answered to a question, and why."""
        return self._transport.request('POST', '/v1/knowledge-articles/try', body=body, idempotency_key=idempotency_key)

    def change_knowledge_article(self, article_id: str, body: t.NewKnowledgeArticle, *, idempotency_key: str | None = None) -> t.KnowledgeArticleOut:
        """Change an article; it waits for approval again."""
        return self._transport.request('PUT', f"/v1/knowledge-articles/{quote(str(article_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def archive_knowledge_article(self, article_id: str, *, idempotency_key: str | None = None) -> None:
        """Put an article away: desks answer with it no more."""
        return self._transport.request('DELETE', f"/v1/knowledge-articles/{quote(str(article_id), safe='')}", idempotency_key=idempotency_key)

    def rule_knowledge_article(self, article_id: str, body: t.ArticleRuling, *, idempotency_key: str | None = None) -> t.KnowledgeArticleOut:
        """Approve an article, or put it away. Nobody approves what she wrote."""
        return self._transport.request('POST', f"/v1/knowledge-articles/{quote(str(article_id), safe='')}/ruling", body=body, idempotency_key=idempotency_key)

    def list_link_balances(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageLinkBalance:
        """What acquisition links may still bring, by account."""
        return self._transport.request('GET', '/v1/link-balances', query={'cursor': cursor, 'limit': limit})

    def iter_list_link_balances(self, *, limit: int | None = None) -> Iterator[t.LinkBalance]:
        """Every item of `list_link_balances`, page after page."""
        return self._transport.pages('/v1/link-balances', {'limit': limit})

    def change_link_balance(self, account_id: str, body: t.LinkBalanceChange, *, idempotency_key: str | None = None) -> t.LinkBalance:
        """Say below what balance colleagues are told."""
        return self._transport.request('PATCH', f"/v1/link-balances/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_live_codes(self, *, archived: bool | None = None, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageLiveCodeOut:
        """Live codes with what they brought, newest first."""
        return self._transport.request('GET', '/v1/live-codes', query={'archived': archived, 'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_live_codes(self, *, archived: bool | None = None, q: str | None = None, limit: int | None = None) -> Iterator[t.LiveCodeOut]:
        """Every item of `list_live_codes`, page after page."""
        return self._transport.pages('/v1/live-codes', {'archived': archived, 'q': q, 'limit': limit})

    def create_live_code(self, body: t.NewLiveCode, *, idempotency_key: str | None = None) -> t.LiveCodeOut:
        """Set a live code up; the platform's follows within a moment."""
        return self._transport.request('POST', '/v1/live-codes', body=body, idempotency_key=idempotency_key)

    def get_live_code(self, code_id: str) -> t.LiveCodeOut:
        """One live code."""
        return self._transport.request('GET', f"/v1/live-codes/{quote(str(code_id), safe='')}")

    def change_live_code(self, code_id: str, body: t.LiveCodeChange, *, idempotency_key: str | None = None) -> t.LiveCodeOut:
        """Change a live code; the printed QR code stays the same."""
        return self._transport.request('PATCH', f"/v1/live-codes/{quote(str(code_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def archive_live_code(self, code_id: str, *, idempotency_key: str | None = None) -> None:
        """Retire a live code: it leads nowhere any more; what it brought stays."""
        return self._transport.request('DELETE', f"/v1/live-codes/{quote(str(code_id), safe='')}", idempotency_key=idempotency_key)

    def get_live_code_figures(self, code_id: str, *, days: int | None = None) -> t.CodeFigures:
        """What a live code brought by day and by adviser."""
        return self._transport.request('GET', f"/v1/live-codes/{quote(str(code_id), safe='')}/figures", query={'days': days})

    def get_live_code_picture(self, code_id: str, *, named: bool | None = None) -> None:
        """The code as a picture: the platform's own, or drawn here; `named`: as SVG with its name under it."""
        return self._transport.request('GET', f"/v1/live-codes/{quote(str(code_id), safe='')}/picture", query={'named': named})

    def retry_live_code(self, code_id: str, *, idempotency_key: str | None = None) -> Any:
        """Ask the platform again now."""
        return self._transport.request('POST', f"/v1/live-codes/{quote(str(code_id), safe='')}/retry", idempotency_key=idempotency_key)

    def list_lost_friends(self, *, member: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageLostFriend:
        """Friendships that ended, newest first."""
        return self._transport.request('GET', '/v1/lost-friends', query={'member': member, 'cursor': cursor, 'limit': limit})

    def iter_list_lost_friends(self, *, member: str | None = None, limit: int | None = None) -> Iterator[t.LostFriend]:
        """Every item of `list_lost_friends`, page after page."""
        return self._transport.pages('/v1/lost-friends', {'member': member, 'limit': limit})

    def believe_missing(self, body: t.MissingBelieved, *, idempotency_key: str | None = None) -> Any:
        """Say that an adviser really lost so many at once."""
        return self._transport.request('POST', '/v1/lost-friends/believed', body=body, idempotency_key=idempotency_key)

    def list_mass_accounts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageMassAccountOut:
        """What platforms allow mass messages."""
        return self._transport.request('GET', '/v1/mass-accounts', query={'cursor': cursor, 'limit': limit})

    def iter_list_mass_accounts(self, *, limit: int | None = None) -> Iterator[t.MassAccountOut]:
        """Every item of `list_mass_accounts`, page after page."""
        return self._transport.pages('/v1/mass-accounts', {'limit': limit})

    def change_mass_account(self, account_id: str, body: t.MassAccountChange, *, idempotency_key: str | None = None) -> t.MassAccountOut:
        """Say what the platform allows; it changes, so it is data."""
        return self._transport.request('PATCH', f"/v1/mass-accounts/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_mass_sends(self, *, kind: Literal['customers', 'groups', 'moments'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageMassSendOut:
        """Mass messages and posts, newest first."""
        return self._transport.request('GET', '/v1/mass-sends', query={'kind': kind, 'cursor': cursor, 'limit': limit})

    def iter_list_mass_sends(self, *, kind: Literal['customers', 'groups', 'moments'] | None = None, limit: int | None = None) -> Iterator[t.MassSendOut]:
        """Every item of `list_mass_sends`, page after page."""
        return self._transport.pages('/v1/mass-sends', {'kind': kind, 'limit': limit})

    def create_mass_send(self, body: t.NewMassSend, *, idempotency_key: str | None = None) -> t.MassSendOut:
        """Draft a mass message or a post. Nothing goes out."""
        return self._transport.request('POST', '/v1/mass-sends', body=body, idempotency_key=idempotency_key)

    def get_mass_send(self, send_id: str) -> t.MassSendOut:
        """One mass message and where its people stand."""
        return self._transport.request('GET', f"/v1/mass-sends/{quote(str(send_id), safe='')}")

    def change_mass_send(self, send_id: str, body: t.MassSendChange, *, idempotency_key: str | None = None) -> t.MassSendOut:
        """Change a draft."""
        return self._transport.request('PATCH', f"/v1/mass-sends/{quote(str(send_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def cancel_mass_send(self, send_id: str, *, idempotency_key: str | None = None) -> t.MassSendOut:
        """Stop what was not confirmed yet."""
        return self._transport.request('POST', f"/v1/mass-sends/{quote(str(send_id), safe='')}/cancel", idempotency_key=idempotency_key)

    def check_mass_send(self, send_id: str, *, idempotency_key: str | None = None) -> t.MassSendOut:
        """Take the audience as of now, and see who would be held back and why."""
        return self._transport.request('POST', f"/v1/mass-sends/{quote(str(send_id), safe='')}/check", idempotency_key=idempotency_key)

    def list_mass_groups(self, send_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageMassGroupOut:
        """Groups of a mass message and where each stands."""
        return self._transport.request('GET', f"/v1/mass-sends/{quote(str(send_id), safe='')}/groups", query={'cursor': cursor, 'limit': limit})

    def iter_list_mass_groups(self, send_id: str, *, limit: int | None = None) -> Iterator[t.MassGroupOut]:
        """Every item of `list_mass_groups`, page after page."""
        return self._transport.pages(f"/v1/mass-sends/{quote(str(send_id), safe='')}/groups", {'limit': limit})

    def list_mass_people(self, send_id: str, *, state: Literal['waiting', 'ready', 'held', 'booking', 'booked', 'asked', 'sent', 'refused', 'cancelled'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageMassPersonOut:
        """Customers of a mass message and where each stands."""
        return self._transport.request('GET', f"/v1/mass-sends/{quote(str(send_id), safe='')}/people", query={'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_mass_people(self, send_id: str, *, state: Literal['waiting', 'ready', 'held', 'booking', 'booked', 'asked', 'sent', 'refused', 'cancelled'] | None = None, limit: int | None = None) -> Iterator[t.MassPersonOut]:
        """Every item of `list_mass_people`, page after page."""
        return self._transport.pages(f"/v1/mass-sends/{quote(str(send_id), safe='')}/people", {'state': state, 'limit': limit})

    def list_mass_posts(self, send_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageMassPostOut:
        """Who was given a post, who published it, and what customers made of it."""
        return self._transport.request('GET', f"/v1/mass-sends/{quote(str(send_id), safe='')}/posts", query={'cursor': cursor, 'limit': limit})

    def iter_list_mass_posts(self, send_id: str, *, limit: int | None = None) -> Iterator[t.MassPostOut]:
        """Every item of `list_mass_posts`, page after page."""
        return self._transport.pages(f"/v1/mass-sends/{quote(str(send_id), safe='')}/posts", {'limit': limit})

    def remind_mass_send(self, send_id: str, *, idempotency_key: str | None = None) -> t.MassSendOut:
        """Ask the advisers who have not confirmed once more."""
        return self._transport.request('POST', f"/v1/mass-sends/{quote(str(send_id), safe='')}/remind", idempotency_key=idempotency_key)

    def start_mass_send(self, send_id: str, *, idempotency_key: str | None = None) -> t.MassSendOut:
        """Let the platform make tasks for staff. Whoever may not be written to by now is left out."""
        return self._transport.request('POST', f"/v1/mass-sends/{quote(str(send_id), safe='')}/start", idempotency_key=idempotency_key)

    def list_mass_tasks(self, send_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageMassTaskOut:
        """The platform's tasks, by adviser."""
        return self._transport.request('GET', f"/v1/mass-sends/{quote(str(send_id), safe='')}/tasks", query={'cursor': cursor, 'limit': limit})

    def iter_list_mass_tasks(self, send_id: str, *, limit: int | None = None) -> Iterator[t.MassTaskOut]:
        """Every item of `list_mass_tasks`, page after page."""
        return self._transport.pages(f"/v1/mass-sends/{quote(str(send_id), safe='')}/tasks", {'limit': limit})

    def list_platform_tag_groups(self, *, cursor: str | None = None, limit: int | None = None) -> t.PagePlatformTagGroupOut:
        """The platforms' groups of tags in their order."""
        return self._transport.request('GET', '/v1/platform-tag-groups', query={'cursor': cursor, 'limit': limit})

    def iter_list_platform_tag_groups(self, *, limit: int | None = None) -> Iterator[t.PlatformTagGroupOut]:
        """Every item of `list_platform_tag_groups`, page after page."""
        return self._transport.pages('/v1/platform-tag-groups', {'limit': limit})

    def change_platform_tag_group(self, group_id: str, body: t.TagGroupChange, *, idempotency_key: str | None = None) -> None:
        """Say whose word on a group's tags holds."""
        return self._transport.request('PATCH', f"/v1/platform-tag-groups/{quote(str(group_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def put_platform_tags(self, body: t.NewPlatformTags, *, idempotency_key: str | None = None) -> Any:
        """Have tags of ours made on the platform; it happens within seconds."""
        return self._transport.request('POST', '/v1/platform-tags', body=body, idempotency_key=idempotency_key)

    def list_score_figures(self, *, weeks: int | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageScoreFigures:
        """Advisers' scores of the last weeks, the lowest first."""
        return self._transport.request('GET', '/v1/score-figures', query={'weeks': weeks, 'cursor': cursor, 'limit': limit})

    def iter_list_score_figures(self, *, weeks: int | None = None, limit: int | None = None) -> Iterator[t.ScoreFigures]:
        """Every item of `list_score_figures`, page after page."""
        return self._transport.pages('/v1/score-figures', {'weeks': weeks, 'limit': limit})

    def get_score_form(self) -> t.ScoreFormOut:
        """By what talks are scored."""
        return self._transport.request('GET', '/v1/score-form')

    def put_score_form(self, body: t.ScoreFormIn, *, idempotency_key: str | None = None) -> t.ScoreFormOut:
        """Another form from now on; scores given by the one before stay."""
        return self._transport.request('PUT', '/v1/score-form', body=body, idempotency_key=idempotency_key)

    def list_score_samples(self, *, state: Literal['open', 'scored', 'appealed', 'settled'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageScoreSampleOut:
        """Talks drawn for scoring, the last week's first."""
        return self._transport.request('GET', '/v1/score-samples', query={'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_score_samples(self, *, state: Literal['open', 'scored', 'appealed', 'settled'] | None = None, limit: int | None = None) -> Iterator[t.ScoreSampleOut]:
        """Every item of `list_score_samples`, page after page."""
        return self._transport.pages('/v1/score-samples', {'state': state, 'limit': limit})

    def appeal_sample(self, sample_id: str, body: t.ScoreAppeal, *, idempotency_key: str | None = None) -> t.ScoreSampleOut:
        """Say that a score is not right; somebody else looks again."""
        return self._transport.request('POST', f"/v1/score-samples/{quote(str(sample_id), safe='')}/appeal", body=body, idempotency_key=idempotency_key)

    def get_sample_form(self, sample_id: str) -> t.ScoreFormOut:
        """By what this talk is scored: the form that counts, or once it has a score the one it was scored by."""
        return self._transport.request('GET', f"/v1/score-samples/{quote(str(sample_id), safe='')}/form")

    def list_score_messages(self, sample_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageArchiveMessageOut:
        """What was said in the week that is scored, the latest first. Every look is on the trail."""
        return self._transport.request('GET', f"/v1/score-samples/{quote(str(sample_id), safe='')}/messages", query={'cursor': cursor, 'limit': limit})

    def iter_list_score_messages(self, sample_id: str, *, limit: int | None = None) -> Iterator[t.ArchiveMessageOut]:
        """Every item of `list_score_messages`, page after page."""
        return self._transport.pages(f"/v1/score-samples/{quote(str(sample_id), safe='')}/messages", {'limit': limit})

    def score_sample(self, sample_id: str, body: t.ScoreIn, *, idempotency_key: str | None = None) -> t.ScoreSampleOut:
        """Score a talk; of one that was appealed against, settle it by another look."""
        return self._transport.request('POST', f"/v1/score-samples/{quote(str(sample_id), safe='')}/score", body=body, idempotency_key=idempotency_key)

    def list_service_desks(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageDeskOut:
        """Accounts of customer service, and how they serve."""
        return self._transport.request('GET', '/v1/service-desks', query={'cursor': cursor, 'limit': limit})

    def iter_list_service_desks(self, *, limit: int | None = None) -> Iterator[t.DeskOut]:
        """Every item of `list_service_desks`, page after page."""
        return self._transport.pages('/v1/service-desks', {'limit': limit})

    def read_service_desks(self, *, idempotency_key: str | None = None) -> t.PageDeskOut:
        """Ask the platform which accounts of customer service there are."""
        return self._transport.request('POST', '/v1/service-desks/read', idempotency_key=idempotency_key)

    def change_service_desk(self, desk_id: str, body: t.DeskChange, *, idempotency_key: str | None = None) -> t.DeskOut:
        """Say when a desk serves and how it answers."""
        return self._transport.request('PATCH', f"/v1/service-desks/{quote(str(desk_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_tag_accounts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageTagAccountOut:
        """Connected accounts with their tags."""
        return self._transport.request('GET', '/v1/tag-accounts', query={'cursor': cursor, 'limit': limit})

    def iter_list_tag_accounts(self, *, limit: int | None = None) -> Iterator[t.TagAccountOut]:
        """Every item of `list_tag_accounts`, page after page."""
        return self._transport.pages('/v1/tag-accounts', {'limit': limit})

    def change_tag_limits(self, account_id: str, body: t.TagLimits, *, idempotency_key: str | None = None) -> None:
        """Say how many tags the platform allows."""
        return self._transport.request('PATCH', f"/v1/tag-accounts/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def read_tags(self, account_id: str, *, idempotency_key: str | None = None) -> Any:
        """Read the platform's tags and everybody's friends now, and try again what could not be told."""
        return self._transport.request('POST', f"/v1/tag-accounts/{quote(str(account_id), safe='')}/read", idempotency_key=idempotency_key)

    def list_tag_conflicts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageTagConflictOut:
        """Changes of tags that were set back because the other side's word holds, newest first."""
        return self._transport.request('GET', '/v1/tag-conflicts', query={'cursor': cursor, 'limit': limit})

    def iter_list_tag_conflicts(self, *, limit: int | None = None) -> Iterator[t.TagConflictOut]:
        """Every item of `list_tag_conflicts`, page after page."""
        return self._transport.pages('/v1/tag-conflicts', {'limit': limit})

    def list_welcome_messages(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageWelcomeOut:
        """Welcome messages in the order in which they are tried: the first that fits is said."""
        return self._transport.request('GET', '/v1/welcome-messages', query={'cursor': cursor, 'limit': limit})

    def iter_list_welcome_messages(self, *, limit: int | None = None) -> Iterator[t.WelcomeOut]:
        """Every item of `list_welcome_messages`, page after page."""
        return self._transport.pages('/v1/welcome-messages', {'limit': limit})

    def create_welcome_message(self, body: t.NewWelcome, *, idempotency_key: str | None = None) -> t.WelcomeOut:
        """Add a welcome message behind all others."""
        return self._transport.request('POST', '/v1/welcome-messages', body=body, idempotency_key=idempotency_key)

    def change_welcome_message(self, welcome_id: str, body: t.WelcomeChange, *, idempotency_key: str | None = None) -> t.WelcomeOut:
        """Replace a welcome message, or move it."""
        return self._transport.request('PUT', f"/v1/welcome-messages/{quote(str(welcome_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_welcome_message(self, welcome_id: str, *, idempotency_key: str | None = None) -> None:
        """Take a welcome message away."""
        return self._transport.request('DELETE', f"/v1/welcome-messages/{quote(str(welcome_id), safe='')}", idempotency_key=idempotency_key)


class Conversion:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def compare_sources(self, *, by: Literal['source', 'channel'] | None = None, from_: str | None = None, to: str | None = None, credit: Literal['first', 'any'] | None = None, within_days: int | None = None, friends: Literal['all', 'friend', 'stranger'] | None = None, store_id: str | None = None, segment_id: str | None = None, tag: str | None = None) -> t.Comparison:
        """Customers who came by each source in a period, and how many became friends, members, buyers and buyers again."""
        return self._transport.request('GET', '/v1/conversion', query={'by': by, 'from': from_, 'to': to, 'credit': credit, 'within_days': within_days, 'friends': friends, 'store_id': store_id, 'segment_id': segment_id, 'tag': tag})

    def source_people(self, *, by: Literal['source', 'channel'] | None = None, from_: str | None = None, to: str | None = None, credit: Literal['first', 'any'] | None = None, within_days: int | None = None, friends: Literal['all', 'friend', 'stranger'] | None = None, store_id: str | None = None, segment_id: str | None = None, tag: str | None = None, key: str | None = None, step: Literal['came', 'friend', 'member', 'first_order', 'second_order'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageConvertOut:
        """The people behind a figure, the latest first, as far as the caller may see customers."""
        return self._transport.request('GET', '/v1/conversion/people', query={'by': by, 'from': from_, 'to': to, 'credit': credit, 'within_days': within_days, 'friends': friends, 'store_id': store_id, 'segment_id': segment_id, 'tag': tag, 'key': key, 'step': step, 'cursor': cursor, 'limit': limit})

    def iter_source_people(self, *, by: Literal['source', 'channel'] | None = None, from_: str | None = None, to: str | None = None, credit: Literal['first', 'any'] | None = None, within_days: int | None = None, friends: Literal['all', 'friend', 'stranger'] | None = None, store_id: str | None = None, segment_id: str | None = None, tag: str | None = None, key: str | None = None, step: Literal['came', 'friend', 'member', 'first_order', 'second_order'] | None = None, limit: int | None = None) -> Iterator[t.ConvertOut]:
        """Every item of `source_people`, page after page."""
        return self._transport.pages('/v1/conversion/people', {'by': by, 'from': from_, 'to': to, 'credit': credit, 'within_days': within_days, 'friends': friends, 'store_id': store_id, 'segment_id': segment_id, 'tag': tag, 'key': key, 'step': step, 'limit': limit})

    def list_spend(self, *, by: Literal['source', 'channel'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageSpendOut:
        """What was entered as spent, the latest days first."""
        return self._transport.request('GET', '/v1/conversion/spend', query={'by': by, 'cursor': cursor, 'limit': limit})

    def iter_list_spend(self, *, by: Literal['source', 'channel'] | None = None, limit: int | None = None) -> Iterator[t.SpendOut]:
        """Every item of `list_spend`, page after page."""
        return self._transport.pages('/v1/conversion/spend', {'by': by, 'limit': limit})

    def enter_spend(self, body: t.SpendBody, *, idempotency_key: str | None = None) -> t.SpendWritten:
        """Enter what was spent, line by line or as a pasted table. All or nothing."""
        return self._transport.request('POST', '/v1/conversion/spend', body=body, idempotency_key=idempotency_key)

    def remove_spend(self, line_id: str, *, idempotency_key: str | None = None) -> None:
        """Take a line away."""
        return self._transport.request('DELETE', f"/v1/conversion/spend/{quote(str(line_id), safe='')}", idempotency_key=idempotency_key)

    def get_traffic_funnel(self, *, from_: str | None = None, to: str | None = None, within_days: int | None = None, store_id: str | None = None) -> t.TrafficFunnel:
        """From a live room, a cart or a group to a friend, a first order and a second; what each source brought and cost."""
        return self._transport.request('GET', '/v1/traffic-funnel', query={'from': from_, 'to': to, 'within_days': within_days, 'store_id': store_id})


class Customers:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_custom_fields(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageCustomField:
        """The company's own fields of customers, each with its class of data."""
        return self._transport.request('GET', '/v1/custom-fields', query={'cursor': cursor, 'limit': limit})

    def iter_list_custom_fields(self, *, limit: int | None = None) -> Iterator[t.CustomField]:
        """Every item of `list_custom_fields`, page after page."""
        return self._transport.pages('/v1/custom-fields', {'limit': limit})

    def classify_custom_field(self, body: t.CustomFieldClass, *, idempotency_key: str | None = None) -> t.CustomField:
        """Say which class of data a field is; whoever lacks the class neither sees nor changes it from now on."""
        return self._transport.request('PUT', '/v1/custom-fields', body=body, idempotency_key=idempotency_key)

    def search_customers(self, *, cursor: str | None = None, limit: int | None = None, q: str | None = None, segment_id: str | None = None, tag: str | None = None, store_id: str | None = None, city: str | None = None, stage: str | None = None, last_order_from: str | None = None, last_order_to: str | None = None, spend_min: float | str | None = None, spend_max: float | str | None = None, region: str | None = None) -> t.Customers:
        """Customers within the caller's scope, newest first. `q`: a whole phone, e-mail, member number or name, an id, or four last digits."""
        return self._transport.request('GET', '/v1/customers', query={'cursor': cursor, 'limit': limit, 'q': q, 'segment_id': segment_id, 'tag': tag, 'store_id': store_id, 'city': city, 'stage': stage, 'last_order_from': last_order_from, 'last_order_to': last_order_to, 'spend_min': spend_min, 'spend_max': spend_max, 'region': region})

    def iter_search_customers(self, *, limit: int | None = None, q: str | None = None, segment_id: str | None = None, tag: str | None = None, store_id: str | None = None, city: str | None = None, stage: str | None = None, last_order_from: str | None = None, last_order_to: str | None = None, spend_min: float | str | None = None, spend_max: float | str | None = None, region: str | None = None) -> Iterator[t.CustomerLine]:
        """Every item of `search_customers`, page after page."""
        return self._transport.pages('/v1/customers', {'limit': limit, 'q': q, 'segment_id': segment_id, 'tag': tag, 'store_id': store_id, 'city': city, 'stage': stage, 'last_order_from': last_order_from, 'last_order_to': last_order_to, 'spend_min': spend_min, 'spend_max': spend_max, 'region': region})

    def export_customers(self, *, language: Literal['zh', 'en'] | None = None, q: str | None = None, segment_id: str | None = None, tag: str | None = None, store_id: str | None = None, city: str | None = None, stage: str | None = None, last_order_from: str | None = None, last_order_to: str | None = None, spend_min: float | str | None = None, spend_max: float | str | None = None, region: str | None = None) -> Any:
        """The same customers as a CSV file, at most 50,000; phone numbers stay masked. Every export is on the audit trail."""
        return self._transport.request('GET', '/v1/customers.csv', query={'language': language, 'q': q, 'segment_id': segment_id, 'tag': tag, 'store_id': store_id, 'city': city, 'stage': stage, 'last_order_from': last_order_from, 'last_order_to': last_order_to, 'spend_min': spend_min, 'spend_max': spend_max, 'region': region})

    def tag_customers(self, body: t.BulkTag, *, idempotency_key: str | None = None) -> t.BulkTagged:
        """Set a tag on many customers by hand, or take it from them; those outside the caller's scope stay as they are."""
        return self._transport.request('POST', '/v1/customers/tags', body=body, idempotency_key=idempotency_key)

    def read_customer(self, customer_id: str) -> t.CustomerOut:
        """One customer: fields, identifiers (masked), tags, profile, segments."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}")

    def change_customer(self, customer_id: str, body: t.CustomerChange, *, idempotency_key: str | None = None) -> t.Changes:
        """Set or clear fields; every change is an event with old and new value, and on the audit trail."""
        return self._transport.request('PATCH', f"/v1/customers/{quote(str(customer_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def read_conversation(self, customer_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageSaidOut:
        """What she wrote on every platform and was answered, in one line of time, the latest first."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/conversation", query={'cursor': cursor, 'limit': limit})

    def iter_read_conversation(self, customer_id: str, *, limit: int | None = None) -> Iterator[t.SaidOut]:
        """Every item of `read_conversation`, page after page."""
        return self._transport.pages(f"/v1/customers/{quote(str(customer_id), safe='')}/conversation", {'limit': limit})

    def read_customer_fields(self, customer_id: str) -> t.FieldsOut:
        """Where each field of a customer comes from and since when, with what other sources say."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/fields")

    def list_referrals(self, customer_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageReferralOut:
        """Whom she brought, the latest first."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/referrals", query={'cursor': cursor, 'limit': limit})

    def iter_list_referrals(self, customer_id: str, *, limit: int | None = None) -> Iterator[t.ReferralOut]:
        """Every item of `list_referrals`, page after page."""
        return self._transport.pages(f"/v1/customers/{quote(str(customer_id), safe='')}/referrals", {'limit': limit})

    def get_referrer(self, customer_id: str) -> t.CameByOut:
        """By whom she came."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/referrer")

    def note_referrer(self, customer_id: str, body: t.NewReferrer, *, idempotency_key: str | None = None) -> t.Asked:
        """Note by whom she came; a first order that she pays from a day before on counts for that one."""
        return self._transport.request('PUT', f"/v1/customers/{quote(str(customer_id), safe='')}/referrer", body=body, idempotency_key=idempotency_key)

    def withdraw_referrer(self, customer_id: str, *, idempotency_key: str | None = None) -> t.Asked:
        """Take back what was noted by mistake, while no order has counted."""
        return self._transport.request('DELETE', f"/v1/customers/{quote(str(customer_id), safe='')}/referrer", idempotency_key=idempotency_key)

    def reveal_customer(self, customer_id: str, body: t.RevealBody, *, idempotency_key: str | None = None) -> t.RevealedOut:
        """Show one personal value in the clear; the look is recorded."""
        return self._transport.request('POST', f"/v1/customers/{quote(str(customer_id), safe='')}/reveal", body=body, idempotency_key=idempotency_key)

    def add_customer_tag(self, customer_id: str, body: t.TagBody, *, idempotency_key: str | None = None) -> t.Changes:
        """Set a tag by hand."""
        return self._transport.request('POST', f"/v1/customers/{quote(str(customer_id), safe='')}/tags", body=body, idempotency_key=idempotency_key)

    def remove_customer_tag(self, customer_id: str, tag: str, *, idempotency_key: str | None = None) -> t.Changes:
        """Take a tag away by hand."""
        return self._transport.request('DELETE', f"/v1/customers/{quote(str(customer_id), safe='')}/tags/{quote(str(tag), safe='')}", idempotency_key=idempotency_key)

    def read_timeline(self, customer_id: str, *, kind: Literal['order', 'visit', 'message', 'benefit', 'label', 'consent', 'customer', 'flow'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageTimelineEntry:
        """The customer's history, newest first; `kind` leaves one family of happenings."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/timeline", query={'kind': kind, 'cursor': cursor, 'limit': limit})

    def iter_read_timeline(self, customer_id: str, *, kind: Literal['order', 'visit', 'message', 'benefit', 'label', 'consent', 'customer', 'flow'] | None = None, limit: int | None = None) -> Iterator[t.TimelineEntry]:
        """Every item of `read_timeline`, page after page."""
        return self._transport.pages(f"/v1/customers/{quote(str(customer_id), safe='')}/timeline", {'kind': kind, 'limit': limit})

    def read_field_priority(self) -> t.Priorities:
        """Which source is believed about which field of a customer."""
        return self._transport.request('GET', '/v1/settings/field-priority')

    def set_field_priority(self, field: str, body: t.PriorityBody, *, idempotency_key: str | None = None) -> None:
        """Decide whom to believe about a field (`*`: about all without an order of their own); it holds for what is said from now on."""
        return self._transport.request('PUT', f"/v1/settings/field-priority/{quote(str(field), safe='')}", body=body, idempotency_key=idempotency_key)


class Directory:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_directories(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageDirectoryOut:
        """Accounts whose platform has a directory, those that are one first."""
        return self._transport.request('GET', '/v1/directories', query={'cursor': cursor, 'limit': limit})

    def iter_list_directories(self, *, limit: int | None = None) -> Iterator[t.DirectoryOut]:
        """Every item of `list_directories`, page after page."""
        return self._transport.pages('/v1/directories', {'limit': limit})

    def read_directory(self, account_id: str) -> t.DirectoryOut:
        """One of them."""
        return self._transport.request('GET', f"/v1/directories/{quote(str(account_id), safe='')}")

    def set_directory(self, account_id: str, body: t.DirectoryIn, *, idempotency_key: str | None = None) -> t.DirectoryOut:
        """Make a connected account the company's directory, or change how it is handled."""
        return self._transport.request('PUT', f"/v1/directories/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_directory(self, account_id: str, *, idempotency_key: str | None = None) -> None:
        """The account is no directory any more; people who were made stay, and nobody signs in by it."""
        return self._transport.request('DELETE', f"/v1/directories/{quote(str(account_id), safe='')}", idempotency_key=idempotency_key)

    def list_directory_changes(self, account_id: str, *, waiting: bool | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageChangeOut:
        """What waits to be done, or what was."""
        return self._transport.request('GET', f"/v1/directories/{quote(str(account_id), safe='')}/changes", query={'waiting': waiting, 'cursor': cursor, 'limit': limit})

    def iter_list_directory_changes(self, account_id: str, *, waiting: bool | None = None, limit: int | None = None) -> Iterator[t.ChangeOut]:
        """Every item of `list_directory_changes`, page after page."""
        return self._transport.pages(f"/v1/directories/{quote(str(account_id), safe='')}/changes", {'waiting': waiting, 'limit': limit})

    def list_directory_departments(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageDepartmentOut:
        """The platform's tree, and what of it is a region or a store here."""
        return self._transport.request('GET', f"/v1/directories/{quote(str(account_id), safe='')}/departments", query={'cursor': cursor, 'limit': limit})

    def iter_list_directory_departments(self, account_id: str, *, limit: int | None = None) -> Iterator[t.DepartmentOut]:
        """Every item of `list_directory_departments`, page after page."""
        return self._transport.pages(f"/v1/directories/{quote(str(account_id), safe='')}/departments", {'limit': limit})

    def place_directory_departments(self, account_id: str, body: t.PlacedDepartments, *, idempotency_key: str | None = None) -> None:
        """Say which region or store departments are."""
        return self._transport.request('PUT', f"/v1/directories/{quote(str(account_id), safe='')}/departments", body=body, idempotency_key=idempotency_key)

    def list_directory_members(self, account_id: str, *, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageMemberOut:
        """Who works there, and who they are here."""
        return self._transport.request('GET', f"/v1/directories/{quote(str(account_id), safe='')}/members", query={'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_directory_members(self, account_id: str, *, q: str | None = None, limit: int | None = None) -> Iterator[t.MemberOut]:
        """Every item of `list_directory_members`, page after page."""
        return self._transport.pages(f"/v1/directories/{quote(str(account_id), safe='')}/members", {'q': q, 'limit': limit})

    def bind_directory_member(self, account_id: str, member: str, body: t.MemberBinding, *, idempotency_key: str | None = None) -> None:
        """Say which colleague a member is: she signs in as that person, with that person's rights."""
        return self._transport.request('PUT', f"/v1/directories/{quote(str(account_id), safe='')}/members/{quote(str(member), safe='')}", body=body, idempotency_key=idempotency_key)

    def read_directory_again(self, account_id: str, *, idempotency_key: str | None = None) -> Any:
        """Have it read now; what is found waits among the changes."""
        return self._transport.request('POST', f"/v1/directories/{quote(str(account_id), safe='')}/read", idempotency_key=idempotency_key)

    def list_directory_rules(self, account_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageRuleOut:
        """Who holds which role by the directory."""
        return self._transport.request('GET', f"/v1/directories/{quote(str(account_id), safe='')}/rules", query={'cursor': cursor, 'limit': limit})

    def iter_list_directory_rules(self, account_id: str, *, limit: int | None = None) -> Iterator[t.RuleOut]:
        """Every item of `list_directory_rules`, page after page."""
        return self._transport.pages(f"/v1/directories/{quote(str(account_id), safe='')}/rules", {'limit': limit})

    def add_directory_rule(self, account_id: str, body: t.RuleIn, *, idempotency_key: str | None = None) -> t.RuleOut:
        """Make a rule. One whose role can give rights, or take data out, waits for a second person."""
        return self._transport.request('POST', f"/v1/directories/{quote(str(account_id), safe='')}/rules", body=body, idempotency_key=idempotency_key)

    def do_directory_changes(self, body: t.ChangesIn, *, idempotency_key: str | None = None) -> t.ChangesDone:
        """Do the changes that somebody saw, each by itself."""
        return self._transport.request('POST', '/v1/directory-changes/do', body=body, idempotency_key=idempotency_key)

    def refuse_directory_change(self, change_id: str, *, idempotency_key: str | None = None) -> None:
        """Leave somebody as they are."""
        return self._transport.request('POST', f"/v1/directory-changes/{quote(str(change_id), safe='')}/refuse", idempotency_key=idempotency_key)

    def remove_directory_rule(self, rule_id: str, *, idempotency_key: str | None = None) -> None:
        """The rule gives nothing any more; what it gave is taken back by the changes that this makes."""
        return self._transport.request('DELETE', f"/v1/directory-rules/{quote(str(rule_id), safe='')}", idempotency_key=idempotency_key)

    def decide_directory_rule(self, rule_id: str, body: t.RuleWord, *, idempotency_key: str | None = None) -> None:
        """A second person's word. Nobody decides their own rule."""
        return self._transport.request('POST', f"/v1/directory-rules/{quote(str(rule_id), safe='')}/decide", body=body, idempotency_key=idempotency_key)


class Events:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, body: dict[str, Any], *, partial: bool | None = None, idempotency_key: str | None = None) -> t.EventsAnswer:
        """Hand over what happened elsewhere, up to 5,000 records. All or nothing, unless `partial`."""
        return self._transport.request('POST', '/v1/events', query={'partial': partial}, body=body, idempotency_key=idempotency_key)

    def list_failed_events(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageFailedEventLine:
        """Events that could not be applied, the latest failure first."""
        return self._transport.request('GET', '/v1/failed-events', query={'cursor': cursor, 'limit': limit})

    def iter_list_failed_events(self, *, limit: int | None = None) -> Iterator[t.FailedEventLine]:
        """Every item of `list_failed_events`, page after page."""
        return self._transport.pages('/v1/failed-events', {'limit': limit})

    def retry_failed_events(self, body: t.RetryRound, *, idempotency_key: str | None = None) -> t.Retried:
        """Put all failed events back, up to 500 a call; repeat with `next` until it is null."""
        return self._transport.request('POST', '/v1/failed-events/retry', body=body, idempotency_key=idempotency_key)

    def retry_failed_event(self, event_id: str, *, idempotency_key: str | None = None) -> t.Retried:
        """Put one event back into the inbox; failing again, it comes back with its new reason."""
        return self._transport.request('POST', f"/v1/failed-events/{quote(str(event_id), safe='')}/retry", idempotency_key=idempotency_key)

    def quarantined(self, *, status: Literal['open', 'replayed'] | None = None, source: str | None = None, reason: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageQuarantineItem:
        """Records that could not be understood, newest first."""
        return self._transport.request('GET', '/v1/quarantine', query={'status': status, 'source': source, 'reason': reason, 'cursor': cursor, 'limit': limit})

    def iter_quarantined(self, *, status: Literal['open', 'replayed'] | None = None, source: str | None = None, reason: str | None = None, limit: int | None = None) -> Iterator[t.QuarantineItem]:
        """Every item of `quarantined`, page after page."""
        return self._transport.pages('/v1/quarantine', {'status': status, 'source': source, 'reason': reason, 'limit': limit})

    def replay_quarantine(self, body: t.NextRound, *, idempotency_key: str | None = None) -> t.RoundAnswer:
        """Try all open records again, as history, up to 500 a call; repeat with `next` until it is null."""
        return self._transport.request('POST', '/v1/quarantine/replay', body=body, idempotency_key=idempotency_key)

    def replay(self, record_id: str, *, idempotency_key: str | None = None) -> t.EventsAnswer:
        """Try a quarantined record again, as history: what it means is recorded and starts nothing. Refused again, it stays."""
        return self._transport.request('POST', f"/v1/quarantine/{quote(str(record_id), safe='')}/replay", idempotency_key=idempotency_key)

    def reveal_quarantined(self, record_id: str, *, idempotency_key: str | None = None) -> t.QuarantinePayload:
        """Show what a quarantined record says. It may hold personal data, so looking leaves an audit entry."""
        return self._transport.request('POST', f"/v1/quarantine/{quote(str(record_id), safe='')}/reveal", idempotency_key=idempotency_key)


class Experiments:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_fights(self, *, days: int | None = None) -> t.FightsOut:
        """Which flows stand in each other's way under the caps, and which hold the same customers just now."""
        return self._transport.request('GET', '/v1/flow-conflicts', query={'days': days})

    def compare_slices(self, flow_id: str, *, first_version: int | None = None, second_version: int | None = None, first_since: str | None = None, first_until: str | None = None, second_since: str | None = None, second_until: str | None = None) -> t.CompareOut:
        """Two versions or two periods side by side; runs count where they entered."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/compare", query={'first_version': first_version, 'second_version': second_version, 'first_since': first_since, 'first_until': first_until, 'second_since': second_since, 'second_until': second_until})

    def change_experiment(self, flow_id: str, block: str, body: t.ExperimentIn, *, idempotency_key: str | None = None) -> None:
        """Say whether a split's winner is adopted by itself."""
        return self._transport.request('PUT', f"/v1/flows/{quote(str(flow_id), safe='')}/experiments/{quote(str(block), safe='')}", body=body, idempotency_key=idempotency_key)

    def adopt_arm(self, flow_id: str, block: str, body: t.Adoption, *, idempotency_key: str | None = None) -> None:
        """Lead everybody new to one arm: the current version is published again with its shares there."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/experiments/{quote(str(block), safe='')}/adopt", body=body, idempotency_key=idempotency_key)

    def read_results(self, flow_id: str, *, version: int | None = None, since: str | None = None, until: str | None = None) -> t.ResultsOut:
        """Conversions with intervals: against the control group, by arm, by block; of a version or period when asked."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/results", query={'version': version, 'since': since, 'until': until})


class Exports:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def request_export(self, body: t.ExportRequest, *, idempotency_key: str | None = None) -> t.ExportLine:
        """Make a list into a file, in the background. Masked unless `plain`, which a second person decides about."""
        return self._transport.request('POST', '/v1/exports', body=body, idempotency_key=idempotency_key)

    def exports(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageExportLine:
        """One's own exports, newest first; whoever may approve sees everybody's."""
        return self._transport.request('GET', '/v1/exports', query={'cursor': cursor, 'limit': limit})

    def iter_exports(self, *, limit: int | None = None) -> Iterator[t.ExportLine]:
        """Every item of `exports`, page after page."""
        return self._transport.pages('/v1/exports', {'limit': limit})

    def export_lists(self) -> t.ExportChoices:
        """What the caller may export."""
        return self._transport.request('GET', '/v1/exports/lists')

    def approve_export(self, export_id: str, *, idempotency_key: str | None = None) -> t.ExportLine:
        """Let somebody else's plain export be made."""
        return self._transport.request('POST', f"/v1/exports/{quote(str(export_id), safe='')}/approve", idempotency_key=idempotency_key)

    def cancel_export(self, export_id: str, *, idempotency_key: str | None = None) -> t.ExportLine:
        """Stop one's own export, or give up its file."""
        return self._transport.request('POST', f"/v1/exports/{quote(str(export_id), safe='')}/cancel", idempotency_key=idempotency_key)

    def export_file(self, export_id: str) -> Any:
        """The file, for whom it was made, until it expires. Each time is on the trail."""
        return self._transport.request('GET', f"/v1/exports/{quote(str(export_id), safe='')}/file")

    def refuse_export(self, export_id: str, *, idempotency_key: str | None = None) -> t.ExportLine:
        """Refuse somebody else's plain export."""
        return self._transport.request('POST', f"/v1/exports/{quote(str(export_id), safe='')}/refuse", idempotency_key=idempotency_key)


class FlowLife:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_flow_approvals(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageApprovalOut:
        """Publishings that wait for a second person, the oldest first."""
        return self._transport.request('GET', '/v1/flow-approvals', query={'cursor': cursor, 'limit': limit})

    def iter_list_flow_approvals(self, *, limit: int | None = None) -> Iterator[t.ApprovalOut]:
        """Every item of `list_flow_approvals`, page after page."""
        return self._transport.pages('/v1/flow-approvals', {'limit': limit})

    def read_flow_approval(self, approval_id: str) -> t.ApprovalOpened:
        """One request, what it wants published, and what became of it."""
        return self._transport.request('GET', f"/v1/flow-approvals/{quote(str(approval_id), safe='')}")

    def decide_flow_approval(self, approval_id: str, body: t.Decided, *, idempotency_key: str | None = None) -> t.ApprovalOut:
        """Agree, and the flow is published as it was asked for; or refuse and say why. Nobody decides their own request."""
        return self._transport.request('POST', f"/v1/flow-approvals/{quote(str(approval_id), safe='')}/decide", body=body, idempotency_key=idempotency_key)

    def withdraw_flow_approval(self, approval_id: str, *, idempotency_key: str | None = None) -> t.ApprovalOut:
        """The request is taken back."""
        return self._transport.request('POST', f"/v1/flow-approvals/{quote(str(approval_id), safe='')}/withdraw", idempotency_key=idempotency_key)

    def import_flow(self, body: t.FlowImport, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Make a flow from an exported file; everything that is missing here is named with its block."""
        return self._transport.request('POST', '/v1/flow-imports', body=body, idempotency_key=idempotency_key)

    def read_flow_limits(self) -> t.LimitsBodyOutput:
        """When publishing a flow needs a second person."""
        return self._transport.request('GET', '/v1/flow-limits')

    def change_flow_limits(self, body: t.LimitsBodyInput, *, idempotency_key: str | None = None) -> t.LimitsBodyOutput:
        """Change when publishing a flow needs a second person."""
        return self._transport.request('PUT', '/v1/flow-limits', body=body, idempotency_key=idempotency_key)

    def export_flow(self, flow_id: str) -> t.FlowFile:
        """The draft as a file that another tenant can import."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/export")

    def come_here(self, flow_id: str, body: t.Arrival, *, idempotency_key: str | None = None) -> t.Company:
        """Say every ten seconds that the flow is open; answers who else has it open."""
        return self._transport.request('PUT', f"/v1/flows/{quote(str(flow_id), safe='')}/here", body=body, idempotency_key=idempotency_key)

    def leave_here(self, flow_id: str, *, idempotency_key: str | None = None) -> None:
        """The flow is closed."""
        return self._transport.request('DELETE', f"/v1/flows/{quote(str(flow_id), safe='')}/here", idempotency_key=idempotency_key)

    def list_variants(self, flow_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageVariantOut:
        """A flow's variants, the next first."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/variants", query={'cursor': cursor, 'limit': limit})

    def iter_list_variants(self, flow_id: str, *, limit: int | None = None) -> Iterator[t.VariantOut]:
        """Every item of `list_variants`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/variants", {'limit': limit})

    def plan_variant(self, flow_id: str, body: t.NewVariant, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Plan the draft for a window, after which the everyday version is current again by itself. It may wait for a second person."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/variants", body=body, idempotency_key=idempotency_key)

    def end_variant(self, flow_id: str, variant_id: str, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Back to the everyday version now, or drop a variant that has not begun."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/variants/{quote(str(variant_id), safe='')}/end", idempotency_key=idempotency_key)

    def restore_version(self, flow_id: str, version_id: str, body: t.Restore, *, idempotency_key: str | None = None) -> t.FlowOut:
        """A version becomes the draft again; refused when somebody else has saved since `etag`."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/versions/{quote(str(version_id), safe='')}/restore", body=body, idempotency_key=idempotency_key)


class Flows:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_runs_of_customer(self, customer_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageRunLine:
        """The flows a customer went through, newest first."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/runs", query={'cursor': cursor, 'limit': limit})

    def iter_list_runs_of_customer(self, customer_id: str, *, limit: int | None = None) -> Iterator[t.RunLine]:
        """Every item of `list_runs_of_customer`, page after page."""
        return self._transport.pages(f"/v1/customers/{quote(str(customer_id), safe='')}/runs", {'limit': limit})

    def read_why(self, customer_id: str, flow_id: str) -> t.WhyOut:
        """Why did this customer (not) get what a flow gives: her runs, and every moment she could have entered at, judged as of then."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/why/{quote(str(flow_id), safe='')}")

    def list_alerts(self, *, flow_id: str | None = None, state: Literal['open', 'closed'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageFlowAlertOut:
        """Early warnings, newest first, each with what can be done."""
        return self._transport.request('GET', '/v1/flow-alerts', query={'flow_id': flow_id, 'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_alerts(self, *, flow_id: str | None = None, state: Literal['open', 'closed'] | None = None, limit: int | None = None) -> Iterator[t.FlowAlertOut]:
        """Every item of `list_alerts`, page after page."""
        return self._transport.pages('/v1/flow-alerts', {'flow_id': flow_id, 'state': state, 'limit': limit})

    def read_limits_of_all(self) -> t.LimitsOut:
        """What no flow may exceed that has no limits of its own."""
        return self._transport.request('GET', '/v1/flow-alerts/limits')

    def set_limits_of_all(self, body: t.LimitsInInput, *, idempotency_key: str | None = None) -> None:
        """Set the limits of all flows that have none of their own."""
        return self._transport.request('PUT', '/v1/flow-alerts/limits', body=body, idempotency_key=idempotency_key)

    def close_alert(self, alert_id: str, *, idempotency_key: str | None = None) -> None:
        """Somebody has looked."""
        return self._transport.request('POST', f"/v1/flow-alerts/{quote(str(alert_id), safe='')}/close", idempotency_key=idempotency_key)

    def list_attributes(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageAttribute:
        """The tenant's own attributes by name, as far as flows write them or customers have them. Another name may be given all the same."""
        return self._transport.request('GET', '/v1/flow-choices/attributes', query={'cursor': cursor, 'limit': limit})

    def iter_list_attributes(self, *, limit: int | None = None) -> Iterator[t.Attribute]:
        """Every item of `list_attributes`, page after page."""
        return self._transport.pages('/v1/flow-choices/attributes', {'limit': limit})

    def list_roles_to_hand_to(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageHand:
        """The roles that a task may be handed to."""
        return self._transport.request('GET', '/v1/flow-choices/roles', query={'cursor': cursor, 'limit': limit})

    def iter_list_roles_to_hand_to(self, *, limit: int | None = None) -> Iterator[t.Hand]:
        """Every item of `list_roles_to_hand_to`, page after page."""
        return self._transport.pages('/v1/flow-choices/roles', {'limit': limit})

    def list_users_to_hand_to(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageHand:
        """The colleagues who may become a customer's owner, by name."""
        return self._transport.request('GET', '/v1/flow-choices/users', query={'cursor': cursor, 'limit': limit})

    def iter_list_users_to_hand_to(self, *, limit: int | None = None) -> Iterator[t.Hand]:
        """Every item of `list_users_to_hand_to`, page after page."""
        return self._transport.pages('/v1/flow-choices/users', {'limit': limit})

    def list_flow_secrets(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageFlowSecretOut:
        """Credentials by name, without their values, with the flows that name them."""
        return self._transport.request('GET', '/v1/flow-secrets', query={'cursor': cursor, 'limit': limit})

    def iter_list_flow_secrets(self, *, limit: int | None = None) -> Iterator[t.FlowSecretOut]:
        """Every item of `list_flow_secrets`, page after page."""
        return self._transport.pages('/v1/flow-secrets', {'limit': limit})

    def set_flow_secret(self, name: str, body: t.NewFlowSecret, *, idempotency_key: str | None = None) -> t.FlowSecretOut:
        """Seal a credential under a name, or give the name a new value. It may be sent to its host only, and is never shown again."""
        return self._transport.request('PUT', f"/v1/flow-secrets/{quote(str(name), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_flow_secret(self, name: str, *, idempotency_key: str | None = None) -> None:
        """Delete a credential at once. Calls that name it go by "failed" from now on."""
        return self._transport.request('DELETE', f"/v1/flow-secrets/{quote(str(name), safe='')}", idempotency_key=idempotency_key)

    def list_flows(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageFlowLine:
        """Flows, the last changed first."""
        return self._transport.request('GET', '/v1/flows', query={'cursor': cursor, 'limit': limit})

    def iter_list_flows(self, *, limit: int | None = None) -> Iterator[t.FlowLine]:
        """Every item of `list_flows`, page after page."""
        return self._transport.pages('/v1/flows', {'limit': limit})

    def create_flow(self, body: t.NewFlow, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Make a flow; nobody enters before it is published."""
        return self._transport.request('POST', '/v1/flows', body=body, idempotency_key=idempotency_key)

    def list_kinds(self) -> t.Kinds:
        """The palette: every kind of block with its form, ports and help."""
        return self._transport.request('GET', '/v1/flows/kinds')

    def read_schema(self) -> dict[str, Any]:
        """The JSON Schema of a flow's graph."""
        return self._transport.request('GET', '/v1/flows/schema')

    def read_flow(self, flow_id: str) -> t.FlowOut:
        """One flow with its canvas."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}")

    def change_flow(self, flow_id: str, body: t.FlowChange, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Rename a flow or change its note."""
        return self._transport.request('PATCH', f"/v1/flows/{quote(str(flow_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def delete_flow(self, flow_id: str, *, idempotency_key: str | None = None) -> None:
        """Delete a flow that does not run; its history stays."""
        return self._transport.request('DELETE', f"/v1/flows/{quote(str(flow_id), safe='')}", idempotency_key=idempotency_key)

    def list_callers(self, flow_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageCallerOut:
        """The flows that call this one. What is published of it reaches them all."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/callers", query={'cursor': cursor, 'limit': limit})

    def iter_list_callers(self, flow_id: str, *, limit: int | None = None) -> Iterator[t.CallerOut]:
        """Every item of `list_callers`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/callers", {'limit': limit})

    def check_flow(self, flow_id: str, *, idempotency_key: str | None = None) -> t.Findings:
        """Everything wrong with the draft, each finding with its block and how to mend it."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/check", idempotency_key=idempotency_key)

    def list_counted(self, flow_id: str, *, what: Literal['entered', 'converted', 'control', 'left', 'passed'] | None = None, block: str | None = None, port: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRunLine:
        """Who is behind a number: all that entered, converted, the control group, or who passed a block (by a port) within 90 days."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/counted", query={'what': what, 'block': block, 'port': port, 'cursor': cursor, 'limit': limit})

    def iter_list_counted(self, flow_id: str, *, what: Literal['entered', 'converted', 'control', 'left', 'passed'] | None = None, block: str | None = None, port: str | None = None, limit: int | None = None) -> Iterator[t.RunLine]:
        """Every item of `list_counted`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/counted", {'what': what, 'block': block, 'port': port, 'limit': limit})

    def save_draft(self, flow_id: str, body: t.Draft, *, idempotency_key: str | None = None) -> t.Saved:
        """Save the canvas; refused when somebody else has saved since `etag`."""
        return self._transport.request('PUT', f"/v1/flows/{quote(str(flow_id), safe='')}/draft", body=body, idempotency_key=idempotency_key)

    def drain_flow(self, flow_id: str, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Nobody enters any more; those inside go on to their end."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/drain", idempotency_key=idempotency_key)

    def enter_flow(self, flow_id: str, body: t.Entry, *, idempotency_key: str | None = None) -> t.Entering:
        """Ask customers (or things, where it is about such) into a flow that starts by hand or by an API call; a key counts as a call."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/enter", body=body, idempotency_key=idempotency_key)

    def list_causes(self, flow_id: str) -> t.CausesOut:
        """Why runs of the flow stand still as failed."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/failures")

    def mend_cause(self, flow_id: str, body: t.Mend, *, idempotency_key: str | None = None) -> Any:
        """Every run that failed for this cause tries again or goes past the block, in the background."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/failures/mend", body=body, idempotency_key=idempotency_key)

    def read_heat(self, flow_id: str) -> t.HeatsOut:
        """Where people stand, and for how long."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/heat")

    def read_limits(self, flow_id: str) -> t.LimitsOut:
        """What the flow may not exceed."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/limits")

    def set_limits(self, flow_id: str, body: t.LimitsInInput, *, idempotency_key: str | None = None) -> None:
        """Set the flow's limits."""
        return self._transport.request('PUT', f"/v1/flows/{quote(str(flow_id), safe='')}/limits", body=body, idempotency_key=idempotency_key)

    def pause_flow(self, flow_id: str, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Those inside stand still where they come due."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/pause", idempotency_key=idempotency_key)

    def list_people(self, flow_id: str, *, block: str | None = None, state: Literal['inside', 'failed'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRunLine:
        """Who stands at a block now, or failed there."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/people", query={'block': block, 'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_people(self, flow_id: str, *, block: str | None = None, state: Literal['inside', 'failed'] | None = None, limit: int | None = None) -> Iterator[t.RunLine]:
        """Every item of `list_people`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/people", {'block': block, 'state': state, 'limit': limit})

    def publish_flow(self, flow_id: str, body: t.Publish, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Publish the draft as the next version; customers may enter at once. Past a limit it waits for a second person (`approval`)."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/publish", body=body, idempotency_key=idempotency_key)

    def preview_publishing(self, flow_id: str) -> t.PublishPreview:
        """What publishing would do: who enters, who is inside, how many messages at most, and whether a second person must agree."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/publish-preview")

    def resume_flow(self, flow_id: str, *, idempotency_key: str | None = None) -> t.FlowOut:
        """The flow goes on."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/resume", idempotency_key=idempotency_key)

    def retry_failed(self, flow_id: str, *, idempotency_key: str | None = None) -> Any:
        """Every failed run of the flow tries its block again, in the background."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/retry-failed", idempotency_key=idempotency_key)

    def send_on(self, flow_id: str, body: t.SendOn, *, idempotency_key: str | None = None) -> Any:
        """Everybody who waits at a block goes on, in the background; where a person has to decide nobody does."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/send-on", body=body, idempotency_key=idempotency_key)

    def skip_failed(self, flow_id: str, body: t.Skip, *, idempotency_key: str | None = None) -> Any:
        """Every failed run of the flow goes past its block, in the background."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/skip-failed", body=body, idempotency_key=idempotency_key)

    def read_stats(self, flow_id: str) -> t.Stats:
        """Counts per block and port, the goal, the arms with their intervals, and what may be said of their difference."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/stats")

    def stop_flow(self, flow_id: str, *, idempotency_key: str | None = None) -> t.FlowOut:
        """Nobody enters any more, everybody inside leaves."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/stop", idempotency_key=idempotency_key)

    def list_store_settings(self, flow_id: str) -> t.StoreSettingsOut:
        """What stores may set in this flow, by its current version."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/store-settings")

    def list_flow_stores(self, flow_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageFlowStoreOut:
        """The stores of the caller's scope by code, with what each has set for this flow."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/stores", query={'cursor': cursor, 'limit': limit})

    def iter_list_flow_stores(self, flow_id: str, *, limit: int | None = None) -> Iterator[t.FlowStoreOut]:
        """Every item of `list_flow_stores`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/stores", {'limit': limit})

    def adapt_flow(self, flow_id: str, store_id: str, body: t.Adapted, *, idempotency_key: str | None = None) -> t.FlowStoreOut:
        """Set a store's own words, thresholds and switches, within head office's limits. Effective at once; a new version keeps them."""
        return self._transport.request('PUT', f"/v1/flows/{quote(str(flow_id), safe='')}/stores/{quote(str(store_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_suggestions(self, flow_id: str) -> t.SuggestionsOut:
        """What to add where many drop out."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/suggestions")

    def draft_suggestion(self, flow_id: str, key: str, body: t.DraftIn, *, idempotency_key: str | None = None) -> t.DraftedOut:
        """Draw a suggestion into the draft; refused when somebody has saved since `etag`. Nothing is published."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/suggestions/{quote(str(key), safe='')}/draft", body=body, idempotency_key=idempotency_key)

    def list_versions(self, flow_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageVersionOut:
        """All versions, newest first."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/versions", query={'cursor': cursor, 'limit': limit})

    def iter_list_versions(self, flow_id: str, *, limit: int | None = None) -> Iterator[t.VersionOut]:
        """Every item of `list_versions`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/versions", {'limit': limit})

    def read_version(self, flow_id: str, version_id: str) -> t.VersionOut:
        """One version with its graph."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/versions/{quote(str(version_id), safe='')}")

    def read_run(self, run_id: str) -> t.RunOut:
        """One run: every step, when, by which way, and the values it was decided from; what she got by it, in its words."""
        return self._transport.request('GET', f"/v1/runs/{quote(str(run_id), safe='')}")

    def retry_run(self, run_id: str, *, idempotency_key: str | None = None) -> None:
        """A failed run tries its block again."""
        return self._transport.request('POST', f"/v1/runs/{quote(str(run_id), safe='')}/retry", idempotency_key=idempotency_key)

    def skip_run(self, run_id: str, body: t.Skip, *, idempotency_key: str | None = None) -> None:
        """A failed run goes past its block."""
        return self._transport.request('POST', f"/v1/runs/{quote(str(run_id), safe='')}/skip", body=body, idempotency_key=idempotency_key)

    def list_store_flows(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageOpenFlowOut:
        """The published flows in which stores may set something."""
        return self._transport.request('GET', '/v1/store-flows', query={'cursor': cursor, 'limit': limit})

    def iter_list_store_flows(self, *, limit: int | None = None) -> Iterator[t.OpenFlowOut]:
        """Every item of `list_store_flows`, page after page."""
        return self._transport.pages('/v1/store-flows', {'limit': limit})

    def list_runs_of_thing(self, subject: str, thing_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageRunLine:
        """The flows that a thing (an order, a stock item, one of your own) went through, newest first."""
        return self._transport.request('GET', f"/v1/subjects/{quote(str(subject), safe='')}/{quote(str(thing_id), safe='')}/runs", query={'cursor': cursor, 'limit': limit})

    def iter_list_runs_of_thing(self, subject: str, thing_id: str, *, limit: int | None = None) -> Iterator[t.RunLine]:
        """Every item of `list_runs_of_thing`, page after page."""
        return self._transport.pages(f"/v1/subjects/{quote(str(subject), safe='')}/{quote(str(thing_id), safe='')}/runs", {'limit': limit})

    def read_why_of_thing(self, subject: str, thing_id: str, flow_id: str) -> t.WhyOut:
        """Why did this thing (not) go through a flow about such things, judged as of then. What events do not tell is as of today."""
        return self._transport.request('GET', f"/v1/subjects/{quote(str(subject), safe='')}/{quote(str(thing_id), safe='')}/why/{quote(str(flow_id), safe='')}")

    def list_tasks(self, *, state: Literal['open', 'done'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageTaskOut:
        """Questions that wait for a person, the most urgent first; or answered ones, newest first."""
        return self._transport.request('GET', '/v1/tasks', query={'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_tasks(self, *, state: Literal['open', 'done'] | None = None, limit: int | None = None) -> Iterator[t.TaskOut]:
        """Every item of `list_tasks`, page after page."""
        return self._transport.pages('/v1/tasks', {'state': state, 'limit': limit})

    def decide_task(self, task_id: str, body: t.Decision, *, idempotency_key: str | None = None) -> None:
        """Answer a task; the run goes on at once."""
        return self._transport.request('POST', f"/v1/tasks/{quote(str(task_id), safe='')}/decide", body=body, idempotency_key=idempotency_key)


class Gallery:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_modules(self, *, language: Literal['zh', 'en'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageModuleOut:
        """Every service module, ready to be dropped on a canvas."""
        return self._transport.request('GET', '/v1/gallery/modules', query={'language': language, 'cursor': cursor, 'limit': limit})

    def iter_list_modules(self, *, language: Literal['zh', 'en'] | None = None, limit: int | None = None) -> Iterator[t.ModuleOut]:
        """Every item of `list_modules`, page after page."""
        return self._transport.pages('/v1/gallery/modules', {'language': language, 'limit': limit})

    def list_templates(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageTemplateLine:
        """Every flow that can be installed, by story."""
        return self._transport.request('GET', '/v1/gallery/templates', query={'cursor': cursor, 'limit': limit})

    def iter_list_templates(self, *, limit: int | None = None) -> Iterator[t.TemplateLine]:
        """Every item of `list_templates`, page after page."""
        return self._transport.pages('/v1/gallery/templates', {'limit': limit})

    def read_template(self, template_id: str, *, language: Literal['zh', 'en'] | None = None) -> t.TemplateOut:
        """One template, and what installing it asks for: what the tenant has already is named."""
        return self._transport.request('GET', f"/v1/gallery/templates/{quote(str(template_id), safe='')}", query={'language': language})

    def install_template(self, template_id: str, body: t.Install, *, idempotency_key: str | None = None) -> t.Installed:
        """Make a draft of a template, and whatever it needs that is not here yet."""
        return self._transport.request('POST', f"/v1/gallery/templates/{quote(str(template_id), safe='')}/install", body=body, idempotency_key=idempotency_key)


class Geofences:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_geofences(self, *, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageGeofenceOut:
        """Geofences by name."""
        return self._transport.request('GET', '/v1/geofences', query={'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_geofences(self, *, q: str | None = None, limit: int | None = None) -> Iterator[t.GeofenceOut]:
        """Every item of `list_geofences`, page after page."""
        return self._transport.pages('/v1/geofences', {'q': q, 'limit': limit})

    def create_geofence(self, body: t.NewGeofence, *, idempotency_key: str | None = None) -> t.GeofenceWhole:
        """Make a geofence from GeoJSON."""
        return self._transport.request('POST', '/v1/geofences', body=body, idempotency_key=idempotency_key)

    def read_geofence(self, name: str) -> t.GeofenceWhole:
        """One geofence with its shape as GeoJSON and who asks it."""
        return self._transport.request('GET', f"/v1/geofences/{quote(str(name), safe='')}")

    def change_geofence(self, name: str, body: t.GeofenceChange, *, idempotency_key: str | None = None) -> t.GeofenceWhole:
        """Relabel or redraw; after another shape everybody is judged anew by the segments and tags that ask it, which starts no flow."""
        return self._transport.request('PATCH', f"/v1/geofences/{quote(str(name), safe='')}", body=body, idempotency_key=idempotency_key)

    def delete_geofence(self, name: str, *, idempotency_key: str | None = None) -> None:
        """Delete a geofence; refused while a segment, a computed tag or a running flow asks it."""
        return self._transport.request('DELETE', f"/v1/geofences/{quote(str(name), safe='')}", idempotency_key=idempotency_key)


class Identity:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def duplicates(self, *, cursor: str | None = None, limit: int | None = None, pattern: str | None = None) -> t.PagePairLine:
        """Pairs that wait for a person, with what speaks for and against."""
        return self._transport.request('GET', '/v1/duplicates', query={'cursor': cursor, 'limit': limit, 'pattern': pattern})

    def iter_duplicates(self, *, limit: int | None = None, pattern: str | None = None) -> Iterator[t.PairLine]:
        """Every item of `duplicates`, page after page."""
        return self._transport.pages('/v1/duplicates', {'limit': limit, 'pattern': pattern})

    def alike(self) -> list[t.AlikeLine]:
        """What waits, by evidence, the most first."""
        return self._transport.request('GET', '/v1/duplicates/alike')

    def decide_alike(self, body: t.AlikeRequest, *, idempotency_key: str | None = None) -> t.AlikeAnswer:
        """Decide every pair with the same evidence at once."""
        return self._transport.request('POST', '/v1/duplicates/alike', body=body, idempotency_key=idempotency_key)

    def compare(self, *, first: str | None = None, second: str | None = None) -> t.PairLine:
        """Any two customers beside one another."""
        return self._transport.request('GET', '/v1/duplicates/compare', query={'first': first, 'second': second})

    def keep_apart(self, body: t.ApartRequest, *, idempotency_key: str | None = None) -> None:
        """Settle that two customers are two people: they are not proposed again."""
        return self._transport.request('POST', '/v1/duplicates/keep-apart', body=body, idempotency_key=idempotency_key)

    def rules(self) -> t.RulesAnswer:
        """The tenant's rules of who is who."""
        return self._transport.request('GET', '/v1/identity/rules')

    def set_rules(self, body: t.RulesBody, *, idempotency_key: str | None = None) -> None:
        """Change the rules; they hold for what arrives from now on, and the change is written down."""
        return self._transport.request('PUT', '/v1/identity/rules', body=body, idempotency_key=idempotency_key)

    def merges(self, *, cursor: str | None = None, limit: int | None = None, customer_id: str | None = None) -> t.PageMergeLine:
        """Merges, newest first; with `customer_id` those that made her or that she went into."""
        return self._transport.request('GET', '/v1/merges', query={'cursor': cursor, 'limit': limit, 'customer_id': customer_id})

    def iter_merges(self, *, limit: int | None = None, customer_id: str | None = None) -> Iterator[t.MergeLine]:
        """Every item of `merges`, page after page."""
        return self._transport.pages('/v1/merges', {'limit': limit, 'customer_id': customer_id})

    def merge(self, body: t.MergeRequest, *, idempotency_key: str | None = None) -> t.CommandAnswer:
        """Merge two customers. Contradictions are overruled: a person has looked."""
        return self._transport.request('POST', '/v1/merges', body=body, idempotency_key=idempotency_key)

    def refused(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageRefusedLine:
        """Merges that did not happen, newest first: refused for a contradiction, or given up after failing too often."""
        return self._transport.request('GET', '/v1/merges/refused', query={'cursor': cursor, 'limit': limit})

    def iter_refused(self, *, limit: int | None = None) -> Iterator[t.RefusedLine]:
        """Every item of `refused`, page after page."""
        return self._transport.pages('/v1/merges/refused', {'limit': limit})

    def held_up(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageStuckLine:
        """Merges that cannot go on and hold their people meanwhile, newest first."""
        return self._transport.request('GET', '/v1/merges/stuck', query={'cursor': cursor, 'limit': limit})

    def iter_held_up(self, *, limit: int | None = None) -> Iterator[t.StuckLine]:
        """Every item of `held_up`, page after page."""
        return self._transport.pages('/v1/merges/stuck', {'limit': limit})

    def retry(self, command_id: str, *, idempotency_key: str | None = None) -> t.CommandAnswer:
        """Try a merge that cannot go on once more, now; `failed` when it fails again."""
        return self._transport.request('POST', f"/v1/merges/stuck/{quote(str(command_id), safe='')}/retry", idempotency_key=idempotency_key)

    def undo(self, merge_id: str, *, idempotency_key: str | None = None) -> t.CommandAnswer:
        """Take a merge back: both histories are whole again, with what arrived since."""
        return self._transport.request('POST', f"/v1/merges/{quote(str(merge_id), safe='')}/undo", idempotency_key=idempotency_key)


class Imports:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload_file(self, body: Mapping[str, Any], *, files: Mapping[str, Any], idempotency_key: str | None = None) -> t.ImportDetail:
        """Upload a CSV (UTF-8, UTF-16 or GBK) or XLSX file of up to 512 MB. Nothing is taken in before it is started."""
        return self._transport.request('POST', '/v1/imports', body=body, files=files, idempotency_key=idempotency_key)

    def imports(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageImportLine:
        """Imports, newest first."""
        return self._transport.request('GET', '/v1/imports', query={'cursor': cursor, 'limit': limit})

    def iter_imports(self, *, limit: int | None = None) -> Iterator[t.ImportLine]:
        """Every item of `imports`, page after page."""
        return self._transport.pages('/v1/imports', {'limit': limit})

    def import_sources(self) -> list[t.SourceBody]:
        """How good each source's data is, the most recent first."""
        return self._transport.request('GET', '/v1/imports/sources')

    def import_detail(self, import_id: str) -> t.ImportDetail:
        """One import."""
        return self._transport.request('GET', f"/v1/imports/{quote(str(import_id), safe='')}")

    def cancel(self, import_id: str, *, idempotency_key: str | None = None) -> t.ImportLine:
        """Stop a running import; what it has taken in stays."""
        return self._transport.request('POST', f"/v1/imports/{quote(str(import_id), safe='')}/cancel", idempotency_key=idempotency_key)

    def preview(self, import_id: str, body: t.Chosen, *, idempotency_key: str | None = None) -> t.ImportPreview:
        """Ask the door what would happen under a mapping and cleaning rules: the same steps as the import's, then undone."""
        return self._transport.request('POST', f"/v1/imports/{quote(str(import_id), safe='')}/preview", body=body, idempotency_key=idempotency_key)

    def refused_rows(self, import_id: str, *, taken: bool | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRefusedRow:
        """The refused rows with their reasons, in the file's order; `taken`: those that went in without some of their cells."""
        return self._transport.request('GET', f"/v1/imports/{quote(str(import_id), safe='')}/refused", query={'taken': taken, 'cursor': cursor, 'limit': limit})

    def iter_refused_rows(self, import_id: str, *, taken: bool | None = None, limit: int | None = None) -> Iterator[t.RefusedRow]:
        """Every item of `refused_rows`, page after page."""
        return self._transport.pages(f"/v1/imports/{quote(str(import_id), safe='')}/refused", {'taken': taken, 'limit': limit})

    def refused(self, import_id: str, *, taken: bool | None = None) -> Any:
        """The refused rows as a file to mend and upload again: its own columns first, row number and reasons after them."""
        return self._transport.request('GET', f"/v1/imports/{quote(str(import_id), safe='')}/refused.csv", query={'taken': taken})

    def start(self, import_id: str, body: t.Chosen, *, idempotency_key: str | None = None) -> t.ImportLine:
        """Take the file in, in the background. The choice is remembered for the source's next file."""
        return self._transport.request('POST', f"/v1/imports/{quote(str(import_id), safe='')}/start", body=body, idempotency_key=idempotency_key)

    def undo(self, import_id: str, *, idempotency_key: str | None = None) -> t.ImportLine:
        """Take a whole import back, in the background: what only it brought goes, what it changed becomes what it was, later changes stay."""
        return self._transport.request('POST', f"/v1/imports/{quote(str(import_id), safe='')}/undo", idempotency_key=idempotency_key)


class Insight:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def home(self, *, days: int | None = None) -> t.HomeBoard:
        """The home board over the last `days` local days."""
        return self._transport.request('GET', '/v1/board/home', query={'days': days})

    def find(self, *, q: str | None = None) -> t.FoundPage:
        """Customers, orders, flows and segments that the caller may see; at most a handful of each."""
        return self._transport.request('GET', '/v1/search', query={'q': q})


class IntakeHealth:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def read_backlog(self) -> t.BacklogOut:
        """How much waits to be understood and to be applied."""
        return self._transport.request('GET', '/v1/intake-health/backlog')

    def list_source_quality(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageQualityOut:
        """How good each source's data is, counted from the rows it left."""
        return self._transport.request('GET', '/v1/intake-health/quality', query={'cursor': cursor, 'limit': limit})

    def iter_list_source_quality(self, *, limit: int | None = None) -> Iterator[t.QualityOut]:
        """Every item of `list_source_quality`, page after page."""
        return self._transport.pages('/v1/intake-health/quality', {'limit': limit})

    def read_intake_series(self, *, source: str | None = None, every: Literal['minute', 'hour'] | None = None, points: int | None = None) -> t.SeriesOut:
        """Minutes or hours of one source, or of all."""
        return self._transport.request('GET', '/v1/intake-health/series', query={'source': source, 'every': every, 'points': points})

    def list_source_health(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageSourceHealthOut:
        """Every source's last hour: how much, how late, how much failed, and what is past its limit."""
        return self._transport.request('GET', '/v1/intake-health/sources', query={'cursor': cursor, 'limit': limit})

    def iter_list_source_health(self, *, limit: int | None = None) -> Iterator[t.SourceHealthOut]:
        """Every item of `list_source_health`, page after page."""
        return self._transport.pages('/v1/intake-health/sources', {'limit': limit})


class Leads:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_lead_funnel(self, *, from_: str | None = None, to: str | None = None) -> t.LeadFunnels:
        """By source: who wrote, who became a lead, a friend, a buyer. Without days: the last thirty."""
        return self._transport.request('GET', '/v1/lead-funnel', query={'from': from_, 'to': to})

    def get_lead_rules(self) -> t.LeadRulesOut:
        """How leads are kept, and who gets them."""
        return self._transport.request('GET', '/v1/lead-rules')

    def put_lead_rules(self, body: t.LeadRules, *, idempotency_key: str | None = None) -> t.LeadRulesOut:
        """Say how leads are kept, and who gets them."""
        return self._transport.request('PUT', '/v1/lead-rules', body=body, idempotency_key=idempotency_key)

    def list_leads(self, *, state: str | None = None, source: str | None = None, owner: Literal['me'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageLeadOut:
        """Leads, the newest first; `state`: one or more, with commas between."""
        return self._transport.request('GET', '/v1/leads', query={'state': state, 'source': source, 'owner': owner, 'cursor': cursor, 'limit': limit})

    def iter_list_leads(self, *, state: str | None = None, source: str | None = None, owner: Literal['me'] | None = None, limit: int | None = None) -> Iterator[t.LeadOut]:
        """Every item of `list_leads`, page after page."""
        return self._transport.pages('/v1/leads', {'state': state, 'source': source, 'owner': owner, 'limit': limit})

    def enter_lead(self, body: t.NewLead, *, idempotency_key: str | None = None) -> t.Asked:
        """A person says that a customer asked about something; the rules make a lead of it, or count it to the one there is."""
        return self._transport.request('POST', '/v1/leads', body=body, idempotency_key=idempotency_key)

    def get_lead(self, lead_id: str) -> t.LeadDetail:
        """One lead with what happened to it."""
        return self._transport.request('GET', f"/v1/leads/{quote(str(lead_id), safe='')}")

    def assign_lead(self, lead_id: str, body: t.LeadOwner, *, idempotency_key: str | None = None) -> None:
        """Give it to somebody."""
        return self._transport.request('POST', f"/v1/leads/{quote(str(lead_id), safe='')}/assign", body=body, idempotency_key=idempotency_key)

    def contact_lead(self, lead_id: str, *, idempotency_key: str | None = None) -> None:
        """Somebody spoke with her."""
        return self._transport.request('POST', f"/v1/leads/{quote(str(lead_id), safe='')}/contacted", idempotency_key=idempotency_key)

    def lose_lead(self, lead_id: str, body: t.LeadLost, *, idempotency_key: str | None = None) -> None:
        """Nothing came of it, and why."""
        return self._transport.request('POST', f"/v1/leads/{quote(str(lead_id), safe='')}/lose", body=body, idempotency_key=idempotency_key)

    def win_lead(self, lead_id: str, *, idempotency_key: str | None = None) -> None:
        """It came to a sale that no order here tells of."""
        return self._transport.request('POST', f"/v1/leads/{quote(str(lead_id), safe='')}/win", idempotency_key=idempotency_key)


class Live:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def listen(self, *, topics: str | None = None) -> None:
        """Server-sent events `{"topic", "data"}`; the id of each lets a returning browser hear what it missed."""
        return self._transport.request('GET', '/v1/live', query={'topics': topics})


class Marketing:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_coupon_templates(self, *, archived: bool | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageCouponTemplate:
        """Coupon templates, newest first."""
        return self._transport.request('GET', '/v1/coupon-templates', query={'archived': archived, 'cursor': cursor, 'limit': limit})

    def iter_list_coupon_templates(self, *, archived: bool | None = None, limit: int | None = None) -> Iterator[t.CouponTemplate]:
        """Every item of `list_coupon_templates`, page after page."""
        return self._transport.pages('/v1/coupon-templates', {'archived': archived, 'limit': limit})

    def create_coupon_template(self, body: t.NewCouponTemplate, *, idempotency_key: str | None = None) -> t.CouponTemplate:
        """Offer a new coupon."""
        return self._transport.request('POST', '/v1/coupon-templates', body=body, idempotency_key=idempotency_key)

    def get_coupon_template(self, template_id: str) -> t.CouponTemplate:
        """One coupon template, withdrawn or not."""
        return self._transport.request('GET', f"/v1/coupon-templates/{quote(str(template_id), safe='')}")

    def change_coupon_template(self, template_id: str, body: t.CouponTemplateChange, *, idempotency_key: str | None = None) -> t.CouponTemplate:
        """Rename, withdraw, or change limits. A larger quota reopens a sold-out coupon."""
        return self._transport.request('PATCH', f"/v1/coupon-templates/{quote(str(template_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_coupons(self, *, template_id: str | None = None, customer_id: str | None = None, state: Literal['issued', 'redeemed', 'expired', 'revoked'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageCoupon:
        """Coupons in customers' hands, newest first."""
        return self._transport.request('GET', '/v1/coupons', query={'template_id': template_id, 'customer_id': customer_id, 'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_coupons(self, *, template_id: str | None = None, customer_id: str | None = None, state: Literal['issued', 'redeemed', 'expired', 'revoked'] | None = None, limit: int | None = None) -> Iterator[t.Coupon]:
        """Every item of `list_coupons`, page after page."""
        return self._transport.pages('/v1/coupons', {'template_id': template_id, 'customer_id': customer_id, 'state': state, 'limit': limit})

    def issue_coupon(self, body: t.CouponRequest, *, idempotency_key: str | None = None) -> t.CouponRequested:
        """Give a customer a coupon by hand."""
        return self._transport.request('POST', '/v1/coupons/issue', body=body, idempotency_key=idempotency_key)

    def redeem_coupon(self, body: t.RedeemRequest, *, idempotency_key: str | None = None) -> t.Coupon:
        """Redeem a coupon at the till (核销). Whoever holds the code is served, whichever store's customer they are."""
        return self._transport.request('POST', '/v1/coupons/redeem', body=body, idempotency_key=idempotency_key)

    def list_redemption_reports(self, *, customer_id: str | None = None, state: Literal['forwarded', 'unknown_code', 'already_redeemed', 'revoked', 'not_here'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRedemptionReport:
        """Reported redemptions that were not counted where they arrived, newest first."""
        return self._transport.request('GET', '/v1/coupons/reports', query={'customer_id': customer_id, 'state': state, 'cursor': cursor, 'limit': limit})

    def iter_list_redemption_reports(self, *, customer_id: str | None = None, state: Literal['forwarded', 'unknown_code', 'already_redeemed', 'revoked', 'not_here'] | None = None, limit: int | None = None) -> Iterator[t.RedemptionReport]:
        """Every item of `list_redemption_reports`, page after page."""
        return self._transport.pages('/v1/coupons/reports', {'customer_id': customer_id, 'state': state, 'limit': limit})

    def get_points(self, customer_id: str) -> t.Points:
        """A customer's points: balance, lots, ledger."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/points")

    def adjust_points(self, customer_id: str, body: t.PointsAdjustment, *, idempotency_key: str | None = None) -> t.Points:
        """Correct a customer's points by hand."""
        return self._transport.request('POST', f"/v1/customers/{quote(str(customer_id), safe='')}/points", body=body, idempotency_key=idempotency_key)

    def list_lottery_draws(self, *, flow_id: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageLotteryDraw:
        """A flow's draws, newest first, with the odds of the time and the number drawn."""
        return self._transport.request('GET', '/v1/lottery-draws', query={'flow_id': flow_id, 'cursor': cursor, 'limit': limit})

    def iter_list_lottery_draws(self, *, flow_id: str | None = None, limit: int | None = None) -> Iterator[t.LotteryDraw]:
        """Every item of `list_lottery_draws`, page after page."""
        return self._transport.pages('/v1/lottery-draws', {'flow_id': flow_id, 'limit': limit})


class Materials:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_chat_topics(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageTopicOut:
        """Topics that customers' messages are held against."""
        return self._transport.request('GET', '/v1/chat-topics', query={'cursor': cursor, 'limit': limit})

    def iter_list_chat_topics(self, *, limit: int | None = None) -> Iterator[t.TopicOut]:
        """Every item of `list_chat_topics`, page after page."""
        return self._transport.pages('/v1/chat-topics', {'limit': limit})

    def create_chat_topic(self, body: t.NewTopic, *, idempotency_key: str | None = None) -> t.TopicOut:
        """Add a topic."""
        return self._transport.request('POST', '/v1/chat-topics', body=body, idempotency_key=idempotency_key)

    def try_chat_topics(self, body: t.Sentence, *, idempotency_key: str | None = None) -> t.Recognised:
        """What a sentence would be taken to be about."""
        return self._transport.request('POST', '/v1/chat-topics/try', body=body, idempotency_key=idempotency_key)

    def change_chat_topic(self, topic_id: str, body: t.NewTopic, *, idempotency_key: str | None = None) -> t.TopicOut:
        """Replace a topic."""
        return self._transport.request('PUT', f"/v1/chat-topics/{quote(str(topic_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_chat_topic(self, topic_id: str, *, idempotency_key: str | None = None) -> None:
        """Take a topic away."""
        return self._transport.request('DELETE', f"/v1/chat-topics/{quote(str(topic_id), safe='')}", idempotency_key=idempotency_key)

    def list_materials(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageMaterialOut:
        """Materials by folder and name."""
        return self._transport.request('GET', '/v1/materials', query={'cursor': cursor, 'limit': limit})

    def iter_list_materials(self, *, limit: int | None = None) -> Iterator[t.MaterialOut]:
        """Every item of `list_materials`, page after page."""
        return self._transport.pages('/v1/materials', {'limit': limit})

    def create_material(self, body: t.NewMaterial, *, idempotency_key: str | None = None) -> t.MaterialOut:
        """Write a material; it can be used once somebody approved it."""
        return self._transport.request('POST', '/v1/materials', body=body, idempotency_key=idempotency_key)

    def change_material(self, material_id: str, body: t.NewMaterial, *, idempotency_key: str | None = None) -> t.MaterialOut:
        """Change a material; it waits for approval again."""
        return self._transport.request('PUT', f"/v1/materials/{quote(str(material_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def archive_material(self, material_id: str, *, idempotency_key: str | None = None) -> None:
        """Put a material away; its links say that it is over."""
        return self._transport.request('DELETE', f"/v1/materials/{quote(str(material_id), safe='')}", idempotency_key=idempotency_key)

    def approve_material(self, material_id: str, body: t.Approval, *, idempotency_key: str | None = None) -> None:
        """Let a material be used. Nobody approves what she wrote."""
        return self._transport.request('POST', f"/v1/materials/{quote(str(material_id), safe='')}/approve", body=body, idempotency_key=idempotency_key)

    def list_talk_scripts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageScriptOut:
        """Talk scripts by folder, the most used first."""
        return self._transport.request('GET', '/v1/talk-scripts', query={'cursor': cursor, 'limit': limit})

    def iter_list_talk_scripts(self, *, limit: int | None = None) -> Iterator[t.ScriptOut]:
        """Every item of `list_talk_scripts`, page after page."""
        return self._transport.pages('/v1/talk-scripts', {'limit': limit})

    def create_talk_script(self, body: t.NewScript, *, idempotency_key: str | None = None) -> t.ScriptOut:
        """Write a script; advisers see it once somebody approved it."""
        return self._transport.request('POST', '/v1/talk-scripts', body=body, idempotency_key=idempotency_key)

    def change_talk_script(self, script_id: str, body: t.NewScript, *, idempotency_key: str | None = None) -> t.ScriptOut:
        """Change a script; it waits for approval again."""
        return self._transport.request('PUT', f"/v1/talk-scripts/{quote(str(script_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def archive_talk_script(self, script_id: str, *, idempotency_key: str | None = None) -> None:
        """Put a script away."""
        return self._transport.request('DELETE', f"/v1/talk-scripts/{quote(str(script_id), safe='')}", idempotency_key=idempotency_key)

    def approve_talk_script(self, script_id: str, body: t.Approval, *, idempotency_key: str | None = None) -> None:
        """Let advisers see a script. Nobody approves what she wrote."""
        return self._transport.request('POST', f"/v1/talk-scripts/{quote(str(script_id), safe='')}/approve", body=body, idempotency_key=idempotency_key)


class Media:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload_media(self, body: Mapping[str, Any], *, files: Mapping[str, Any], idempotency_key: str | None = None) -> t.MediaOut:
        """Keep a file for messages: a picture up to 2 MB, a video up to 10 MB, another file up to 20 MB."""
        return self._transport.request('POST', '/v1/media', body=body, files=files, idempotency_key=idempotency_key)

    def list_media(self, *, kind: Literal['image', 'video', 'file'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageMediaOut:
        """Files, newest first."""
        return self._transport.request('GET', '/v1/media', query={'kind': kind, 'cursor': cursor, 'limit': limit})

    def iter_list_media(self, *, kind: Literal['image', 'video', 'file'] | None = None, limit: int | None = None) -> Iterator[t.MediaOut]:
        """Every item of `list_media`, page after page."""
        return self._transport.pages('/v1/media', {'kind': kind, 'limit': limit})

    def get_media(self, media_id: str) -> t.MediaOut:
        """One file, without its bytes."""
        return self._transport.request('GET', f"/v1/media/{quote(str(media_id), safe='')}")

    def remove_media(self, media_id: str, *, idempotency_key: str | None = None) -> None:
        """Put a file away that no message carries."""
        return self._transport.request('DELETE', f"/v1/media/{quote(str(media_id), safe='')}", idempotency_key=idempotency_key)

    def get_media_content(self, media_id: str) -> None:
        """A file's bytes. Pictures and videos may be shown where they are asked for, everything else is saved."""
        return self._transport.request('GET', f"/v1/media/{quote(str(media_id), safe='')}/content")


class Messages:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_frequency_cap(self) -> t.FrequencyCap:
        """The caps and quiet hours."""
        return self._transport.request('GET', '/v1/frequency-cap')

    def set_frequency_cap(self, body: t.FrequencyCap, *, idempotency_key: str | None = None) -> t.FrequencyCap:
        """Set the caps and quiet hours."""
        return self._transport.request('PUT', '/v1/frequency-cap', body=body, idempotency_key=idempotency_key)

    def list_guarded_words(self, *, level: Literal['block', 'warn', 'allow'] | None = None, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageGuardedWordOut:
        """Words that messages must not say, newest first."""
        return self._transport.request('GET', '/v1/guarded-words', query={'level': level, 'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_guarded_words(self, *, level: Literal['block', 'warn', 'allow'] | None = None, q: str | None = None, limit: int | None = None) -> Iterator[t.GuardedWordOut]:
        """Every item of `list_guarded_words`, page after page."""
        return self._transport.pages('/v1/guarded-words', {'level': level, 'q': q, 'limit': limit})

    def add_guarded_words(self, body: t.NewGuardedWords, *, idempotency_key: str | None = None) -> t.WordsAdded:
        """Add words; those that are there stay as they are."""
        return self._transport.request('POST', '/v1/guarded-words', body=body, idempotency_key=idempotency_key)

    def add_starter_words(self, *, idempotency_key: str | None = None) -> t.WordsAdded:
        """Add what the advertising law forbids."""
        return self._transport.request('POST', '/v1/guarded-words/starter', idempotency_key=idempotency_key)

    def try_guarded_words(self, body: t.TextToTry, *, idempotency_key: str | None = None) -> t.TextTried:
        """What would become of a text."""
        return self._transport.request('POST', '/v1/guarded-words/try', body=body, idempotency_key=idempotency_key)

    def change_guarded_word(self, word_id: str, body: t.GuardedWordChange, *, idempotency_key: str | None = None) -> t.GuardedWordOut:
        """Give a word another level, or look for it differently."""
        return self._transport.request('PATCH', f"/v1/guarded-words/{quote(str(word_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_guarded_word(self, word_id: str, *, idempotency_key: str | None = None) -> None:
        """Take a word away."""
        return self._transport.request('DELETE', f"/v1/guarded-words/{quote(str(word_id), safe='')}", idempotency_key=idempotency_key)

    def list_message_channels(self) -> t.ChannelsOut:
        """The channels by which people are reached, and who carries each."""
        return self._transport.request('GET', '/v1/message-channels')

    def connect_message_channel(self, channel: Literal['sms', 'email', 'official_account', 'mini_program', 'dingtalk', 'feishu'], body: t.Connect, *, idempotency_key: str | None = None) -> None:
        """Choose who carries a channel: everybody's messages and addresses go there."""
        return self._transport.request('PUT', f"/v1/message-channels/{quote(str(channel), safe='')}", body=body, idempotency_key=idempotency_key)

    def disconnect_message_channel(self, channel: Literal['sms', 'email', 'official_account', 'mini_program', 'dingtalk', 'feishu'], *, idempotency_key: str | None = None) -> None:
        """Forget who carries a channel: the simulated phone takes it again."""
        return self._transport.request('DELETE', f"/v1/message-channels/{quote(str(channel), safe='')}", idempotency_key=idempotency_key)

    def create_message_template(self, body: t.NewMessageTemplate, *, idempotency_key: str | None = None) -> t.MessageTemplate:
        """Add a template; its placeholders are checked against the catalog."""
        return self._transport.request('POST', '/v1/message-templates', body=body, idempotency_key=idempotency_key)

    def list_message_templates(self, *, archived: bool | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageMessageTemplate:
        """Templates by name."""
        return self._transport.request('GET', '/v1/message-templates', query={'archived': archived, 'cursor': cursor, 'limit': limit})

    def iter_list_message_templates(self, *, archived: bool | None = None, limit: int | None = None) -> Iterator[t.MessageTemplate]:
        """Every item of `list_message_templates`, page after page."""
        return self._transport.pages('/v1/message-templates', {'archived': archived, 'limit': limit})

    def list_placeholders(self) -> t.PagePlaceholder:
        """What a template may say of a customer and of what a flow got for her."""
        return self._transport.request('GET', '/v1/message-templates/placeholders')

    def preview_message(self, body: t.PreviewRequest, *, idempotency_key: str | None = None) -> t.Preview:
        """The text as a customer would get it. Personal values show as stars: revealing them has a route and a trace of its own."""
        return self._transport.request('POST', '/v1/message-templates/preview', body=body, idempotency_key=idempotency_key)

    def change_message_template(self, template_id: str, body: t.MessageTemplateChange, *, idempotency_key: str | None = None) -> t.MessageTemplate:
        """Change a template; messages not yet sent use the new text."""
        return self._transport.request('PATCH', f"/v1/message-templates/{quote(str(template_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_approved_texts(self, template_id: str) -> t.ApprovedTexts:
        """A template's approved texts by channel, for every channel that has some provider who wants one."""
        return self._transport.request('GET', f"/v1/message-templates/{quote(str(template_id), safe='')}/approved-texts")

    def remove_approved_text(self, template_id: str, channel: Literal['sms', 'email', 'official_account', 'mini_program', 'dingtalk', 'feishu'], *, idempotency_key: str | None = None) -> None:
        """Name no approved text any more."""
        return self._transport.request('DELETE', f"/v1/message-templates/{quote(str(template_id), safe='')}/approved-texts/{quote(str(channel), safe='')}", idempotency_key=idempotency_key)

    def set_approved_text(self, template_id: str, channel: Literal['sms', 'email', 'official_account', 'mini_program', 'dingtalk', 'feishu'], body: t.ApprovedText, *, idempotency_key: str | None = None) -> None:
        """Name the provider's approved text that stands for a template."""
        return self._transport.request('PUT', f"/v1/message-templates/{quote(str(template_id), safe='')}/approved-texts/{quote(str(channel), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_messages(self, *, state: str | None = None, customer_id: str | None = None, template_id: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageMessage:
        """The outbox, newest first."""
        return self._transport.request('GET', '/v1/messages', query={'state': state, 'customer_id': customer_id, 'template_id': template_id, 'cursor': cursor, 'limit': limit})

    def iter_list_messages(self, *, state: str | None = None, customer_id: str | None = None, template_id: str | None = None, limit: int | None = None) -> Iterator[t.Message]:
        """Every item of `list_messages`, page after page."""
        return self._transport.pages('/v1/messages', {'state': state, 'customer_id': customer_id, 'template_id': template_id, 'limit': limit})

    def count_message_states(self) -> t.PageStateCount:
        """How many messages are in which state, and why."""
        return self._transport.request('GET', '/v1/messages/states')

    def get_simulated_channel(self) -> t.SimulatedState:
        """How the simulated channel behaves."""
        return self._transport.request('GET', '/v1/simulated-channel')

    def set_simulated_channel(self, body: t.SimulatedBehaviour, *, idempotency_key: str | None = None) -> t.SimulatedState:
        """Let the simulated channel fail, time out or throttle, to see what messaging does then."""
        return self._transport.request('PUT', '/v1/simulated-channel', body=body, idempotency_key=idempotency_key)

    def list_simulated_inbox(self, *, customer_id: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PagePhoneText:
        """What arrived on the simulated phones, newest first."""
        return self._transport.request('GET', '/v1/simulated-inbox', query={'customer_id': customer_id, 'cursor': cursor, 'limit': limit})

    def iter_list_simulated_inbox(self, *, customer_id: str | None = None, limit: int | None = None) -> Iterator[t.PhoneText]:
        """Every item of `list_simulated_inbox`, page after page."""
        return self._transport.pages('/v1/simulated-inbox', {'customer_id': customer_id, 'limit': limit})

    def react_on_simulated_phone(self, message_id: str, body: t.PhoneReaction, *, idempotency_key: str | None = None) -> Any:
        """Read, press or answer a message on the simulated phone, as its customer would. The same twice counts once."""
        return self._transport.request('POST', f"/v1/simulated-inbox/{quote(str(message_id), safe='')}/reactions", body=body, idempotency_key=idempotency_key)

    def list_word_hits(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageWordHitOut:
        """Texts that said such words, newest first."""
        return self._transport.request('GET', '/v1/word-hits', query={'cursor': cursor, 'limit': limit})

    def iter_list_word_hits(self, *, limit: int | None = None) -> Iterator[t.WordHitOut]:
        """Every item of `list_word_hits`, page after page."""
        return self._transport.pages('/v1/word-hits', {'limit': limit})


class Notices:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def read_notice_settings(self) -> t.NoticeSettingsOut:
        """How the caller wants to be told."""
        return self._transport.request('GET', '/v1/notice-settings')

    def set_notice_settings(self, body: t.NoticeSettings, *, idempotency_key: str | None = None) -> t.NoticeSettingsOut:
        """Say how one wants to be told."""
        return self._transport.request('PUT', '/v1/notice-settings', body=body, idempotency_key=idempotency_key)

    def list_notices(self, *, waiting: bool | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageNoticeOut:
        """What the caller was told, newest first; `waiting`: without what is over."""
        return self._transport.request('GET', '/v1/notices', query={'waiting': waiting, 'cursor': cursor, 'limit': limit})

    def iter_list_notices(self, *, waiting: bool | None = None, limit: int | None = None) -> Iterator[t.NoticeOut]:
        """Every item of `list_notices`, page after page."""
        return self._transport.pages('/v1/notices', {'waiting': waiting, 'limit': limit})

    def read_notice(self, notice_id: str) -> t.NoticeWhole:
        """What is asked, and what can be answered now. Reading decides nothing."""
        return self._transport.request('GET', f"/v1/notices/{quote(str(notice_id), safe='')}")

    def decide_notice(self, notice_id: str, body: t.NoticeAnswer, *, idempotency_key: str | None = None) -> None:
        """Answer, as the screen of that thing would: with the rights that the caller has there."""
        return self._transport.request('POST', f"/v1/notices/{quote(str(notice_id), safe='')}/decide", body=body, idempotency_key=idempotency_key)


class Operations:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def health(self) -> t.Health:
        """Ask the database for an answer. 503 when there is none."""
        return self._transport.request('GET', '/healthz')

    def metrics(self) -> None:
        """What this process measured, in Prometheus text format; scrape with an API key that holds `metrics.read`."""
        return self._transport.request('GET', '/metrics')

    def get_health(self) -> t.HealthOut:
        """Workers with their turns and speed, and the lag of every lane of this tenant."""
        return self._transport.request('GET', '/v1/health')

    def get_delays(self, *, minutes: int | None = None, flow_id: str | None = None) -> t.DelaysOut:
        """From an event's arrival to its effect: tags, fields, points, coupons, tasks by commit, messages by their channel's answer."""
        return self._transport.request('GET', '/v1/health/delays', query={'minutes': minutes, 'flow_id': flow_id})


class Orders:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_categories(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageCategory:
        """Product categories, the largest first."""
        return self._transport.request('GET', '/v1/categories', query={'cursor': cursor, 'limit': limit})

    def iter_list_categories(self, *, limit: int | None = None) -> Iterator[t.Category]:
        """Every item of `list_categories`, page after page."""
        return self._transport.pages('/v1/categories', {'limit': limit})

    def list_orders(self, *, q: str | None = None, store_id: str | None = None, customer_id: str | None = None, status: Literal['placed', 'paid', 'completed', 'cancelled'] | None = None, from_: str | None = None, to: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageOrderItem:
        """Orders, newest first; `q` is the beginning of an order number."""
        return self._transport.request('GET', '/v1/orders', query={'q': q, 'store_id': store_id, 'customer_id': customer_id, 'status': status, 'from': from_, 'to': to, 'cursor': cursor, 'limit': limit})

    def iter_list_orders(self, *, q: str | None = None, store_id: str | None = None, customer_id: str | None = None, status: Literal['placed', 'paid', 'completed', 'cancelled'] | None = None, from_: str | None = None, to: str | None = None, limit: int | None = None) -> Iterator[t.OrderItem]:
        """Every item of `list_orders`, page after page."""
        return self._transport.pages('/v1/orders', {'q': q, 'store_id': store_id, 'customer_id': customer_id, 'status': status, 'from': from_, 'to': to, 'limit': limit})

    def get_order(self, order_id: str) -> t.OrderDetail:
        """One order with its lines and refunds."""
        return self._transport.request('GET', f"/v1/orders/{quote(str(order_id), safe='')}")

    def get_receiver_standing(self, order_id: str) -> t.ReceiverStanding:
        """Whether the receiver of an order can be opened."""
        return self._transport.request('GET', f"/v1/orders/{quote(str(order_id), safe='')}/receiver")

    def open_order_receiver(self, order_id: str, body: t.OpenReceiver, *, idempotency_key: str | None = None) -> t.ReceiverOut:
        """Ask the platform whom the parcel goes to."""
        return self._transport.request('POST', f"/v1/orders/{quote(str(order_id), safe='')}/receiver", body=body, idempotency_key=idempotency_key)

    def list_products(self, *, q: str | None = None, category: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageProduct:
        """Products by number; `q` is part of a name or the beginning of a number."""
        return self._transport.request('GET', '/v1/products', query={'q': q, 'category': category, 'cursor': cursor, 'limit': limit})

    def iter_list_products(self, *, q: str | None = None, category: str | None = None, limit: int | None = None) -> Iterator[t.Product]:
        """Every item of `list_products`, page after page."""
        return self._transport.pages('/v1/products', {'q': q, 'category': category, 'limit': limit})

    def list_stock_levels(self, *, product_id: str | None = None, source: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageStockLevel:
        """What is left of products, by product, source and place: the latest count of each."""
        return self._transport.request('GET', '/v1/stock-levels', query={'product_id': product_id, 'source': source, 'cursor': cursor, 'limit': limit})

    def iter_list_stock_levels(self, *, product_id: str | None = None, source: str | None = None, limit: int | None = None) -> Iterator[t.StockLevel]:
        """Every item of `list_stock_levels`, page after page."""
        return self._transport.pages('/v1/stock-levels', {'product_id': product_id, 'source': source, 'limit': limit})

    def set_stock_line(self, item_id: str, body: t.StockLine, *, idempotency_key: str | None = None) -> None:
        """Set the line below which a stock item is low; flows about stock items hear when it falls below."""
        return self._transport.request('PATCH', f"/v1/stock-levels/{quote(str(item_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def publish_stock(self, item_id: str, body: t.PublishStock, *, idempotency_key: str | None = None) -> t.ShopStock:
        """Tell the shop a number and wait for its answer."""
        return self._transport.request('POST', f"/v1/stock-levels/{quote(str(item_id), safe='')}/publish", body=body, idempotency_key=idempotency_key)

    def list_stock_pushes(self, item_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PagePushOut:
        """What was told of a count, the latest first."""
        return self._transport.request('GET', f"/v1/stock-levels/{quote(str(item_id), safe='')}/pushes", query={'cursor': cursor, 'limit': limit})

    def iter_list_stock_pushes(self, item_id: str, *, limit: int | None = None) -> Iterator[t.PushOut]:
        """Every item of `list_stock_pushes`, page after page."""
        return self._transport.pages(f"/v1/stock-levels/{quote(str(item_id), safe='')}/pushes", {'limit': limit})

    def read_shop_stock(self, item_id: str) -> t.ShopStock:
        """Whether a count can be set at its shop."""
        return self._transport.request('GET', f"/v1/stock-levels/{quote(str(item_id), safe='')}/shop")

    def list_stores(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageStore:
        """The shops in the reader's scope, by code."""
        return self._transport.request('GET', '/v1/stores', query={'cursor': cursor, 'limit': limit})

    def iter_list_stores(self, *, limit: int | None = None) -> Iterator[t.Store]:
        """Every item of `list_stores`, page after page."""
        return self._transport.pages('/v1/stores', {'limit': limit})


class Parcels:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_parcel_batches(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageBatchOut:
        """Batches of cards and links with what came of them, the newest first."""
        return self._transport.request('GET', '/v1/parcel-batches', query={'cursor': cursor, 'limit': limit})

    def iter_list_parcel_batches(self, *, limit: int | None = None) -> Iterator[t.BatchOut]:
        """Every item of `list_parcel_batches`, page after page."""
        return self._transport.pages('/v1/parcel-batches', {'limit': limit})

    def create_parcel_batch(self, body: t.NewBatch, *, idempotency_key: str | None = None) -> t.BatchOut:
        """Set a batch up; printed cards are made with it."""
        return self._transport.request('POST', '/v1/parcel-batches', body=body, idempotency_key=idempotency_key)

    def get_parcel_batch(self, batch_id: str) -> t.BatchOut:
        """One batch."""
        return self._transport.request('GET', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}")

    def change_parcel_batch(self, batch_id: str, body: t.BatchChange, *, idempotency_key: str | None = None) -> t.BatchOut:
        """Change where a batch leads and what it gives; cards that were printed stay good."""
        return self._transport.request('PUT', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def archive_parcel_batch(self, batch_id: str, *, idempotency_key: str | None = None) -> None:
        """Put a batch away: its cards lead nowhere any more."""
        return self._transport.request('POST', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}/archive", idempotency_key=idempotency_key)

    def add_parcel_cards(self, batch_id: str, body: t.MoreCards, *, idempotency_key: str | None = None) -> None:
        """Make more cards, numbered on."""
        return self._transport.request('POST', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}/cards", body=body, idempotency_key=idempotency_key)

    def download_parcel_cards(self, batch_id: str, *, first: int | None = None) -> Any:
        """Numbers and addresses for a printer's own template, up to 50,000."""
        return self._transport.request('GET', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}/cards.csv", query={'first': first})

    def list_parcel_claims(self, batch_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageClaimOut:
        """Who came by a batch's cards, the latest first."""
        return self._transport.request('GET', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}/claims", query={'cursor': cursor, 'limit': limit})

    def iter_list_parcel_claims(self, batch_id: str, *, limit: int | None = None) -> Iterator[t.ClaimOut]:
        """Every item of `list_parcel_claims`, page after page."""
        return self._transport.pages(f"/v1/parcel-batches/{quote(str(batch_id), safe='')}/claims", {'limit': limit})

    def link_parcel_orders(self, batch_id: str, body: t.OrderRefs, *, idempotency_key: str | None = None) -> t.CardLinks:
        """A link for each order: for text messages where the platform allows them, for mini-programs, for waybills. Of printed cards: bind each"""
        return self._transport.request('POST', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}/links", body=body, idempotency_key=idempotency_key)

    def print_parcel_cards(self, batch_id: str, *, first: int | None = None, count: int | None = None) -> Any:
        """Cards as a page to print and cut."""
        return self._transport.request('GET', f"/v1/parcel-batches/{quote(str(batch_id), safe='')}/sheet", query={'first': first, 'count': count})

    def list_parcel_platforms(self, *, cursor: str | None = None, limit: int | None = None) -> t.PagePlatformRule:
        """What platforms say of leading their buyers away, with where it is said."""
        return self._transport.request('GET', '/v1/parcel-platforms', query={'cursor': cursor, 'limit': limit})

    def iter_list_parcel_platforms(self, *, limit: int | None = None) -> Iterator[t.PlatformRule]:
        """Every item of `list_parcel_platforms`, page after page."""
        return self._transport.pages('/v1/parcel-platforms', {'limit': limit})


class Performance:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_adviser_posts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PagePostOut:
        """Colleagues and as what they earn."""
        return self._transport.request('GET', '/v1/adviser-posts', query={'cursor': cursor, 'limit': limit})

    def iter_list_adviser_posts(self, *, limit: int | None = None) -> Iterator[t.PostOut]:
        """Every item of `list_adviser_posts`, page after page."""
        return self._transport.pages('/v1/adviser-posts', {'limit': limit})

    def set_adviser_post(self, user_id: str, body: t.PostBody, *, idempotency_key: str | None = None) -> None:
        """Say as what a colleague earns: her staff number, her store, and who goes on when she leaves."""
        return self._transport.request('PUT', f"/v1/adviser-posts/{quote(str(user_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def file_credit_dispute(self, body: t.NewDispute, *, idempotency_key: str | None = None) -> t.DisputeOut:
        """Say that an order of one's store or of one's friend is one's own, in whole or in part."""
        return self._transport.request('POST', '/v1/credit-disputes', body=body, idempotency_key=idempotency_key)

    def list_credit_disputes(self, *, status: Literal['open', 'seconding', 'accepted', 'rejected', 'withdrawn'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageDisputeOut:
        """Disputes within the caller's scope, the latest first."""
        return self._transport.request('GET', '/v1/credit-disputes', query={'status': status, 'cursor': cursor, 'limit': limit})

    def iter_list_credit_disputes(self, *, status: Literal['open', 'seconding', 'accepted', 'rejected', 'withdrawn'] | None = None, limit: int | None = None) -> Iterator[t.DisputeOut]:
        """Every item of `list_credit_disputes`, page after page."""
        return self._transport.pages('/v1/credit-disputes', {'status': status, 'limit': limit})

    def answer_credit_dispute(self, dispute_id: str, body: t.DisputeAnswer, *, idempotency_key: str | None = None) -> None:
        """Accept or reject; whoever sees only the one store needs a second person. What was booked stays and is corrected by new entries."""
        return self._transport.request('POST', f"/v1/credit-disputes/{quote(str(dispute_id), safe='')}/answer", body=body, idempotency_key=idempotency_key)

    def withdraw_credit_dispute(self, dispute_id: str, *, idempotency_key: str | None = None) -> None:
        """Take one's own dispute back."""
        return self._transport.request('POST', f"/v1/credit-disputes/{quote(str(dispute_id), safe='')}/withdraw", idempotency_key=idempotency_key)

    def list_credit_periods(self, *, cursor: str | None = None, limit: int | None = None) -> t.PagePeriodOut:
        """Months, the newest first."""
        return self._transport.request('GET', '/v1/credit-periods', query={'cursor': cursor, 'limit': limit})

    def iter_list_credit_periods(self, *, limit: int | None = None) -> Iterator[t.PeriodOut]:
        """Every item of `list_credit_periods`, page after page."""
        return self._transport.pages('/v1/credit-periods', {'limit': limit})

    def close_credit_period(self, period: str, *, idempotency_key: str | None = None) -> None:
        """Close a month for good: what comes later for it counts in the next open one."""
        return self._transport.request('POST', f"/v1/credit-periods/{quote(str(period), safe='')}/close", idempotency_key=idempotency_key)

    def set_credit_targets(self, period: str, body: t.TargetsBody, *, idempotency_key: str | None = None) -> None:
        """Set a month's targets; whoever is not named keeps hers."""
        return self._transport.request('PUT', f"/v1/credit-targets/{quote(str(period), safe='')}", body=body, idempotency_key=idempotency_key)

    def take_credit_targets(self, period: str, body: t.TargetsFile, *, idempotency_key: str | None = None) -> t.TargetsTaken:
        """Set a month's targets by the lines of a table (staff number or store code, amount): all of them, or none and why."""
        return self._transport.request('POST', f"/v1/credit-targets/{quote(str(period), safe='')}/table", body=body, idempotency_key=idempotency_key)

    def get_order_credit(self, order_id: str) -> t.OrderCreditOut:
        """Whose an order is, by which rule, and every entry."""
        return self._transport.request('GET', f"/v1/orders/{quote(str(order_id), safe='')}/credit")

    def get_ownership(self) -> t.OwnershipOut:
        """The rules by which orders find their advisers, and all versions before."""
        return self._transport.request('GET', '/v1/ownership')

    def save_ownership(self, body: t.NewOwnership, *, idempotency_key: str | None = None) -> t.OwnershipOut:
        """Let these rules hold from now on, or since an earlier moment: orders nobody looked at yet are looked at, the others stay."""
        return self._transport.request('PUT', '/v1/ownership', body=body, idempotency_key=idempotency_key)

    def try_ownership(self, body: t.OwnershipTry, *, idempotency_key: str | None = None) -> t.OwnershipTried:
        """What the last days would have looked like under other rules. Nothing is changed."""
        return self._transport.request('POST', '/v1/ownership/try', body=body, idempotency_key=idempotency_key)

    def list_performance(self, *, period: str | None = None, by: Literal['adviser', 'store'] | None = None, store_id: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRanked:
        """Who earned what in a month, the most first, as far as the caller sees."""
        return self._transport.request('GET', '/v1/performance', query={'period': period, 'by': by, 'store_id': store_id, 'cursor': cursor, 'limit': limit})

    def iter_list_performance(self, *, period: str | None = None, by: Literal['adviser', 'store'] | None = None, store_id: str | None = None, limit: int | None = None) -> Iterator[t.Ranked]:
        """Every item of `list_performance`, page after page."""
        return self._transport.pages('/v1/performance', {'period': period, 'by': by, 'store_id': store_id, 'limit': limit})

    def get_my_performance(self, *, period: str | None = None) -> t.Mine:
        """The caller's own month: what she earned, her place in her store, how far her target is."""
        return self._transport.request('GET', '/v1/performance-mine', query={'period': period})

    def list_my_disputes(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageDisputeOut:
        """What the caller disputes, the latest first."""
        return self._transport.request('GET', '/v1/performance-mine/disputes', query={'cursor': cursor, 'limit': limit})

    def iter_list_my_disputes(self, *, limit: int | None = None) -> Iterator[t.DisputeOut]:
        """Every item of `list_my_disputes`, page after page."""
        return self._transport.pages('/v1/performance-mine/disputes', {'limit': limit})

    def list_my_entries(self, *, period: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageEntryOut:
        """What the caller earned in a month, entry by entry."""
        return self._transport.request('GET', '/v1/performance-mine/entries', query={'period': period, 'cursor': cursor, 'limit': limit})

    def iter_list_my_entries(self, *, period: str | None = None, limit: int | None = None) -> Iterator[t.EntryOut]:
        """Every item of `list_my_entries`, page after page."""
        return self._transport.pages('/v1/performance-mine/entries', {'period': period, 'limit': limit})

    def list_my_ranking(self, *, period: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRanked:
        """The ranking of the caller's store."""
        return self._transport.request('GET', '/v1/performance-mine/ranking', query={'period': period, 'cursor': cursor, 'limit': limit})

    def iter_list_my_ranking(self, *, period: str | None = None, limit: int | None = None) -> Iterator[t.Ranked]:
        """Every item of `list_my_ranking`, page after page."""
        return self._transport.pages('/v1/performance-mine/ranking', {'period': period, 'limit': limit})

    def list_performance_entries(self, user_id: str, *, period: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageEntryOut:
        """What an adviser earned in a month, entry by entry, each with the rule and what it went by."""
        return self._transport.request('GET', f"/v1/performance/{quote(str(user_id), safe='')}/entries", query={'period': period, 'cursor': cursor, 'limit': limit})

    def iter_list_performance_entries(self, user_id: str, *, period: str | None = None, limit: int | None = None) -> Iterator[t.EntryOut]:
        """Every item of `list_performance_entries`, page after page."""
        return self._transport.pages(f"/v1/performance/{quote(str(user_id), safe='')}/entries", {'period': period, 'limit': limit})


class Quarantine:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_quarantine_groups(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageQuarantineGroup:
        """What lies open in quarantine by source and reason, the most first."""
        return self._transport.request('GET', '/v1/quarantine/groups', query={'cursor': cursor, 'limit': limit})

    def iter_list_quarantine_groups(self, *, limit: int | None = None) -> Iterator[t.QuarantineGroup]:
        """Every item of `list_quarantine_groups`, page after page."""
        return self._transport.pages('/v1/quarantine/groups', {'limit': limit})

    def start_replay(self, body: t.ChosenRecords, *, idempotency_key: str | None = None) -> t.ReplayProgress:
        """Replay many in the background, as history: what is open now, of one source or for one reason where named."""
        return self._transport.request('POST', '/v1/quarantine/replays', body=body, idempotency_key=idempotency_key)

    def read_replay(self, job_id: str) -> t.ReplayProgress:
        """How far a bulk replay is."""
        return self._transport.request('GET', f"/v1/quarantine/replays/{quote(str(job_id), safe='')}")

    def mend_record(self, record_id: str, body: t.MendedText, *, idempotency_key: str | None = None) -> t.MendAnswer:
        """Put a mended text in place and replay it as history; still refused, it stays with the new text and its reasons."""
        return self._transport.request('POST', f"/v1/quarantine/{quote(str(record_id), safe='')}/mend", body=body, idempotency_key=idempotency_key)


class Radar:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_radar(self, *, days: int | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageReadingFigures:
        """What every material did, most opened first; those nobody opened are not listed."""
        return self._transport.request('GET', '/v1/radar', query={'days': days, 'cursor': cursor, 'limit': limit})

    def iter_list_radar(self, *, days: int | None = None, limit: int | None = None) -> Iterator[t.ReadingFigures]:
        """Every item of `list_radar`, page after page."""
        return self._transport.pages('/v1/radar', {'days': days, 'limit': limit})

    def list_radar_advisers(self, material_id: str, *, days: int | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageReadingFigures:
        """What a material did by adviser."""
        return self._transport.request('GET', f"/v1/radar/{quote(str(material_id), safe='')}/advisers", query={'days': days, 'cursor': cursor, 'limit': limit})

    def iter_list_radar_advisers(self, material_id: str, *, days: int | None = None, limit: int | None = None) -> Iterator[t.ReadingFigures]:
        """Every item of `list_radar_advisers`, page after page."""
        return self._transport.pages(f"/v1/radar/{quote(str(material_id), safe='')}/advisers", {'days': days, 'limit': limit})

    def list_radar_readers(self, material_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageReaderOut:
        """Who read a material, the latest first."""
        return self._transport.request('GET', f"/v1/radar/{quote(str(material_id), safe='')}/readers", query={'cursor': cursor, 'limit': limit})

    def iter_list_radar_readers(self, material_id: str, *, limit: int | None = None) -> Iterator[t.ReaderOut]:
        """Every item of `list_radar_readers`, page after page."""
        return self._transport.pages(f"/v1/radar/{quote(str(material_id), safe='')}/readers", {'limit': limit})


class Referrals:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_referral_campaigns(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageCampaignOut:
        """Referral campaigns with their funnels, newest first."""
        return self._transport.request('GET', '/v1/referral-campaigns', query={'cursor': cursor, 'limit': limit})

    def iter_list_referral_campaigns(self, *, limit: int | None = None) -> Iterator[t.CampaignOut]:
        """Every item of `list_referral_campaigns`, page after page."""
        return self._transport.pages('/v1/referral-campaigns', {'limit': limit})

    def create_referral_campaign(self, body: t.NewCampaign, *, idempotency_key: str | None = None) -> t.CampaignOut:
        """Set a campaign up as a draft."""
        return self._transport.request('POST', '/v1/referral-campaigns', body=body, idempotency_key=idempotency_key)

    def get_referral_campaign(self, campaign_id: str) -> t.CampaignOut:
        """One campaign."""
        return self._transport.request('GET', f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}")

    def change_referral_campaign(self, campaign_id: str, body: t.CampaignChange, *, idempotency_key: str | None = None) -> t.CampaignOut:
        """Change a campaign."""
        return self._transport.request('PUT', f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def begin_referral_campaign(self, campaign_id: str, *, idempotency_key: str | None = None) -> None:
        """Begin a campaign: customers can invite."""
        return self._transport.request('POST', f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}/begin", idempotency_key=idempotency_key)

    def end_referral_campaign(self, campaign_id: str, *, idempotency_key: str | None = None) -> None:
        """End a campaign: who comes now does not count; who came before goes on towards her reward."""
        return self._transport.request('POST', f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}/end", idempotency_key=idempotency_key)

    def list_referred_friends(self, campaign_id: str, *, verdict: Literal['held', 'counted', 'suspect', 'refused', 'left'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageInvitedOut:
        """Who came by whom, newest first; the suspicious ones wait for a decision."""
        return self._transport.request('GET', f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}/friends", query={'verdict': verdict, 'cursor': cursor, 'limit': limit})

    def iter_list_referred_friends(self, campaign_id: str, *, verdict: Literal['held', 'counted', 'suspect', 'refused', 'left'] | None = None, limit: int | None = None) -> Iterator[t.InvitedOut]:
        """Every item of `list_referred_friends`, page after page."""
        return self._transport.pages(f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}/friends", {'verdict': verdict, 'limit': limit})

    def list_inviters(self, campaign_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageInviterOut:
        """Who invites, those with the most friends first."""
        return self._transport.request('GET', f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}/inviters", query={'cursor': cursor, 'limit': limit})

    def iter_list_inviters(self, campaign_id: str, *, limit: int | None = None) -> Iterator[t.InviterOut]:
        """Every item of `list_inviters`, page after page."""
        return self._transport.pages(f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}/inviters", {'limit': limit})

    def invite_customer(self, campaign_id: str, customer_id: str, *, idempotency_key: str | None = None) -> dict[str, str]:
        """Let a customer invite; the answer is her poster's address."""
        return self._transport.request('POST', f"/v1/referral-campaigns/{quote(str(campaign_id), safe='')}/inviters/{quote(str(customer_id), safe='')}", idempotency_key=idempotency_key)

    def decide_referred_friend(self, friend_id: str, body: t.ReferralDecision, *, idempotency_key: str | None = None) -> None:
        """Say whether a suspicious friend counts."""
        return self._transport.request('POST', f"/v1/referral-friends/{quote(str(friend_id), safe='')}/decide", body=body, idempotency_key=idempotency_key)

    def get_referral_limits(self) -> dict[str, Any]:
        """The limits on campaigns that ask people to share."""
        return self._transport.request('GET', '/v1/referral-limits')


class Rehearsals:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def start_backtest(self, flow_id: str, body: t.NewBacktest, *, idempotency_key: str | None = None) -> t.BacktestOut:
        """Replay the last days through the draft in the background; nothing is sent. Counts are over all customers."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/backtests", body=body, idempotency_key=idempotency_key)

    def list_backtests(self, flow_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageBacktestOut:
        """A flow's backtests, newest first."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/backtests", query={'cursor': cursor, 'limit': limit})

    def iter_list_backtests(self, flow_id: str, *, limit: int | None = None) -> Iterator[t.BacktestOut]:
        """Every item of `list_backtests`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/backtests", {'limit': limit})

    def read_backtest(self, flow_id: str, backtest_id: str) -> t.BacktestOut:
        """One backtest: how far it is, or what it found."""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/backtests/{quote(str(backtest_id), safe='')}")

    def cancel_backtest(self, flow_id: str, backtest_id: str, *, idempotency_key: str | None = None) -> Any:
        """Stop a backtest; nothing of it is left."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/backtests/{quote(str(backtest_id), safe='')}/cancel", idempotency_key=idempotency_key)

    def list_backtest_people(self, flow_id: str, backtest_id: str, *, mark: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageBacktestPersonOut:
        """Who is behind a number, from an even sample of at most 5,000 runs: `entered`, `converted`, `block:gift`, `port:way.east`,"""
        return self._transport.request('GET', f"/v1/flows/{quote(str(flow_id), safe='')}/backtests/{quote(str(backtest_id), safe='')}/people", query={'mark': mark, 'cursor': cursor, 'limit': limit})

    def iter_list_backtest_people(self, flow_id: str, backtest_id: str, *, mark: str | None = None, limit: int | None = None) -> Iterator[t.BacktestPersonOut]:
        """Every item of `list_backtest_people`, page after page."""
        return self._transport.pages(f"/v1/flows/{quote(str(flow_id), safe='')}/backtests/{quote(str(backtest_id), safe='')}/people", {'mark': mark, 'limit': limit})

    def dry_run(self, flow_id: str, body: t.DryRun, *, idempotency_key: str | None = None) -> t.DryRunOut:
        """Send a few people through the draft; nothing leaves and nothing stays. Needs the right to read customers."""
        return self._transport.request('POST', f"/v1/flows/{quote(str(flow_id), safe='')}/dry-run", body=body, idempotency_key=idempotency_key)


class Rights:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def read_consent_rules(self) -> t.ConsentRules:
        """Which channels need a consent before marketing."""
        return self._transport.request('GET', '/v1/consent-rules')

    def set_consent_rule(self, channel: str, body: t.ConsentRuleBody, *, idempotency_key: str | None = None) -> t.ConsentRules:
        """Say whether marketing on a channel needs a consent first; messages already planned are asked again before they go."""
        return self._transport.request('PUT', f"/v1/consent-rules/{quote(str(channel), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_consent_texts(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageConsentTextOut:
        """The wordings of every purpose, newest version first."""
        return self._transport.request('GET', '/v1/consent-texts', query={'cursor': cursor, 'limit': limit})

    def iter_list_consent_texts(self, *, limit: int | None = None) -> Iterator[t.ConsentTextOut]:
        """Every item of `list_consent_texts`, page after page."""
        return self._transport.pages('/v1/consent-texts', {'limit': limit})

    def create_consent_text(self, body: t.NewConsentText, *, idempotency_key: str | None = None) -> t.ConsentTextOut:
        """Make the next version of a wording. Versions that were shown are never changed."""
        return self._transport.request('POST', '/v1/consent-texts', body=body, idempotency_key=idempotency_key)

    def list_consents(self, customer_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageConsentOut:
        """What holds now: the latest entry of each purpose and channel."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/consents", query={'cursor': cursor, 'limit': limit})

    def iter_list_consents(self, customer_id: str, *, limit: int | None = None) -> Iterator[t.ConsentOut]:
        """Every item of `list_consents`, page after page."""
        return self._transport.pages(f"/v1/customers/{quote(str(customer_id), safe='')}/consents", {'limit': limit})

    def record_consent(self, customer_id: str, body: t.NewConsent, *, idempotency_key: str | None = None) -> t.RecordedConsent:
        """Note a consent or its withdrawal. A withdrawal cancels planned marketing messages in the same step."""
        return self._transport.request('POST', f"/v1/customers/{quote(str(customer_id), safe='')}/consents", body=body, idempotency_key=idempotency_key)

    def list_consent_history(self, customer_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageConsentOut:
        """Every consent given and taken back, newest first."""
        return self._transport.request('GET', f"/v1/customers/{quote(str(customer_id), safe='')}/consents/history", query={'cursor': cursor, 'limit': limit})

    def iter_list_consent_history(self, customer_id: str, *, limit: int | None = None) -> Iterator[t.ConsentOut]:
        """Every item of `list_consent_history`, page after page."""
        return self._transport.pages(f"/v1/customers/{quote(str(customer_id), safe='')}/consents/history", {'limit': limit})

    def show_consent_proof(self, customer_id: str, consent_id: str, *, idempotency_key: str | None = None) -> t.ConsentProof:
        """Show the proof of one entry in the clear; the look is recorded."""
        return self._transport.request('POST', f"/v1/customers/{quote(str(customer_id), safe='')}/consents/{quote(str(consent_id), safe='')}/proof", idempotency_key=idempotency_key)

    def list_rights_requests(self, *, status: Literal['open', 'approved', 'done', 'refused', 'failed'] | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRightsRequestOut:
        """What people asked for, newest first."""
        return self._transport.request('GET', '/v1/rights-requests', query={'status': status, 'cursor': cursor, 'limit': limit})

    def iter_list_rights_requests(self, *, status: Literal['open', 'approved', 'done', 'refused', 'failed'] | None = None, limit: int | None = None) -> Iterator[t.RightsRequestOut]:
        """Every item of `list_rights_requests`, page after page."""
        return self._transport.pages('/v1/rights-requests', {'status': status, 'limit': limit})

    def file_rights_request(self, body: t.NewRightsRequest, *, idempotency_key: str | None = None) -> t.RightsRequestOut:
        """File a person's request for a copy or for erasure. Somebody else has to approve it before it is carried out."""
        return self._transport.request('POST', '/v1/rights-requests', body=body, idempotency_key=idempotency_key)

    def read_rights_request(self, request_id: str) -> t.RightsRequestOut:
        """One request; when it is done, with its receipt and whether that is genuine."""
        return self._transport.request('GET', f"/v1/rights-requests/{quote(str(request_id), safe='')}")

    def approve_rights_request(self, request_id: str, *, idempotency_key: str | None = None) -> t.RightsRequestOut:
        """Let a request be carried out; refused for who filed it. An erasure cannot be undone."""
        return self._transport.request('POST', f"/v1/rights-requests/{quote(str(request_id), safe='')}/approve", idempotency_key=idempotency_key)

    def download_rights_file(self, request_id: str) -> None:
        """The package of an export, for seven days: `data.json` for machines, `index.html` to read. The download is recorded."""
        return self._transport.request('GET', f"/v1/rights-requests/{quote(str(request_id), safe='')}/file")

    def refuse_rights_request(self, request_id: str, body: t.Refusal, *, idempotency_key: str | None = None) -> t.RightsRequestOut:
        """Turn a request down, with the reason that the person is told."""
        return self._transport.request('POST', f"/v1/rights-requests/{quote(str(request_id), safe='')}/refuse", body=body, idempotency_key=idempotency_key)


class Segments:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_segments(self, *, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageSegmentOut:
        """Segments by name."""
        return self._transport.request('GET', '/v1/segments', query={'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_segments(self, *, q: str | None = None, limit: int | None = None) -> Iterator[t.SegmentOut]:
        """Every item of `list_segments`, page after page."""
        return self._transport.pages('/v1/segments', {'q': q, 'limit': limit})

    def create_segment(self, body: t.NewSegment, *, idempotency_key: str | None = None) -> t.SegmentOut:
        """Make a segment; everybody is then judged in the background, which starts no flow."""
        return self._transport.request('POST', '/v1/segments', body=body, idempotency_key=idempotency_key)

    def read_bulk_entries(self, job_id: str) -> t.BulkProgress:
        """How far one's own change of a list is."""
        return self._transport.request('GET', f"/v1/segments/bulk-entries/{quote(str(job_id), safe='')}")

    def overlap_segments(self, *, segment_id: list[str] | None = None) -> t.OverlapOut:
        """How two to five segments share their members: each combination with its number, among the customers the caller may see."""
        return self._transport.request('GET', '/v1/segments/overlap', query={'segment_id': segment_id})

    def preview_segment(self, body: t.ExpressionBody, *, idempotency_key: str | None = None) -> t.PreviewOut:
        """Count whom an expression means now, among the customers the caller may see, with a few samples."""
        return self._transport.request('POST', '/v1/segments/preview', body=body, idempotency_key=idempotency_key)

    def read_segment(self, segment_id: str) -> t.SegmentOut:
        """One segment with its count and how far its fill has come."""
        return self._transport.request('GET', f"/v1/segments/{quote(str(segment_id), safe='')}")

    def change_segment(self, segment_id: str, body: t.SegmentChange, *, idempotency_key: str | None = None) -> t.SegmentOut:
        """Rename or redefine; another expression becomes a new version by which everybody is judged anew."""
        return self._transport.request('PATCH', f"/v1/segments/{quote(str(segment_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def archive_segment(self, segment_id: str, *, idempotency_key: str | None = None) -> None:
        """Take a segment out of use; refused while another one asks it."""
        return self._transport.request('DELETE', f"/v1/segments/{quote(str(segment_id), safe='')}", idempotency_key=idempotency_key)

    def audit_segment(self, segment_id: str, *, idempotency_key: str | None = None) -> t.AuditOut:
        """Judge everybody afresh and list who differs from live membership."""
        return self._transport.request('POST', f"/v1/segments/{quote(str(segment_id), safe='')}/audit", idempotency_key=idempotency_key)

    def start_bulk_entries(self, segment_id: str, body: t.BulkEntries, *, idempotency_key: str | None = None) -> t.BulkProgress:
        """Change a list by the customer list's filters, in the background; who is changed is decided page by page as it runs."""
        return self._transport.request('POST', f"/v1/segments/{quote(str(segment_id), safe='')}/bulk-entries", body=body, idempotency_key=idempotency_key)

    def change_entries(self, segment_id: str, body: t.EntriesChange, *, idempotency_key: str | None = None) -> t.EntriesOut:
        """Put customers on a list or take them off it; each change is applied in the customer's next turn, a moment later."""
        return self._transport.request('POST', f"/v1/segments/{quote(str(segment_id), safe='')}/entries", body=body, idempotency_key=idempotency_key)

    def explain_member(self, segment_id: str, customer_id: str) -> t.Explanation:
        """Why one customer is inside or not: each part of the expression with its answer and values."""
        return self._transport.request('GET', f"/v1/segments/{quote(str(segment_id), safe='')}/explain/{quote(str(customer_id), safe='')}")

    def list_members(self, segment_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageMember:
        """Who is inside, among the customers the caller may see, with the moment they entered."""
        return self._transport.request('GET', f"/v1/segments/{quote(str(segment_id), safe='')}/members", query={'cursor': cursor, 'limit': limit})

    def iter_list_members(self, segment_id: str, *, limit: int | None = None) -> Iterator[t.Member]:
        """Every item of `list_members`, page after page."""
        return self._transport.pages(f"/v1/segments/{quote(str(segment_id), safe='')}/members", {'limit': limit})

    def read_trend(self, segment_id: str, *, days: int | None = None) -> t.TrendOut:
        """How full the segment was at the end of each day, and how many came and went, among all customers of the tenant."""
        return self._transport.request('GET', f"/v1/segments/{quote(str(segment_id), safe='')}/trend", query={'days': days})


class Settings:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_api_keys(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageApiKey:
        """All keys, live ones first, newest first."""
        return self._transport.request('GET', '/v1/api-keys', query={'cursor': cursor, 'limit': limit})

    def iter_list_api_keys(self, *, limit: int | None = None) -> Iterator[t.ApiKey]:
        """Every item of `list_api_keys`, page after page."""
        return self._transport.pages('/v1/api-keys', {'limit': limit})

    def create_api_key(self, body: t.NewApiKey, *, idempotency_key: str | None = None) -> t.MadeApiKey:
        """Make a key; the answer shows it for the only time."""
        return self._transport.request('POST', '/v1/api-keys', body=body, idempotency_key=idempotency_key)

    def change_api_key(self, key_id: str, body: t.ApiKeyChange, *, idempotency_key: str | None = None) -> t.ApiKey:
        """Rename a key or change how often it may ask. What it may do stays: for that, make another."""
        return self._transport.request('PATCH', f"/v1/api-keys/{quote(str(key_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def revoke_api_key(self, key_id: str, *, idempotency_key: str | None = None) -> None:
        """Stop a key for good."""
        return self._transport.request('DELETE', f"/v1/api-keys/{quote(str(key_id), safe='')}", idempotency_key=idempotency_key)

    def list_audit(self, *, cursor: str | None = None, limit: int | None = None, entity: str | None = None, entity_id: str | None = None, actor: str | None = None, action: str | None = None, since: str | None = None, until: str | None = None) -> t.PageAuditLine:
        """Changes, newest first."""
        return self._transport.request('GET', '/v1/audit', query={'cursor': cursor, 'limit': limit, 'entity': entity, 'entity_id': entity_id, 'actor': actor, 'action': action, 'since': since, 'until': until})

    def iter_list_audit(self, *, limit: int | None = None, entity: str | None = None, entity_id: str | None = None, actor: str | None = None, action: str | None = None, since: str | None = None, until: str | None = None) -> Iterator[t.AuditLine]:
        """Every item of `list_audit`, page after page."""
        return self._transport.pages('/v1/audit', {'limit': limit, 'entity': entity, 'entity_id': entity_id, 'actor': actor, 'action': action, 'since': since, 'until': until})

    def list_rates(self, *, currency: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageRateLine:
        """Exchange rates, the latest days first."""
        return self._transport.request('GET', '/v1/exchange-rates', query={'currency': currency, 'cursor': cursor, 'limit': limit})

    def iter_list_rates(self, *, currency: str | None = None, limit: int | None = None) -> Iterator[t.RateLine]:
        """Every item of `list_rates`, page after page."""
        return self._transport.pages('/v1/exchange-rates', {'currency': currency, 'limit': limit})

    def write_rates(self, body: t.RatesBody, *, idempotency_key: str | None = None) -> t.RatesWritten:
        """Write rates; orders whose rate this changes are revalued, with totals, scores and segments, and no flow starts for it."""
        return self._transport.request('PUT', '/v1/exchange-rates', body=body, idempotency_key=idempotency_key)

    def read_rate_findings(self) -> t.RateFindings:
        """Orders that wait for a rate, and orders converted at an earlier day's."""
        return self._transport.request('GET', '/v1/exchange-rates/findings')

    def list_org_units(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageOrgUnit:
        """The tree, each node after its parent's kind."""
        return self._transport.request('GET', '/v1/org-units', query={'cursor': cursor, 'limit': limit})

    def iter_list_org_units(self, *, limit: int | None = None) -> Iterator[t.OrgUnit]:
        """Every item of `list_org_units`, page after page."""
        return self._transport.pages('/v1/org-units', {'limit': limit})

    def create_org_unit(self, body: t.NewOrgUnit, *, idempotency_key: str | None = None) -> t.OrgUnit:
        """Add a brand, region or store."""
        return self._transport.request('POST', '/v1/org-units', body=body, idempotency_key=idempotency_key)

    def change_org_unit(self, unit_id: str, body: t.OrgUnitChange, *, idempotency_key: str | None = None) -> t.OrgUnit:
        """Rename, close or move a node."""
        return self._transport.request('PATCH', f"/v1/org-units/{quote(str(unit_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_permissions(self, *, cursor: str | None = None, limit: int | None = None) -> t.PagePermissionLine:
        """Every right the rooms of this installation know: whoever lacks one asks for it by its name."""
        return self._transport.request('GET', '/v1/permissions', query={'cursor': cursor, 'limit': limit})

    def iter_list_permissions(self, *, limit: int | None = None) -> Iterator[t.PermissionLine]:
        """Every item of `list_permissions`, page after page."""
        return self._transport.pages('/v1/permissions', {'limit': limit})

    def list_roles(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageRole:
        """All roles, built-in first."""
        return self._transport.request('GET', '/v1/roles', query={'cursor': cursor, 'limit': limit})

    def iter_list_roles(self, *, limit: int | None = None) -> Iterator[t.Role]:
        """Every item of `list_roles`, page after page."""
        return self._transport.pages('/v1/roles', {'limit': limit})

    def create_role(self, body: t.NewRole, *, idempotency_key: str | None = None) -> t.Role:
        """Make a role of one's own."""
        return self._transport.request('POST', '/v1/roles', body=body, idempotency_key=idempotency_key)

    def change_role(self, role_id: str, body: t.RoleChange, *, idempotency_key: str | None = None) -> t.Role:
        """Change a role of one's own; holders feel it with their next request."""
        return self._transport.request('PATCH', f"/v1/roles/{quote(str(role_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def delete_role(self, role_id: str, *, idempotency_key: str | None = None) -> None:
        """Delete a role nobody holds."""
        return self._transport.request('DELETE', f"/v1/roles/{quote(str(role_id), safe='')}", idempotency_key=idempotency_key)

    def list_retention(self) -> t.KeptList:
        """How long logs are kept."""
        return self._transport.request('GET', '/v1/settings/retention')

    def set_retention(self, what: str, body: t.KeptDays, *, idempotency_key: str | None = None) -> t.KeptList:
        """Keep one kind of records for so many days; what is older goes within a day."""
        return self._transport.request('PUT', f"/v1/settings/retention/{quote(str(what), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_users(self, *, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageUser:
        """People within one's scope, by name."""
        return self._transport.request('GET', '/v1/users', query={'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_users(self, *, q: str | None = None, limit: int | None = None) -> Iterator[t.User]:
        """Every item of `list_users`, page after page."""
        return self._transport.pages('/v1/users', {'q': q, 'limit': limit})

    def create_user(self, body: t.NewUser, *, idempotency_key: str | None = None) -> t.User:
        """Add a person with their roles."""
        return self._transport.request('POST', '/v1/users', body=body, idempotency_key=idempotency_key)

    def get_user(self, user_id: str) -> t.User:
        """One person."""
        return self._transport.request('GET', f"/v1/users/{quote(str(user_id), safe='')}")

    def change_user(self, user_id: str, body: t.UserChange, *, idempotency_key: str | None = None) -> t.User:
        """Change a person; disabling ends their sessions at once."""
        return self._transport.request('PATCH', f"/v1/users/{quote(str(user_id), safe='')}", body=body, idempotency_key=idempotency_key)


class Sidebar:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_sidebar_bindings(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageBinding:
        """Which adviser is which colleague."""
        return self._transport.request('GET', '/v1/sidebar-bindings', query={'cursor': cursor, 'limit': limit})

    def iter_list_sidebar_bindings(self, *, limit: int | None = None) -> Iterator[t.Binding]:
        """Every item of `list_sidebar_bindings`, page after page."""
        return self._transport.pages('/v1/sidebar-bindings', {'limit': limit})

    def bind_adviser(self, account_id: str, member: str, body: t.NewBinding, *, idempotency_key: str | None = None) -> None:
        """Say that an adviser is a colleague: in WeCom's sidebar she signs in as that person, with that person's rights."""
        return self._transport.request('PUT', f"/v1/sidebar-bindings/{quote(str(account_id), safe='')}/{quote(str(member), safe='')}", body=body, idempotency_key=idempotency_key)

    def unbind_adviser(self, account_id: str, member: str, *, idempotency_key: str | None = None) -> None:
        """An adviser signs in as nobody any more."""
        return self._transport.request('DELETE', f"/v1/sidebar-bindings/{quote(str(account_id), safe='')}/{quote(str(member), safe='')}", idempotency_key=idempotency_key)

    def get_sidebar_setting(self, account_id: str) -> t.SidebarSettingOut:
        """Where an account's sidebar may stand."""
        return self._transport.request('GET', f"/v1/sidebar-settings/{quote(str(account_id), safe='')}")

    def set_sidebar_setting(self, account_id: str, body: t.SidebarSetting, *, idempotency_key: str | None = None) -> None:
        """Say where an account's sidebar may stand."""
        return self._transport.request('PUT', f"/v1/sidebar-settings/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def read_sidebar_customer(self, customer_id: str) -> t.SidebarCustomer:
        """Who she is, what she has, what waits."""
        return self._transport.request('GET', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}")

    def start_sidebar_flow(self, customer_id: str, body: t.FlowStart, *, idempotency_key: str | None = None) -> Any:
        """Start a flow for her (F10); the flow's own rules of re-entry decide."""
        return self._transport.request('POST', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/flows", body=body, idempotency_key=idempotency_key)

    def put_sidebar_hint_away(self, customer_id: str, hint_id: str, *, idempotency_key: str | None = None) -> None:
        """A flow's suggestion is not wanted."""
        return self._transport.request('DELETE', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/hints/{quote(str(hint_id), safe='')}", idempotency_key=idempotency_key)

    def list_sidebar_materials(self, customer_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageMaterialLink:
        """Materials that may be shown today, each with a link for her that tells whether she read it."""
        return self._transport.request('GET', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/materials", query={'cursor': cursor, 'limit': limit})

    def iter_list_sidebar_materials(self, customer_id: str, *, limit: int | None = None) -> Iterator[t.MaterialLink]:
        """Every item of `list_sidebar_materials`, page after page."""
        return self._transport.pages(f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/materials", {'limit': limit})

    def add_sidebar_note(self, customer_id: str, body: t.Note, *, idempotency_key: str | None = None) -> Any:
        """Write into her history what was learnt."""
        return self._transport.request('POST', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/notes", body=body, idempotency_key=idempotency_key)

    def list_sidebar_scripts(self, customer_id: str, *, q: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageScript:
        """Scripts that may be said today, filled in for her."""
        return self._transport.request('GET', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/scripts", query={'q': q, 'cursor': cursor, 'limit': limit})

    def iter_list_sidebar_scripts(self, customer_id: str, *, q: str | None = None, limit: int | None = None) -> Iterator[t.Script]:
        """Every item of `list_sidebar_scripts`, page after page."""
        return self._transport.pages(f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/scripts", {'q': q, 'limit': limit})

    def use_sidebar_script(self, customer_id: str, script_id: str, *, idempotency_key: str | None = None) -> t.Script:
        """Take a script for her: it is counted."""
        return self._transport.request('POST', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/scripts/{quote(str(script_id), safe='')}/use", idempotency_key=idempotency_key)

    def add_sidebar_tag(self, customer_id: str, body: t.OneTag, *, idempotency_key: str | None = None) -> Any:
        """Put a tag on her."""
        return self._transport.request('POST', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/tags", body=body, idempotency_key=idempotency_key)

    def remove_sidebar_tag(self, customer_id: str, tag: str, *, idempotency_key: str | None = None) -> None:
        """Take a tag off her."""
        return self._transport.request('DELETE', f"/v1/sidebar/customers/{quote(str(customer_id), safe='')}/tags/{quote(str(tag), safe='')}", idempotency_key=idempotency_key)

    def enter_sidebar(self, account_id: str) -> Any:
        """Send the adviser to the platform's page, which sends her back to the sidebar's own and nowhere else."""
        return self._transport.request('GET', f"/v1/sidebar/entry/{quote(str(account_id), safe='')}")

    def find_sidebar_customer(self, account_id: str, external: str) -> t.Friend:
        """The customer of the chat, by what WeCom calls her."""
        return self._transport.request('GET', f"/v1/sidebar/external/{quote(str(account_id), safe='')}/{quote(str(external), safe='')}")

    def list_startable_flows(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageStartableFlow:
        """Flows whose authors let colleagues start them beside a chat."""
        return self._transport.request('GET', '/v1/sidebar/flows', query={'cursor': cursor, 'limit': limit})

    def iter_list_startable_flows(self, *, limit: int | None = None) -> Iterator[t.StartableFlow]:
        """Every item of `list_startable_flows`, page after page."""
        return self._transport.pages('/v1/sidebar/flows', {'limit': limit})

    def list_sidebar_friends(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageFriend:
        """The caller's own friends, the latest first: for trying the page outside of WeCom."""
        return self._transport.request('GET', '/v1/sidebar/friends', query={'cursor': cursor, 'limit': limit})

    def iter_list_sidebar_friends(self, *, limit: int | None = None) -> Iterator[t.Friend]:
        """Every item of `list_sidebar_friends`, page after page."""
        return self._transport.pages('/v1/sidebar/friends', {'limit': limit})

    def sign_in_to_sidebar(self, body: t.SignInCode, *, idempotency_key: str | None = None) -> t.SignedInAs:
        """Open a session for whoever the platform says it is. Raises Unauthenticated, in one sentence for whatever is wrong."""
        return self._transport.request('POST', '/v1/sidebar/session', body=body, idempotency_key=idempotency_key)

    def sign_sidebar_page(self, body: t.PageAddress, *, idempotency_key: str | None = None) -> t.Signatures:
        """Sign the address of our page for WeCom's script. Raises Forbidden for an address that is not trusted."""
        return self._transport.request('POST', '/v1/sidebar/signature', body=body, idempotency_key=idempotency_key)

    def say_on_simulated_phone(self, customer_id: str, body: t.Utterance, *, idempotency_key: str | None = None) -> Any:
        """Let a customer say something on the simulated phone, as if it came from a chat: for trying flows that listen."""
        return self._transport.request('POST', f"/v1/simulated-chats/{quote(str(customer_id), safe='')}", body=body, idempotency_key=idempotency_key)


class SignIn:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_sign_ins(self, *, company: str | None = None) -> t.SignInsOut:
        """The buttons of the log-in page: those of the only company here, or of the one named where this browser was signed in to it before."""
        return self._transport.request('GET', '/v1/sign-in', query={'company': company})

    def finish_sign_in(self, body: t.SignInAnswer, *, idempotency_key: str | None = None) -> t.SignedInOut:
        """Open a session for whoever the platform says it is."""
        return self._transport.request('POST', '/v1/sign-in/session', body=body, idempotency_key=idempotency_key)

    def begin_sign_in(self, account_id: str, *, next: str | None = None, inside: bool | None = None) -> Any:
        """Send the browser to the platform's page, which sends it back to our own and nowhere else."""
        return self._transport.request('GET', f"/v1/sign-in/{quote(str(account_id), safe='')}/begin", query={'next': next, 'inside': inside})

    def list_simulated_members(self, account_id: str) -> t.SimulatedMembers:
        """Whom one can be in a demo's simulated company; a real company's members are nobody's to see here."""
        return self._transport.request('GET', f"/v1/sign-in/{quote(str(account_id), safe='')}/members")

    def take_simulated_code(self, account_id: str, member: str, *, idempotency_key: str | None = None) -> t.SimulatedCode:
        """The code that a demo's simulated company gives one of its members."""
        return self._transport.request('POST', f"/v1/sign-in/{quote(str(account_id), safe='')}/members/{quote(str(member), safe='')}/code", idempotency_key=idempotency_key)


class Sources:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_sources(self, *, connector: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageSourceOut:
        """Accounts that send or are asked, newest first."""
        return self._transport.request('GET', '/v1/source-accounts', query={'connector': connector, 'cursor': cursor, 'limit': limit})

    def iter_list_sources(self, *, connector: str | None = None, limit: int | None = None) -> Iterator[t.SourceOut]:
        """Every item of `list_sources`, page after page."""
        return self._transport.pages('/v1/source-accounts', {'connector': connector, 'limit': limit})

    def create_source(self, body: t.NewSource, *, idempotency_key: str | None = None) -> t.MadeSource:
        """Set up a source. The answer shows its secret for the only time."""
        return self._transport.request('POST', '/v1/source-accounts', body=body, idempotency_key=idempotency_key)

    def read_source(self, account_id: str) -> t.SourceOut:
        """One account."""
        return self._transport.request('GET', f"/v1/source-accounts/{quote(str(account_id), safe='')}")

    def change_source(self, account_id: str, body: t.SourceChange, *, idempotency_key: str | None = None) -> t.SourceOut:
        """Change, pause or mend the mapping. Reaches every process within a few seconds."""
        return self._transport.request('PATCH', f"/v1/source-accounts/{quote(str(account_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_source(self, account_id: str, *, idempotency_key: str | None = None) -> None:
        """Take a source away; what it sent stays."""
        return self._transport.request('DELETE', f"/v1/source-accounts/{quote(str(account_id), safe='')}", idempotency_key=idempotency_key)

    def set_source_secret(self, account_id: str, body: t.NewSecret, *, idempotency_key: str | None = None) -> t.ShownSecret:
        """Put another secret in place; the old one ends within a few seconds."""
        return self._transport.request('POST', f"/v1/source-accounts/{quote(str(account_id), safe='')}/secret", body=body, idempotency_key=idempotency_key)

    def try_mapping(self, body: t.Trial, *, idempotency_key: str | None = None) -> t.TrialAnswer:
        """Read a sample with a mapping and ask the door what it thinks of the records; nothing is kept."""
        return self._transport.request('POST', '/v1/source-mappings/try', body=body, idempotency_key=idempotency_key)


class Tags:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_tags(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageTagLineOut:
        """Every tag, by name."""
        return self._transport.request('GET', '/v1/tags', query={'cursor': cursor, 'limit': limit})

    def iter_list_tags(self, *, limit: int | None = None) -> Iterator[t.TagLineOut]:
        """Every item of `list_tags`, page after page."""
        return self._transport.pages('/v1/tags', {'limit': limit})

    def create_tag(self, body: t.NewTag, *, idempotency_key: str | None = None) -> t.TagLineOut:
        """Make a tag; with an expression it is computed and follows events and the clock."""
        return self._transport.request('POST', '/v1/tags', body=body, idempotency_key=idempotency_key)

    def change_tag(self, name: str, body: t.TagChange, *, idempotency_key: str | None = None) -> t.TagLineOut:
        """Relabel a tag, or give a computed one another expression."""
        return self._transport.request('PATCH', f"/v1/tags/{quote(str(name), safe='')}", body=body, idempotency_key=idempotency_key)

    def retire_tag(self, name: str, *, idempotency_key: str | None = None) -> None:
        """Delete a tag and take it off everybody; refused while a segment asks for it."""
        return self._transport.request('DELETE', f"/v1/tags/{quote(str(name), safe='')}", idempotency_key=idempotency_key)


class Things:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_thing_types(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageThingTypeOut:
        """The sorts of things that the company has defined, with how many stand in each stage."""
        return self._transport.request('GET', '/v1/thing-types', query={'cursor': cursor, 'limit': limit})

    def iter_list_thing_types(self, *, limit: int | None = None) -> Iterator[t.ThingTypeOut]:
        """Every item of `list_thing_types`, page after page."""
        return self._transport.pages('/v1/thing-types', {'limit': limit})

    def create_thing_type(self, body: t.NewThingType, *, idempotency_key: str | None = None) -> t.ThingTypeOut:
        """Define a sort of things: what formulas can read of them, which stages they go through. Flows may then be about them."""
        return self._transport.request('POST', '/v1/thing-types', body=body, idempotency_key=idempotency_key)

    def change_thing_type(self, name: str, body: t.ThingTypeChange, *, idempotency_key: str | None = None) -> t.ThingTypeOut:
        """Redefine a sort of things; fields keep their types."""
        return self._transport.request('PUT', f"/v1/thing-types/{quote(str(name), safe='')}", body=body, idempotency_key=idempotency_key)

    def delete_thing_type(self, name: str, *, idempotency_key: str | None = None) -> None:
        """Delete a sort of which there is nothing and which no flow is about."""
        return self._transport.request('DELETE', f"/v1/thing-types/{quote(str(name), safe='')}", idempotency_key=idempotency_key)

    def list_things(self, type_name: str, *, q: str | None = None, stage: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageThingRow:
        """Things of a sort, the last changed first."""
        return self._transport.request('GET', f"/v1/things/{quote(str(type_name), safe='')}", query={'q': q, 'stage': stage, 'cursor': cursor, 'limit': limit})

    def iter_list_things(self, type_name: str, *, q: str | None = None, stage: str | None = None, limit: int | None = None) -> Iterator[t.ThingRow]:
        """Every item of `list_things`, page after page."""
        return self._transport.pages(f"/v1/things/{quote(str(type_name), safe='')}", {'q': q, 'stage': stage, 'limit': limit})

    def create_thing(self, type_name: str, body: t.NewThing, *, idempotency_key: str | None = None) -> t.ThingRow:
        """Make a thing; an event tells of it."""
        return self._transport.request('POST', f"/v1/things/{quote(str(type_name), safe='')}", body=body, idempotency_key=idempotency_key)

    def read_thing(self, type_name: str, thing_id: str) -> t.ThingRow:
        """One thing."""
        return self._transport.request('GET', f"/v1/things/{quote(str(type_name), safe='')}/{quote(str(thing_id), safe='')}")

    def change_thing(self, type_name: str, thing_id: str, body: t.ThingChange, *, idempotency_key: str | None = None) -> t.ThingRow:
        """Change a thing; events tell of other values and of another stage."""
        return self._transport.request('PATCH', f"/v1/things/{quote(str(type_name), safe='')}/{quote(str(thing_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def list_thing_events(self, type_name: str, thing_id: str, *, cursor: str | None = None, limit: int | None = None) -> t.PageThingEvent:
        """What happened to a thing, newest first."""
        return self._transport.request('GET', f"/v1/things/{quote(str(type_name), safe='')}/{quote(str(thing_id), safe='')}/events", query={'cursor': cursor, 'limit': limit})

    def iter_list_thing_events(self, type_name: str, thing_id: str, *, limit: int | None = None) -> Iterator[t.ThingEvent]:
        """Every item of `list_thing_events`, page after page."""
        return self._transport.pages(f"/v1/things/{quote(str(type_name), safe='')}/{quote(str(thing_id), safe='')}/events", {'limit': limit})


class Trials:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def trial_trades(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageTradeOut:
        """The trades one can try."""
        return self._transport.request('GET', '/v1/trial-trades', query={'cursor': cursor, 'limit': limit})

    def iter_trial_trades(self, *, limit: int | None = None) -> Iterator[t.TradeOut]:
        """Every item of `trial_trades`, page after page."""
        return self._transport.pages('/v1/trial-trades', {'limit': limit})

    def list_trials(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageTrialOut:
        """The company's trials, newest first; ten at most."""
        return self._transport.request('GET', '/v1/trials', query={'cursor': cursor, 'limit': limit})

    def iter_list_trials(self, *, limit: int | None = None) -> Iterator[t.TrialOut]:
        """Every item of `list_trials`, page after page."""
        return self._transport.pages('/v1/trials', {'limit': limit})

    def open_trial(self, body: t.NewTrial, *, idempotency_key: str | None = None) -> t.TrialOut:
        """Open a trial: a tenant of its own with a made-up year behind it, ready within about a minute."""
        return self._transport.request('POST', '/v1/trials', body=body, idempotency_key=idempotency_key)

    def leave_trial(self, *, idempotency_key: str | None = None) -> None:
        """Come back to where this browser came from; the trial's session ends. Raises Conflict where the way back has expired."""
        return self._transport.request('POST', '/v1/trials/leave', idempotency_key=idempotency_key)

    def empty_trial(self, trial_id: str, body: t.TypedName, *, idempotency_key: str | None = None) -> t.TrialOut:
        """Take a trial away with everything in it. It asks for the trial's name."""
        return self._transport.request('POST', f"/v1/trials/{quote(str(trial_id), safe='')}/empty", body=body, idempotency_key=idempotency_key)

    def enter_trial(self, trial_id: str, *, idempotency_key: str | None = None) -> None:
        """Go in: this browser works in the trial until it leaves. The way back is kept."""
        return self._transport.request('POST', f"/v1/trials/{quote(str(trial_id), safe='')}/enter", idempotency_key=idempotency_key)


class Webhooks:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def read_webhook_delivery(self, delivery_id: str) -> t.DeliveryOut:
        """One delivery: its body as sent, and every attempt with code, time and answer."""
        return self._transport.request('GET', f"/v1/webhook-deliveries/{quote(str(delivery_id), safe='')}")

    def replay_webhook_delivery(self, delivery_id: str, *, idempotency_key: str | None = None) -> t.DeliveryLine:
        """Send one delivery again, under its old id and with its old body."""
        return self._transport.request('POST', f"/v1/webhook-deliveries/{quote(str(delivery_id), safe='')}/replay", idempotency_key=idempotency_key)

    def list_webhook_event_types(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageEventTypeOut:
        """Every event type one can subscribe to, by name: its version, the fields of `data`, an example of the body."""
        return self._transport.request('GET', '/v1/webhook-event-types', query={'cursor': cursor, 'limit': limit})

    def iter_list_webhook_event_types(self, *, limit: int | None = None) -> Iterator[t.EventTypeOut]:
        """Every item of `list_webhook_event_types`, page after page."""
        return self._transport.pages('/v1/webhook-event-types', {'limit': limit})

    def list_webhooks(self, *, cursor: str | None = None, limit: int | None = None) -> t.PageWebhookOut:
        """Subscriptions, newest first, with the counts of the last seven days."""
        return self._transport.request('GET', '/v1/webhooks', query={'cursor': cursor, 'limit': limit})

    def iter_list_webhooks(self, *, limit: int | None = None) -> Iterator[t.WebhookOut]:
        """Every item of `list_webhooks`, page after page."""
        return self._transport.pages('/v1/webhooks', {'limit': limit})

    def create_webhook(self, body: t.NewWebhook, *, idempotency_key: str | None = None) -> t.MadeWebhook:
        """Subscribe an address to events. The answer shows the signing secret for the only time."""
        return self._transport.request('POST', '/v1/webhooks', body=body, idempotency_key=idempotency_key)

    def read_webhook(self, webhook_id: str) -> t.WebhookOut:
        """One subscription."""
        return self._transport.request('GET', f"/v1/webhooks/{quote(str(webhook_id), safe='')}")

    def change_webhook(self, webhook_id: str, body: t.WebhookChange, *, idempotency_key: str | None = None) -> t.WebhookOut:
        """Change, pause or switch on again. What happens while it is not active is not told afterwards."""
        return self._transport.request('PATCH', f"/v1/webhooks/{quote(str(webhook_id), safe='')}", body=body, idempotency_key=idempotency_key)

    def remove_webhook(self, webhook_id: str, *, idempotency_key: str | None = None) -> None:
        """End a subscription; what still waits is given up."""
        return self._transport.request('DELETE', f"/v1/webhooks/{quote(str(webhook_id), safe='')}", idempotency_key=idempotency_key)

    def list_webhook_deliveries(self, webhook_id: str, *, status: Literal['pending', 'sending', 'delivered', 'dead'] | None = None, type: str | None = None, cursor: str | None = None, limit: int | None = None) -> t.PageDeliveryLine:
        """What was and will be sent to one subscription, newest first; `status=dead` lists the dead letters."""
        return self._transport.request('GET', f"/v1/webhooks/{quote(str(webhook_id), safe='')}/deliveries", query={'status': status, 'type': type, 'cursor': cursor, 'limit': limit})

    def iter_list_webhook_deliveries(self, webhook_id: str, *, status: Literal['pending', 'sending', 'delivered', 'dead'] | None = None, type: str | None = None, limit: int | None = None) -> Iterator[t.DeliveryLine]:
        """Every item of `list_webhook_deliveries`, page after page."""
        return self._transport.pages(f"/v1/webhooks/{quote(str(webhook_id), safe='')}/deliveries", {'status': status, 'type': type, 'limit': limit})

    def replay_webhook_deliveries(self, webhook_id: str, body: t.Replay, *, idempotency_key: str | None = None) -> t.Replayed:
        """Send many deliveries again, 5,000 a call, each under its old id and with its old body."""
        return self._transport.request('POST', f"/v1/webhooks/{quote(str(webhook_id), safe='')}/replay", body=body, idempotency_key=idempotency_key)

    def rotate_webhook_secret(self, webhook_id: str, body: t.Rotation, *, idempotency_key: str | None = None) -> t.Secret:
        """Make a new secret. Until the overlap ends every request carries both signatures, so that receivers change over in peace."""
        return self._transport.request('POST', f"/v1/webhooks/{quote(str(webhook_id), safe='')}/secret", body=body, idempotency_key=idempotency_key)

    def send_test_event(self, webhook_id: str, *, idempotency_key: str | None = None) -> t.DeliveryLine:
        """File an event of type `webhook.test`; its delivery shows what the receiver answered."""
        return self._transport.request('POST', f"/v1/webhooks/{quote(str(webhook_id), safe='')}/test", idempotency_key=idempotency_key)


class Tandem(Transport):
    """The whole API, by room."""

    def __init__(self, base_url: str, api_key: str, **more: Any) -> None:
        super().__init__(base_url, api_key, **more)
        self.access = Access(self)
        self.catalog = Catalog(self)
        self.clock = Clock(self)
        self.connectors = Connectors(self)
        self.contact = Contact(self)
        self.conversion = Conversion(self)
        self.customers = Customers(self)
        self.directory = Directory(self)
        self.events = Events(self)
        self.experiments = Experiments(self)
        self.exports = Exports(self)
        self.flow_life = FlowLife(self)
        self.flows = Flows(self)
        self.gallery = Gallery(self)
        self.geofences = Geofences(self)
        self.identity = Identity(self)
        self.imports = Imports(self)
        self.insight = Insight(self)
        self.intake_health = IntakeHealth(self)
        self.leads = Leads(self)
        self.live = Live(self)
        self.marketing = Marketing(self)
        self.materials = Materials(self)
        self.media = Media(self)
        self.messages = Messages(self)
        self.notices = Notices(self)
        self.operations = Operations(self)
        self.orders = Orders(self)
        self.parcels = Parcels(self)
        self.performance = Performance(self)
        self.quarantine = Quarantine(self)
        self.radar = Radar(self)
        self.referrals = Referrals(self)
        self.rehearsals = Rehearsals(self)
        self.rights = Rights(self)
        self.segments = Segments(self)
        self.settings = Settings(self)
        self.sidebar = Sidebar(self)
        self.sign_in = SignIn(self)
        self.sources = Sources(self)
        self.tags = Tags(self)
        self.things = Things(self)
        self.trials = Trials(self)
        self.webhooks = Webhooks(self)
