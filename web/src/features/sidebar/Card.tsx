import { PlusOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Input, Tag } from "antd";
import { useState, type ReactNode } from "react";
import { api } from "@/shared/api";
import { Money, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { Hints } from "./Hints";
import { refreshShown, useShown, type Shown } from "./useDesk";
import styles from "./Sidebar.module.css";

function Part({ title, none, children }: { title: string; none: string | null; children: ReactNode }) {
  return (
    <section className={styles.part}>
      <h2>{title}</h2>
      {none === null ? children : <p className="t-faint">{none}</p>}
    </section>
  );
}

function Rows({ title, none, rows }: { title: string; none: string; rows: { key: string; what: ReactNode; more: ReactNode }[] }) {
  return (
    <Part title={title} none={rows.length > 0 ? null : none}>
      <ul className={styles.rows}>
        {rows.map((row) => (
          <li key={row.key}>
            <span>{row.what}</span>
            <span className="t-faint">{row.more}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Who({ shown }: { shown: Shown }) {
  const { t } = useTranslation("sidebar");
  const { customer } = shown;
  const profile = customer.profile;
  return (
    <>
      <header className={styles.who}>
        <h1>{customer.name ?? t("unnamed")}</h1>
        <span className="t-faint">{[customer.city, customer.level].filter(Boolean).join(" · ")}</span>
        {shown.known_by.length > 0 ? <span className="t-faint">{t("card.knownBy", { names: shown.known_by.map((one) => one.adviser).join(" · ") })}</span> : null}
      </header>
      <div className={styles.numbers}>
        <div className={styles.number}>
          <strong>
            <Money value={profile?.spend_total ?? null} />
          </strong>
          <span className="t-faint">
            {t("card.spend")} · {t("card.times", { count: profile?.order_count ?? 0 })}
          </span>
        </div>
        <div className={styles.number}>
          <strong>
            <Num value={shown.points} />
          </strong>
          <span className="t-faint">{t("card.points")}</span>
        </div>
        <div className={styles.number}>
          <strong>{profile?.rfm_r ? `${profile.rfm_r}-${profile.rfm_f}-${profile.rfm_m}` : "—"}</strong>
          <span className="t-faint">{t("card.rfm")}</span>
        </div>
        <div className={styles.number}>
          <strong>{profile?.average_order_value ? <Money value={profile.average_order_value} /> : "—"}</strong>
          <span className="t-faint">{t("card.average")}</span>
        </div>
      </div>
    </>
  );
}

function Tags({ id, shown }: { id: string; shown: Shown }) {
  const { t } = useTranslation("sidebar");
  const told = useTold();
  const [typed, setTyped] = useState("");
  const add = useMutation({ mutationFn: (tag: string) => api.post(`/sidebar/customers/${id}/tags`, { tag }), onSuccess: () => (setTyped(""), refreshShown(id)), onError: told.failed });
  const remove = useMutation({ mutationFn: (tag: string) => api.delete(`/sidebar/customers/${id}/tags/${encodeURIComponent(tag)}`), onSuccess: () => refreshShown(id), onError: told.failed });
  return (
    <Part title={t("card.tags")} none={null}>
      <div className={styles.tags}>
        {shown.customer.tags.map((one) => (
          <Tag key={one.tag} closable={{ "aria-label": t("card.removeTag", { tag: one.label ?? one.tag }) }} onClose={(event) => (event.preventDefault(), remove.mutate(one.tag))}>
            {one.label ?? one.tag}
          </Tag>
        ))}
        <Input size="small" style={{ width: 110 }} maxLength={100} aria-label={t("card.addTag")} placeholder={t("card.addTag")} value={typed} onChange={(event) => setTyped(event.target.value)} onPressEnter={() => typed.trim() && add.mutate(typed.trim())} />
        <Button size="small" icon={<PlusOutlined />} aria-label={t("card.addTag")} disabled={!typed.trim()} loading={add.isPending} onClick={() => add.mutate(typed.trim())} />
      </div>
    </Part>
  );
}

function Note({ id }: { id: string }) {
  const { t } = useTranslation("sidebar");
  const told = useTold();
  const [text, setText] = useState("");
  const keep = useMutation({ mutationFn: () => api.post(`/sidebar/customers/${id}/notes`, { text: text.trim() }), onSuccess: () => (setText(""), told.done(t("card.noted"))), onError: told.failed });
  return (
    <Part title={t("card.note")} none={null}>
      <Input.TextArea rows={2} maxLength={500} aria-label={t("card.note")} placeholder={t("card.notePlace")} value={text} onChange={(event) => setText(event.target.value)} />
      <Button style={{ marginTop: 6 }} size="small" disabled={!text.trim()} loading={keep.isPending} onClick={() => keep.mutate()}>
        {t("card.saveNote")}
      </Button>
    </Part>
  );
}

/** Who she is, what she has, what waits. */
export function Card({ customer }: { customer: string }) {
  const { t } = useTranslation("sidebar");
  const say = useSay();
  const query = useShown(customer);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const shown = query.data;
  if (!shown) return <LoadingState />;
  return (
    <>
      <Hints customer={customer} hints={shown.hints} />
      <Who shown={shown} />
      <Tags id={customer} shown={shown} />
      <Rows title={t("card.runs")} none={t("card.noRuns")} rows={shown.runs.map((one) => ({ key: `${one.flow}${one.entered_at}`, what: one.flow, more: <>{say(one.block)} · {<Time value={one.since ?? one.entered_at} />}</> }))} />
      <Rows title={t("card.tasks")} none={t("card.noTasks")} rows={shown.tasks.map((one) => ({ key: one.id, what: one.title, more: <Time value={one.due_at} /> }))} />
      <Rows title={t("card.looked")} none={t("card.noLooked")} rows={shown.looked.map((one) => ({ key: one.name, what: one.name, more: <>{t("card.seen", { n: one.times, when: "" })}<Time value={one.last_at} only="date" /></> }))} />
      <Rows title={t("card.coupons")} none={t("card.noCoupons")} rows={shown.coupons.map((one) => ({ key: one.code, what: `${one.name} ${one.code}`, more: <Time value={one.expires_at} only="date" /> }))} />
      <Rows title={t("card.orders")} none={t("card.noOrders")} rows={shown.orders.map((one) => ({ key: one.id, what: one.number, more: <><Money value={one.total} currency={one.currency} /> · <Time value={one.placed_at} only="date" /></> }))} />
      <Note id={customer} />
    </>
  );
}
