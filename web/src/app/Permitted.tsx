import type { ReactNode } from "react";
import { useCan } from "@/shared/session";
import { Forbidden } from "./problems";

/** An address typed by hand is answered with what is missing, not with a blank page; the server refuses in any case. */
export function Permitted({ permission, children }: { permission: string | undefined; children: ReactNode }) {
  const can = useCan();
  return can(permission) ? children : <Forbidden permission={permission ?? ""} />;
}
