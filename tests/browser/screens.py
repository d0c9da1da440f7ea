"""The main screens, each with how to reach it; places that depend on the data are looked up through the person's own session."""

from __future__ import annotations

from dataclasses import dataclass

from person import Person

#: Name -> address; `{...}` is looked up.
SCREENS = {
    "home": "/home",
    "customers": "/customers",
    "customer": "/customers/{customer}",
    "segments": "/segments",
    "segment-builder": "/segments/{segment}",
    "segment-comparison": "/segments/compare",
    "tags": "/tags",
    "imports": "/imports",
    "exports": "/exports",
    "duplicates": "/customers/duplicates",
    "geofences": "/geofences",
    "quarantine": "/quarantine",
    "intake-health": "/intake",
    "sources": "/sources",
    "connectors": "/connectors",
    "flows": "/flows",
    "flow": "/flows/{flow}",
    "flow-try": "/flows/{flow}/try",
    "flow-backtest": "/flows/{flow}/backtest",
    "flow-results": "/flows/{flow}/results",
    "flow-steering": "/flows/{flow}/alerts",
    "flow-stores": "/flows/{flow}/stores",
    "flow-draws": "/flows/{flow}/draws",
    "store-flows": "/store-flows",
    "flow-alerts": "/flow-alerts",
    "why": "/why/{customer}?flow={flow}",
    "gallery": "/gallery",
    "tasks": "/tasks",
    "things": "/things",
    "stock": "/stock",
    "coupons": "/coupons",
    "redeem": "/redeem",
    "points": "/points",
    "inbox": "/messages/inbox",
    "templates": "/messages/templates",
    "outbox": "/messages/outbox",
    "guarded-words": "/messages/words",
    "live-codes": "/live-codes",
    "welcomes": "/welcomes",
    "groups": "/groups",
    "group-codes": "/group-codes",
    "group-playbooks": "/group-playbooks",
    "mass-sends": "/mass-sends",
    "tag-sync": "/tag-sync",
    "lost-friends": "/lost-friends",
    "materials": "/materials",
    "referrals": "/referrals",
    "sidebar-settings": "/sidebar-settings",
    "ownership": "/ownership",
    "performance": "/performance",
    "credit-disputes": "/credit-disputes",
    "parcel-cards": "/parcel-cards",
    "service-desk": "/service-desk",
    "knowledge": "/knowledge",
    "chats": "/chats",
    "chat-search": "/chats/search?q=%E6%B4%BB%E5%8A%A8",
    "inspection": "/inspection",
    "scoring": "/scoring",
    "orders": "/orders",
    "settings-organisation": "/settings/organisation",
    "settings-people": "/settings/people",
    "settings-roles": "/settings/roles",
    "directory": "/settings/people/directory",
    "notices": "/notices",
    "identity-rules": "/settings/identity",
    "retention": "/settings/retention",
    "field-priority": "/settings/field-priority",
    "rates": "/settings/rates",
    "audit": "/settings/audit",
    "api-keys": "/settings/api-keys",
    "flow-limits": "/settings/flow-limits",
    "workers": "/settings/workers",
    "flow-secrets": "/settings/flow-secrets",
    "webhooks": "/settings/webhooks",
    "rights": "/settings/rights",
    "sites": "/sites",
    "conversion": "/conversion",
    "leads": "/leads",
    # Not beside "conversion": it is the same page, whose heading stays where it is.
    "traffic": "/conversion?by=traffic",
    "trials": "/settings/trials",
    "consents": "/settings/consents",
}
#: What a screen asks for, where a person may be without it (`web/src/app/routes.tsx`).
NEEDS = {
    "customers": "customer.read",
    "customer": "customer.read",
    "segments": "segment.read",
    "segment-builder": "segment.read",
    "segment-comparison": "segment.read",
    "tags": "customer.read",
    "geofences": "segment.read",
    "imports": "import.write",
    "duplicates": "customer.merge",
    "quarantine": "event.write",
    "intake-health": "source.read",
    "sources": "source.read",
    "flows": "flow.read",
    "flow": "flow.read",
    "flow-try": "flow.write",
    "flow-backtest": "flow.read",
    "flow-results": "flow.read",
    "flow-steering": "flow.read",
    "flow-stores": "flow.write",
    "flow-draws": "coupon.read",
    "store-flows": "flow.adapt",
    "flow-alerts": "flow.read",
    "why": "flow.read",
    "gallery": "flow.read",
    "service-desk": "archive.read",
    "knowledge": "contact.read",
    "chats": "archive.read",
    "chat-search": "archive.read",
    "inspection": "archive.read",
    "scoring": "archive.read",
    "tasks": "task.read",
    "coupons": "coupon.read",
    "redeem": "coupon.redeem",
    "points": "points.read",
    "inbox": "message.read",
    "templates": "message.read",
    "outbox": "message.read",
    "guarded-words": "message.read",
    "live-codes": "contact.read",
    "welcomes": "contact.read",
    "groups": "contact.read",
    "group-codes": "contact.read",
    "group-playbooks": "contact.read",
    "mass-sends": "contact.read",
    "tag-sync": "contact.read",
    "lost-friends": "contact.read",
    "materials": "contact.read",
    "referrals": "contact.read",
    "sidebar-settings": "contact.read",
    "ownership": "performance.read",
    "performance": "performance.read",
    "credit-disputes": "performance.read",
    "parcel-cards": "contact.read",
    "orders": "order.read",
    "things": "thing.read",
    "stock": "order.read",
    "settings-organisation": "settings.read",
    "settings-people": "user.read",
    "settings-roles": "user.read",
    "directory": "user.read",
    "retention": "settings.read",
    "field-priority": "settings.read",
    "rates": "settings.read",
    "audit": "audit.read",
    "api-keys": "api_key.write",
    "flow-limits": "settings.read",
    "workers": "settings.read",
    "flow-secrets": "webhook.read",
    "webhooks": "webhook.read",
    "rights": "rights.read",
    "sites": "source.read",
    "conversion": "board.read",
    "traffic": "board.read",
    "trials": "trial.write",
}
_LOOKED_UP = {"customer": "/v1/customers", "segment": "/v1/segments", "flow": "/v1/flows"}


@dataclass(frozen=True)
class Screen:
    name: str
    path: str


def screens_of(person: Person, names: tuple[str, ...] = tuple(SCREENS)) -> list[Screen]:
    """The screens among `names` that this person may see, with real addresses."""
    context = person.page.context.request
    mine = set(context.get("/v1/me").json()["permissions"])
    found: dict[str, str] = {}
    for what, path in _LOOKED_UP.items():
        answer = context.get(path)
        items = answer.json()["items"] if answer.ok else []
        if items:
            found[what] = items[0]["id"]
    allowed = [name for name in names if NEEDS.get(name) in mine or name not in NEEDS or "*" in mine]
    return [
        Screen(name, SCREENS[name].format(**found))
        for name in allowed
        if all(f"{{{what}}}" not in SCREENS[name] or what in found for what in _LOOKED_UP)
    ]
