import { CloseOutlined, StarOutlined } from "@ant-design/icons";
import { Button, Input, Popover, Space } from "antd";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import { useTold } from "@/shared/states";
import styles from "./FilterBar.module.css";

interface View {
  name: string;
  search: string;
}

function read(key: string): View[] {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]") as View[];
  } catch {
    return [];
  }
}

/** Conditions of a list under a name, kept for one person in this browser; the address holds the conditions themselves. */
export function SavedViews({ page }: { page: string }) {
  const { t } = useTranslation("shared");
  const key = `tandem.views.${useMe().user.id}.${page}`;
  const told = useTold();
  const [search, setSearch] = useSearchParams();
  const [views, setViews] = useState(() => read(key));
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const keep = (next: View[]) => {
    localStorage.setItem(key, JSON.stringify(next));
    setViews(next);
  };
  const here = search.toString();
  const save = () => {
    const called = name.trim();
    if (!called || !here) return;
    keep([...views.filter((view) => view.name !== called), { name: called, search: here }]);
    told.done(t("view.saved", { name: called }));
    setName("");
    setOpen(false);
  };
  const list = (
    <div className={styles.views}>
      {views.length === 0 ? <p className="t-faint">{t("view.none")}</p> : null}
      {views.map((view) => (
        <div key={view.name} className={styles.view}>
          <Button
            type={view.search === here ? "link" : "text"}
            aria-current={view.search === here}
            onClick={() => {
              setSearch(new URLSearchParams(view.search), { replace: true });
              setOpen(false);
            }}
          >
            {view.name}
          </Button>
          <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t("view.remove", { name: view.name })} onClick={() => keep(views.filter((one) => one !== view))} />
        </div>
      ))}
      {here ? (
        <Space.Compact block>
          <Input aria-label={t("view.name")} placeholder={t("view.name")} maxLength={40} value={name} onChange={(event) => setName(event.target.value)} onPressEnter={save} />
          <Button type="primary" disabled={!name.trim()} onClick={save}>
            {t("view.save")}
          </Button>
        </Space.Compact>
      ) : null}
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" open={open} onOpenChange={setOpen} title={t("view.mine")} content={list} destroyOnHidden>
      <Button type="text" icon={<StarOutlined />}>
        {views.find((view) => view.search === here && here !== "")?.name ?? t("view.mine")}
      </Button>
    </Popover>
  );
}
