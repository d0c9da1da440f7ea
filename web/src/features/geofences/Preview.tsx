import { useTranslation } from "@/shared/i18n";
import styles from "./Geofences.module.css";
import type { Ring } from "./shape";

const SIZE = { width: 560, height: 240, margin: 16 };

/** The rings as they lie, north up, degrees of longitude shortened as at their middle latitude; no map beneath. */
export function Preview({ rings }: { rings: Ring[] }) {
  const { t } = useTranslation("geofences");
  const points = rings.flat();
  if (points.length === 0) return <p className="t-faint">{t("preview.none")}</p>;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const narrow = Math.max(0.01, Math.cos((((south + north) / 2) * Math.PI) / 180));
  const scale = Math.min((SIZE.width - 2 * SIZE.margin) / ((east - west) * narrow || 1), (SIZE.height - 2 * SIZE.margin) / (north - south || 1));
  const left = (SIZE.width - (east - west) * narrow * scale) / 2;
  const top = (SIZE.height - (north - south) * scale) / 2;
  const place = ([x, y]: [number, number]) => `${(left + (x - west) * narrow * scale).toFixed(1)},${(top + (north - y) * scale).toFixed(1)}`;
  return (
    <figure className={styles.preview}>
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={t("preview.label")}>
        {rings.map((ring, at) => (
          <polygon key={at} points={ring.map(place).join(" ")} />
        ))}
      </svg>
      <figcaption className="t-faint t-num">{t("preview.box", { west, east, south, north })}</figcaption>
    </figure>
  );
}
