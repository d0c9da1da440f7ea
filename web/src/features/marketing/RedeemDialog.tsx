import { useMutation, useQuery } from "@tanstack/react-query";
import { Form, Input, Modal, Select } from "antd";
import { api, queryClient, type Page } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Coupon } from "./types";

interface Till {
  code: string;
  store_id?: string;
  order_id?: string;
}

export function RedeemDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("marketing");
  const told = useTold();
  const [form] = Form.useForm<Till>();
  const stores = useQuery({ queryKey: ["/stores", "choices"], queryFn: ({ signal }) => api.get<Page<{ id: string; name: string }>>("/stores", undefined, signal), enabled: open, retry: false });
  const redeem = useMutation({
    mutationFn: (till: Till) => api.post<Coupon>("/coupons/redeem", { code: till.code.trim(), store_id: till.store_id ?? null, order_id: till.order_id === undefined || till.order_id.trim() === "" ? null : till.order_id.trim() }),
    onSuccess: (coupon) => {
      for (const path of ["/coupon-templates", "/coupons"]) void queryClient.invalidateQueries({ queryKey: [path] });
      told.done(t("redeem.done", { template: coupon.template, code: coupon.code }));
      form.resetFields(["code", "order_id"]);
      onClose();
    },
    onError: told.failed,
  });
  return (
    <Modal open={open} title={t("redeem.title")} okText={t("redeem.submit")} cancelText={t("shared:action.cancel")} confirmLoading={redeem.isPending} onCancel={onClose} onOk={() => form.submit()} destroyOnHidden>
      <Form<Till> form={form} layout="vertical" onFinish={(till) => redeem.mutate(till)}>
        <Form.Item name="code" label={t("redeem.code")} extra={t("redeem.codeHint")} rules={[{ required: true, message: t("redeem.codeHint") }]}>
          <Input autoFocus maxLength={40} autoComplete="off" />
        </Form.Item>
        <Form.Item name="store_id" label={t("redeem.store")}>
          <Select allowClear showSearch={{ optionFilterProp: "label" }} options={(stores.data?.items ?? []).map((store) => ({ value: store.id, label: store.name }))} />
        </Form.Item>
        <Form.Item name="order_id" label={t("redeem.order")}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
