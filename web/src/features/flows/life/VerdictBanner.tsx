import { Alert, Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Flow } from "../api";
import type { Approval } from "./api";
import { Review } from "./Review";

/** Refused, and nothing published since. */
function standing(flow: Flow): Approval | null {
  const said = flow.verdict;
  if (said?.state !== "rejected") return null;
  const published = flow.published?.published_at;
  return published && said.decided_at && said.decided_at <= published ? null : said;
}

/** What became of a request, told to whoever has the flow open: at once when it is decided, and as long as a refusal stands. */
export function VerdictBanner({ flow }: { flow: Flow }) {
  const { t } = useTranslation("flows");
  const told = useTold();
  const waited = useRef(flow.approval?.id);
  const [looking, setLooking] = useState(false);
  const said = flow.verdict;
  const done = told.done;
  useEffect(() => {
    if (said?.state === "approved" && said.id === waited.current) done(t("approval.agreed", { name: said.decided_name ?? t("versions.nobody") }));
    waited.current = flow.approval?.id;
  }, [said, flow.approval, done, t]);
  const refused = standing(flow);
  if (!refused) return null;
  return (
    <>
      <Alert
        type="warning"
        banner
        showIcon
        closable
        title={t("approval.refusedBy", { name: refused.decided_name ?? t("versions.nobody") })}
        description={
          <>
            {refused.comment || t("versions.noReason")} · <Time value={refused.decided_at} clock="machine" />
          </>
        }
        action={
          <Button size="small" onClick={() => setLooking(true)}>
            {t("approval.see")}
          </Button>
        }
      />
      {looking ? <Review approval={refused} onClose={() => setLooking(false)} /> : null}
    </>
  );
}
