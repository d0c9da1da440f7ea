import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select, Space, type FormInstance } from "antd";
import { api, queryClient, type Page } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { useRoleName, useRoles } from "./roleName";
import type { OrgUnit, Person, Reach } from "./types";
import styles from "./Settings.module.css";

interface Given {
  role_id: string;
  scope: Reach;
  org_unit_id: string | null;
}

interface Draft {
  name: string;
  login: string;
  password: string;
  assignments: Given[];
}

const REACHES: Reach[] = ["all", "region", "store", "own"];

function AssignmentLine({ value, units, disabled, onChange, onRemove }: { value: Given; units: readonly OrgUnit[]; disabled: boolean; onChange: (value: Given) => void; onRemove: () => void }) {
  const { t } = useTranslation("settings");
  const roles = useRoles();
  const roleName = useRoleName();
  const needsUnit = value.scope === "region" || value.scope === "store";
  return (
    <div className={styles.assignment}>
      <Select aria-label={t("people.role")} placeholder={t("people.role")} disabled={disabled} value={value.role_id || null} options={(roles.data?.items ?? []).map((role) => ({ value: role.id, label: roleName(role.id, role.name) }))} onChange={(role_id) => onChange({ ...value, role_id })} />
      <Select aria-label={t("people.scope")} disabled={disabled} value={value.scope} options={REACHES.map((reach) => ({ value: reach, label: t(`people.reach.${reach}`) }))} onChange={(scope) => onChange({ ...value, scope, org_unit_id: null })} />
      {needsUnit ? (
        <Select aria-label={t("people.unit")} placeholder={t("people.unit")} disabled={disabled} showSearch={{ optionFilterProp: "label" }} value={value.org_unit_id} options={units.filter((unit) => unit.kind === value.scope).map((unit) => ({ value: unit.id, label: unit.name }))} onChange={(org_unit_id) => onChange({ ...value, org_unit_id })} />
      ) : (
        <span />
      )}
      <Button type="text" disabled={disabled} icon={<DeleteOutlined />} aria-label={t("shared:action.remove")} onClick={onRemove} />
    </div>
  );
}

/** A field of the form, which hands it its value. */
function Assignments({ value = [], disabled, onChange = () => undefined }: { value?: Given[]; disabled: boolean; onChange?: (value: Given[]) => void }) {
  const { t } = useTranslation("settings");
  const units = useQuery({ queryKey: ["/org-units"], queryFn: ({ signal }) => api.get<Page<OrgUnit>>("/org-units", undefined, signal) });
  return (
    <>
      {value.map((one, index) => (
        <AssignmentLine key={index} value={one} units={units.data?.items ?? []} disabled={disabled} onChange={(next) => onChange(value.map((before, at) => (at === index ? next : before)))} onRemove={() => onChange(value.filter((_, at) => at !== index))} />
      ))}
      <Button type="dashed" size="small" disabled={disabled} icon={<PlusOutlined />} onClick={() => onChange([...value, { role_id: "", scope: "all", org_unit_id: null }])}>
        {t("people.addAssignment")}
      </Button>
    </>
  );
}

function complete(one: Given): boolean {
  return one.role_id !== "" && (one.scope === "all" || one.scope === "own" || one.org_unit_id !== null);
}

function useSave(person: Person | null, form: FormInstance<Draft>, onDone: () => void) {
  const { t } = useTranslation("settings");
  const told = useTold();
  return useMutation({
    mutationFn: (body: object) => (person ? api.patch(`/users/${person.id}`, body) : api.post("/users", body)),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/users"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.refused(form),
  });
}

export function PersonForm({ person, onDone }: { person: Person | null; onDone: () => void }) {
  const { t } = useTranslation("settings");
  const editable = useCan()("user.write");
  const first: Draft = { name: person?.name ?? "", login: person?.login ?? "", password: "", assignments: person?.assignments ?? [] };
  const [form] = Form.useForm<Draft>();
  const draft = useDraft(form, first);
  const save = useSave(person, form, onDone);
  const submit = () => {
    const assignments = draft.assignments.map(({ role_id, scope, org_unit_id }) => ({ role_id, scope, org_unit_id }));
    const common = { name: draft.name.trim(), assignments };
    save.mutate(person ? { ...common, ...(draft.password ? { password: draft.password } : {}) } : { ...common, login: draft.login.trim(), password: draft.password });
  };
  const ready = draft.name.trim() !== "" && draft.login.trim() !== "" && (person !== null || draft.password !== "") && draft.assignments.every(complete);
  return (
    <Form<Draft> form={form} name="person" layout="vertical" disabled={!editable} initialValues={first} onFinish={submit}>
      <Form.Item name="name" label={t("people.name")} required>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="login" label={t("people.login")} required>
        <Input maxLength={100} autoComplete="off" disabled={person !== null || !editable} />
      </Form.Item>
      <Form.Item name="password" label={t(person ? "people.newPassword" : "people.password")} required={person === null} extra={t("people.passwordHint")}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="assignments" label={t("people.assignments")}>
        <Assignments disabled={!editable} />
      </Form.Item>
      {editable ? (
        <Space>
          <Button type="primary" htmlType="submit" disabled={!ready} loading={save.isPending}>
            {t("shared:action.save")}
          </Button>
          {person ? (
            <Button danger={person.active} onClick={() => save.mutate({ active: !person.active })}>
              {t(person.active ? "people.disable" : "people.enable")}
            </Button>
          ) : null}
        </Space>
      ) : null}
    </Form>
  );
}
