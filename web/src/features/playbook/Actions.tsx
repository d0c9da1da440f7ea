import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { PlaybookForm } from "./PlaybookForm";
import type { Playbook } from "./types";

/** What may be done with a playbook now. */
export function Actions({ playbook }: { playbook: Playbook }) {
  const { t } = useTranslation("playbook");
  const { modal } = App.useApp();
  const told = useTold();
  const navigate = useNavigate();
  const may = useCan()("contact.send");
  const [editing, setEditing] = useState(false);
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["/group-playbooks"] });
  const step = useMutation({ mutationFn: (what: "begin" | "pause" | "resume" | "end") => api.post(`/group-playbooks/${playbook.id}/${what}`, {}), onSuccess: refresh, onError: told.failed });
  const copy = useMutation({ mutationFn: () => api.post<Playbook>(`/group-playbooks/${playbook.id}/copy`, {}), onSuccess: (made) => (void refresh(), void navigate(`/group-playbooks/${made.id}`)), onError: told.failed });
  const remove = useMutation({ mutationFn: () => api.delete(`/group-playbooks/${playbook.id}`), onSuccess: () => (void refresh(), void navigate("/group-playbooks")), onError: told.failed });
  if (!may) return null;
  const { status, name } = playbook;
  const ask = (what: "begin" | "end") =>
    modal.confirm({
      title: t(`act.${what}Title`, { name }), content: t(`act.${what}Hint`, { n: playbook.groups.length }), okText: t(`act.${what}`), okButtonProps: { danger: what === "end" }, cancelText: t("shared:action.cancel"),
      onOk: () => step.mutateAsync(what),
    });
  const drop = () => modal.confirm({ title: t("act.dropTitle", { name }), okText: t("shared:action.delete"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => remove.mutateAsync() });
  const open = status === "running" || status === "paused";
  return (
    <>
      {status === "draft" ? <Button onClick={() => setEditing(true)}>{t("shared:action.edit")}</Button> : null}
      <Button loading={copy.isPending} onClick={() => copy.mutate()}>
        {t("act.copy")}
      </Button>
      {status === "draft" ? <Button onClick={drop}>{t("shared:action.delete")}</Button> : null}
      {status === "running" ? <Button onClick={() => step.mutate("pause")}>{t("act.pause")}</Button> : null}
      {status === "paused" ? (
        <Button type="primary" onClick={() => step.mutate("resume")}>
          {t("act.resume")}
        </Button>
      ) : null}
      {open ? (
        <Button danger onClick={() => ask("end")}>
          {t("act.end")}
        </Button>
      ) : null}
      {status === "draft" ? (
        <Button type="primary" onClick={() => ask("begin")}>
          {t("act.begin")}
        </Button>
      ) : null}
      <Drawer open={editing} onClose={() => setEditing(false)} size={760} title={t("act.edit")} destroyOnHidden>
        <PlaybookForm accounts={[]} playbook={playbook} onDone={() => setEditing(false)} />
      </Drawer>
    </>
  );
}
