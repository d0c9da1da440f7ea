import { useCallback, useMemo, useReducer } from "react";
import {
  addBlock,
  addFrame,
  addModule,
  addSticky,
  arrange,
  blockOf,
  changeExtra,
  configure,
  connect,
  copyBlocks,
  describe,
  disconnect,
  follow,
  history,
  insertInto,
  moveBlocks,
  moveFrame,
  pasteBlocks,
  portsOf,
  removeBlocks,
  removeExtra,
  settle,
  snap,
  type Arrow,
  type Config,
  type Extra,
  type Graph,
  type History,
  type Kind,
  type Kinds,
  type ModulePlace,
  type Point,
  type ServiceModule,
  type Settings,
} from "@/shared/canvas";

interface State {
  line: History<Graph>;
  selected: ReadonlySet<string>;
}

type Step = (state: State) => State;

function edited(state: State, graph: Graph, tag: string | null = null, selected = state.selected): State {
  return { line: history.record(state.line, graph, tag), selected };
}

/** After going back or forth: what came back is selected, what is gone is not. */
function turned(state: State, line: History<Graph>): State {
  const before = new Set(state.line.present.blocks.map((block) => block.id));
  const ids = line.present.blocks.map((block) => block.id);
  const returned = ids.filter((id) => !before.has(id));
  return { line, selected: new Set(returned.length > 0 ? returned : ids.filter((id) => state.selected.has(id))) };
}

/** How a new block is joined: into an arrow, after a block, to one way out of a block, or before a block. */
export interface Joins {
  into?: Arrow | null;
  after?: string | null;
  from?: { block: string; port: string } | null;
  before?: string | null;
}

function joined(graph: Graph, id: string, { into, after, from, before }: Joins, kinds: Kinds): Graph {
  if (into) return insertInto(graph, into, id, kinds);
  if (after) return follow(graph, after, id, kinds);
  if (from) return connect(graph, { from: from.block, port: from.port, to: id }, kinds);
  if (!before) return graph;
  const block = blockOf(graph, id);
  const [port] = block ? portsOf(kinds.get(block.kind), block.config) : [];
  return port ? connect(graph, { from: id, port: port.name, to: before }, kinds) : graph;
}

/** The drawing board: the graph with its history and what is selected. Every change goes through here. */
export function useEditor(initial: Graph, kinds: Kinds) {
  const [state, apply] = useReducer((before: State, step: Step) => step(before), initial, (graph) => ({ line: history.begin(graph), selected: new Set<string>() }));
  const graph = state.line.present;

  const edit = useCallback((change: (graph: Graph) => Graph, tag: string | null = null) => {
    apply((before) => edited(before, change(before.line.present), tag));
  }, []);
  const select = useCallback((ids: Iterable<string>) => {
    apply((before) => ({ line: history.pause(before.line), selected: new Set(ids) }));
  }, []);

  const actions = useMemo(
    () => ({
      select,
      /** Which blocks a person added to or took from the selection. */
      pick: (picks: ReadonlyMap<string, boolean>) =>
        apply((before) => {
          const kept = [...before.selected].filter((id) => !picks.has(id));
          const added = [...picks].filter(([, chosen]) => chosen).map(([id]) => id);
          return { line: history.pause(before.line), selected: new Set([...kept, ...added]) };
        }),
      move: (places: ReadonlyMap<string, Point>, tag: string | null = null) => edit((one) => moveBlocks(one, places), tag),
      connect: (arrow: Arrow) => edit((one) => connect(one, arrow, kinds)),
      disconnect: (arrow: Arrow) => edit((one) => disconnect(one, arrow)),
      configure: (id: string, config: Config) => edit((one) => configure(one, id, config, kinds), `config ${id}`),
      describe: (id: string, words: { label?: string; note?: string; human?: boolean }) => edit((one) => describe(one, id, words), `words ${id}`),
      settle: (settings: Settings) => edit((one) => settle(one, settings), "settings"),
      arrange: () => edit((one) => moveBlocks(one, arrange(one, kinds))),
      remove: () => apply((before) => edited(before, removeExtra(removeBlocks(before.line.present, before.selected), before.selected), null, new Set())),
      moveExtra: (id: string, to: Point) => edit((one) => (one.frames?.some((frame) => frame.id === id) ? moveFrame(one, kinds, id, to) : changeExtra(one, id, { position: snap(to) }))),
      changeExtra: (id: string, change: Extra) => edit((one) => changeExtra(one, id, change), `extra ${id} ${Object.keys(change).join()}`),
      stick: (at: Point) =>
        apply((before) => {
          const made = addSticky(before.line.present, at);
          return edited(before, made.graph, null, new Set([made.id]));
        }),
      frame: (at: Point) =>
        apply((before) => {
          const made = addFrame(before.line.present, kinds, before.selected, at);
          return edited(before, made.graph, null, new Set([made.id]));
        }),
      /** A whole service module; its blocks are selected, so that it can be moved at once. */
      addModule: (module: ServiceModule, at: Point, place: ModulePlace) =>
        apply((before) => {
          const added = addModule(before.line.present, module, at, place, kinds);
          return edited(before, added.graph, null, new Set(added.ids));
        }),
      removeBlock: (id: string) => apply((before) => edited(before, removeBlocks(before.line.present, new Set([id])), null, new Set())),
      cut: (arrows: readonly Arrow[]) => edit((one) => arrows.reduce(disconnect, one)),
      selectAll: () => apply((before) => ({ ...before, selected: new Set(before.line.present.blocks.map((block) => block.id)) })),
      paste: (text: string): void =>
        apply((before) => {
          const pasted = pasteBlocks(before.line.present, text);
          return pasted ? edited(before, pasted.graph, null, new Set(pasted.ids)) : before;
        }),
      undo: () => apply((before) => turned(before, history.undo(before.line))),
      redo: () => apply((before) => turned(before, history.redo(before.line))),
      /** Another graph as one edit, so that it can be undone. */
      rework: (next: Graph) => apply((before) => edited(before, next, null, new Set())),
      replace: (next: Graph) => apply(() => ({ line: history.begin(next), selected: new Set() })),
    }),
    [edit, select, kinds],
  );

  /** Puts a new block on the board, selects it and answers its id. */
  const add = useCallback(
    (kind: Kind, at: Point, joins: Joins = {}): string => {
      const { id } = addBlock(graph, kind, at);
      apply((before) => {
        const added = addBlock(before.line.present, kind, at);
        return edited(before, joined(added.graph, added.id, joins, kinds), null, new Set([added.id]));
      });
      return id;
    },
    [graph, kinds],
  );
  const duplicate = useCallback(() => {
    apply((before) => {
      const text = copyBlocks(before.line.present, before.selected);
      const pasted = text === null ? null : pasteBlocks(before.line.present, text);
      return pasted ? edited(before, pasted.graph, null, new Set(pasted.ids)) : before;
    });
  }, []);
  const copied = useCallback(() => copyBlocks(state.line.present, state.selected), [state]);
  return { graph, selected: state.selected, canUndo: state.line.past.length > 0, canRedo: state.line.future.length > 0, copied, add, duplicate, ...actions };
}

export type Editor = ReturnType<typeof useEditor>;
