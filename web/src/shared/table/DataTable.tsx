import { useVirtualizer } from "@tanstack/react-virtual";
import { Checkbox } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState } from "@/shared/states";
import styles from "./DataTable.module.css";

export interface Column<T> {
  key: string;
  title: ReactNode;
  render: (row: T) => ReactNode;
  /** Pixels; columns without one share what is left. */
  width?: number;
  align?: "left" | "right";
}

export interface Rows<T> {
  items: readonly T[];
  error: unknown;
  isPending: boolean;
  isFetchingNextPage?: boolean;
  hasNextPage?: boolean;
  fetchNextPage?: () => unknown;
  refetch: () => unknown;
}

interface TableProps<T> {
  label: string;
  rows: Rows<T>;
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  /** Where a row leads; a click or Enter goes there. */
  to?: (row: T) => string;
  onOpen?: (row: T) => void;
  empty: ReactNode;
  rowHeight?: number;
  /** Pixels below which the table scrolls sideways rather than squeeze its columns; less where it has few. */
  minWidth?: number;
  /** Rows may be ticked; Space does it for the row in focus. */
  picking?: Picking<T>;
}

export interface Picking<T> {
  picked: ReadonlySet<string>;
  onPick: (picked: Set<string>) => void;
  /** What the row is called, for its box. */
  name: (row: T) => string;
}

const AHEAD = 12;
/** What a column without a width of its own needs to be read, and what any window but a phone's has for a table. */
const COLUMN_MIN = 160;
const ROOM = 1000;

/** On a phone a table scrolls sideways; squeezed, its first column would be one letter. */
function roomFor(columns: readonly { width?: number }[]): number {
  return Math.min(ROOM, columns.reduce((sum, one) => sum + (one.width ?? COLUMN_MIN), 0));
}

interface LineProps<T> {
  row: T;
  index: number;
  columns: readonly Column<T>[];
  height: number;
  active: boolean;
  onActive: (index: number) => void;
  onStep: (index: number) => void;
  onOpen: ((row: T) => void) | undefined;
}

function Line<T>({ row, index, columns, height, active, onActive, onStep, onOpen }: LineProps<T>) {
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter") onOpen?.(row);
    else if (event.key === " ") event.currentTarget.querySelector<HTMLElement>("input[type=checkbox]")?.click();
    else if (event.key === "ArrowDown") onStep(index + 1);
    else if (event.key === "ArrowUp") onStep(index - 1);
    else return;
    event.preventDefault();
  };
  return (
    <tr
      role="row"
      data-index={index}
      data-opens={onOpen !== undefined}
      aria-rowindex={index + 2}
      tabIndex={active ? 0 : -1}
      style={{ height }}
      onFocus={() => onActive(index)}
      onClick={onOpen ? () => onOpen(row) : undefined}
      onKeyDown={onKeyDown}
    >
      {columns.map((column) => (
        <td key={column.key} data-align={column.align}>
          {column.render(row)}
        </td>
      ))}
    </tr>
  );
}

/** The boxes as a column of their own, before the others. */
function usePicking<T>(picking: Picking<T> | undefined, items: readonly T[], rowKey: (row: T) => string): Column<T>[] {
  const { t } = useTranslation("shared");
  if (!picking) return [];
  const { picked, onPick, name } = picking;
  const shown = items.filter((row) => picked.has(rowKey(row))).length;
  return [
    {
      key: "picked",
      width: 60,
      title: (
        <Checkbox
          aria-label={t("select.all")}
          checked={shown > 0 && shown === items.length}
          indeterminate={shown > 0 && shown < items.length}
          onChange={(event) => onPick(new Set(event.target.checked ? items.map(rowKey) : []))}
        />
      ),
      render: (row) => (
        // The box alone reacts; beside it the row still opens.
        <Checkbox
          tabIndex={-1}
          aria-label={`${t("select.row")} ${name(row)}`}
          checked={picked.has(rowKey(row))}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => {
            const next = new Set(picked);
            if (event.target.checked) next.add(rowKey(row));
            else next.delete(rowKey(row));
            onPick(next);
          }}
        />
      ),
    },
  ];
}

function Head<T>({ columns }: { columns: readonly Column<T>[] }) {
  return (
    <>
      <colgroup>
        {columns.map((column) => (
          <col key={column.key} style={column.width ? { width: column.width } : undefined} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" data-align={column.align}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}

/** Ten thousand rows scroll smoothly: only those in sight exist. Arrow keys move, Enter opens, more is read near the end. */
function Grid<T>({ label, rows, columns: asked, rowKey, to, onOpen, rowHeight = 48, minWidth, picking }: Omit<TableProps<T>, "empty">) {
  const { t } = useTranslation("shared");
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const { items, hasNextPage, isFetchingNextPage, fetchNextPage } = rows;
  const columns = [...usePicking(picking, items, rowKey), ...asked];
  // The virtualizer changes behind React's back, so the React compiler must leave this component alone; it does.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({ count: items.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: AHEAD });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= items.length - AHEAD && hasNextPage && !isFetchingNextPage) void fetchNextPage?.();
  }, [last, items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const step = (index: number) => {
    const next = Math.min(items.length - 1, Math.max(0, index));
    setActive(next);
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  const open = onOpen ?? (to ? (row: T) => void navigate(to(row)) : undefined);
  const top = shown[0]?.start ?? 0;
  const bottom = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div className={styles.box} ref={box}>
      <table className={styles.table} style={{ minWidth: minWidth ?? roomFor(columns) }} aria-label={label} aria-rowcount={hasNextPage ? -1 : items.length + 1} role="grid">
        <Head columns={columns} />
        <tbody>
          {top > 0 ? <tr style={{ height: top }} aria-hidden="true" /> : null}
          {shown.map(({ index }) => {
            const row = items[index];
            if (row === undefined) return null;
            return <Line key={rowKey(row)} {...{ row, index, columns }} height={rowHeight} active={index === active} onActive={setActive} onStep={step} onOpen={open} />;
          })}
          {bottom > 0 ? <tr style={{ height: bottom }} aria-hidden="true" /> : null}
        </tbody>
      </table>
      <p className={styles.foot} role="status">
        {isFetchingNextPage ? t("state.loading") : hasNextPage ? "" : t("state.endOfList")}
      </p>
    </div>
  );
}

/** A list in its four states: loading, failed, empty, there. */
export function DataTable<T>(props: TableProps<T>) {
  const { rows, empty } = props;
  if (rows.error && rows.items.length === 0) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={10} />;
  if (rows.items.length === 0) return <>{empty}</>;
  return <Grid {...props} />;
}
