import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useDeferredValue, useState } from "react";
import { api } from "@/shared/api";
import { shortId } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { CUSTOMER } from "../subject";

interface Found {
  items: { id: string; number?: string | null; title?: string | null; external_id?: string }[];
}

/** Lists that can be searched by a word: a stock item has no name of its own. */
export function pickable(subject: string): boolean {
  return subject !== CUSTOMER && subject !== "stock_item";
}

/** Orders, or things of the company's own, looked up by name or number. */
export function ThingPick({ subject, value, onChange }: { subject: string; value: string[]; onChange: (next: string[]) => void }) {
  const { t } = useTranslation("steer");
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const path = subject === "order" ? "/orders" : `/things/${subject}`;
  const query = useQuery({
    queryKey: [path, "pick", q],
    queryFn: ({ signal }) => api.get<Found>(path, q ? { q, limit: "20" } : { limit: "20" }, signal),
    placeholderData: (before) => before,
  });
  const options = query.data?.items.map((one) => ({ value: one.id, label: [one.title, one.number ?? one.external_id].filter(Boolean).join(" · ") || shortId(one.id) })) ?? [];
  return (
    <Select
      mode="multiple"
      maxCount={20}
      style={{ minWidth: 320 }}
      aria-label={t("dry.searchThing")}
      placeholder={t("dry.searchThing")}
      value={value}
      options={options}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={query.isFetching}
      onChange={onChange}
    />
  );
}
