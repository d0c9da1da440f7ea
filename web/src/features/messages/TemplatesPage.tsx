import { Button, Drawer, Tag } from "antd";
import { useMemo, useState } from "react";
import { usePages } from "@/shared/api";
import { MachineTimeHint, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { ApprovedTexts } from "./ApprovedTexts";
import { TemplateForm } from "./TemplateForm";
import type { MessageTemplate } from "./types";
import styles from "./Messages.module.css";

function useTemplateColumns(): Column<MessageTemplate>[] {
  const { t } = useTranslation("messages");
  return useMemo(
    () => [
      { key: "name", title: t("templates.column.name"), width: 240, render: (row) => row.name },
      { key: "class", title: t("templates.column.class"), width: 110, render: (row) => <Tag>{t(`class.${row.message_class}`)}</Tag> },
      { key: "body", title: t("templates.column.body"), render: (row) => <span className={styles.body}>{row.body}</span> },
      { key: "updated", title: t("templates.column.updated"), width: 156, render: (row) => <Time value={row.updated_at} clock="machine" /> },
    ],
    [t],
  );
}

export function TemplatesPage() {
  const { t } = useTranslation("messages");
  const can = useCan();
  const rows = usePages<MessageTemplate>("/message-templates");
  const [editing, setEditing] = useState<MessageTemplate | "new" | null>(null);
  const columns = useTemplateColumns();
  const create = can("template.write") ? (
    <Button type="primary" onClick={() => setEditing("new")}>
      {t("templates.create")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("templates.title")} lead={<>{t("templates.lead")}<MachineTimeHint /></>} actions={rows.items.length > 0 ? create : null}>
      <DataTable
        label={t("templates.title")}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={setEditing}
        empty={<EmptyState title={t("templates.emptyTitle")} hint={t("templates.emptyHint")} action={create} />}
      />
      <Drawer open={editing !== null} onClose={() => setEditing(null)} size={860} title={editing === "new" ? t("templates.create") : t("templates.edit")} destroyOnHidden>
        {editing === null ? null : <TemplateForm template={editing === "new" ? null : editing} onDone={() => setEditing(null)} />}
        {editing === null || editing === "new" ? null : <ApprovedTexts template={editing} />}
      </Drawer>
    </ListPage>
  );
}
