import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Space } from "antd";
import { useState } from "react";
import { apiUrl } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { fileName, png, save } from "./draw";
import { Poster } from "./Poster";
import styles from "./Qr.module.css";

/** A code as people scan it, to take away as a file or to hang up. `path`: the code's own address, such as `/live-codes/…`. */
export function CodePicture({ path, name, size = 200 }: { path: string; name: string; size?: number }) {
  const { t } = useTranslation("qr");
  const told = useTold();
  const [poster, setPoster] = useState(false);
  const src = apiUrl(`${path}/picture`);
  const take = useMutation({
    mutationFn: async (what: "png" | "svg") => {
      if (what === "png") return save(await png(src, name, { ink: "black", paper: "white" }), fileName(name, "png"));
      const answer = await fetch(apiUrl(`${path}/picture`, { named: true }), { credentials: "same-origin" });
      if (!answer.ok) throw new Error(t("failed"));
      return save(await answer.blob(), fileName(name, "svg"));
    },
    onError: told.failed,
  });
  return (
    <figure className={styles.figure}>
      <img className={styles.code} src={src} alt={t("picture", { name })} width={size} height={size} />
      <figcaption>{name}</figcaption>
      <Space wrap>
        <Button size="small" icon={<DownloadOutlined />} loading={take.isPending} onClick={() => take.mutate("png")}>
          {t("png")}
        </Button>
        <Button size="small" icon={<DownloadOutlined />} onClick={() => take.mutate("svg")}>
          {t("svg")}
        </Button>
        <Button size="small" icon={<PrinterOutlined />} onClick={() => setPoster(true)}>
          {t("poster")}
        </Button>
      </Space>
      <Poster open={poster} src={src} name={name} onClose={() => setPoster(false)} />
    </figure>
  );
}
