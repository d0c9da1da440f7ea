import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useCallback } from "react";
import { api } from "@/shared/api";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Action, Flow } from "../api";
import { wording } from "../subject";
import styles from "./life.module.css";

/** Pause, go on, drain or stop: asked first, with how many are inside and what becomes of them. */
export function useSwitch() {
  const { t } = useTranslation("flows");
  const { modal } = App.useApp();
  const told = useTold();
  const client = useQueryClient();
  return useCallback(
    (flow: Flow, action: Action) => {
      const inside = flow.counts?.active ?? 0;
      const context = wording(flow.draft.settings);
      const from = action === "resume" && flow.status === "draining" ? "reopen" : action;
      const carry = async () => {
        try {
          await api.post(`/flows/${flow.id}/${action}`, {});
          told.done(t(`action.${action}Done`));
        } catch (error) {
          told.failed(error);
        }
        await client.invalidateQueries({ queryKey: ["/flows"] });
        await client.invalidateQueries({ queryKey: ["/flow-alerts"] });
      };
      modal.confirm({
        title: t(`switch.${from}.title`, { name: flow.name }),
        content: (
          <div className={styles.asked}>
            <p>{inside === 0 ? t("switch.nobody", context) : t("switch.inside", { n: formatNumber(inside), ...context })}</p>
            <p>{t(inside === 0 ? `switch.${from}.empty` : `switch.${from}.means`, context)}</p>
          </div>
        ),
        okText: t(`switch.${from}.go`),
        okButtonProps: { danger: action === "stop" },
        cancelText: t("switch.keep"),
        onOk: carry,
      });
    },
    [t, modal, told, client],
  );
}

/** The same from where only the flow's id is known: the flow is read first, so that the count asked with is today's. */
export function useSwitchById() {
  const told = useTold();
  const turn = useSwitch();
  return useCallback(
    async (id: string, action: Action) => {
      try {
        turn(await api.get<Flow>(`/flows/${id}`), action);
      } catch (error) {
        told.failed(error);
      }
    },
    [told, turn],
  );
}
