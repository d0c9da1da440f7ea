import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { api } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";

/** What a form's item hands its control. */
interface Control {
  id?: string;
  value?: string;
  onChange?: (value: string | undefined) => void;
  label: string;
}

function Pick({ label, options, loading, ...control }: Control & { options: { value: string; label: string }[]; loading?: boolean }) {
  return <Select {...control} aria-label={label} allowClear showSearch={{ optionFilterProp: "label" }} options={options} loading={loading ?? false} />;
}

function useNamed(path: string) {
  return useQuery({ queryKey: [path, "choices"], queryFn: ({ signal }) => api.get<{ items: { id: string; name: string }[] }>(path, { limit: 200 }, signal) });
}

/** A select of things with names, from the list of them. */
function selectOf(path: string) {
  return function NamedSelect(control: Control) {
    const query = useNamed(path);
    return <Pick {...control} loading={query.isLoading} options={(query.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))} />;
  };
}

export const SegmentSelect = selectOf("/segments");
export const StoreSelect = selectOf("/stores");
export const CouponSelect = selectOf("/coupon-templates");
export const ActorSelect = selectOf("/users");

const STATUSES: Record<string, readonly string[]> = {
  orders: ["placed", "paid", "completed", "cancelled"],
  coupons: ["issued", "redeemed", "expired", "revoked"],
  messages: ["planned", "released", "sending", "handed", "sent", "failed", "unknown", "cancelled", "held"],
};

export function StatusSelect({ list, ...control }: Control & { list: string }) {
  const { t } = useTranslation("exports");
  return <Pick {...control} options={(STATUSES[list] ?? []).map((one) => ({ value: one, label: t(`state.${list}.${one}`) }))} />;
}
