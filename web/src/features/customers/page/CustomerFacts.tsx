import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, Tag, Tooltip } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient, type Page } from "@/shared/api";
import { Money, Num, Percent, Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Facts, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { Customer, Identifier } from "../types";
import styles from "./Customer.module.css";
import { SaidOf, Sourced } from "./Provenance";

function useTagChange(customerId: string) {
  const told = useTold();
  return useMutation({
    mutationFn: ({ tag, add }: { tag: string; add: boolean }) => (add ? api.post(`/customers/${customerId}/tags`, { tag }) : api.delete(`/customers/${customerId}/tags/${encodeURIComponent(tag)}`)),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/customers", customerId] }),
    onError: told.failed,
  });
}

function TagAdder({ onAdd }: { onAdd: (tag: string) => void }) {
  const { t } = useTranslation("customers");
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const tags = useQuery({ queryKey: ["/tags", "choices"], queryFn: ({ signal }) => api.get<Page<{ name: string }>>("/tags", { limit: 200 }, signal), enabled: open });
  const add = (tag: string) => {
    setOpen(false);
    setText("");
    if (tag.trim()) onAdd(tag.trim());
  };
  if (!open) {
    return (
      <Button size="small" type="dashed" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t("tag.add")}
      </Button>
    );
  }
  return (
    <AutoComplete
      autoFocus
      size="small"
      style={{ width: 160 }}
      aria-label={t("tag.placeholder")}
      placeholder={t("tag.placeholder")}
      value={text}
      options={(tags.data?.items ?? []).filter(({ name }) => name.includes(text)).map(({ name }) => ({ value: name }))}
      onChange={setText}
      onSelect={add}
      onBlur={() => setOpen(false)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.nativeEvent.isComposing) add(text);
        if (event.key === "Escape") setOpen(false);
      }}
    />
  );
}

function Tags({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  const can = useCan();
  const change = useTagChange(customer.id);
  const sourceName = useSourceName();
  const may = can("customer.write");
  return (
    <div className={styles.tags}>
      {customer.tags.length === 0 ? <span className="t-faint">{t("tag.none")}</span> : null}
      {customer.tags.map((tag) => (
        <Tooltip key={tag.tag} title={tag.source === "computed" ? t("tag.computed") : sourceName(tag.source)}>
          <Tag
            variant="filled"
            closable={may && tag.source !== "computed"}
            closeIcon={<span aria-label={t("tag.remove", { tag: tag.label ?? tag.tag })}>×</span>}
            onClose={(event) => {
              event.preventDefault();
              change.mutate({ tag: tag.tag, add: false });
            }}
          >
            {tag.label ?? tag.tag}
          </Tag>
        </Tooltip>
      ))}
      {may ? <TagAdder onAdd={(tag) => change.mutate({ tag, add: true })} /> : null}
    </div>
  );
}

function IdentifierLine({ one, own }: { one: Identifier; own: boolean }) {
  const { t } = useTranslation("customers");
  const sourceName = useSourceName();
  return (
    <li className={styles.identifier}>
      <span className="t-faint">{t(`identifier.${one.kind}`, { defaultValue: one.kind })}</span>
      <span className="t-num">{one.masked}</span>
      <span className={styles.identifierMeta}>
        {t("identifier.source", { source: sourceName(one.source) })}
        {own ? "" : ` · ${t("identifier.from")}`}
      </span>
    </li>
  );
}

export function CustomerFacts({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  const { profile } = customer;
  const plain = (key: string, value: React.ReactNode) => ({ key, label: t(`fact.${key}`), value: value ?? "—" });
  const said = (field: string, value: React.ReactNode) => <Sourced field={field}>{value ?? "—"}</Sourced>;
  const figure = (key: string, value: React.ReactNode) => ({ key, label: t(`profile.${key}`), value });
  return (
    <>
      <Section title={t("section.tags")}>
        <Tags customer={customer} />
      </Section>
      {profile ? (
        <Section title={t("section.profile")}>
          <Facts
            items={[
              figure("refund_total", <Money key="v" value={profile.refund_total} />),
              figure("first_order_at", <Time key="v" value={profile.first_order_at} only="date" />),
              figure("last_visit_at", <Time key="v" value={profile.last_visit_at} only="date" />),
              figure("favourite_category", profile.favourite_category ?? "—"),
              figure("lifetime_value", <Money value={profile.lifetime_value} waiting={profile.orders_waiting} />),
              figure(
                "usual_interval",
                profile.usual_interval_days === null ? (
                  "—"
                ) : (
                  <span className="t-num">{t("profile.days", { count: Math.round(Number(profile.usual_interval_days)) })}</span>
                ),
              ),
              figure("expected_order_at", profile.expected_order_at ? <Time value={profile.expected_order_at} only="date" /> : "—"),
              figure(
                "churn_risk",
                profile.churn_risk === null ? (
                  "—"
                ) : (
                  <Tooltip title={t("profile.churnHelp")}>
                    <span>
                      <Percent value={Number(profile.churn_risk)} digits={0} />
                    </span>
                  </Tooltip>
                ),
              ),
              figure(
                "rfm",
                <Tooltip key="v" title={t("profile.rfmHelp", { r: profile.rfm_r ?? "—", f: profile.rfm_f ?? "—", m: profile.rfm_m ?? "—" })}>
                  <span>
                    <Num value={profile.rfm_score} />
                  </span>
                </Tooltip>,
              ),
            ]}
          />
        </Section>
      ) : null}
      <SaidOf customerId={customer.id}>
        <Section title={t("section.facts")}>
          <Facts
            items={[
              plain("gender", said("gender", customer.gender ? t(`gender.${customer.gender}`, { defaultValue: customer.gender }) : null)),
              plain("birthday", said("birthday", <Time value={customer.birthday} only="date" />)),
              plain("city", said("city", [customer.city, customer.district].filter(Boolean).join(" ") || null)),
              plain("division", said("division", customer.division ? `${customer.division.name ?? ""} ${customer.division.code}`.trim() : null)),
              plain("location", said("location", customer.location ? `${customer.location.longitude}, ${customer.location.latitude}` : null)),
              plain("stage", said("stage", customer.stage)),
              plain("level", said("level", customer.level)),
              plain("store", said("store_id", customer.store?.name)),
              plain("owner", said("owner_user_id", customer.owner?.name)),
              plain("first_seen_at", <Time value={customer.first_seen_at} />),
              plain("created_at", <Time value={customer.created_at} />),
            ]}
          />
        </Section>
      </SaidOf>
      <Section title={t("section.identifiers")}>
        <ul className="t-plain">
          {customer.identifiers.map((one) => (
            <IdentifierLine key={`${one.kind}${one.scope}${one.masked}${one.source}`} one={one} own={one.origin_id === customer.id} />
          ))}
        </ul>
      </Section>
      <Section title={t("section.segments")}>
        {customer.segments.length === 0 ? <span className="t-faint">{t("segmentsNone")}</span> : null}
        <ul className="t-plain">
          {customer.segments.map((segment) => (
            <li key={segment.id}>
              <Link to={`/segments/${segment.id}`}>{segment.name}</Link>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
