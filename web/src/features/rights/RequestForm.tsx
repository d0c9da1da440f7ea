import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Radio, Select } from "antd";
import { useDeferredValue, useState } from "react";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { NewRightsRequest } from "./types";

type Line = Schemas["CustomerLine"];

function useFound(typed: string) {
  const text = useDeferredValue(typed.trim());
  return useQuery({ queryKey: ["/customers", "pick", text], queryFn: ({ signal }) => api.get<{ items: Line[] }>("/customers", { q: text, limit: 10 }, signal), enabled: text.length > 1 });
}

/** Files what a person asked for; somebody else approves it. */
export function RequestForm({ onFiled }: { onFiled: () => void }) {
  const { t } = useTranslation("rights");
  const told = useTold();
  const [kind, setKind] = useState<NewRightsRequest["kind"]>("export");
  const [customer, setCustomer] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const found = useFound(typed);
  const file = useMutation({
    mutationFn: () => api.post("/rights-requests", { kind, customer_id: customer, reason: reason.trim() }),
    onSuccess: () => {
      told.done(t("filed"));
      onFiled();
    },
    onError: told.failed,
  });
  const options = (found.data?.items ?? []).map((one) => ({ value: one.id, label: [one.name, one.phone, one.member_no, one.city].filter(Boolean).join(" · ") || one.id }));
  return (
    <Form layout="vertical" onFinish={() => file.mutate()}>
      <Form.Item label={t("kind")}>
        <Radio.Group value={kind} onChange={(event) => setKind(event.target.value as NewRightsRequest["kind"])}>
          <Radio value="export">{t("export")}</Radio>
          <Radio value="erase">{t("erase")}</Radio>
        </Radio.Group>
        <p className="t-faint">{t(kind === "erase" ? "eraseHint" : "exportHint")}</p>
      </Form.Item>
      <Form.Item label={t("customer")} htmlFor="rights-customer" extra={t("customerHint")} required>
        <Select id="rights-customer" showSearch={{ onSearch: setTyped, filterOption: false }} value={customer} onChange={setCustomer} options={options} loading={found.isFetching} notFoundContent={t("noCustomer")} />
      </Form.Item>
      <Form.Item label={t("reason")} htmlFor="rights-reason" extra={t("reasonHint")} required>
        <Input.TextArea id="rights-reason" rows={3} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={file.isPending} disabled={!customer || !reason.trim()}>
        {t("file")}
      </Button>
    </Form>
  );
}
