import { useCallback, useMemo, useReducer } from "react";
import {
  addBlock,
  arrange,
  configure,
  connect,
  copyBlocks,
  describe,
  disconnect,
  follow,
  history,
  insertInto,
  moveBlocks,
  pasteBlocks,
  removeBlocks,
  settle,
  type Arrow,
  type Config,
  type Graph,
  type History,
  type Kind,
  type Kinds,
  type Point,
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

function kept(state: State): State {
  const ids = new Set(state.line.present.blocks.map((block) => block.id));
  return { ...state, selected: new Set([...state.selected].filter((id) => ids.has(id))) };
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
      add: (kind: Kind, at: Point, { into = null, after = null }: { into?: Arrow | null; after?: string | null } = {}) => {
        apply((before) => {
          const added = addBlock(before.line.present, kind, at);
          const joined = into ? insertInto(added.graph, into, added.id, kinds) : after ? follow(added.graph, after, added.id, kinds) : added.graph;
          return edited(before, joined, null, new Set([added.id]));
        });
      },
      move: (places: ReadonlyMap<string, Point>) => edit((one) => moveBlocks(one, places)),
      connect: (arrow: Arrow) => edit((one) => connect(one, arrow, kinds)),
      disconnect: (arrow: Arrow) => edit((one) => disconnect(one, arrow)),
      configure: (id: string, config: Config) => edit((one) => configure(one, id, config, kinds), `config ${id}`),
      describe: (id: string, words: { label?: string; note?: string }) => edit((one) => describe(one, id, words), `words ${id}`),
      settle: (settings: Settings) => edit((one) => settle(one, settings), "settings"),
      arrange: () => edit((one) => moveBlocks(one, arrange(one, kinds))),
      remove: () => apply((before) => edited(before, removeBlocks(before.line.present, before.selected), null, new Set())),
      selectAll: () => apply((before) => ({ ...before, selected: new Set(before.line.present.blocks.map((block) => block.id)) })),
      paste: (text: string): void =>
        apply((before) => {
          const pasted = pasteBlocks(before.line.present, text);
          return pasted ? edited(before, pasted.graph, null, new Set(pasted.ids)) : before;
        }),
      undo: () => apply((before) => kept({ ...before, line: history.undo(before.line) })),
      redo: () => apply((before) => kept({ ...before, line: history.redo(before.line) })),
      replace: (next: Graph) => apply(() => ({ line: history.begin(next), selected: new Set() })),
    }),
    [edit, select, kinds],
  );

  const copied = useCallback(() => copyBlocks(state.line.present, state.selected), [state]);
  return { graph, selected: state.selected, canUndo: state.line.past.length > 0, canRedo: state.line.future.length > 0, copied, ...actions };
}

export type Editor = ReturnType<typeof useEditor>;
