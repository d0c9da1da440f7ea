import { useQuery } from "@tanstack/react-query";
import { Button, Divider, Space } from "antd";
import { useSearchParams } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { safeNext } from "./next";

/** The directories that a company signs people in by; which company is said by `?company=`, or by the address. */
export function Ways() {
  const { t } = useTranslation("login");
  const say = useSay();
  const [search] = useSearchParams();
  const company = search.get("company") ?? "";
  const found = useQuery({ queryKey: ["/sign-in", company], retry: false, queryFn: ({ signal }) => api.get<Schemas["SignInsOut"]>("/sign-in", { company }, signal) });
  const ways = found.data?.ways ?? [];
  if (ways.length === 0) return null;
  const next = encodeURIComponent(safeNext(search.get("next")));
  return (
    <>
      <Divider plain>{t("or")}</Divider>
      <Space orientation="vertical" style={{ width: "100%" }}>
        {ways.map((one) => (
          <Button key={one.account_id} size="large" block href={`/v1/sign-in/${one.account_id}/begin?next=${next}`}>
            {t(one.simulated ? "waySimulated" : "way", { name: say(one.label) })}
          </Button>
        ))}
      </Space>
    </>
  );
}
