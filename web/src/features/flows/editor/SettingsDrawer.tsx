import { Drawer, Form, InputNumber, Select, Switch } from "antd";
import type { Settings } from "@/shared/canvas";
import { eventsOf, ExpressionEditor, useCatalog } from "@/shared/expression";
import { useSay, useTranslation } from "@/shared/i18n";
import { CUSTOMER, rootsOf, subjectName, useSubject, type Subject } from "../subject";
import { SubjectField } from "../SubjectField";

interface Reentry {
  rule?: string;
  days?: number;
  times?: number;
  concurrent?: boolean;
}

interface Watch {
  event_type?: string | null;
  condition?: string;
  leave?: boolean;
}

interface Props {
  settings: Settings;
  editable: boolean;
  /** It was published before: what it is about stays. */
  fixed: boolean;
  onChange: (settings: Settings) => void;
  onClose: () => void;
}

function watchOf(value: unknown): Watch | null {
  return typeof value === "object" ? value : null;
}

const RULES = ["after_leaving", "never", "always", "after_days", "at_most"] as const;

function WatchFields({ label, about, value, onChange }: { label: string; about: Subject | null; value: Watch | null; onChange: (watch: Watch | null) => void }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const catalog = useCatalog().data;
  const events = (catalog ? eventsOf(catalog, about?.name ?? CUSTOMER, false, value?.event_type) : []).map((event) => ({ value: event.name, label: say(event.label) }));
  return (
    <>
      <Form.Item label={label}>
        <Select
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          placeholder={t("settings.noEvent")}
          aria-label={label}
          options={events}
          value={value?.event_type ?? null}
          onChange={(event: string | null) => onChange(event ? { ...value, event_type: event } : null)}
        />
      </Form.Item>
      {value?.event_type ? (
        <Form.Item label={t("settings.condition")}>
          <ExpressionEditor compact value={value.condition ?? ""} scope={{ ...rootsOf(about), event: value.event_type }} onChange={(condition) => onChange({ ...value, condition })} />
        </Form.Item>
      ) : null}
    </>
  );
}

/** What holds for the whole flow: who may enter again, what it is for, who is kept out. */
export function SettingsDrawer({ settings, editable, fixed, onChange, onClose }: Props) {
  const { t } = useTranslation("flows");
  const reentry: Reentry = settings.reentry ?? {};
  const goal = watchOf(settings.goal);
  const about = useSubject(settings);
  const set = (changes: Record<string, unknown>) => onChange({ ...settings, ...changes });
  const rule = reentry.rule ?? "after_leaving";
  return (
    <Drawer open onClose={onClose} size={480} title={t("settings.title")}>
      <Form layout="vertical" disabled={!editable}>
        <SubjectField value={subjectName(settings)} fixed={fixed} onChange={(subject) => set({ subject })} />
        <Form.Item label={t("settings.reentry")}>
          <Select aria-label={t("settings.reentry")} value={rule} options={RULES.map((value) => ({ value, label: t(`reentry.${value}`) }))} onChange={(value) => set({ reentry: { ...reentry, rule: value } })} />
        </Form.Item>
        {rule === "after_days" ? (
          <Form.Item label={t("settings.days")}>
            <InputNumber min={1} max={3650} precision={0} aria-label={t("settings.days")} value={reentry.days ?? 30} onChange={(days) => set({ reentry: { ...reentry, days: days ?? 30 } })} />
          </Form.Item>
        ) : null}
        {rule === "at_most" ? (
          <Form.Item label={t("settings.times")}>
            <InputNumber min={1} max={10_000} precision={0} aria-label={t("settings.times")} value={reentry.times ?? 1} onChange={(times) => set({ reentry: { ...reentry, times: times ?? 1 } })} />
          </Form.Item>
        ) : null}
        <WatchFields label={t("settings.goal")} about={about} value={goal} onChange={(next) => set({ goal: next })} />
        {goal ? (
          <Form.Item label={t("settings.leave")}>
            <Switch aria-label={t("settings.leave")} checked={goal.leave ?? true} onChange={(leave) => set({ goal: { ...goal, leave } })} />
          </Form.Item>
        ) : null}
        <WatchFields label={t("settings.exit")} about={about} value={watchOf(settings.exit_when)} onChange={(next) => set({ exit_when: next })} />
        <Form.Item label={t("settings.holdout")} help={t("settings.holdoutHelp")}>
          <InputNumber min={0} max={50} suffix="%" aria-label={t("settings.holdout")} value={Number(settings.holdout_percent ?? 0)} onChange={(percent) => set({ holdout_percent: percent ?? 0 })} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
