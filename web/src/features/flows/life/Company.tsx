import { EditOutlined, EyeOutlined } from "@ant-design/icons";
import { Avatar, Tooltip } from "antd";
import { useTranslation } from "@/shared/i18n";
import type { Person } from "./api";
import styles from "./life.module.css";

const SHOWN = 3;

/** Who else has the flow open, beside its name: by word for a screen reader, by initial for the eye. */
export function Company({ people }: { people: readonly Person[] }) {
  const { t } = useTranslation("flows");
  if (people.length === 0) return null;
  return (
    <span className={styles.company} role="group" aria-label={t("here.title")}>
      {people.slice(0, SHOWN).map((one) => {
        const told = t(one.editing ? "here.edits" : "here.reads", { name: one.name });
        return (
          <Tooltip key={one.user_id} title={told}>
            <span className={styles.person}>
              <Avatar size={24} aria-label={told}>
                {one.name.slice(0, 1)}
              </Avatar>
              {one.editing ? <EditOutlined aria-hidden /> : <EyeOutlined aria-hidden />}
            </span>
          </Tooltip>
        );
      })}
      {people.length > SHOWN ? `+${people.length - SHOWN}` : null}
    </span>
  );
}
