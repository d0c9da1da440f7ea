import { TagOutlined, UnorderedListOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { App, AutoComplete, Button } from "antd";
import { useState } from "react";
import { api, queryClient, type Page, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { ListDialog } from "./ListDialog";

/** What may be done with the customers ticked. The count stands in every sentence, before and after. */
export function BulkBar({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const { t } = useTranslation("customers");
  const told = useTold();
  const { modal } = App.useApp();
  const can = useCan();
  const [tag, setTag] = useState("");
  const [listing, setListing] = useState(false);
  const tags = useQuery({ queryKey: ["/tags", "choices"], queryFn: ({ signal }) => api.get<Page<{ name: string }>>("/tags", { limit: 200 }, signal), staleTime: 60_000 });
  const change = useMutation({
    mutationFn: (remove: boolean) => api.post<Schemas["BulkTagged"]>("/customers/tags", { customer_ids: ids, tag: tag.trim(), remove }),
    onSuccess: ({ changed }, remove) => {
      void queryClient.invalidateQueries({ queryKey: ["/customers"] });
      told.done(t(remove ? "bulk.removed" : "bulk.added", { count: changed, tag: tag.trim() }));
      onDone();
    },
    onError: told.failed,
  });
  const ask = (remove: boolean) =>
    modal.confirm({
      title: t(remove ? "bulk.removeTitle" : "bulk.addTitle", { count: ids.length, tag: tag.trim() }),
      content: t("bulk.hint"),
      okText: t(remove ? "bulk.removeDo" : "bulk.addDo", { count: ids.length }),
      cancelText: t("shared:action.cancel"),
      onOk: () => change.mutateAsync(remove).catch(() => undefined),
    });
  return (
    <>
      <strong role="status">{t("shared:select.count", { count: ids.length })}</strong>
      <AutoComplete
        style={{ width: 200 }}
        aria-label={t("tag.placeholder")}
        placeholder={t("tag.placeholder")}
        value={tag}
        onChange={setTag}
        options={(tags.data?.items ?? []).filter(({ name }) => name.includes(tag)).map(({ name }) => ({ value: name }))}
      />
      <Button icon={<TagOutlined />} disabled={!tag.trim()} onClick={() => ask(false)}>
        {t("bulk.add")}
      </Button>
      <Button disabled={!tag.trim()} onClick={() => ask(true)}>
        {t("bulk.remove")}
      </Button>
      {can("segment.write") ? (
        <Button icon={<UnorderedListOutlined />} onClick={() => setListing(true)}>
          {t("list.open")}
        </Button>
      ) : null}
      {listing ? <ListDialog whom={{ ids, count: ids.length }} onClose={() => setListing(false)} onDone={onDone} /> : null}
      <Button type="link" onClick={onDone}>
        {t("shared:select.clear")}
      </Button>
    </>
  );
}
