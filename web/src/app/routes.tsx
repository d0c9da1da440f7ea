import { createBrowserRouter, Navigate, type RouteObject } from "react-router";
import type { ComponentType } from "react";
import { Shell } from "./layout/Shell";
import { NotFound, RouteProblem } from "./problems";
import { Permitted } from "./Permitted";

type Screens<K extends string> = Record<K, ComponentType>;

/** A screen in the chunk of its feature, loaded when first visited, shown only to those who may use it. */
function screen<K extends string>(path: string, load: () => Promise<Screens<K>>, name: K, permission?: string): RouteObject {
  return {
    path,
    lazy: async () => {
      const Screen: ComponentType = (await load())[name];
      return {
        Component: () => (
          <Permitted permission={permission}>
            <Screen />
          </Permitted>
        ),
      };
    },
  };
}

const home = () => import("@/features/home");
const customers = () => import("@/features/customers");
const segments = () => import("@/features/segments");
const imports = () => import("@/features/imports");
const intake = () => import("@/features/intake");
const exports = () => import("@/features/exports");
const flows = () => import("@/features/flows");
const gallery = () => import("@/features/gallery");
const tasks = () => import("@/features/tasks");
const marketing = () => import("@/features/marketing");
const messages = () => import("@/features/messages");
const contact = () => import("@/features/contact");
const groups = () => import("@/features/groups");
const playbook = () => import("@/features/playbook");
const sending = () => import("@/features/sending");
const desk = () => import("@/features/desk");
const ownership = () => import("@/features/ownership");
const parcels = () => import("@/features/parcels");
const archive = () => import("@/features/archive");
const attending = () => import("@/features/attending");
const orders = () => import("@/features/orders");
const settings = () => import("@/features/settings");
const webhooks = () => import("@/features/webhooks");
const geofences = () => import("@/features/geofences");
const things = () => import("@/features/things");
const stock = () => import("@/features/stock");
const rights = () => import("@/features/rights");
const sites = () => import("@/features/sites");
const connectors = () => import("@/features/connectors");
const conversion = () => import("@/features/conversion");
const leads = () => import("@/features/leads");
const trials = () => import("@/features/trials");
const guards = () => import("@/features/guards");
const tagsync = () => import("@/features/tagsync");
const handover = () => import("@/features/handover");
const words = () => import("@/features/words");
const directory = () => import("@/features/directory");
const phone = () => import("@/features/phone");

