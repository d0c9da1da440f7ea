import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, InputNumber } from "antd";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import styles from "./guards.module.css";

type Limits = Schemas["LimitsBody-Output"];

interface Values {
  people_max: number | null;
  cost_max: string | null;
}

const PATH = "/flow-limits";

/** From how many people, or how much money, publishing a flow needs a second person. */
export function FlowLimitsPage() {
  const { t } = useTranslation("guards");
  const may = useCan()("settings.write");
  const told = useTold();
  const client = useQueryClient();
  const query = useQuery({ queryKey: [PATH], queryFn: ({ signal }) => api.get<Limits>(PATH, undefined, signal) });
  const save = useMutation({
    mutationFn: (next: Values) => api.put<Limits>(PATH, next),
    onSuccess: (after) => {
      client.setQueryData([PATH], after);
      told.done(t("limits.saved"));
    },
    onError: told.failed,
  });
  return (
    <Page title={t("limits.title")} lead={t("limits.lead")}>
      <Loaded query={query}>
        {(found) => (
          <section className={`t-card ${styles.sheet}`}>
            <Form<Values> layout="vertical" disabled={!may} initialValues={{ people_max: found.people_max ?? null, cost_max: found.cost_max ?? null }} onFinish={(next) => save.mutate({ people_max: next.people_max ?? null, cost_max: next.cost_max ?? null })}>
              <Form.Item name="people_max" label={t("limits.people")} extra={t("limits.peopleHint")}>
                <InputNumber<number> min={1} precision={0} className={styles.field ?? ""} style={{ width: "100%" }} placeholder={t("limits.never")} suffix={t("limits.peopleUnit")} />
              </Form.Item>
              <Form.Item name="cost_max" label={t("limits.cost")} extra={t("limits.costHint")}>
                <InputNumber<string> stringMode min="0.01" precision={2} className={styles.field ?? ""} style={{ width: "100%" }} placeholder={t("limits.never")} prefix="¥" />
              </Form.Item>
              <p className={styles.lead}>{t("limits.always")}</p>
              {may ? (
                <Button type="primary" htmlType="submit" loading={save.isPending}>
                  {t("limits.save")}
                </Button>
              ) : null}
            </Form>
          </section>
        )}
      </Loaded>
    </Page>
  );
}
