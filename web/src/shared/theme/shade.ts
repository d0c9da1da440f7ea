import { createContext, useContext } from "react";
import type { Shade } from "./antd";

export type ShadeChoice = "system" | Shade;

export interface ShadeState {
  choice: ShadeChoice;
  shade: Shade;
  choose: (next: ShadeChoice) => void;
}

export const ShadeContext = createContext<ShadeState>({ choice: "system", shade: "light", choose: () => undefined });

export function useShade(): ShadeState {
  return useContext(ShadeContext);
}
