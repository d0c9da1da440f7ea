import { Button, Drawer, Popconfirm } from "antd";
import { Time } from "@/shared/format";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { spoken } from "../live/spoken";
import { useVariants, useVersions, type Variant, type Version } from "./api";
import styles from "./life.module.css";

interface Props {
  flowId: string;
  onCompare: (version: Version) => void;
  onRestore: (version: Version) => void;
  onEnd: (variant: Variant) => void;
  onClose: () => void;
}

function VersionLine({ version, onCompare, onRestore }: { version: Version } & Pick<Props, "onCompare" | "onRestore">) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const language = useLanguage();
  const number = t("list.versionNumber", { n: version.number });
  return (
    <li className={styles.version}>
      <header>
        <h3>{number}</h3>
        {version.current ? <span className={styles.mark}>{t("versions.current")}</span> : null}
        {version.status === "planned" ? <span className={styles.mark}>{t("versions.planned")}</span> : null}
      </header>
      <p className={styles.who}>
        <Time value={version.published_at} clock="machine" /> · {version.agreed_name ? t("versions.both", { asked: version.by_name ?? t("versions.nobody"), agreed: version.agreed_name }) : (version.by_name ?? t("versions.nobody"))}
      </p>
      <p className={styles.why}>{version.note === "" ? t("versions.noReason") : spoken(version.note, language)}</p>
      <div className={styles.doing}>
        <Button size="small" aria-label={`${t("versions.compare")} ${number}`} onClick={() => onCompare(version)}>
          {t("versions.compare")}
        </Button>
        {can("flow.write") ? (
          <Popconfirm title={t("versions.restoreAsk")} okText={t("versions.restore")} cancelText={t("publish.later")} onConfirm={() => onRestore(version)}>
            <Button size="small" aria-label={`${t("versions.restore")} ${number}`}>
              {t("versions.restore")}
            </Button>
          </Popconfirm>
        ) : null}
      </div>
    </li>
  );
}

function VariantLine({ variant, onEnd }: { variant: Variant; onEnd: (variant: Variant) => void }) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const alive = variant.state === "planned" || variant.state === "running";
  return (
    <li className={styles.version}>
      <header>
        <h3>{variant.name}</h3>
        <span className={styles.mark}>{t(`variant.state.${variant.state}`)}</span>
      </header>
      <p className={styles.who}>
        <Time value={variant.starts_at} /> – <Time value={variant.ends_at} /> · {t("list.versionNumber", { n: variant.number })}
      </p>
      {alive && can("flow.publish") ? (
        <div className={styles.doing}>
          <Button size="small" onClick={() => onEnd(variant)}>
            {t(variant.state === "running" ? "variant.end" : "variant.cancel")}
          </Button>
        </div>
      ) : null}
    </li>
  );
}

/** Every version with who, when and why; each can be laid over the draft, or become it. */
export function VersionsDrawer({ flowId, onCompare, onRestore, onEnd, onClose }: Props) {
  const { t } = useTranslation("flows");
  const versions = useVersions(flowId);
  const variants = useVariants(flowId);
  const windows = variants.data?.items ?? [];
  return (
    <Drawer open size={420} title={t("versions.title")} onClose={onClose}>
      {windows.length > 0 ? (
        <>
          <h3 className={styles.section}>{t("variant.title")}</h3>
          <ul className={styles.versions}>
            {windows.map((one) => (
              <VariantLine key={one.id} variant={one} onEnd={onEnd} />
            ))}
          </ul>
          <h3 className={styles.section}>{t("versions.title")}</h3>
        </>
      ) : null}
      {versions.error ? <ErrorState compact error={versions.error} onRetry={() => void versions.refetch()} /> : null}
      {versions.isPending ? <LoadingState rows={4} /> : null}
      {versions.data?.items.length === 0 ? <EmptyState title={t("versions.empty")} hint={t("versions.emptyHint")} /> : null}
      <ul className={styles.versions}>
        {versions.data?.items.map((one) => (
          <VersionLine key={one.id} version={one} onCompare={onCompare} onRestore={onRestore} />
        ))}
      </ul>
    </Drawer>
  );
}
