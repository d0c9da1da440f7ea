import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer } from "antd";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { SendForm } from "./SendForm";
import { count } from "./Status";
import type { MassSend } from "./types";

type Step = "check" | "start" | "cancel" | "remind";

/** What may be done with a mass message now. */
export function Actions({ send }: { send: MassSend }) {
  const { t } = useTranslation("sending");
  const can = useCan();
  const { modal } = App.useApp();
  const told = useTold();
  const [editing, setEditing] = useState(false);
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["/mass-sends"] });
  const step = useMutation({ mutationFn: (what: Step) => api.post(`/mass-sends/${send.id}/${what}`, {}), onSuccess: refresh, onError: told.failed });
  const fresh = send.status === "draft" || send.status === "checked";
  const over = send.status === "done" || send.status === "cancelled";
  const people = count(send, "ready");
  const ask = (what: Step, danger = false) =>
    modal.confirm({
      title: t(`act.${what}Title`, { name: send.name }),
      content: t(send.kind === "moments" && what === "start" ? "act.startPost" : `act.${what}Hint`, { n: people }),
      okText: t(`act.${what}`),
      okButtonProps: { danger },
      cancelText: t("shared:action.cancel"),
      onOk: () => step.mutateAsync(what),
    });
  return (
    <>
      {fresh && can("contact.write") ? <Button onClick={() => setEditing(true)}>{t("shared:action.edit")}</Button> : null}
      {fresh && can("contact.write") ? (
        <Button type={send.status === "draft" ? "primary" : "default"} loading={step.isPending} onClick={() => step.mutate("check")}>
          {t(send.status === "draft" ? "act.check" : "act.checkAgain")}
        </Button>
      ) : null}
      {send.status === "checked" && can("contact.send") ? (
        <Button type="primary" disabled={send.kind !== "moments" && people === 0} onClick={() => ask("start")}>
          {t("act.start")}
        </Button>
      ) : null}
      {send.status === "running" && send.kind !== "moments" && can("contact.send") ? (
        <Button loading={step.isPending} disabled={send.tasks_confirmed === send.tasks} onClick={() => step.mutate("remind")}>
          {t("act.remind")}
        </Button>
      ) : null}
      {!over && send.status !== "draft" && can("contact.send") ? (
        <Button danger onClick={() => ask("cancel", true)}>
          {t("act.cancel")}
        </Button>
      ) : null}
      <Drawer open={editing} onClose={() => setEditing(false)} size={640} title={t("act.edit")} destroyOnHidden>
        <SendForm accounts={[]} send={send} onDone={() => setEditing(false)} />
      </Drawer>
    </>
  );
}
