import { CheckCircleFilled, GiftOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select, Tabs, type InputRef } from "antd";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { api, asApiError, queryClient, type Page as ApiPage } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { Time } from "@/shared/format";
import { say, useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { RedemptionReports } from "./RedemptionReports";
import type { Coupon } from "./types";
import styles from "./Marketing.module.css";

interface Till {
  code: string;
  store_id?: string;
  order_id?: string;
}

/** The till stays where it is: the store chosen last is chosen again. */
const STORE_KEY = "tandem.till.store";

function useStores() {
  const query = useQuery({ queryKey: ["/stores", "choices"], queryFn: ({ signal }) => api.get<ApiPage<{ id: string; name: string }>>("/stores", undefined, signal), retry: false });
  return (query.data?.items ?? []).map((store) => ({ value: store.id, label: store.name }));
}

function Done({ coupons }: { coupons: readonly Coupon[] }) {
  const { t } = useTranslation("marketing");
  const can = useCan();
  if (coupons.length === 0) return <EmptyState compact drawing="start" title={t("redeem.noneTitle")} hint={t("redeem.noneHint")} />;
  return (
    <ul className="t-plain" aria-live="polite">
      {coupons.map((coupon) => (
        <li key={coupon.id} className={styles.redeemed}>
          <CheckCircleFilled className={styles.redeemedIcon ?? ""} aria-hidden="true" />
          <div>
            <strong>{coupon.template}</strong> <code>{coupon.code}</code>
            <div className="t-faint">
              <Time value={coupon.redeemed_at} /> {can("customer.read") ? <Link to={`/customers/${coupon.customer_id}?tab=coupons`}>{t("redeem.customer")}</Link> : null}
            </div>
          </div>
        </li>
      ))}
    </ul>
  );
}

function TillForm({ onRedeemed }: { onRedeemed: (coupon: Coupon) => void }) {
  const { t } = useTranslation("marketing");
  const [form] = Form.useForm<Till>();
  const code = useRef<InputRef>(null);
  const stores = useStores();
  const redeem = useMutation({
    mutationFn: (till: Till) => api.post<Coupon>("/coupons/redeem", { code: till.code.trim(), store_id: till.store_id ?? null, order_id: till.order_id?.trim() ? till.order_id.trim() : null }),
    onSuccess: (coupon, till) => {
      if (till.store_id) localStorage.setItem(STORE_KEY, till.store_id);
      for (const path of ["/coupon-templates", "/coupons"]) void queryClient.invalidateQueries({ queryKey: [path] });
      form.resetFields(["code", "order_id"]);
      onRedeemed(coupon);
      code.current?.focus();
    },
    // What is wrong with a coupon belongs beside its code, where the next scan will be.
    onError: (error) => {
      const problem = asApiError(error);
      form.setFields([{ name: "code", errors: [say(problem.words), ...problem.places.map((place) => say(place.what))] }]);
      code.current?.focus({ cursor: "all" });
    },
  });
  const kept = localStorage.getItem(STORE_KEY);
  const store = stores.find(({ value }) => value === kept)?.value ?? (stores.length === 1 ? stores[0]?.value : undefined);
  return (
    <Form<Till> key={store ?? ""} form={form} layout="vertical" initialValues={store ? { store_id: store } : {}} onFinish={(till) => redeem.mutate(till)}>
      <Form.Item name="code" label={t("redeem.code")} extra={t("redeem.codeHint")} rules={[{ required: true, message: t("redeem.codeHint") }]} validateTrigger="onSubmit">
        <Input ref={code} autoFocus size="large" prefix={<GiftOutlined />} maxLength={40} autoComplete="off" />
      </Form.Item>
      <Form.Item name="store_id" label={t("redeem.store")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={stores} />
      </Form.Item>
      <Form.Item name="order_id" label={t("redeem.order")}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Button type="primary" size="large" htmlType="submit" loading={redeem.isPending} block>
        {t("redeem.submit")}
      </Button>
    </Form>
  );
}

function AtTheTill() {
  const { t } = useTranslation("marketing");
  const [redeemed, setRedeemed] = useState<Coupon[]>([]);
  return (
    <div className={styles.till}>
      <Section title={t("redeem.title")}>
        <TillForm onRedeemed={(coupon) => setRedeemed((before) => [coupon, ...before].slice(0, 20))} />
      </Section>
      <Section title={t("redeem.recent")}>
        <Done coupons={redeemed} />
      </Section>
    </div>
  );
}

/** Redemption at the till (核销), and the reports from other tills that were not counted. */
export function RedeemPage() {
  const { t } = useTranslation("marketing");
  const can = useCan();
  const filters = useUrlFilters(["tab"]);
  const reports = can("coupon.read") ? [{ key: "reports", label: t("redeem.reports"), children: <RedemptionReports /> }] : [];
  return (
    <Page title={t("redeem.page")} lead={t("redeem.lead")}>
      <Tabs
        activeKey={filters.values.tab ?? "till"}
        onChange={(tab) => filters.set({ tab: tab === "till" ? null : tab })}
        destroyOnHidden
        items={[{ key: "till", label: t("redeem.till"), children: <AtTheTill /> }, ...reports]}
      />
    </Page>
  );
}
