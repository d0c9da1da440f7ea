import { Button, Modal, Typography } from "antd";
import { useTranslation } from "@/shared/i18n";

/** The only moment at which a signing secret can be read. */
export function SecretModal({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  const { t } = useTranslation("webhooks");
  return (
    <Modal open={secret !== null} title={t("secretTitle")} closable={false} mask={{ closable: false }} footer={<Button onClick={onClose}>{t("shared:action.close")}</Button>}>
      <p>{t("secretHint")}</p>
      <Typography.Text copyable code style={{ wordBreak: "break-all" }}>
        {secret}
      </Typography.Text>
    </Modal>
  );
}
