import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useDeferredValue, useState } from "react";
import { api } from "@/shared/api";
import { shortId } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";

interface Found {
  items: { id: string; name: string | null; member_no?: string | null }[];
}

/** Customers looked up by name, phone or member number. */
export function CustomerPick({ value, onChange }: { value: string[]; onChange: (next: string[]) => void }) {
  const { t } = useTranslation("steer");
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(typed.trim());
  const query = useQuery({
    queryKey: ["/customers", "pick", q],
    queryFn: ({ signal }) => api.get<Found>("/customers", q ? { q, limit: "20" } : { limit: "20" }, signal),
    placeholderData: (before) => before,
  });
  const options = query.data?.items.map((one) => ({ value: one.id, label: [one.name, one.member_no].filter(Boolean).join(" · ") || shortId(one.id) })) ?? [];
  return (
    <Select
      mode="multiple"
      maxCount={20}
      style={{ minWidth: 320 }}
      aria-label={t("dry.search")}
      placeholder={t("dry.search")}
      value={value}
      options={options}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={query.isFetching}
      onChange={onChange}
    />
  );
}
