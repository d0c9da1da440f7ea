import { createContext, useContext, type ComponentType } from "react";
import type { Names } from "./catalog";
import type { Tree } from "./tree";

export interface GroupProps {
  tree: Tree;
  onChange: (tree: Tree) => void;
  onRemove?: () => void;
  title?: string;
  nested?: boolean;
}

/** What the parts of the builder need from around them. */
export interface BuilderContext {
  names: Names;
  /** Business today, `2017-10-02`, the start for new date values. */
  today: string;
  disabled: boolean;
  /** What is asked about are things, not people. */
  things: boolean;
  /** Groups hold rows and rows hold groups ("where"): the row gets the group from here, not by an import in a circle. */
  Group: ComponentType<GroupProps>;
  /** Reads a piece of text the way the whole is read; rejects with what is wrong with it. */
  read: (text: string) => Promise<Tree>;
}

export const Builder = createContext<BuilderContext | null>(null);

export function useBuilder(): BuilderContext {
  const builder = useContext(Builder);
  if (!builder) throw new Error("the builder's parts need a Builder around them");
  return builder;
}
