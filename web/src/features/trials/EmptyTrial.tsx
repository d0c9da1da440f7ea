import { useMutation } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";

/** Names what is lost and asks for the trial's name. */
export function EmptyTrial({ trial, onClose }: { trial: Schemas["TrialOut"]; onClose: () => void }) {
  const { t } = useTranslation("trials");
  const told = useTold();
  const [typed, setTyped] = useState("");
  const empty = useMutation({
    mutationFn: () => api.post(`/trials/${trial.id}/empty`, { name: typed }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/trials"] });
      told.done(t("emptied"));
      onClose();
    },
    onError: told.failed,
  });
  const label = t("typeName", { name: trial.name });
  return (
    <Modal
      open
      title={t("emptyTitle", { name: trial.name })}
      okText={t("empty")}
      okButtonProps={{ danger: true, disabled: typed.trim() !== trial.name }}
      cancelText={t("shared:action.cancel")}
      confirmLoading={empty.isPending}
      onCancel={onClose}
      onOk={() => empty.mutate()}
    >
      <p>{t("emptyHint")}</p>
      <label htmlFor="trial-name">{label}</label>
      <Input id="trial-name" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
    </Modal>
  );
}
