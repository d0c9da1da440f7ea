import { Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Hits } from "./Hits";
import { ListForm, Lists } from "./Lists";
import { Replies } from "./Replies";
import type { WordList } from "./types";

const SHOWN = ["hits", "replies", "lists"] as const;

/** Watched words that were said, how soon customers are answered, and which words are watched for. */
export function InspectionPage() {
  const { t } = useTranslation("archive");
  const may = useCan()("archive.write");
  const [shown, setShown] = useState<(typeof SHOWN)[number]>("hits");
  const [open, setOpen] = useState<WordList | "new" | null>(null);
  return (
    <ListPage
      title={t("inspection.title")}
      lead={t("inspection.lead")}
      actions={
        shown === "lists" && may ? (
          <Button type="primary" onClick={() => setOpen("new")}>
            {t("list.add")}
          </Button>
        ) : null
      }
      filters={<Segmented aria-label={t("inspection.which")} value={shown} onChange={setShown} options={SHOWN.map((value) => ({ value, label: t(`inspection.${value}`) }))} />}
    >
      {shown === "hits" ? <Hits /> : shown === "replies" ? <Replies /> : <Lists onEdit={setOpen} />}
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={520} title={open === "new" ? t("list.add") : t("list.change")} destroyOnHidden>
        <ListForm row={open === "new" ? null : open} onDone={() => setOpen(null)} />
      </Drawer>
    </ListPage>
  );
}
