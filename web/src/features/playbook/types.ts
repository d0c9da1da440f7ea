import type { Schemas } from "@/shared/api";
import type { Attachment } from "@/shared/media";

export type Playbook = Schemas["PlaybookOut"];
export type Step = Schemas["PlaybookStepOut"];
export type GroupPlaces = Schemas["PlaybookGroupOut"];
export type Group = Schemas["GroupChatOut"];
export type Account = Schemas["MassAccountOut"];
export type StepKind = Step["kind"];

/** A step while it is being written. */
export interface StepDraft {
  day: number;
  at: string;
  kind: StepKind;
  title: string;
  body: string;
  attachments: Attachment[];
  coupon_id: string | null;
}

export interface Draft {
  account_id: string;
  name: string;
  groups: string[];
  begins_on: string | null;
  steps: StepDraft[];
}

export const START: StepDraft = { day: 1, at: "10:00", kind: "message", title: "", body: "", attachments: [], coupon_id: null };

/** A new step comes a day after the last one, at its time. */
export function after(steps: readonly StepDraft[]): StepDraft {
  const last = steps.at(-1);
  return last ? { ...START, day: Math.min(60, last.day + 1), at: last.at } : START;
}

export function inOrder<T extends { day: number; at: string }>(steps: readonly T[]): T[] {
  return [...steps].sort((a, b) => a.day - b.day || a.at.localeCompare(b.at));
}
