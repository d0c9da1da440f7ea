import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, Modal, Tag } from "antd";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
import { useSourceName } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import type { Priorities, PriorityLine } from "./types";
import styles from "./Settings.module.css";

const KEY = ["/settings/field-priority"];

function useName() {
  const { t } = useTranslation("settings");
  const sourceName = useSourceName();
  return (source: string) => t(`priority.name.${source.replace("*", "_all") || "_all"}`, { defaultValue: sourceName(source) });
}

function useDecide(onDone: () => void) {
  const { t } = useTranslation("settings");
  const told = useTold();
  return useMutation({
    mutationFn: ({ field, sources }: { field: string; sources: string[] | null }) => api.put(`/settings/field-priority/${encodeURIComponent(field)}`, { sources }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: KEY });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
}

function moved(order: readonly string[], place: number, by: number): string[] {
  const after = [...order];
  const [one] = after.splice(place, 1);
  if (one !== undefined) after.splice(place + by, 0, one);
  return after;
}

function OrderDialog({ line, known, onClose }: { line: PriorityLine; known: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const say = useSay();
  const name = useName();
  const decide = useDecide(onClose);
  const [order, setOrder] = useState(line.sources);
  const [text, setText] = useState("");
  const add = (source: string) => {
    const clean = source.trim();
    if (clean && !order.includes(clean)) setOrder([...order, clean]);
    setText("");
  };
  return (
    <Modal
      open
      title={t("priority.change", { field: say(line.label) })}
      okText={t("shared:action.save")}
      cancelText={t("shared:action.cancel")}
      okButtonProps={{ disabled: order.length === 0 }}
      confirmLoading={decide.isPending}
      onCancel={onClose}
      onOk={() => decide.mutate({ field: line.field, sources: order })}
    >
      <p className="t-soft">{t("priority.changeHint")}</p>
      <ol className={styles.ranked}>
        {order.map((source, place) => (
          <li key={source}>
            <span>{name(source)}</span>
            <span>
              <Button type="text" size="small" icon={<ArrowUpOutlined />} aria-label={t("priority.up", { source: name(source) })} disabled={place === 0} onClick={() => setOrder(moved(order, place, -1))} />
              <Button type="text" size="small" icon={<ArrowDownOutlined />} aria-label={t("priority.down", { source: name(source) })} disabled={place === order.length - 1} onClick={() => setOrder(moved(order, place, 1))} />
              <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t("priority.remove", { source: name(source) })} onClick={() => setOrder(order.filter((one) => one !== source))} />
            </span>
          </li>
        ))}
      </ol>
      <AutoComplete
        style={{ width: "100%" }}
        aria-label={t("priority.add")}
        placeholder={t("priority.add")}
        value={text}
        options={known.filter((source) => !order.includes(source)).map((source) => ({ value: source, label: name(source) }))}
        onChange={setText}
        onSelect={add}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.nativeEvent.isComposing) add(text);
        }}
      />
    </Modal>
  );
}

function Line({ line, onChange }: { line: PriorityLine; onChange: () => void }) {
  const { t } = useTranslation("settings");
  const say = useSay();
  const name = useName();
  const can = useCan();
  const decide = useDecide(() => undefined);
  return (
    <tr>
      <th scope="row">
        {say(line.label)} {line.chosen ? <Tag color="processing">{t("priority.own")}</Tag> : null}
      </th>
      <td>{line.sources.length === 1 && line.sources[0] === "*" ? <span className="t-soft">{t("priority.latest")}</span> : line.sources.map(name).join(" › ")}</td>
      <td className={styles.rowActions}>
        {can("settings.write") ? (
          <>
            {line.chosen ? (
              <Button type="link" size="small" onClick={() => decide.mutate({ field: line.field, sources: null })}>
                {t("priority.reset")}
              </Button>
            ) : null}
            <Button type="link" size="small" aria-label={t("priority.change", { field: say(line.label) })} onClick={onChange}>
              {t("priority.edit")}
            </Button>
          </>
        ) : null}
      </td>
    </tr>
  );
}

/** Whom to believe about a customer's fields, field by field. */
export function FieldPriorityPage() {
  const { t } = useTranslation("settings");
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<Priorities>("/settings/field-priority", undefined, signal) });
  const [open, setOpen] = useState<PriorityLine | null>(null);
  return (
    <Page title={t("priority.title")} lead={t("priority.lead")}>
      <Loaded query={query}>
        {(found) => (
          <Section flush>
            <table className={styles.plainTable}>
              <thead>
                <tr>
                  <th scope="col">{t("priority.field")}</th>
                  <th scope="col">{t("priority.order")}</th>
                  <th scope="col" aria-label={t("priority.edit")} />
                </tr>
              </thead>
              <tbody>
                {found.fields.map((line) => (
                  <Line key={line.field} line={line} onChange={() => setOpen(line)} />
                ))}
              </tbody>
            </table>
            {open ? <OrderDialog line={open} known={found.sources} onClose={() => setOpen(null)} /> : null}
          </Section>
        )}
      </Loaded>
    </Page>
  );
}
