import { Tag } from "antd";
import { useSay } from "@/shared/i18n";
import type { AccountLine } from "./types";

const COLOURS = { green: "success", yellow: "warning", red: "error", grey: "default" } as const;

/** How an account is doing, and why. */
export function Light({ account }: { account: AccountLine }) {
  const say = useSay();
  return <Tag color={COLOURS[account.light]}>{say(account.why)}</Tag>;
}
