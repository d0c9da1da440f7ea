import { Alert, Button, Space } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/shared/api";
import { blockOf, merge, type Kinds } from "@/shared/canvas";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Flow } from "../api";
import type { Person } from "../life/api";
import { titleOf } from "./nodes";
import type { useAutosave } from "./useAutosave";
import type { Editor } from "./useEditor";

interface Props {
  flow: Flow;
  kinds: Kinds;
  editor: Editor;
  autosave: ReturnType<typeof useAutosave>;
  others: readonly Person[];
}

/** Two people drew at once: nobody's work is overwritten without a word. What does not touch is put together by one press. */
export function ConflictBanner({ flow, kinds, editor, autosave, others }: Props) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const told = useTold();
  const client = useQueryClient();
  const key = ["/flows", flow.id, "theirs"];
  const theirs = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<Flow>(`/flows/${flow.id}`, undefined, signal), gcTime: 0 });
  const merged = theirs.data ? merge(autosave.base(), editor.graph, theirs.data.draft) : null;
  const named = (id: string) => {
    const block = blockOf(editor.graph, id) ?? (theirs.data ? blockOf(theirs.data.draft, id) : undefined);
    return id === "" ? t("settings.title") : block ? titleOf(block, kinds, language) : id;
  };
  const settle = async (how: "both" | "mine" | "theirs") => {
    try {
      const fresh = await api.get<Flow>(`/flows/${flow.id}`);
      if (how === "mine") {
        await autosave.insist(fresh);
        return;
      }
      const both = merge(autosave.base(), editor.graph, fresh.draft);
      if (how === "both" && both.clashes.some((one) => !merged?.clashes.includes(one))) {
        // The other has worked on while this stood here: what it says must hold before anything is put together.
        client.setQueryData(key, fresh);
        return;
      }
      autosave.adopt(fresh);
      if (how === "both") editor.rework(both.graph);
      else editor.replace(fresh.draft);
    } catch (error) {
      told.failed(error);
    }
  };
  const clashes = merged?.clashes.map(named) ?? [];
  const who = others.filter((one) => one.editing).map((one) => one.name);
  return (
    <Alert
      type="warning"
      banner
      title={who.length > 0 ? t("conflict.by", { name: who.join("、") }) : t("conflict.title")}
      description={clashes.length > 0 ? t("conflict.clashes", { blocks: clashes.join("、") }) : t("conflict.apart")}
      action={
        <Space wrap>
          <Button type="primary" disabled={!merged} onClick={() => void settle("both")}>
            {t(clashes.length > 0 ? "conflict.bothMine" : "conflict.both")}
          </Button>
          <Button onClick={() => void settle("theirs")}>{t("conflict.theirs")}</Button>
          <Button danger onClick={() => void settle("mine")}>
            {t("conflict.mine")}
          </Button>
        </Space>
      }
    />
  );
}
