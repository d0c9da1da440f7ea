import { EditOutlined, ExclamationCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Modal } from "antd";
import { useState } from "react";
import { askedOf, ExpressionEditor, RelationEditor, unfinished, useChecked, type CatalogField, type ScopeRoots } from "@/shared/expression";
import { useSay, useTranslation } from "@/shared/i18n";
import styles from "./SchemaForm.module.css";

interface Props {
  value: string;
  onChange: (value: string) => void;
  label: string;
  scope: ScopeRoots;
  returns: string;
  disabled: boolean;
  /** The condition is on the rows of this related set. */
  relation?: string;
  /** What runs of the flow keep. */
  kept?: readonly CatalogField[];
}

/** A condition as a sentence; pressing it opens the editor, which has the room that a narrow form lacks. */
export function ConditionField({ value, onChange, label, scope, returns, disabled, relation, kept }: Props) {
  const { t } = useTranslation("shared");
  const say = useSay();
  const [open, setOpen] = useState(false);
  const empty = value.trim() === "";
  const gaps = unfinished(value) > 0;
  // A formula is no condition: what it gives is kept or sent, not asked.
  const what = returns === "bool" ? "condition" : "formula";
  const query = useChecked(relation && !empty ? askedOf(relation, value) : value, scope, returns);
  const checked = query.data;
  const wrong = gaps || (!empty && checked !== undefined && checked.errors.length > 0);
  return (
    <>
      {empty ? (
        <Button type="dashed" disabled={disabled} icon={<PlusOutlined />} aria-label={`${t(`form.${what}Add`)} ${label}`} onClick={() => setOpen(true)}>
          {t(`form.${what}Add`)}
        </Button>
      ) : (
        <button type="button" className={styles.condition} disabled={disabled} data-wrong={wrong} aria-label={`${t(`form.${what}Edit`)} ${label}`} onClick={() => setOpen(true)}>
          <span>
            {wrong ? <ExclamationCircleOutlined /> : null} {gaps ? t("form.conditionUnfinished") : wrong ? t(`form.${what}Wrong`) : checked?.plain ? say(checked.plain) : query.isPending ? t(`form.${what}Reading`) : value}
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
        {relation ? <RelationEditor relation={relation} scope={scope} value={value} onChange={onChange} disabled={disabled} /> : <ExpressionEditor value={value} onChange={onChange} scope={scope} returns={returns} disabled={disabled} {...(kept ? { kept } : {})} />}
      </Modal>
    </>
  );
}
