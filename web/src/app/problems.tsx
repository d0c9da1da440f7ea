import { Button } from "antd";
import { useNavigate, useRouteError } from "react-router";
import { useDocumentTitle, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState } from "@/shared/states";

export function NotFound() {
  const { t } = useTranslation("shared");
  const navigate = useNavigate();
  useDocumentTitle(t("page.notFoundTitle"));
  return (
    <EmptyState
      page
      drawing="search"
      title={t("page.notFoundTitle")}
      hint={t("page.notFoundHint")}
      action={
        <Button type="primary" onClick={() => navigate("/home")}>
          {t("page.goHome")}
        </Button>
      }
    />
  );
}

export function Forbidden({ permission }: { permission: string }) {
  const { t } = useTranslation("shared");
  const navigate = useNavigate();
  useDocumentTitle(t("page.forbiddenTitle"));
  return (
    <EmptyState
      page
      drawing="error"
      title={t("page.forbiddenTitle")}
      hint={t("page.forbiddenHint", { permission })}
      action={<Button onClick={() => navigate("/home")}>{t("page.goHome")}</Button>}
    />
  );
}

/** A screen that could not even be loaded, most often because a newer version has been installed since. */
export function RouteProblem() {
  const error = useRouteError();
  return <ErrorState error={error} onRetry={() => window.location.reload()} />;
}
