import { Link } from "react-router";
import { useSay, type Words } from "@/shared/i18n";

/** What a run or a task is about where that is no customer, as the server tells it. */
export interface Thing {
  type: string;
  label: Words;
  id: string;
  title: string;
}

/** Where a thing can be looked at. */
function placeOf(thing: Thing): string {
  if (thing.type === "stock_item") return "/stock";
  return thing.type === "order" ? `/orders/${thing.id}` : `/things/${thing.type}/${thing.id}`;
}

/** A thing by its sort and name, leading to where it can be looked at. */
export function ThingName({ thing }: { thing: Thing }) {
  const say = useSay();
  return <Link to={placeOf(thing)}>{`${say(thing.label)} ${thing.title}`}</Link>;
}
