import { Input, Segmented, Select } from "antd";
import { useMemo, useState } from "react";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { useKinds, useTemplates, type TemplateLine } from "./api";
import { Install } from "./Install";
import { Preview } from "./Preview";
import styles from "./gallery.module.css";

const ALL = "";

function Card({ template, onOpen }: { template: TemplateLine; onOpen: () => void }) {
  const { t } = useTranslation("gallery");
  const say = useSay();
  const kinds = useKinds();
  return (
    <li>
      <button type="button" className={styles.card} onClick={onOpen}>
        <span className={styles.picture}>{kinds.size > 0 ? <Preview graph={template.graph} kinds={kinds} label={t("drawing", { name: say(template.name) })} /> : null}</span>
        <span className={styles.words}>
          <h2>{say(template.name)}</h2>
          <span className={styles.meta}>
            {template.trades.map((trade) => t(`trade.${trade}`)).join(" · ")} · {t("blocks", { count: template.graph.blocks.length })}
          </span>
          <p>{say(template.about)}</p>
        </span>
      </button>
    </li>
  );
}

/** Flows that lie ready, by trade; one press shows what a template needs and makes a draft of it. */
export function GalleryPage() {
  const { t } = useTranslation("gallery");
  const language = useLanguage();
  const templates = useTemplates();
  const [trade, setTrade] = useState(ALL);
  const [wanted, setWanted] = useState("");
  const [open, setOpen] = useState<TemplateLine | null>(null);
  const items = useMemo(() => templates.data?.items ?? [], [templates.data]);
  const trades = useMemo(() => {
    const times = new Map<string, number>();
    for (const one of items.flatMap((item) => item.trades)) times.set(one, (times.get(one) ?? 0) + 1);
    return [...times].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  }, [items]);
  // What stands in one line at 1366 pixels; the rest is one press further.
  const room = language === "zh" ? 8 : 5;
  const asOption = (name: string) => ({ value: name, label: t(`trade.${name}`) });
  const shown = items.filter((one) => {
    const text = [one.name.zh, one.name.en, one.about.zh, one.about.en, one.story, ...one.trades.map((name) => t(`trade.${name}`))].join(" ").toLowerCase();
    return (trade === ALL || one.trades.includes(trade)) && text.includes(wanted.trim().toLowerCase());
  });
  return (
    <Page title={t("title")} lead={t("lead")} crumbs={[{ label: t("flows"), to: "/flows" }]}>
      <div className={styles.filters}>
        <Input.Search allowClear className={styles.search ?? ""} placeholder={t("search")} aria-label={t("search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        <Segmented aria-label={t("trades")} value={trade} onChange={setTrade} options={[{ value: ALL, label: t("all") }, ...trades.slice(0, room).map(asOption)]} />
        {trades.length > room ? (
          <Select
            aria-label={t("moreTrades")}
            placeholder={t("moreTrades")}
            popupMatchSelectWidth={false}
            allowClear
            value={trades.indexOf(trade) >= room ? trade : null}
            onChange={(name: string | null | undefined) => setTrade(name ?? ALL)}
            options={trades.slice(room).map(asOption)}
          />
        ) : null}
      </div>
      {templates.error ? <ErrorState error={templates.error} onRetry={() => void templates.refetch()} /> : null}
      {templates.isPending ? <LoadingState rows={8} /> : null}
      {templates.data && shown.length === 0 ? <EmptyState title={t("none")} hint={t("noneHint")} /> : null}
      <ul className={styles.cards}>
        {shown.map((one) => (
          <Card key={one.id} template={one} onOpen={() => setOpen(one)} />
        ))}
      </ul>
      {open ? <Install template={open} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}
