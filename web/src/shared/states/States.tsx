import { Button, Skeleton } from "antd";
import { useTranslation } from "@/shared/i18n";
import { asApiError } from "@/shared/api";
import { useSay } from "@/shared/i18n";
import type { ReactNode } from "react";
import { Drawing, type DrawingName } from "./Drawing";
import { placeText } from "./places";
import styles from "./States.module.css";

interface EmptyProps {
  title?: string;
  hint?: ReactNode;
  action?: ReactNode;
  drawing?: DrawingName;
  compact?: boolean;
  /** The whole page is this state, so its title is the page's heading. */
  page?: boolean;
}

/** Teaches what would be here and offers the next step. */
export function EmptyState({ title, hint, action, drawing = "empty", compact = false, page = false }: EmptyProps) {
  const { t } = useTranslation("shared");
  const Title = page ? "h1" : "p";
  return (
    <div className={compact ? `${styles.state} ${styles.compact}` : styles.state}>
      <Drawing name={drawing} size={compact ? 56 : 96} />
      <Title className={styles.title}>{title ?? t("state.emptyTitle")}</Title>
      {hint ? <div className={styles.hint}>{hint}</div> : null}
      {action ? <div className={styles.action}>{action}</div> : null}
    </div>
  );
}

/** Filters matched nothing: says so, and offers the way back. */
export function NoMatch({ onClear }: { onClear?: (() => void) | undefined }) {
  const { t } = useTranslation("shared");
  return (
    <EmptyState
      drawing="search"
      title={t("state.noMatchTitle")}
      hint={t("state.noMatchHint")}
      action={onClear ? <Button onClick={onClear}>{t("state.clearFilters")}</Button> : undefined}
    />
  );
}

/** What went wrong, where, what to do, and an id for support. */
export function ErrorState({ error, onRetry, compact = false }: { error: unknown; onRetry?: (() => void) | undefined; compact?: boolean }) {
  const { t } = useTranslation("shared");
  const say = useSay();
  const problem = asApiError(error);
  return (
    <div role="alert" className={compact ? `${styles.state} ${styles.compact}` : styles.state}>
      <Drawing name="error" size={compact ? 56 : 96} />
      <p className={styles.title}>{t("state.errorTitle")}</p>
      <div className={styles.hint}>
        <p>{say(problem.words)}</p>
        {problem.places.length > 0 ? (
          <ul className={styles.places}>
            {problem.places.slice(0, 8).map((place) => (
              <li key={`${place.where}${place.what.en}`}>
                {placeText(place)}
              </li>
            ))}
          </ul>
        ) : null}
        {problem.id ? <p className={styles.id}>{t("state.errorId", { id: problem.id })}</p> : null}
      </div>
      {onRetry ? (
        <div className={styles.action}>
          <Button onClick={onRetry}>{t("action.retry")}</Button>
        </div>
      ) : null}
    </div>
  );
}

/** Holds the place of what is coming, so that nothing jumps when it arrives. */
export function LoadingState({ rows = 6, title = false }: { rows?: number; title?: boolean }) {
  const { t } = useTranslation("shared");
  return (
    <div className={styles.loading} role="status" aria-label={t("state.loading")}>
      <Skeleton active title={title} paragraph={{ rows }} />
    </div>
  );
}

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Loading, failed or there: the three faces of anything fetched. */
export function Loaded<T>({ query, children, rows, compact }: { query: QueryLike<T>; children: (data: T) => ReactNode; rows?: number; compact?: boolean }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact={compact ?? false} />;
  return <LoadingState rows={rows ?? 6} />;
}
