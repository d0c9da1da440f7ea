import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input, Space, Tag, type FormInstance } from "antd";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import { PermissionMatrix } from "./PermissionMatrix";
import { useRoleName, useRoles } from "./roleName";
import type { Role } from "./types";
import styles from "./Settings.module.css";

type Values = Pick<Role, "name" | "permissions">;

/** A role being made: no id yet. */
type Draft = Values & { id: string | null; built_in: boolean; holders: number };

function useSave(form: FormInstance<Values>, onSaved: (role: Role | null) => void) {
  const { t } = useTranslation("settings");
  const told = useTold();
  const settle = (role: Role | null) => {
    void queryClient.invalidateQueries({ queryKey: ["/roles"] });
    told.done(t("shared:state.saved"));
    onSaved(role);
  };
  const save = useMutation({
    mutationFn: ({ id, name, permissions }: Draft) => (id ? api.patch<Role>(`/roles/${id}`, { name, permissions }) : api.post<Role>("/roles", { name, permissions })),
    onSuccess: settle,
    onError: told.refused(form),
  });
  const remove = useMutation({ mutationFn: (id: string) => api.delete(`/roles/${id}`), onSuccess: () => settle(null), onError: told.failed });
  return { save, remove };
}

function RoleEditor({ role, onSaved, onCopy }: { role: Draft; onSaved: (role: Role | null) => void; onCopy: (draft: Draft) => void }) {
  const { t } = useTranslation("settings");
  const { modal } = App.useApp();
  const can = useCan();
  const roleName = useRoleName();
  const [form] = Form.useForm<Values>();
  const first: Values = { name: role.name, permissions: role.permissions };
  const draft = useDraft(form, first);
  const { save, remove } = useSave(form, onSaved);
  const editable = can("role.write") && !role.built_in;
  const shownName = role.id ? roleName(role.id, role.name) : role.name;
  const askRemove = () =>
    modal.confirm({
      title: t("roles.deleteTitle", { name: role.name }),
      content: t("roles.deleteHint"),
      okText: t("roles.delete"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => (role.id ? remove.mutateAsync(role.id) : undefined),
    });
  return (
    <Section title={role.built_in ? shownName : undefined} extra={role.built_in ? <Tag>{t("roles.builtIn")}</Tag> : undefined}>
      <Form<Values> form={form} name="role" layout="vertical" initialValues={first} onFinish={() => save.mutate({ ...role, ...draft })}>
        {role.built_in ? null : (
          <Form.Item name="name" label={t("roles.name")} required>
            <Input maxLength={100} disabled={!editable} />
          </Form.Item>
        )}
        <Form.Item name="permissions" label={t("roles.matrix")}>
          <PermissionMatrix disabled={!editable} />
        </Form.Item>
        {can("role.write") ? (
          <Space>
            {editable ? (
              <Button type="primary" htmlType="submit" disabled={!draft.name.trim()} loading={save.isPending}>
                {t("shared:action.save")}
              </Button>
            ) : null}
            {role.id ? <Button onClick={() => onCopy({ id: null, built_in: false, holders: 0, name: t("roles.copyOf", { name: shownName }), permissions: role.permissions })}>{t("roles.copy")}</Button> : null}
            {editable && role.id && role.holders === 0 ? (
              <Button danger onClick={askRemove}>
                {t("roles.delete")}
              </Button>
            ) : null}
          </Space>
        ) : null}
      </Form>
    </Section>
  );
}

export function RolesPage() {
  const { t } = useTranslation("settings");
  const can = useCan();
  const roles = useRoles();
  const roleName = useRoleName();
  const [chosen, setChosen] = useState<string | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const create = () => setDraft({ id: null, built_in: false, holders: 0, name: "", permissions: [] });
  return (
    <Page
      title={t("roles.title")}
      lead={t("roles.lead")}
      actions={
        can("role.write") ? (
          <Button type="primary" onClick={create}>
            {t("roles.create")}
          </Button>
        ) : null
      }
    >
      <Loaded query={roles}>
        {({ items }) => {
          const current: Draft | undefined = draft ?? items.find((role) => role.id === chosen) ?? items[0];
          return (
            <div className={styles.roles}>
              <Section flush>
                {items.map((role) => (
                  <button
                    key={role.id}
                    type="button"
                    className={styles.role}
                    aria-pressed={current?.id === role.id}
                    onClick={() => {
                      setDraft(null);
                      setChosen(role.id);
                    }}
                  >
                    <span>{roleName(role.id, role.name)}</span>
                    <span className="t-faint">{t("roles.holders", { count: role.holders })}</span>
                  </button>
                ))}
              </Section>
              {current ? (
                <RoleEditor
                  key={current.id ?? `new:${current.name}`}
                  role={current}
                  onCopy={setDraft}
                  onSaved={(saved) => {
                    setDraft(null);
                    setChosen(saved?.id ?? null);
                  }}
                />
              ) : null}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
