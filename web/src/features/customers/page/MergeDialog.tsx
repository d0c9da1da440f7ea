import { useQuery } from "@tanstack/react-query";
import { Alert, Input, Modal, Radio } from "antd";
import { useDeferredValue, useState } from "react";
import { useNavigate } from "react-router";
import { api, type Page } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { FEWEST_LETTERS, lineOf } from "../finding";
import { useMerge } from "../merging";
import { asMerge, SideBySide, type Decision } from "../review/SideBySide";
import type { Customer, CustomerLine, DuplicatePair } from "../types";
import styles from "./Customer.module.css";

/** Merge another customer into this one, or this one into her: who is it, who stays, and what that means. */
export function MergeDialog({ customer, open, onClose }: { customer: Customer; open: boolean; onClose: () => void }) {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [other, setOther] = useState<string | null>(null);
  const [decision, decide] = useState<Decision>({ stays: "first", taken: [] });
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["/customers", { q: wanted, limit: 6 }],
    queryFn: ({ signal }) => api.get<Page<CustomerLine>>("/customers", { q: wanted, limit: 6 }, signal),
    enabled: open && wanted.length >= FEWEST_LETTERS,
  });
  const choices = (found.data?.items ?? []).filter(({ id }) => id !== customer.id);
  const chosen = choices.find(({ id }) => id === other);
  const pair = useQuery({
    queryKey: ["/duplicates/compare", customer.id, chosen?.id],
    queryFn: ({ signal }) => api.get<DuplicatePair>("/duplicates/compare", { first: customer.id, second: chosen?.id }, signal),
    enabled: chosen !== undefined,
  });
  const asked = pair.data ? asMerge(pair.data, decision) : null;
  const merge = useMerge(() => {
    onClose();
    if (asked && asked.survivor !== customer.id) void navigate(`/customers/${asked.survivor}`);
  });
  const pick = (id: string) => {
    setOther(id);
    decide({ stays: "first", taken: [] });
  };
  const submit = () => {
    if (asked) merge.mutate(asked);
  };
  return (
    <Modal open={open} title={t("merge.dialog")} okText={t("merge.submit")} width={760} okButtonProps={{ disabled: !asked }} confirmLoading={merge.isPending} cancelText={t("shared:action.cancel")} onCancel={onClose} onOk={submit} destroyOnHidden>
      <Input.Search autoFocus allowClear aria-label={t("search")} placeholder={t("merge.find")} value={text} onChange={(event) => setText(event.target.value)} />
      <div className={styles.mergeChoices}>
        {wanted.length < FEWEST_LETTERS ? <p className="t-faint">{t("merge.findHint")}</p> : null}
        {wanted.length >= FEWEST_LETTERS && found.isPending ? <LoadingState rows={2} /> : null}
        {found.data && choices.length === 0 ? <EmptyState compact drawing="search" title={t("merge.findNone")} /> : null}
        <Radio.Group vertical aria-label={t("merge.other")} value={other} onChange={(event) => pick(event.target.value as string)} options={choices.map((one) => ({ value: one.id, label: lineOf(one, t("unnamed")) }))} />
      </div>
      {chosen && pair.isPending ? <LoadingState rows={4} /> : null}
      {pair.error ? <ErrorState error={pair.error} onRetry={() => void pair.refetch()} /> : null}
      {chosen && pair.data ? (
        <>
          <SideBySide pair={pair.data} decision={decision} onDecide={decide} />
          <Alert className={styles.mergeNote ?? ""} type="info" showIcon title={t("merge.means")} />
        </>
      ) : null}
    </Modal>
  );
}
