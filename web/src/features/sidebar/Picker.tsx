import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";

interface Choice {
  id: string;
  name: string | null;
}

/** Stands in for WeCom where the page is tried outside of it: one's own friends, and whom one's scope shows. */
export function Picker({ value, onChange }: { value: string | null; onChange: (id: string) => void }) {
  const { t } = useTranslation("sidebar");
  const can = useCan();
  const [typed, setTyped] = useState("");
  const friends = useQuery({ queryKey: ["/sidebar/friends"], queryFn: ({ signal }) => api.get<{ items: Choice[] }>("/sidebar/friends", undefined, signal) });
  const others = useQuery({
    queryKey: ["/customers", "sidebar", typed],
    enabled: can("customer.read"),
    queryFn: ({ signal }) => api.get<{ items: Schemas["CustomerLine"][] }>("/customers", { q: typed || null, limit: 20 }, signal),
  });
  const known = new Map<string, string>();
  for (const one of [...(typed ? [] : (friends.data?.items ?? [])), ...(others.data?.items ?? [])]) known.set(one.id, one.name ?? t("unnamed"));
  return (
    <>
      <Select
        aria-label={t("pick")}
        placeholder={t("pick")}
        showSearch={{ filterOption: false, onSearch: setTyped }}
        style={{ width: "100%" }}
        value={value}
        loading={friends.isPending || others.isFetching}
        options={[...known].map(([id, name]) => ({ value: id, label: name }))}
        onChange={onChange}
      />
      <p className="t-faint" style={{ margin: "4px 0 8px" }}>
        {t("pickHint")}
      </p>
    </>
  );
}
