import { useMutation, useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { api, queryClient, type Page, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import styles from "./Rights.module.css";

type Field = Schemas["CustomField"];

const PATH = "/custom-fields";
const CLASSES = ["plain", "personal", "sensitive"] as const;

function Rows({ items }: { items: readonly Field[] }) {
  const { t } = useTranslation("rights");
  const told = useTold();
  const can = useCan();
  const set = useMutation({
    mutationFn: (body: { name: string; privacy: Field["privacy"] }) => api.put<Field>(PATH, body),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: [PATH] });
      told.done(t("field.saved"));
    },
    onError: told.failed,
  });
  if (items.length === 0) return <EmptyState compact title={t("field.none")} hint={t("field.noneHint")} />;
  return (
    <div className={styles.rows}>
      {items.map((one) => [
        <strong key={`${one.name}-name`}>{one.name}</strong>,
        <Segmented key={`${one.name}-class`} aria-label={t("field.of", { name: one.name })} disabled={!can("settings.write")} value={one.privacy} onChange={(privacy) => set.mutate({ name: one.name, privacy })} options={CLASSES.map((value) => ({ value, label: t(`field.${value}`) }))} />,
        <span key={`${one.name}-told`} className="t-faint">
          {one.classed ? "" : t("field.unclassed")}
        </span>,
      ])}
    </div>
  );
}

/** The company's own fields of customers, and who may see each. */
export function FieldClasses() {
  const { t } = useTranslation("rights");
  const query = useQuery({ queryKey: [PATH], queryFn: ({ signal }) => api.get<Page<Field>>(PATH, { limit: 500 }, signal) });
  return (
    <Section title={t("field.title")}>
      <p className={styles.hint}>{t("field.hint")}</p>
      <Loaded query={query}>{({ items }) => <Rows items={items} />}</Loaded>
    </Section>
  );
}
