import { InboxOutlined } from "@ant-design/icons";
import { Alert, Modal, Upload } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, ApiError } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Flow } from "../api";
import { useDeed } from "./api";

/** A flow comes from a file. What it needs and is not here is named, with the block that needs it. */
export function ImportFlow({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("flows");
  const navigate = useNavigate();
  const told = useTold();
  const say = useSay();
  const [missing, setMissing] = useState<readonly string[]>([]);
  const bring = useDeed((file: unknown) => api.post<Flow>("/flow-imports", { file }));
  const read = async (file: File) => {
    setMissing([]);
    let value: unknown;
    try {
      value = JSON.parse(await file.text());
    } catch {
      setMissing([t("import.noJson", { file: file.name })]);
      return;
    }
    bring.mutate(value, {
      onSuccess: (flow) => void navigate(`/flows/${flow.id}`),
      onError: (error) => {
        if (error instanceof ApiError && error.places.length > 0) setMissing(error.places.map((one) => say(one.what)));
        else told.failed(error);
      },
    });
  };
  return (
    <Modal open title={t("import.title")} footer={null} onCancel={onClose}>
      <Upload.Dragger
        accept=".json,application/json"
        showUploadList={false}
        disabled={bring.isPending}
        beforeUpload={(file) => {
          void read(file);
          return false;
        }}
      >
        <p>
          <InboxOutlined style={{ fontSize: 32 }} aria-hidden />
        </p>
        <p>{t("import.drop")}</p>
      </Upload.Dragger>
      {missing.length > 0 ? (
        <Alert
          type="error"
          showIcon
          style={{ marginTop: 12 }}
          title={t("import.missing")}
          description={
            <ul>
              {missing.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          }
        />
      ) : null}
    </Modal>
  );
}

export async function downloadFlow(flow: { id: string; name: string }): Promise<void> {
  const file = await api.get<unknown>(`/flows/${flow.id}/export`);
  const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${flow.name}.flow.json`;
  link.click();
  URL.revokeObjectURL(url);
}
