import { EditOutlined, ExclamationCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Modal } from "antd";
import { useState } from "react";
import { ExpressionEditor, unfinished, useChecked, type ScopeRoots } from "@/shared/expression";
import { useSay, useTranslation } from "@/shared/i18n";
import styles from "./SchemaForm.module.css";

interface Props {
  value: string;
  onChange: (value: string) => void;
  label: string;
  scope: ScopeRoots;
  returns: string;
  disabled: boolean;
}

/** A condition as a sentence; pressing it opens the editor, which has the room that a narrow form lacks. */
export function ConditionField({ value, onChange, label, scope, returns, disabled }: Props) {
  const { t } = useTranslation("shared");
  const say = useSay();
  const [open, setOpen] = useState(false);
  const empty = value.trim() === "";
  const checked = useChecked(value, scope, returns).data;
  const gaps = unfinished(value) > 0;
  const wrong = gaps || (!empty && checked !== undefined && checked.errors.length > 0);
  return (
    <>
      {empty ? (
        <Button type="dashed" disabled={disabled} icon={<PlusOutlined />} aria-label={`${t("form.conditionAdd")} ${label}`} onClick={() => setOpen(true)}>
          {t("form.conditionAdd")}
        </Button>
      ) : (
        <button type="button" className={styles.condition} disabled={disabled} data-wrong={wrong} aria-label={`${t("form.conditionEdit")} ${label}`} onClick={() => setOpen(true)}>
          <span>
            {wrong ? <ExclamationCircleOutlined /> : null} {gaps ? t("form.conditionUnfinished") : wrong ? t("form.conditionWrong") : checked?.plain ? say(checked.plain) : t("form.conditionReading")}
          </span>
          <EditOutlined aria-hidden />
        </button>
      )}
      <Modal
        open={open}
        title={label}
        width={760}
        destroyOnHidden
        onCancel={() => setOpen(false)}
        footer={
          <Button type="primary" onClick={() => setOpen(false)}>
            {t("form.conditionDone")}
          </Button>
        }
      >
        <ExpressionEditor value={value} onChange={onChange} scope={scope} returns={returns} disabled={disabled} />
      </Modal>
    </>
  );
}
