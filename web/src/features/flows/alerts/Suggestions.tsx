import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useNavigate } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import { flowKey, type Flow } from "../api";
import { useCalled } from "../useCalled";
import styles from "../steer/Steer.module.css";

/** Where many drop out: what to add, drawn into the draft with one click. */
export function Suggestions({ flow }: { flow: Flow }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const { block: nameOf } = useCalled(flow.draft);
  const can = useCan();
  const told = useTold();
  const navigate = useNavigate();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ["/flows", flow.id, "suggestions"],
    queryFn: ({ signal }) => api.get<Schemas["SuggestionsOut"]>(`/flows/${flow.id}/suggestions`, undefined, signal),
  });
  const draft = useMutation({
    mutationFn: (key: string) => api.post<Schemas["DraftedOut"]>(`/flows/${flow.id}/suggestions/${key}/draft`, { etag: Number(flow.etag) }),
    onSuccess: async ({ block }) => {
      told.done(t("suggest.done"));
      await client.invalidateQueries({ queryKey: flowKey(flow.id) });
      await navigate(`/flows/${flow.id}`, { state: { drawn: block } });
    },
    onError: told.failed,
  });
  return (
    <section className={`t-card ${styles.sheet}`}>
      <h2>{t("suggest.title")}</h2>
      <Loaded query={query}>
        {(found) =>
          found.suggestions.length === 0 ? (
            <EmptyState compact title={t("suggest.none")} hint={t("suggest.noneHint")} />
          ) : (
            <ul className="t-plain">
              {found.suggestions.map((one) => (
                <li key={one.key} className={styles.line}>
                  <div className={styles.grow}>
                    <strong>{say(one.title)}</strong>
                    <span>{t("suggest.at", { block: nameOf(one.block, one.block_label), reason: say(one.reason) })}</span>
                  </div>
                  {can("flow.write") ? (
                    <Button loading={draft.isPending && draft.variables === one.key} disabled={draft.isPending} onClick={() => draft.mutate(one.key)}>
                      {t("suggest.draft")}
                    </Button>
                  ) : null}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
