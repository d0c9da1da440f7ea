import { Tag } from "antd";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { hoursText } from "./hours";
import styles from "./Contact.module.css";
import type { LiveCode, SeatOut } from "./types";

function Marks({ seat }: { seat: SeatOut }) {
  const { t } = useTranslation("contact");
  return (
    <>
      {seat.now ? <Tag color="success">{t("seats.now")}</Tag> : null}
      {seat.backup ? <Tag color="gold">{t("seats.backup")}</Tag> : null}
      {seat.away ? <Tag color="error">{t("seats.away")}</Tag> : null}
      {seat.daily_cap !== null && seat.today >= seat.daily_cap ? <Tag color="warning">{t("seats.full")}</Tag> : null}
    </>
  );
}

/** Who is behind a code: whose turn it is, how much of the day's cap is used. */
export function Seats({ code }: { code: LiveCode }) {
  const { t } = useTranslation("contact");
  const day = (number: number) => t(`day.${number}`);
  return (
    <Section title={t("form.seats")} flush>
      <div className={styles.table}>
        <table>
          <thead>
            <tr>
              <th>{t("seats.adviser")}</th>
              <th>{t("seats.hours")}</th>
              <th>{t("seats.weight")}</th>
              <th>{t("seats.todayOfCap")}</th>
            </tr>
          </thead>
          <tbody>
            {code.seats.map((seat) => (
              <tr key={seat.member}>
                <td>
                  {seat.name} <Marks seat={seat} />
                </td>
                <td>{seat.hours.length > 0 ? seat.hours.map((one) => hoursText(one, day, t("day.to"), t("comma"))).join(t("semicolon")) : t("seats.always")}</td>
                <td>
                  <Num value={seat.weight} />
                </td>
                <td>
                  <Num value={seat.today} /> / {seat.daily_cap ?? t("seats.noCap")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
