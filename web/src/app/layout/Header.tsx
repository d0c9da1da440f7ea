import { BulbOutlined, MoonOutlined, SearchOutlined, SunOutlined, TranslationOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Avatar, Button, Dropdown, Tag, Tooltip } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api } from "@/shared/api";
import { changeLanguage, useLanguage, useTranslation } from "@/shared/i18n";
import { ME_KEY, useMe } from "@/shared/session";
import { useTold } from "@/shared/states";
import { useShade, type ShadeChoice } from "@/shared/theme";
import { ClockControl } from "./ClockControl";
import { GlobalSearch } from "./GlobalSearch";
import styles from "./Header.module.css";

const shadeIcons: Record<ShadeChoice, React.ReactNode> = { light: <SunOutlined />, dark: <MoonOutlined />, system: <BulbOutlined /> };

function ShadeMenu() {
  const { t } = useTranslation("app");
  const { choice, choose } = useShade();
  const choices: ShadeChoice[] = ["light", "dark", "system"];
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        selectable: true,
        selectedKeys: [choice],
        items: choices.map((key) => ({ key, icon: shadeIcons[key], label: t(`shade.${key}`) })),
        onClick: ({ key }) => choose(key as ShadeChoice),
      }}
    >
      <Button type="text" icon={shadeIcons[choice]} aria-label={t("shade.label")} />
    </Dropdown>
  );
}

function LanguageSwitch() {
  const { t } = useTranslation("app");
  const language = useLanguage();
  const other = language === "zh" ? "en" : "zh";
  return (
    <Tooltip title={t("language.switch")}>
      <Button type="text" icon={<TranslationOutlined />} aria-label={`${t("language.other")} · ${t("language.switch")}`} onClick={() => changeLanguage(other)}>
        {t("language.other")}
      </Button>
    </Tooltip>
  );
}

function UserMenu() {
  const { t } = useTranslation("app");
  const me = useMe();
  const client = useQueryClient();
  const told = useTold();
  const leave = useMutation({
    mutationFn: () => api.delete("/session"),
    onSuccess: () => {
      client.clear();
      client.setQueryData(ME_KEY, null);
    },
    onError: told.failed,
  });
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "who", type: "group", label: `${me.user.name} · ${me.user.login}` },
          { key: "notices", label: <Link to="/notices">{t("user.notices")}</Link> },
          { key: "leave", label: t("user.logOut"), onClick: () => leave.mutate() },
        ],
      }}
    >
      <Button type="text" className={styles.user ?? ""} aria-label={t("user.menu", { name: me.user.name })}>
        <Avatar size={26} icon={<UserOutlined />} className={styles.avatar ?? ""} />
        <span className={styles.userName}>{me.user.name}</span>
      </Button>
    </Dropdown>
  );
}

export function Header() {
  const { t } = useTranslation("app");
  const me = useMe();
  const [searching, setSearching] = useState(false);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setSearching(true);
      }
    };
    window.addEventListener("keydown", open);
    return () => window.removeEventListener("keydown", open);
  }, []);
  return (
    <header className={styles.header}>
      <div className={styles.tenant}>
        <span className={styles.tenantName}>{me.tenant.name}</span>
        {me.tenant.trial ? (
          <Link to="/settings/trials">
            <Tag color="processing">{t("tenant.trial")}</Tag>
          </Link>
        ) : me.tenant.demo ? (
          <Tag variant="outlined">{t("tenant.demo")}</Tag>
        ) : null}
      </div>
      <button type="button" className={styles.search} onClick={() => setSearching(true)} aria-haspopup="dialog">
        <SearchOutlined />
        <span className={styles.searchText}>{t("search.prompt")}</span>
        <kbd className={styles.key}>Ctrl K</kbd>
      </button>
      <div className={styles.tools}>
        <ClockControl />
        <LanguageSwitch />
        <ShadeMenu />
        <UserMenu />
      </div>
      <GlobalSearch open={searching} onClose={() => setSearching(false)} />
    </header>
  );
}
