import { Select, Space } from "antd";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { api, usePages, type Schemas } from "@/shared/api";
import { formatPercent, Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { exportAddress, Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded } from "@/shared/states";
import { regionExpression } from "./region";
import type { Segment } from "./types";
import styles from "./Segments.module.css";

const COMPARED_MAX = 5;

type Overlap = Schemas["OverlapOut"];

function Row({ overlap, region, most }: { overlap: Overlap; region: Overlap["regions"][number]; most: number }) {
  const { t } = useTranslation("segments");
  const can = useCan();
  const inside = new Set(region.segment_ids);
  const names = overlap.segments.filter((one) => inside.has(one.id)).map((one) => one.name);
  const only = names.length === 1;
  const text = regionExpression(
    region.segment_ids,
    overlap.segments.map((one) => one.id),
  );
  const others = overlap.segments.filter((one) => !inside.has(one.id)).map((one) => one.id);
  const place = others.length > 0 ? `${region.segment_ids.join()}!${others.join()}` : region.segment_ids.join();
  return (
    <tr>
      {overlap.segments.map((one) => (
        <td key={one.id} className={styles.dotCell}>
          <span className={inside.has(one.id) ? styles.dot : styles.noDot} aria-label={t(inside.has(one.id) ? "compare.in" : "compare.out")} role="img" />
        </td>
      ))}
      <td>{only ? t("compare.only", { name: names[0] }) : names.join(" ∩ ")}</td>
      <td className={styles.barCell}>
        <span className={styles.bar} style={{ width: `${Math.max(2, (region.count / most) * 100)}%` }} />
      </td>
      <td className={`${styles.figure} t-num`}>
        <Num value={region.count} />
        <span className="t-faint">{formatPercent(region.count / Math.max(1, overlap.count))}</span>
      </td>
      <td>
        <Space size="middle">
          {can("customer.read") ? (
            <Link to={`/customers?region=${encodeURIComponent(place)}`} title={t("compare.actions")}>
              {t("compare.see")}
            </Link>
          ) : null}
          {can("customer.export") ? <Link to={exportAddress("customers", { region: place })}>{t("compare.export")}</Link> : null}
          {can("segment.write") ? <Link to={`/segments/new?text=${encodeURIComponent(text)}`}>{t("compare.keep")}</Link> : null}
        </Space>
      </td>
    </tr>
  );
}

function Regions({ overlap }: { overlap: Overlap }) {
  const { t } = useTranslation("segments");
  if (overlap.regions.length === 0) return <EmptyState compact title={t("compare.none")} />;
  const most = Math.max(...overlap.regions.map((one) => one.count));
  return (
    <div className={styles.scroll}>
      <table className={styles.regions}>
        <caption>{t("compare.total", { count: overlap.count })}</caption>
        <thead>
          <tr>
            {overlap.segments.map((one) => (
              <th key={one.id} scope="col" className={styles.upright}>
                <Link to={`/segments/${one.id}`} title={one.name}>
                  {one.name}
                </Link>
              </th>
            ))}
            <th scope="col">{t("compare.who")}</th>
            <th scope="col" colSpan={2}>
              {t("compare.people")}
            </th>
            <th scope="col">
              <span className="t-hidden">{t("shared:action.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {overlap.regions.map((region) => (
            <Row key={region.segment_ids.join()} overlap={overlap} region={region} most={most} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Two to five segments beside each other: every combination with its people. */
export function ComparePage() {
  const { t } = useTranslation("segments");
  const [params, setParams] = useSearchParams();
  const chosen = params.getAll("id").slice(0, COMPARED_MAX);
  const all = usePages<Segment>("/segments", { limit: "200" });
  const query = useQuery({
    queryKey: ["/segments/overlap", ...chosen],
    queryFn: ({ signal }) => api.get<Overlap>(`/segments/overlap?${chosen.map((id) => `segment_id=${id}`).join("&")}`, undefined, signal),
    enabled: chosen.length >= 2,
    placeholderData: (before) => before,
  });
  const choose = (ids: string[]) => setParams(new URLSearchParams(ids.map((id) => ["id", id])), { replace: true });
  return (
    <Page title={t("compare.title")} lead={t("compare.lead")} crumbs={[{ label: t("title"), to: "/segments" }]}>
      <Section>
        <Select
          mode="multiple"
          className={styles.chooser ?? ""}
          aria-label={t("compare.choose")}
          placeholder={t("compare.choose")}
          maxCount={COMPARED_MAX}
          value={chosen}
          loading={all.isPending}
          onChange={choose}
          showSearch={{ optionFilterProp: "label" }}
          options={all.items.map((one) => ({ value: one.id, label: one.name }))}
        />
        {chosen.length < 2 ? <EmptyState compact title={t("compare.few")} hint={t("compare.fewHint")} /> : <Loaded query={query}>{(found) => <Regions overlap={found} />}</Loaded>}
      </Section>
    </Page>
  );
}
