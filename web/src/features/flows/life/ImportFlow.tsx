import { InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Modal, Space, Upload } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, asApiError, type ApiError, type ErrorPlace } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Flow } from "../api";
import { useDeed } from "./api";
import styles from "./life.module.css";

/** What the flow needs and is not here: everything else that can be wrong with a file is no gap. */
const UNFIT = "flow_file_unfit";
/** Where what is missing can be made, by the end of the field that names it. */
const MADE: [RegExp, string][] = [
  [/segment(_id)?$/, "/segments"],
  [/coupon_template(_id)?$/, "/coupons"],
  [/template(_id)?$/, "/messages/templates"],
];

/** `placed`: whoever wrote the file by hand finds the place by its path. */
function Gap({ place, placed }: { place: ErrorPlace; placed: boolean }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const to = MADE.find(([end]) => end.test(place.where))?.[1];
  return (
    <li>
      {placed ? <code>{place.where}</code> : null} {say(place.what)}
      {to ? (
        <>
          {" "}
          <Link to={to} target="_blank">
            {t("import.make")}
          </Link>
        </>
      ) : null}
    </li>
  );
}

/** Why the file was not taken, place by place, and what can be done about it. */
function Refused({ problem, busy, onAgain, onGaps }: { problem: ApiError; busy: boolean; onAgain: () => void; onGaps: () => void }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const fillable = problem.code === UNFIT && problem.places.some((one) => !one.where.endsWith(".kind"));
  return (
    <Alert
      type={fillable ? "warning" : "error"}
      showIcon
      style={{ marginTop: 12 }}
      title={say(problem.words)}
      description={
        <>
          {problem.places.length > 0 ? (
            <ul className={styles.gaps}>
              {problem.places.map((one) => (
                <Gap key={one.where + say(one.what)} place={one} placed={problem.code !== UNFIT} />
              ))}
            </ul>
          ) : null}
          {fillable ? (
            <Space wrap>
              <Button type="primary" size="small" loading={busy} onClick={onGaps}>
                {t("import.gaps")}
              </Button>
              <Button size="small" disabled={busy} onClick={onAgain}>
                {t("import.again")}
              </Button>
            </Space>
          ) : (
            t("import.other")
          )}
        </>
      }
    />
  );
}

/** A flow comes from a file. What it needs and is not here is named, with the block that needs it; it can be made, or left open on the canvas. */
export function ImportFlow({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("flows");
  const navigate = useNavigate();
  const told = useTold();
  const [file, setFile] = useState<unknown>(null);
  const [unread, setUnread] = useState<string | null>(null);
  const bring = useDeed(({ value, gaps }: { value: unknown; gaps: boolean }) => api.post<Flow>("/flow-imports", { file: value, gaps }));
  const send = (value: unknown, gaps: boolean) => {
    bring.mutate(
      { value, gaps },
      {
        onSuccess: (flow) => {
          told.done(t(gaps ? "import.doneGaps" : "import.done", { name: flow.name }));
          void navigate(`/flows/${flow.id}`);
        },
      },
    );
  };
  const read = async (chosen: File) => {
    bring.reset();
    setUnread(null);
    try {
      const value: unknown = JSON.parse(await chosen.text());
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SyntaxError();
      setFile(value);
      send(value, false);
    } catch {
      setUnread(chosen.name);
    }
  };
  return (
    <Modal open title={t("import.title")} footer={null} onCancel={onClose}>
      <Upload.Dragger
        accept=".json,application/json"
        showUploadList={false}
        disabled={bring.isPending}
        beforeUpload={(chosen) => {
          void read(chosen);
          return false;
        }}
      >
        <p>
          <InboxOutlined style={{ fontSize: 32 }} aria-hidden />
        </p>
        <p>{t(bring.isPending ? "import.reading" : "import.drop")}</p>
      </Upload.Dragger>
      {unread !== null ? <Alert type="error" showIcon style={{ marginTop: 12 }} title={t("import.noJson", { file: unread })} description={t("import.other")} /> : null}
      {bring.error ? <Refused problem={asApiError(bring.error)} busy={bring.isPending} onAgain={() => send(file, false)} onGaps={() => send(file, true)} /> : null}
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
