import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useNavigate, useRouteError } from "react-router";
import { api, type Page, type Schemas } from "@/shared/api";
import { useDocumentTitle, useSay, useTranslation } from "@/shared/i18n";
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
  const say = useSay();
  useDocumentTitle(t("page.forbiddenTitle"));
  // What people call the right, as its administrator reads it among the roles.
  const known = useQuery({ queryKey: ["/permissions"], queryFn: ({ signal }) => api.get<Page<Schemas["PermissionLine"]>>("/permissions", undefined, signal), staleTime: 10 * 60_000 });
  const right = known.data?.items.find((one) => one.name === permission);
  return (
    <EmptyState
      page
      drawing="error"
      title={t("page.forbiddenTitle")}
      hint={known.isPending ? " " : t("page.forbiddenHint", { permission: right ? say(right.label) : permission })}
      action={<Button onClick={() => navigate("/home")}>{t("page.goHome")}</Button>}
    />
  );
}

/** A screen that could not even be loaded, most often because a newer version has been installed since. */
export function RouteProblem() {
  const error = useRouteError();
  return <ErrorState error={error} onRetry={() => window.location.reload()} />;
}
