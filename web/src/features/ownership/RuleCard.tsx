import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select, Space } from "antd";
import { useTranslation } from "@/shared/i18n";
import { DATED, RENEWALS, TO, type Rule, type Share } from "./types";
import styles from "./Ownership.module.css";

interface Props {
  rule: Rule;
  place: number;
  last: boolean;
  channels: string[];
  may: boolean;
  onChange: (rule: Rule) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
}

/** Among whom the order is shared: per cent that must add up. */
function Shares({ rule, may, onChange }: Pick<Props, "rule" | "may" | "onChange">) {
  const { t } = useTranslation("ownership");
  const sum = rule.shares.reduce((all, one) => all + one.bp, 0);
  const set = (shares: Share[]) => onChange({ ...rule, shares });
  const put = (at: number, more: Partial<Share>) => set(rule.shares.map((one, index) => (index === at ? { ...one, ...more } : one)));
  const free = TO.filter((one) => !rule.shares.some((share) => share.to === one));
  return (
    <div className={styles.line}>
      <span>{t("rule.shares")}</span>
      {rule.shares.map((one, at) => (
        <Space.Compact key={one.to}>
          <Select size="small" disabled={!may} aria-label={t("rule.shareTo")} value={one.to} style={{ width: 190 }} onChange={(to) => put(at, { to })} options={[one.to, ...free].map((to) => ({ value: to, label: t(`to.${to}`) }))} />
          <InputNumber size="small" disabled={!may} aria-label={t("rule.sharePart")} min={0.01} max={100} value={one.bp / 100} suffix="%" style={{ width: 90 }} onChange={(value) => put(at, { bp: Math.round((value ?? 0) * 100) })} />
          {rule.shares.length > 1 ? <Button size="small" disabled={!may} icon={<DeleteOutlined />} aria-label={t("shared:action.remove")} onClick={() => set(rule.shares.filter((_, index) => index !== at))} /> : null}
        </Space.Compact>
      ))}
      {may && free[0] && rule.shares.length < 3 ? <Button size="small" type="text" icon={<PlusOutlined />} onClick={() => set([...rule.shares, { to: free[0] ?? "found", bp: Math.max(1, 10000 - sum) }])}>{t("rule.addShare")}</Button> : null}
      {sum === 10000 ? null : <span className={styles.wrong} role="alert">{t("rule.sharesWrong", { percent: sum / 100 })}</span>}
    </div>
  );
}

/** One rule: what it goes by, how long that holds, and among whom the order is shared. */
export function RuleCard({ rule, place, last, channels, may, onChange, onMove, onRemove }: Props) {
  const { t } = useTranslation("ownership");
  const name = t(`kind.${rule.kind}`);
  return (
    <li className={styles.rule} aria-label={name}>
      <div className={styles.head}>
        <span className={styles.place}>{place}</span>
        <div>
          <strong>{name}</strong>
          <p className="t-faint">{t(`about.${rule.kind}`)}</p>
        </div>
        {may ? (
          <Space size={2}>
            <Button size="small" type="text" icon={<ArrowUpOutlined />} disabled={place === 1} aria-label={t("rule.up", { name })} onClick={() => onMove(-1)} />
            <Button size="small" type="text" icon={<ArrowDownOutlined />} disabled={last} aria-label={t("rule.down", { name })} onClick={() => onMove(1)} />
            <Button size="small" type="text" danger icon={<DeleteOutlined />} aria-label={t("rule.remove", { name })} onClick={onRemove} />
          </Space>
        ) : null}
      </div>
      <div className={styles.line}>
        {DATED.includes(rule.kind) ? (
          <>
            <span>{t(rule.kind === "friend" ? "rule.protected" : rule.kind === "parcel" ? "rule.claimedWithin" : "rule.within")}</span>
            <InputNumber size="small" disabled={!may} min={1} max={365} value={rule.days} suffix={t("rule.days")} style={{ width: 110 }} aria-label={t("rule.within")} onChange={(days) => onChange({ ...rule, days: days ?? 30 })} />
          </>
        ) : null}
        {rule.kind === "friend" ? (
          <>
            <span>{t("rule.renewedBy")}</span>
            <Select size="small" mode="multiple" disabled={!may} value={rule.renewed_by} style={{ minWidth: 240 }} aria-label={t("rule.renewedBy")} onChange={(renewed) => renewed.length > 0 && onChange({ ...rule, renewed_by: renewed })} options={RENEWALS.map((one) => ({ value: one, label: t(`renewal.${one}`) }))} />
          </>
        ) : null}
        {["scan", "radar", "friend"].includes(rule.kind) ? <Select size="small" disabled={!may} value={rule.pick} style={{ width: 150 }} aria-label={t("rule.pick")} onChange={(pick) => onChange({ ...rule, pick })} options={(["first", "latest"] as const).map((one) => ({ value: one, label: t(`pick.${one}`) }))} /> : null}
        {rule.kind === "store" ? <Select size="small" disabled={!may} value={rule.rota} style={{ width: 220 }} aria-label={t("rule.rota")} onChange={(rota) => onChange({ ...rule, rota })} options={(["customer", "order"] as const).map((one) => ({ value: one, label: t(`rota.${one}`) }))} /> : null}
        <Select size="small" mode="tags" disabled={!may} value={rule.channels} placeholder={t("rule.allChannels")} style={{ minWidth: 180 }} aria-label={t("rule.channels")} onChange={(chosen) => onChange({ ...rule, channels: chosen })} options={channels.map((one) => ({ value: one, label: one }))} />
      </div>
      <Shares rule={rule} may={may} onChange={onChange} />
    </li>
  );
}
