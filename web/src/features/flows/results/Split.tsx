import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, InputNumber, Popconfirm, Switch, Tag } from "antd";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, formatPercent, Percent, Time } from "@/shared/format";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { spoken } from "../live/spoken";
import { Count } from "../steer/PeopleBehind";
import styles from "../steer/Steer.module.css";

interface Props {
  flowId: string;
  /** What the block is called. */
  title: string;
  split: Schemas["SplitOut"];
  running: boolean;
  onOpen: (port: string, title: string) => void;
}

/** One A/B test: its arms, what may be said of them, and the winner adopted by hand or by itself. */
export function Split({ flowId, title, split, running, onOpen }: Props) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const can = useCan();
  const language = useLanguage();
  const told = useTold();
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: ["/flows", flowId] });
  const adopt = useMutation({ mutationFn: (arm: string) => api.post(`/flows/${flowId}/experiments/${split.block}/adopt`, { arm }), onSuccess: again, onError: told.failed });
  const change = useMutation({
    mutationFn: (next: { automatic: boolean; each_min: number }) => api.put(`/flows/${flowId}/experiments/${split.block}`, next),
    onSuccess: again,
    onError: told.failed,
  });
  const adopted = split.arms.find((arm) => arm.port === split.adopted);
  const may = can("flow.publish") && running && split.adoptable;
  return (
    <section className={`t-card ${styles.sheet}`}>
      <div className={styles.head}>
        <h2>
          <Tag>A/B</Tag> {title}
        </h2>
        {split.adoptable ? (
        <div className={styles.controls}>
          <Switch aria-label={t("split.automatic")} checked={split.automatic} disabled={!may || split.adopted !== null} loading={change.isPending} onChange={(automatic) => change.mutate({ automatic, each_min: split.each_min })} />
          <span>{t("split.automatic")}</span>
          <InputNumber aria-label={t("split.eachMin")} min={30} value={split.each_min} disabled={!may} suffix={t("split.eachUnit")} onChange={(next) => (next ? change.mutate({ automatic: split.automatic, each_min: next }) : undefined)} />
        </div>
        ) : (
          <span className={styles.small}>{t("split.bandit")}</span>
        )}
      </div>
      {split.adopted_at ? (
        <p className={styles.lead}>
          {t(split.by_itself ? "split.adoptedItself" : "split.adopted", { arm: adopted ? say(adopted.label) : (split.adopted ?? "") })} <Time value={split.adopted_at} />
        </p>
      ) : null}
      {split.problem ? <p className={styles.fails}>{spoken(split.problem, language)}</p> : null}
      {split.arms.map((arm) => (
        <div key={arm.port} className={styles.line}>
          <div className={styles.grow}>
            <span>
              <strong>{say(arm.label)}</strong> {split.leader === arm.port ? <Tag color={split.won ? "success" : "default"}>{t(split.won ? "split.won" : "split.leads")}</Tag> : null}
            </span>
            <span className={styles.small}>
              <Percent value={arm.rate} /> {arm.interval ? `(${formatPercent(arm.interval[0], 1)} – ${formatPercent(arm.interval[1], 1)})` : ""} · {formatNumber(arm.converted)} / <Count value={arm.entered} onOpen={() => onOpen(arm.port, say(arm.label))} />
            </span>
            {arm.comparison && split.leader === arm.port ? <span>{say(arm.comparison.said)}</span> : null}
          </div>
          {may && split.adopted !== arm.port ? (
            <Popconfirm title={t("split.sure")} description={t("split.sureHint")} onConfirm={() => adopt.mutate(arm.port)} okText={t("split.adopt")}>
              <Button loading={adopt.isPending}>{t("split.adopt")}</Button>
            </Popconfirm>
          ) : null}
        </div>
      ))}
    </section>
  );
}