const inside: RouteObject[] = [
  { index: true, element: <Navigate to="/home" replace /> },
  screen("home", home, "HomePage"),
  screen("customers", customers, "CustomerListPage", "customer.read"),
  screen("customers/duplicates", customers, "DuplicatesPage", "customer.merge"),
  screen("customers/:customerId", customers, "CustomerPage", "customer.read"),
  screen("segments", segments, "SegmentListPage", "segment.read"),
  screen("segments/compare", segments, "ComparePage", "segment.read"),
  screen("segments/new", segments, "SegmentBuilderPage", "segment.write"),
  screen("segments/:segmentId", segments, "SegmentBuilderPage", "segment.read"),
  screen("tags", segments, "TagsPage", "customer.read"),
  screen("geofences", geofences, "GeofencesPage", "segment.read"),
  screen("imports", imports, "ImportListPage", "import.write"),
  screen("imports/:importId", imports, "ImportPage", "import.write"),
  screen("exports", exports, "ExportsPage"),
  screen("quarantine", intake, "QuarantinePage", "event.write"),
  screen("intake", intake, "HealthPage", "source.read"),
  screen("sources", intake, "SourcesPage", "source.read"),
  screen("sites", sites, "SitesPage", "source.read"),
  screen("connectors", connectors, "ConnectorsPage", "source.read"),
  screen("connectors/authorised", connectors, "AuthorisedPage", "source.write"),
  screen("connectors/:accountId", connectors, "ConnectorPage", "source.read"),
  screen("conversion", conversion, "ConversionPage", "board.read"),
  screen("leads", leads, "LeadsPage", "lead.read"),
  screen("things", things, "ThingTypesPage", "thing.read"),
  screen("things/:type", things, "ThingsPage", "thing.read"),
  screen("things/:type/:thingId", things, "ThingPage", "thing.read"),
  screen("stock", stock, "StockPage", "order.read"),
  screen("gallery", gallery, "GalleryPage", "flow.read"),
  screen("flows", flows, "FlowListPage", "flow.read"),
  screen("flow-alerts", flows, "AlertsPage", "flow.read"),
  screen("flows/:flowId", flows, "FlowPage", "flow.read"),
  screen("flows/:flowId/try", flows, "DryRunPage", "flow.write"),
  screen("flows/:flowId/backtest", flows, "BacktestPage", "flow.read"),
  screen("flows/:flowId/results", flows, "ResultsPage", "flow.read"),
  screen("flows/:flowId/alerts", flows, "SteerPage", "flow.read"),
  screen("flows/:flowId/draws", flows, "DrawsPage", "coupon.read"),
  screen("flows/:flowId/stores", flows, "StoreSettingsPage", "flow.adapt"),
  screen("store-flows", flows, "StoreFlowsPage", "flow.adapt"),
  screen("store-flows/:flowId", flows, "StoreSettingsPage", "flow.adapt"),
  screen("why/:customerId", flows, "WhyPage", "flow.read"),
  screen("runs/:runId", flows, "RunPage", "flow.read"),
  screen("tasks", tasks, "TasksPage", "task.read"),
  screen("coupons", marketing, "CouponTemplatesPage", "coupon.read"),
  screen("coupons/:templateId", marketing, "CouponTemplatePage", "coupon.read"),
  screen("redeem", marketing, "RedeemPage", "coupon.redeem"),
  screen("points", marketing, "PointsPage", "points.read"),
  screen("messages/inbox", messages, "InboxPage", "message.read"),
  screen("messages/templates", messages, "TemplatesPage", "message.read"),
  screen("messages/words", words, "WordsPage", "message.read"),
  screen("messages/outbox", messages, "OutboxPage", "message.read"),
  screen("tag-sync", tagsync, "TagSyncPage", "contact.read"),
  screen("lost-friends", handover, "LostFriendsPage", "contact.read"),
  screen("lost-friends/:handOverId", handover, "HandOverPage", "contact.read"),
  screen("live-codes", contact, "LiveCodesPage", "contact.read"),
  screen("live-codes/:codeId", contact, "LiveCodePage", "contact.read"),
  screen("welcomes", contact, "WelcomesPage", "contact.read"),
  screen("groups", groups, "GroupsPage", "contact.read"),
  screen("groups/:groupId", groups, "GroupPage", "contact.read"),
  screen("group-codes", groups, "GroupCodesPage", "contact.read"),
  screen("group-playbooks", playbook, "PlaybooksPage", "contact.read"),
  screen("group-playbooks/:playbookId", playbook, "PlaybookPage", "contact.read"),
  screen("mass-sends", sending, "MassSendsPage", "contact.read"),
  screen("mass-sends/:sendId", sending, "MassSendPage", "contact.read"),
  screen("materials", desk, "MaterialsPage", "contact.read"),
  screen("ownership", ownership, "OwnershipPage", "performance.read"),
  screen("performance", ownership, "PerformancePage", "performance.read"),
  screen("credit-disputes", ownership, "DisputesPage", "performance.read"),
  screen("parcel-cards", parcels, "ParcelsPage", "contact.read"),
  screen("referrals", desk, "ReferralsPage", "contact.read"),
  screen("sidebar-settings", desk, "AdvisersPage", "contact.read"),
  screen("service-desk", attending, "DeskPage", "archive.read"),
  screen("knowledge", attending, "KnowledgePage", "contact.read"),
  screen("chats", archive, "ConversationsPage", "archive.read"),
  screen("chats/search", archive, "SearchPage", "archive.read"),
  screen("chats/:talkId", archive, "ConversationPage", "archive.read"),
  screen("inspection", archive, "InspectionPage", "archive.read"),
  screen("scoring", archive, "ScoringPage", "archive.read"),
  screen("orders", orders, "OrderListPage", "order.read"),
  screen("orders/:orderId", orders, "OrderPage", "order.read"),
  screen("settings/organisation", settings, "OrganisationPage", "settings.read"),
  screen("settings/people", settings, "PeoplePage", "user.read"),
  screen("settings/people/directory", directory, "DirectoriesPage", "user.read"),
  screen("settings/people/directory/:accountId", directory, "DirectoryPage", "user.read"),
  screen("notices", phone, "NoticesPage"),
  screen("notices/:noticeId", phone, "NoticePage"),
  screen("settings/roles", settings, "RolesPage", "user.read"),
  screen("settings/identity", settings, "IdentityPage", "settings.read"),
  screen("settings/retention", settings, "RetentionPage", "settings.read"),
  screen("settings/field-priority", settings, "FieldPriorityPage", "settings.read"),
  screen("settings/rates", settings, "RatesPage", "settings.read"),
  screen("settings/audit", settings, "AuditPage", "audit.read"),
  screen("settings/api-keys", settings, "ApiKeysPage", "api_key.write"),
  screen("settings/flow-limits", guards, "FlowLimitsPage", "settings.read"),
  screen("settings/flow-secrets", guards, "FlowSecretsPage", "webhook.read"),
  screen("settings/workers", guards, "WorkersPage", "settings.read"),
  screen("settings/webhooks", webhooks, "WebhooksPage", "webhook.read"),
  screen("settings/webhooks/:webhookId", webhooks, "WebhookPage", "webhook.read"),
  screen("settings/trials", trials, "TrialsPage", "trial.write"),
  screen("settings/rights", rights, "RightsPage", "rights.read"),
  screen("settings/consents", rights, "ConsentsPage", "settings.read"),
  { path: "*", element: <NotFound /> },
];

export const router = createBrowserRouter([
  {
    path: "/login",
    errorElement: <RouteProblem />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import("@/features/login")).LoginPage }),
  },
  {
    path: "/sign-in/:accountId",
    errorElement: <RouteProblem />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import("@/features/login")).ArrivalPage }),
  },
  {
    path: "/sign-in/:accountId/try",
    errorElement: <RouteProblem />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import("@/features/login")).TryPage }),
  },
  {
    path: "/phone/:accountId/:noticeId",
    errorElement: <RouteProblem />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import("@/features/phone")).PhonePage }),
  },
  ...["/sidebar", "/sidebar/:accountId"].map((path): RouteObject => ({
    path,
    errorElement: <RouteProblem />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import("@/features/sidebar")).SidebarPage }),
  })),
  {
    path: "/mine",
    errorElement: <RouteProblem />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import("@/features/ownership")).MinePage }),
  },
  { path: "/", element: <Shell />, errorElement: <RouteProblem />, hydrateFallbackElement: <></>, children: inside },
]);
