import { useSay, type Words } from "@/shared/i18n";
import { useNamed } from "./named";

interface Said {
  text: string;
  plain?: Words | null;
}

/** An expression as a sentence, segments by their names, with the formula on hover; the formula itself where no sentence can be made of it. */
export function Sentence({ of: { text, plain } }: { of: Said }) {
  const say = useSay();
  const words = useNamed(plain ? say(plain) : "");
  return words ? <span title={text}>{words}</span> : <code>{text}</code>;
}
