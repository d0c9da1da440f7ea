import { DeleteOutlined, FileOutlined, UploadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Select, Space, Upload } from "antd";
import { useState } from "react";
import { api, apiUrl, queryClient, usePages } from "@/shared/api";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import styles from "./Media.module.css";
import type { Media, MediaKind } from "./types";

const ACCEPTS: Record<MediaKind, string> = { image: ".jpg,.jpeg,.png", video: ".mp4", file: ".pdf,.docx,.xlsx,.pptx,.zip,.txt,.jpg,.jpeg,.png,.mp4" };
const MEGABYTE = 1024 * 1024;

/** A file as it will be seen: a picture, a video, or its name. */
export function MediaPreview({ id, size = 96 }: { id: string; size?: number }) {
  const { t } = useTranslation("media");
  const query = useQuery({ queryKey: ["/media", id], queryFn: ({ signal }) => api.get<Media>(`/media/${id}`, undefined, signal) });
  const media = query.data;
  if (query.error) return <span className="t-faint">{t("gone")}</span>;
  if (!media) return <span className={styles.waiting} style={{ width: size, height: size }} />;
  const src = apiUrl(`/media/${id}/content`);
  if (media.kind === "image") return <img className={styles.picture} src={src} alt={media.name} style={{ maxWidth: size * 1.6, maxHeight: size }} />;
  if (media.kind === "video")
    // eslint-disable-next-line jsx-a11y/media-has-caption -- a look at an advertisement that somebody here uploaded; nobody wrote captions for it
    return <video className={styles.picture} src={src} aria-label={media.name} controls preload="metadata" style={{ maxWidth: size * 2, maxHeight: size * 1.2 }} />;
  return (
    <a className={styles.file} href={src}>
      <FileOutlined /> {media.name} <span className="t-faint">{t("megabytes", { n: formatNumber(Math.max(0.1, media.size / MEGABYTE), 1) })}</span>
    </a>
  );
}

interface Props {
  kind: MediaKind;
  value?: string | null | undefined;
  onChange?: (id: string | null) => void;
  disabled?: boolean;
  label?: string;
}

/** A file of ours: uploaded here, or one that was uploaded before. */
export function MediaField({ kind, value, onChange, disabled = false, label }: Props) {
  const { t } = useTranslation("media");
  const told = useTold();
  const may = useCan()("material.write");
  const [sent, setSent] = useState<number | null>(null);
  const known = usePages<Media>("/media", kind === "file" ? {} : { kind }, 50, !value);
  const send = async (file: File) => {
    const form = new FormData();
    form.append("file", file);
    setSent(0);
    try {
      const media = await api.upload<Media>("/media", form, setSent);
      void queryClient.invalidateQueries({ queryKey: ["/media"] });
      onChange?.(media.id);
    } catch (error) {
      told.failed(error);
    } finally {
      setSent(null);
    }
  };
  if (value)
    return (
      <Space align="start">
        <MediaPreview id={value} />
        {disabled ? null : <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t("remove")} onClick={() => onChange?.(null)} />}
      </Space>
    );
  return (
    <Space wrap>
      {may ? (
        <Upload accept={ACCEPTS[kind]} showUploadList={false} disabled={disabled || sent !== null} customRequest={({ file }) => void send(file as File)}>
          <Button icon={<UploadOutlined />} loading={sent !== null} disabled={disabled}>
            {sent === null ? (label ?? t(`upload.${kind}`)) : t("sending", { n: Math.round(sent * 100) })}
          </Button>
        </Upload>
      ) : null}
      {known.items.length > 0 ? (
        <Select
          aria-label={t("earlier")}
          className={styles.earlier}
          disabled={disabled}
          placeholder={t("earlier")}
          showSearch={{ optionFilterProp: "label" }}
          value={null}
          onChange={(id: string | null) => onChange?.(id)}
          options={known.items.map((one) => ({ value: one.id, label: one.name }))}
        />
      ) : null}
    </Space>
  );
}
