import { useQuery } from "@tanstack/react-query";
import { Checkbox, Collapse, Tag } from "antd";
import { useState } from "react";
import { api } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { Loaded } from "@/shared/states";
import type { Call } from "./types";
import styles from "./Connectors.module.css";

function Head({ call }: { call: Call }) {
  return (
    <span className={styles.call}>
      <Tag color={call.failure ? "error" : "success"}>{call.status ?? call.failure}</Tag>
      <code>{call.operation}</code>
      <span className="t-faint">
        <Time value={call.at} clock="machine" /> · {call.took_ms} ms
      </span>
    </span>
  );
}

/** The last calls to the platform, secrets masked. */
export function Traffic({ accountId }: { accountId: string }) {
  const { t } = useTranslation("connectors");
  const [failed, setFailed] = useState(false);
  const query = useQuery({ queryKey: ["/connector-accounts", accountId, "traffic", failed], queryFn: ({ signal }) => api.get<{ calls: Call[] }>(`/connector-accounts/${accountId}/traffic`, { failed }, signal) });
  const extra = (
    <Checkbox checked={failed} onChange={(event) => setFailed(event.target.checked)}>
      {t("onlyFailed")}
    </Checkbox>
  );
  return (
    <Section title={t("traffic")} extra={extra}>
      <Loaded query={query}>
        {({ calls }) =>
          calls.length === 0 ? (
            <span className="t-faint">{t("trafficNone")}</span>
          ) : (
            <Collapse size="small" items={calls.map((call) => ({ key: call.id, label: <Head call={call} />, children: <pre className={styles.payload}>{call.text || t("notForYou")}</pre> }))} />
          )
        }
      </Loaded>
    </Section>
  );
}
