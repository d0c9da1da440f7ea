import type { components } from "@/shared/api/schema.gen";

export type Media = components["schemas"]["MediaOut"];
export type MediaKind = Media["kind"];

export const KINDS = ["image", "link", "miniprogram", "video", "file"] as const;
export type Msgtype = (typeof KINDS)[number];

/** An attachment as it is kept: what kind it is, and what stands in it. */
export type Attachment = Record<string, unknown>;

export function kindOf(one: Attachment): Msgtype | null {
  return KINDS.find((kind) => kind === one.msgtype) ?? null;
}

export function insideOf(one: Attachment): Record<string, string> {
  const kind = kindOf(one);
  return kind === null ? {} : ((one[kind] ?? {}) as Record<string, string>);
}

export function attachmentOf(kind: Msgtype, inside: Record<string, string>): Attachment {
  return { msgtype: kind, [kind]: inside };
}

/** What has nothing in it yet is left out when a form is saved. */
export function filled(attachments: readonly Attachment[]): Attachment[] {
  return attachments.filter((one) => Object.values(insideOf(one)).some(Boolean));
}
