import { Alert, Button } from "antd";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import type { Variant } from "./api";

/** A variant is at work, or comes: until when, and the one press that ends it. */
export function VariantBanner({ variant, onEnd }: { variant: Variant; onEnd: (variant: Variant) => void }) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const running = variant.state === "running";
  return (
    <Alert
      type="info"
      banner
      showIcon
      title={
        <>
          {t(running ? "variant.runs" : "variant.comes", { name: variant.name, n: variant.number })} {running ? null : <><Time value={variant.starts_at} /> – </>}
          <Time value={variant.ends_at} />
        </>
      }
      action={
        can("flow.publish") ? (
          <Button size="small" onClick={() => onEnd(variant)}>
            {t(running ? "variant.end" : "variant.drop")}
          </Button>
        ) : null
      }
    />
  );
}
