import type { Schemas } from "@/shared/api";
import { queryClient } from "@/shared/api";

export type Account = Schemas["TagAccountOut"];
export type Group = Schemas["PlatformTagGroupOut"];
export type Conflict = Schemas["TagConflictOut"];
export type Wins = Group["wins"];

export const WINS: readonly Wins[] = ["last", "ours", "platform", "off"];

export function refresh(): void {
  void queryClient.invalidateQueries({ queryKey: ["/platform-tag-groups"] });
  void queryClient.invalidateQueries({ queryKey: ["/tag-accounts"] });
}
