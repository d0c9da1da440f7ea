import { useMutation } from "@tanstack/react-query";
import { Select, Tag, Tooltip } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { api } from "@/shared/api";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { Column } from "@/shared/table";
import { refresh, WINS, type Group, type Wins } from "./types";

type PlatformTag = Group["tags"][number];
const COLOURS: Record<PlatformTag["status"], string> = { there: "default", wanted: "processing", gone: "warning", ended: "warning" };

function One({ tag }: { tag: PlatformTag }) {
  const { t } = useTranslation("tagsync");
  const about = tag.problem ?? (tag.status === "there" ? t("customers", { n: formatNumber(tag.customers) }) : t(`status.${tag.status}`));
  return (
    <Tooltip title={about}>
      <Tag color={COLOURS[tag.status]} style={{ marginBlock: 2, marginInlineEnd: 8 }}>
        <Link to={`/customers?tag=${encodeURIComponent(tag.tag)}`}>{tag.tag === tag.name ? tag.name : t("known", { name: tag.name, tag: tag.tag })}</Link>
        {tag.status === "there" ? null : ` · ${t(`status.${tag.status}`)}`}
      </Tag>
    </Tooltip>
  );
}

/** The platform's groups with their tags, and whose word on them holds. */
export function useGroupColumns(): Column<Group>[] {
  const { t } = useTranslation("tagsync");
  const may = useCan()("contact.write");
  const told = useTold();
  const change = useMutation({ mutationFn: ({ id, wins }: { id: string; wins: Wins }) => api.patch(`/platform-tag-groups/${id}`, { wins }), onSuccess: refresh, onError: told.failed });
  return useMemo(
    () => [
      { key: "name", title: t("group"), width: 180, render: (row) => (row.there ? row.name : t("notThere", { name: row.name })) },
      {
        key: "tags",
        title: t("tags"),
        render: (row) => row.tags.map((tag) => <One key={tag.id} tag={tag} />),
      },
      {
        key: "wins",
        title: t("wins.label"),
        width: 300,
        render: (row) => (
          <div style={{ whiteSpace: "normal", paddingBlock: 8 }}>
            <Select size="small" disabled={!may} style={{ display: "flex", width: 240 }} aria-label={t("winsOf", { group: row.name })} value={row.wins} onChange={(wins) => change.mutate({ id: row.id, wins })} options={WINS.map((wins) => ({ value: wins, label: t(`wins.${wins}`) }))} />
            <div className="t-faint">
              {t(`winsHint.${row.wins}`)}
            </div>
          </div>
        ),
      },
    ],
    [t, may, change],
  );
}
