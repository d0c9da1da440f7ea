import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, InputNumber, Select, Space } from "antd";
import { usePages, type Schemas } from "@/shared/api";
import { dayEnd } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan, useMe } from "@/shared/session";
import { Problem, useSaving } from "./ShelfForms";
import type { Account, Adviser, Campaign } from "./types";

interface Draft {
  account_id: string;
  name: string;
  words?: string;
  members: string[];
  ends_on?: string | null;
  tiers: { friends: number; points?: number | null; coupon?: string | null }[];
  hold_days: number;
  friends_max: number;
  daily_max: number;
  burst_friends: number;
  burst_minutes: number;
}

const START = { tiers: [{ friends: 3, points: 100 }], hold_days: 7, friends_max: 50, daily_max: 10, burst_friends: 5, burst_minutes: 10 };

/** The day that a moment just after midnight, or before, is the end of. */
function lastDay(moment: string, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(new Date(moment).getTime() - 1000));
}

function Tiers() {
  const { t } = useTranslation("desk");
  const coupons = usePages<Schemas["CouponTemplate"]>("/coupon-templates", {}, 200);
  return (
    <Form.List name="tiers">
      {(fields, { add, remove }) => (
        <fieldset style={{ border: 0, padding: 0, margin: "0 0 16px" }}>
          <legend>{t("referrals.tiers")}</legend>
          {fields.map((field) => (
            <Space key={field.key} align="end" wrap style={{ marginBottom: 8 }}>
              <Form.Item name={[field.name, "friends"]} label={t("referrals.friends")} required style={{ margin: 0 }}>
                <InputNumber min={1} max={1000} />
              </Form.Item>
              <Form.Item name={[field.name, "points"]} label={t("referrals.points")} style={{ margin: 0 }}>
                <InputNumber min={1} />
              </Form.Item>
              <Form.Item name={[field.name, "coupon"]} label={t("referrals.coupon")} style={{ margin: 0 }}>
                <Select allowClear style={{ width: 180 }} showSearch={{ optionFilterProp: "label" }} options={coupons.items.map((one) => ({ value: one.id, label: one.name }))} />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("materials.remove")} disabled={fields.length === 1} onClick={() => remove(field.name)} />
            </Space>
          ))}
          <div>
            <Button size="small" icon={<PlusOutlined />} onClick={() => add({ friends: 1 })}>
              {t("referrals.addTier")}
            </Button>
          </div>
        </fieldset>
      )}
    </Form.List>
  );
}

function Guards() {
  const { t } = useTranslation("desk");
  const numbers = [
    ["hold_days", "referrals.holdDays"],
    ["friends_max", "referrals.friendsMax"],
    ["daily_max", "referrals.dailyMax"],
    ["burst_friends", "referrals.burstFriends"],
    ["burst_minutes", "referrals.burstMinutes"],
  ] as const;
  return (
    <>
      <Space wrap style={{ display: "flex" }}>
        {numbers.slice(0, 3).map(([name, label]) => (
          <Form.Item key={name} name={name} label={t(label)} required>
            <InputNumber min={name === "hold_days" ? 0 : 1} style={{ width: 150 }} />
          </Form.Item>
        ))}
      </Space>
      <p className="t-faint" style={{ marginBottom: 8 }}>
        {t("referrals.burst")}
      </p>
      <Space wrap style={{ display: "flex" }}>
        {numbers.slice(3).map(([name, label]) => (
          <Form.Item key={name} name={name} label={t(label)} required>
            <InputNumber min={1} style={{ width: 150 }} />
          </Form.Item>
        ))}
      </Space>
    </>
  );
}

/** What a campaign promises, and what it guards against. */
export function CampaignForm({ row, onDone }: { row: Campaign | null; onDone: () => void }) {
  const { t } = useTranslation("desk");
  const may = useCan()("contact.write") && row?.status !== "ended";
  const accounts = usePages<Account>("/contact-accounts");
  const advisers = usePages<Adviser>("/advisers", {}, 1000);
  const save = useSaving<object>("/referral-campaigns", row?.id, onDone);
  const needed = [{ required: true, message: t("materials.needed") }];
  const { zone } = useMe().tenant;
  const ends = row?.ends_at ? lastDay(row.ends_at, zone) : null;
  const send = ({ account_id, ends_on, ...draft }: Draft) => save.mutate({ ...draft, words: draft.words ?? "", tiers: draft.tiers.map((one) => ({ friends: one.friends, points: one.points ?? null, coupon: one.coupon ?? null })), ends_at: ends_on ? dayEnd(ends_on, zone) : null, ...(row ? {} : { account_id }) });
  return (
    <Form<Draft> layout="vertical" requiredMark="optional" disabled={!may} initialValues={row ? { ...row, ends_on: ends } : START} onFinish={send}>
      {row ? null : (
        <Form.Item name="account_id" label={t("referrals.account")} rules={needed}>
          <Select options={accounts.items.map((one) => ({ value: one.id, label: one.name }))} />
        </Form.Item>
      )}
      <Form.Item name="name" label={t("materials.name")} rules={needed}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="words" label={t("referrals.words")}>
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
      <Form.Item name="members" label={t("referrals.members")} rules={needed}>
        <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} options={advisers.items.map((one) => ({ value: one.member, label: one.name }))} />
      </Form.Item>
      <Form.Item name="ends_on" label={t("referrals.endsOn")} extra={t("referrals.endsHint")}>
        <Input type="date" style={{ width: 180 }} />
      </Form.Item>
      <Tiers />
      <Guards />
      <Problem error={save.error} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
