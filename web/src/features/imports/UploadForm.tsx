import { InboxOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Form, Input, Progress, Radio, Upload } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { ImportDetail, ImportKind, ImportLine } from "./types";

/** `mends`: the import whose refused rows come back, of the same kind and source. */
export function UploadForm({ mends }: { mends?: ImportLine }) {
  const { t } = useTranslation("imports");
  const navigate = useNavigate();
  const told = useTold();
  const [kind, setKind] = useState<ImportKind>((mends?.kind as ImportKind | undefined) ?? "customer");
  const [source, setSource] = useState(mends?.source ?? "");
  const [sent, setSent] = useState(0);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set("kind", kind);
      form.set("source", source.trim() || "import");
      if (mends) form.set("mends", mends.id);
      form.set("file", file);
      setSent(0);
      return api.upload<ImportDetail>("/imports", form, setSent);
    },
    onSuccess: (made) => {
      queryClient.setQueryData(["/imports", made.id], made);
      void queryClient.invalidateQueries({ queryKey: ["/imports"], exact: false });
      void navigate(`/imports/${made.id}`);
    },
    onError: told.failed,
  });
  return (
    <Form layout="vertical" component="div">
      {mends ? null : (
        <>
          <Form.Item label={t("kindLabel")} extra={t(`kindHelp.${kind}`)}>
            <Radio.Group aria-label={t("kindLabel")} optionType="button" value={kind} options={(["customer", "order"] as const).map((one) => ({ value: one, label: t(`kind.${one}`) }))} onChange={(event) => setKind(event.target.value as ImportKind)} />
          </Form.Item>
          <Form.Item label={t("source")} htmlFor="import-source" extra={t("sourceHint")}>
            <Input id="import-source" maxLength={100} placeholder={t("shared:source.import")} value={source} onChange={(event) => setSource(event.target.value)} />
          </Form.Item>
        </>
      )}
      <Upload.Dragger
        accept=".csv,.txt,.xlsx,text/csv"
        multiple={false}
        showUploadList={false}
        disabled={upload.isPending}
        beforeUpload={(file) => {
          upload.mutate(file);
          return false;
        }}
      >
        <p className="ant-upload-drag-icon">
          <InboxOutlined />
        </p>
        <p className="ant-upload-text">{t("drop")}</p>
        <p className="ant-upload-hint">{t("dropHint")}</p>
      </Upload.Dragger>
      {upload.isPending ? (
        <div role="status">
          <Progress percent={Math.floor(sent * 100)} status="active" aria-label={t("upload")} />
          <p className="t-soft">{t(sent < 1 ? "uploading" : "checking")}</p>
        </div>
      ) : null}
    </Form>
  );
}
