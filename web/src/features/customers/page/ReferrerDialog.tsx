import { useMutation, useQuery } from "@tanstack/react-query";
import { Input, Modal, Radio } from "antd";
import { useDeferredValue, useState } from "react";
import { api, queryClient, type Page } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { FEWEST_LETTERS, lineOf } from "../finding";
import type { CustomerLine } from "../types";
import styles from "./Customer.module.css";

/** Who brought her: found by name, phone or member number. */
export function ReferrerDialog({ customerId, open, onClose }: { customerId: string; open: boolean; onClose: () => void }) {
  const { t } = useTranslation("customers");
  const told = useTold();
  const [text, setText] = useState("");
  const [chosen, choose] = useState<string | null>(null);
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["/customers", { q: wanted, limit: 6 }],
    queryFn: ({ signal }) => api.get<Page<CustomerLine>>("/customers", { q: wanted, limit: 6 }, signal),
    enabled: open && wanted.length >= FEWEST_LETTERS,
  });
  const choices = (found.data?.items ?? []).filter(({ id }) => id !== customerId);
  const note = useMutation({
    mutationFn: (referrer: string) => api.put(`/customers/${customerId}/referrer`, { referrer_id: referrer }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/customers", customerId, "referrer"] });
      told.done(t("referrals.noted"));
      onClose();
    },
    onError: told.failed,
  });
  const picked = choices.some(({ id }) => id === chosen) ? chosen : null;
  return (
    <Modal open={open} title={t("referrals.note")} okText={t("referrals.noteSubmit")} okButtonProps={{ disabled: picked === null }} confirmLoading={note.isPending} cancelText={t("shared:action.cancel")} onCancel={onClose} onOk={() => picked && note.mutate(picked)} destroyOnHidden>
      <p className="t-faint">{t("referrals.noteLead")}</p>
      <Input.Search autoFocus allowClear aria-label={t("search")} placeholder={t("referrals.find")} value={text} onChange={(event) => setText(event.target.value)} />
      <div className={styles.mergeChoices}>
        {wanted.length < FEWEST_LETTERS ? <p className="t-faint">{t("merge.findHint")}</p> : null}
        {wanted.length >= FEWEST_LETTERS && found.isPending ? <LoadingState rows={2} /> : null}
        {found.error ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : null}
        {found.data && choices.length === 0 ? <EmptyState compact drawing="search" title={t("referrals.findNone")} /> : null}
        <Radio.Group vertical aria-label={t("referrals.by")} value={picked} onChange={(event) => choose(event.target.value as string)} options={choices.map((one) => ({ value: one.id, label: lineOf(one, t("unnamed")) }))} />
      </div>
    </Modal>
  );
}
