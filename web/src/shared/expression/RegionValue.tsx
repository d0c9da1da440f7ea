import { useQuery } from "@tanstack/react-query";
import { Cascader } from "antd";
import { useMemo } from "react";
import { api } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useBuilder } from "./context";
import { regionPath, regionTree } from "./regions";
import styles from "./Builder.module.css";

/** Province, city or county by its code; any level can be chosen, and a name can be typed. */
export function RegionValue({ code, label, onChange }: { code: string; label: string; onChange: (code: string) => void }) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const query = useQuery({
    queryKey: ["/catalog/divisions"],
    queryFn: ({ signal }) => api.get<{ names: Record<string, string> }>("/catalog/divisions", undefined, signal),
    staleTime: Infinity,
  });
  const tree = useMemo(() => regionTree(query.data?.names ?? {}), [query.data]);
  return (
    <Cascader
      options={tree}
      value={regionPath(tree, code)}
      loading={query.isPending}
      disabled={disabled}
      changeOnSelect
      allowClear={false}
      showSearch={{ limit: 30 }}
      expandTrigger="hover"
      aria-label={label}
      placeholder={t("pickRegion")}
      className={styles.subject ?? ""}
      displayRender={(labels) => labels.join("")}
      onChange={(path) => {
        const next = path.at(-1);
        if (next) onChange(next);
      }}
    />
  );
}
