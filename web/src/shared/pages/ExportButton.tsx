import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { MouseEvent } from "react";
import { useNavigate } from "react-router";
import { useTranslation } from "@/shared/i18n";

type Filters = Partial<Record<string, string | null>>;

/** The address of the form for a new export of a list, with what narrows the list now. */
export function exportAddress(list: string, filters: Filters = {}): string {
  const search = new URLSearchParams({ list });
  for (const [name, value] of Object.entries(filters)) if (value) search.set(name, value);
  return `/exports?${search.toString()}`;
}

/** Makes the list at hand into a file: the form for it opens with the list's own filters. */
export function ExportButton({ list, filters }: { list: string; filters?: Filters }) {
  const { t } = useTranslation("shared");
  const navigate = useNavigate();
  const address = exportAddress(list, filters);
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void navigate(address, { state: { back: true } });
  };
  return (
    <Button type="text" icon={<DownloadOutlined />} href={address} onClick={go}>
      {t("action.export")}
    </Button>
  );
}
