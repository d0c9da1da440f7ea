import { BranchesOutlined, SearchOutlined, UserOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useDeferredValue, useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { pageIcon, visibleGroups } from "../navigation";
import styles from "./GlobalSearch.module.css";

type Found = Schemas["Found"];

interface Hit {
  key: string;
  to: string;
  icon: ReactNode;
  title: string;
  subtitle: string;
}

const places: Record<Found["kind"], string> = { customer: "/customers/", flow: "/flows/", segment: "/segments/", order: "/orders/" };

function usePageHits(text: string): Hit[] {
  const { t } = useTranslation("app");
  const can = useCan();
  const needle = text.trim().toLowerCase();
  return visibleGroups(can)
    .flatMap((group) =>
      (group.to ? [{ key: group.label ?? group.key, to: group.to }] : group.entries).map((entry) => ({
        key: `page:${entry.to}`,
        to: entry.to,
        icon: pageIcon,
        title: t(`nav.${entry.key}`),
        subtitle: group.to ? t("search.page") : `${t("search.page")} · ${t(`nav.${group.key}`)}`,
      })),
    )
    .filter((hit) => hit.title.toLowerCase().includes(needle) || hit.to.includes(needle));
}

function useFoundHits(text: string): { hits: Hit[]; busy: boolean } {
  const { t } = useTranslation("app");
  const term = text.trim();
  const query = useQuery({
    queryKey: ["/search", term],
    queryFn: ({ signal }) => api.get<{ items: Found[] }>("/search", { q: term }, signal),
    enabled: term.length >= 2,
  });
  const hits = (term.length >= 2 ? (query.data?.items ?? []) : []).map((found) => ({
    key: `${found.kind}:${found.id}`,
    to: places[found.kind] + found.id,
    icon: found.kind === "flow" ? <BranchesOutlined /> : <UserOutlined />,
    title: found.title,
    subtitle: [t(`search.kind.${found.kind}`), found.subtitle].filter(Boolean).join(" · "),
  }));
  return { hits, busy: query.isFetching };
}

function SearchBox({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("app");
  const navigate = useNavigate();
  const listId = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const slow = useDeferredValue(text);
  const pages = usePageHits(text);
  const { hits: found, busy } = useFoundHits(slow);
  const hits = [...found, ...pages].slice(0, 14);
  const chosen = Math.min(at, Math.max(0, hits.length - 1));
  const go = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    void navigate(hit.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) go(hits[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <div>
      <Input
        autoFocus
        size="large"
        prefix={<SearchOutlined />}
        placeholder={t("search.placeholder")}
        aria-label={t("search.placeholder")}
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={listId}
        aria-activedescendant={hits[chosen] ? `${listId}-${chosen}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={styles.hits} id={listId} role="listbox" aria-label={t("search.results")} aria-busy={busy}>
        {hits.map((hit, index) => (
          // Keys are handled on the input, which names the chosen option by aria-activedescendant.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={hit.key}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={styles.hit}
            onMouseEnter={() => setAt(index)}
            onClick={() => go(hit)}
          >
            <span className={styles.icon}>{hit.icon}</span>
            <span className={styles.title}>{hit.title}</span>
            <span className={styles.subtitle}>{hit.subtitle}</span>
          </div>
        ))}
      </div>
      {hits.length === 0 ? <p className={styles.none}>{busy ? t("search.busy") : t("search.none")}</p> : null}
    </div>
  );
}

export function GlobalSearch({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("app");
  return (
    <Modal open={open} onCancel={onClose} footer={null} closable={false} destroyOnHidden width={640} style={{ top: 96 }} aria-label={t("search.prompt")}>
      <SearchBox onClose={onClose} />
    </Modal>
  );
}
