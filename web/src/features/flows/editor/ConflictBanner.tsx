import { Alert, Button, Space } from "antd";
import { api } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Flow } from "../api";
import type { useAutosave } from "./useAutosave";
import type { Editor } from "./useEditor";

interface Props {
  flow: Flow;
  editor: Editor;
  autosave: ReturnType<typeof useAutosave>;
}

/** Two people drew at once: nobody's work is overwritten without a word. */
export function ConflictBanner({ flow, editor, autosave }: Props) {
  const { t } = useTranslation("flows");
  const told = useTold();
  const settle = async (keepMine: boolean) => {
    try {
      const fresh = await api.get<Flow>(`/flows/${flow.id}`);
      if (keepMine) {
        await autosave.insist(fresh);
        return;
      }
      autosave.adopt(fresh);
      editor.replace(fresh.draft);
    } catch (error) {
      told.failed(error);
    }
  };
  return (
    <Alert
      type="warning"
      banner
      title={t("conflict.title")}
      description={t("conflict.hint")}
      action={
        <Space>
          <Button onClick={() => void settle(false)}>{t("conflict.theirs")}</Button>
          <Button danger onClick={() => void settle(true)}>
            {t("conflict.mine")}
          </Button>
        </Space>
      }
    />
  );
}
