import { useMutation } from "@tanstack/react-query";
import { Form, InputNumber, Modal, Radio, Switch, Typography } from "antd";
import { api, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Directory } from "./types";

type Values = Pick<Directory, "sign_in" | "stop_percent" | "stop_least"> & { mode: "review" | "auto" };

/** How much goes by itself, whether people sign in by it, and when leaving is stopped. */
export function Handling({ one, onDone }: { one: Directory; onDone: () => void }) {
  const { t } = useTranslation("directory");
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const save = useMutation({
    mutationFn: (body: Values) => api.put(`/directories/${one.account_id}`, body),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: ["/directories"] }), told.done(t("shared:state.saved")), onDone()),
    onError: told.refused(form),
  });
  return (
    <Modal open title={t("handling")} onCancel={onDone} onOk={() => form.submit()} okText={t("shared:action.save")} cancelText={t("shared:action.cancel")} confirmLoading={save.isPending}>
      <Form<Values> form={form} name="handling" layout="vertical" initialValues={{ mode: one.mode ?? "review", sign_in: one.sign_in, stop_percent: one.stop_percent, stop_least: one.stop_least }} onFinish={(values) => save.mutate(values)}>
        <Form.Item name="mode" label={t("modeLabel")} extra={t("modeHint")}>
          <Radio.Group options={[{ value: "review", label: t("mode.review") }, { value: "auto", label: t("mode.auto") }]} />
        </Form.Item>
        <Form.Item name="sign_in" label={t("signIn")} valuePropName="checked" extra={one.sign_in_address ? <>{t("signInAddress")} <Typography.Text code copyable>{one.sign_in_address}</Typography.Text></> : t(one.simulated ? "signInSimulated" : "signInNoAddress")}>
          <Switch />
        </Form.Item>
        <Form.Item name="stop_percent" label={t("stopPercent")} extra={t("stopHint")}>
          <InputNumber min={1} max={100} suffix="%" />
        </Form.Item>
        <Form.Item name="stop_least" label={t("stopLeast")}>
          <InputNumber min={1} max={1000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
