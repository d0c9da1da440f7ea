import { CheckOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useNavigate, useSearchParams } from "react-router";
import { api, asApiError } from "@/shared/api";
import { changeLanguage, useDocumentTitle, useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { ME_KEY } from "@/shared/session";
import { safeNext } from "./next";
import { Ways } from "./Ways";
import { Wheels } from "./Wheels";
import styles from "./LoginPage.module.css";

interface Credentials {
  login: string;
  password: string;
}

function useLogIn() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  return useMutation({
    mutationFn: (credentials: Credentials) => api.post("/session", credentials),
    onSuccess: async () => {
      await client.resetQueries({ queryKey: ME_KEY });
      await navigate(safeNext(search.get("next")), { replace: true });
    },
  });
}

function Promises() {
  const { t } = useTranslation("login");
  return (
    <aside className={styles.promise} aria-label="Tandem">
      <Wheels />
      <p className={styles.words}>{t("promise")}</p>
      <p className={styles.more}>{t("promiseMore")}</p>
      <ul className={`t-plain ${styles.points}`}>
        {(["one", "two", "three"] as const).map((key) => (
          <li key={key}>
            <CheckOutlined /> {t(`points.${key}`)}
          </li>
        ))}
      </ul>
    </aside>
  );
}

export function LoginPage() {
  const { t } = useTranslation("login");
  const say = useSay();
  const language = useLanguage();
  const logIn = useLogIn();
  useDocumentTitle(t("title"));
  return (
    <div className={styles.page}>
      <Promises />
      <main className={styles.side}>
        <div className={styles.box}>
          <h1 className={styles.title}>{t("welcome")}</h1>
          {logIn.error ? <Alert type="error" showIcon className={styles.alert ?? ""} title={say(asApiError(logIn.error).words)} /> : null}
          <Form<Credentials> layout="vertical" requiredMark={false} onFinish={(values) => logIn.mutate(values)}>
            <Form.Item name="login" label={t("login")} rules={[{ required: true, message: t("loginMissing") }]}>
              <Input size="large" autoComplete="username" autoFocus />
            </Form.Item>
            <Form.Item name="password" label={t("password")} rules={[{ required: true, message: t("passwordMissing") }]}>
              <Input.Password size="large" autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" size="large" htmlType="submit" block loading={logIn.isPending}>
              {t("submit")}
            </Button>
          </Form>
          <Ways />
          <Button type="link" className={styles.language ?? ""} onClick={() => changeLanguage(language === "zh" ? "en" : "zh")}>
            {t("language")}
          </Button>
        </div>
      </main>
    </div>
  );
}
