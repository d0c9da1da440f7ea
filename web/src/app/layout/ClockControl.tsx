import { ClockCircleOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, DatePicker, Popover, Progress } from "antd";
import type { Dayjs } from "dayjs";
import dayjs from "dayjs";
import { useState } from "react";
import { api } from "@/shared/api";
import { formatTime } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan, useMe } from "@/shared/session";
import { useTold } from "@/shared/states";
import { CLOCK_KEY, moveProgress, useClock, type Clock } from "./clock";
import styles from "./ClockControl.module.css";

const HOUR = 3_600;
const leaps = [
  { key: "hour", seconds: HOUR },
  { key: "day", seconds: 24 * HOUR },
  { key: "week", seconds: 7 * 24 * HOUR },
  { key: "month", seconds: 30 * 24 * HOUR },
] as const;

type Move = { seconds: number } | { to: string };

function useMove() {
  const client = useQueryClient();
  const told = useTold();
  return useMutation({
    mutationFn: (move: Move) => api.post<Clock | null>("/clock/move", move),
    onSuccess: () => void client.invalidateQueries({ queryKey: CLOCK_KEY }),
    onError: told.failed,
  });
}

function Panel({ clock, zone }: { clock: Clock; zone: string }) {
  const { t } = useTranslation("app");
  const move = useMove();
  const [day, setDay] = useState<Dayjs | null>(null);
  const busy = move.isPending || clock.moving;
  return (
    <div className={styles.panel}>
      <p className={styles.hint}>{t("clock.hint")}</p>
      <div className={styles.leaps}>
        {leaps.map((leap) => (
          <Button key={leap.key} disabled={busy} onClick={() => move.mutate({ seconds: leap.seconds })}>
            {t(`clock.leap.${leap.key}`)}
          </Button>
        ))}
      </div>
      <div className={styles.toDate}>
        <DatePicker
          value={day}
          onChange={(value) => setDay(value)}
          disabled={busy}
          disabledDate={(date) => date.isBefore(dayjs(clock.business_now), "day")}
          defaultPickerValue={dayjs(clock.business_now)}
          placeholder={t("clock.toDate")}
          aria-label={t("clock.toDate")}
        />
        <Button disabled={busy || !day} onClick={() => (day ? move.mutate({ to: day.endOf("day").toISOString() }) : undefined)}>
          {t("clock.go")}
        </Button>
      </div>
      {clock.moving ? (
        <div role="status" className={styles.moving}>
          <span>{t("clock.moving", { target: clock.target ? formatTime(clock.target, zone) : "" })}</span>
          <Progress percent={Math.round(moveProgress(clock) * 100)} status="active" size="small" />
        </div>
      ) : null}
    </div>
  );
}

/** Business time; a demo tenant's can be moved on, and the days in between are played in order. */
export function ClockControl() {
  const { t } = useTranslation("app");
  const me = useMe();
  const can = useCan();
  const clock = useClock();
  if (!clock) return null;
  const text = formatTime(clock.business_now, me.tenant.zone);
  const icon = <ClockCircleOutlined spin={clock.moving} />;
  const face = <span className="t-num">{text}</span>;
  if (!clock.movable || !can("clock.move")) {
    return (
      <span className={styles.still} title={t("clock.label")}>
        {icon}
        {face}
      </span>
    );
  }
  return (
    <Popover trigger="click" placement="bottomRight" title={t("clock.title")} content={<Panel clock={clock} zone={me.tenant.zone} />}>
      <Button type="text" icon={icon} aria-label={t("clock.open", { time: text })} className={styles.button ?? ""} data-testid="clock">
        {face}
      </Button>
    </Popover>
  );
}
