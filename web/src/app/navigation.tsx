import {
  AuditOutlined,
  BranchesOutlined,
  CommentOutlined,
  CustomerServiceOutlined,
  ExportOutlined,
  GiftOutlined,
  HomeOutlined,
  LoginOutlined,
  MessageOutlined,
  SafetyCertificateOutlined,
  QrcodeOutlined,
  SettingOutlined,
  ShoppingOutlined,
  TeamOutlined,
  TrophyOutlined,
  UsergroupAddOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

export interface Entry {
  key: string;
  to: string;
  permission?: string;
}

export interface Group {
  key: string;
  /** The word it is shown by, `app:nav.<label>`; its key where there is none. */
  label?: string;
  icon: ReactNode;
  /** A group without entries is itself a page. */
  to?: string;
  permission?: string;
  entries: readonly Entry[];
}

/** The map of SCREENS; labels are `app:nav.<key>`. Only what exists is listed, at most seven in a group: more is no longer found at a glance. */
export const groups: readonly Group[] = [
  { key: "home", icon: <HomeOutlined />, to: "/home", entries: [] },
  {
    key: "customer",
    icon: <TeamOutlined />,
    entries: [
      { key: "customers", to: "/customers", permission: "customer.read" },
      { key: "segments", to: "/segments", permission: "segment.read" },
      { key: "tags", to: "/tags", permission: "customer.read" },
      { key: "duplicates", to: "/customers/duplicates", permission: "customer.merge" },
      { key: "geofences", to: "/geofences", permission: "segment.read" },
      { key: "conversion", to: "/conversion", permission: "board.read" },
      { key: "leads", to: "/leads", permission: "lead.read" },
    ],
  },
  {
    key: "flow",
    icon: <BranchesOutlined />,
    entries: [
      { key: "flows", to: "/flows", permission: "flow.read" },
      { key: "gallery", to: "/gallery", permission: "flow.read" },
      { key: "tasks", to: "/tasks", permission: "task.read" },
      { key: "things", to: "/things", permission: "thing.read" },
      { key: "storeFlows", to: "/store-flows", permission: "flow.adapt" },
      { key: "flowLimits", to: "/settings/flow-limits", permission: "settings.read" },
    ],
  },
  {
    key: "privateDomain",
    icon: <UsergroupAddOutlined />,
    entries: [
      { key: "liveCodes", to: "/live-codes", permission: "contact.read" },
      { key: "welcomes", to: "/welcomes", permission: "contact.read" },
      { key: "massSends", to: "/mass-sends", permission: "contact.read" },
      { key: "tagSync", to: "/tag-sync", permission: "contact.read" },
      { key: "lostFriends", to: "/lost-friends", permission: "contact.read" },
    ],
  },
  {
    key: "groupOperations",
    icon: <QrcodeOutlined />,
    entries: [
      { key: "groups", to: "/groups", permission: "contact.read" },
      { key: "groupCodes", to: "/group-codes", permission: "contact.read" },
      { key: "groupPlaybooks", to: "/group-playbooks", permission: "contact.read" },
    ],
  },
  {
    key: "besideChat",
    icon: <CommentOutlined />,
    entries: [
      { key: "materials", to: "/materials", permission: "contact.read" },
      { key: "referrals", to: "/referrals", permission: "contact.read" },
      { key: "sidebarSettings", to: "/sidebar-settings", permission: "contact.read" },
    ],
  },
  {
    key: "advisers",
    icon: <TrophyOutlined />,
    entries: [
      { key: "performance", to: "/performance", permission: "performance.read" },
      { key: "creditDisputes", to: "/credit-disputes", permission: "performance.read" },
      { key: "myPerformance", to: "/mine", permission: "sidebar.use" },
      { key: "ownership", to: "/ownership", permission: "performance.read" },
      { key: "parcels", to: "/parcel-cards", permission: "contact.read" },
    ],
  },
  {
    key: "serviceDesk",
    icon: <CustomerServiceOutlined />,
    entries: [
      { key: "desk", to: "/service-desk", permission: "archive.read" },
      { key: "knowledge", to: "/knowledge", permission: "contact.read" },
      { key: "chats", to: "/chats", permission: "archive.read" },
      { key: "inspection", to: "/inspection", permission: "archive.read" },
      { key: "scoring", to: "/scoring", permission: "archive.read" },
    ],
  },
  {
    key: "marketing",
    icon: <GiftOutlined />,
    entries: [
      { key: "coupons", to: "/coupons", permission: "coupon.read" },
      { key: "redeem", to: "/redeem", permission: "coupon.redeem" },
      { key: "points", to: "/points", permission: "points.read" },
    ],
  },
  {
    key: "message",
    icon: <MessageOutlined />,
    entries: [
      { key: "inbox", to: "/messages/inbox", permission: "message.read" },
      { key: "templates", to: "/messages/templates", permission: "message.read" },
      { key: "outbox", to: "/messages/outbox", permission: "message.read" },
      { key: "guardedWords", to: "/messages/words", permission: "message.read" },
    ],
  },
  { key: "orders", icon: <ShoppingOutlined />, to: "/orders", permission: "order.read", entries: [] },
  {
    key: "intake",
    icon: <LoginOutlined />,
    entries: [
      { key: "intakeHealth", to: "/intake", permission: "source.read" },
      { key: "connectors", to: "/connectors", permission: "source.read" },
      { key: "sources", to: "/sources", permission: "source.read" },
      { key: "sites", to: "/sites", permission: "source.read" },
      { key: "imports", to: "/imports", permission: "import.write" },
      { key: "quarantine", to: "/quarantine", permission: "event.write" },
    ],
  },
  {
    key: "outflow",
    icon: <ExportOutlined />,
    entries: [
      { key: "exports", to: "/exports" },
      { key: "webhooks", to: "/settings/webhooks", permission: "webhook.read" },
      { key: "flowSecrets", to: "/settings/flow-secrets", permission: "webhook.read" },
      { key: "apiKeys", to: "/settings/api-keys", permission: "api_key.write" },
    ],
  },
  {
    key: "rules",
    icon: <SafetyCertificateOutlined />,
    entries: [
      { key: "identity", to: "/settings/identity", permission: "settings.read" },
      { key: "fieldPriority", to: "/settings/field-priority", permission: "settings.read" },
      { key: "consents", to: "/settings/consents", permission: "settings.read" },
      { key: "rights", to: "/settings/rights", permission: "rights.read" },
      { key: "retention", to: "/settings/retention", permission: "settings.read" },
    ],
  },
  {
    key: "settings",
    icon: <SettingOutlined />,
    entries: [
      { key: "organisation", to: "/settings/organisation", permission: "settings.read" },
      { key: "people", to: "/settings/people", permission: "user.read" },
      { key: "roles", to: "/settings/roles", permission: "user.read" },
      { key: "rates", to: "/settings/rates", permission: "settings.read" },
      { key: "audit", to: "/settings/audit", permission: "audit.read" },
      { key: "workers", to: "/settings/workers", permission: "settings.read" },
      { key: "trials", to: "/settings/trials", permission: "trial.write" },
    ],
  },
];

export const pageIcon = <AuditOutlined />;

/** A group of which one page is left is that page: nobody opens a drawer with one thing in it. */
function unwrapped(group: Group): Group {
  const [only, ...more] = group.entries;
  if (!only || more.length > 0) return group;
  return { key: group.key, label: only.key, icon: group.icon, to: only.to, entries: [] };
}

/** What is left of the map for one person: groups they can use nothing of are gone. */
export function visibleGroups(can: (permission: string | undefined) => boolean): Group[] {
  return groups
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => can(entry.permission)) }))
    .filter((group) => (group.to ? can(group.permission) : group.entries.length > 0))
    .map(unwrapped);
}

/** The longest address that is a prefix of where we are, so that a detail page marks its list. */
export function activeEntry(shown: readonly Group[], pathname: string): { group: string; to: string } | null {
  let best: { group: string; to: string } | null = null;
  for (const group of shown) {
    for (const to of [...(group.to ? [group.to] : []), ...group.entries.map((entry) => entry.to)]) {
      const inside = pathname === to || pathname.startsWith(`${to}/`);
      if (inside && to.length > (best?.to.length ?? 0)) best = { group: group.key, to };
    }
  }
  return best;
}
