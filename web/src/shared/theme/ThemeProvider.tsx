import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { useLanguage } from "@/shared/i18n";
import { antdTheme, cssVariables, type Shade } from "./antd";
import { fontFamilies } from "./tokens";
import { ShadeContext, type ShadeChoice } from "./shade";

const KEY = "tandem.shade";
const system = window.matchMedia("(prefers-color-scheme: dark)");

function stored(): ShadeChoice {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState<ShadeChoice>(stored);
  const [systemDark, setSystemDark] = useState(system.matches);
  const language = useLanguage();
  const shade: Shade = choice === "system" ? (systemDark ? "dark" : "light") : choice;

  useEffect(() => {
    const follow = (event: MediaQueryListEvent) => setSystemDark(event.matches);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, []);

  useLayoutEffect(() => {
    const root = document.documentElement;
    for (const [name, value] of Object.entries(cssVariables(shade))) root.style.setProperty(name, value);
    root.dataset.shade = shade;
    root.style.colorScheme = shade;
  }, [shade]);

  // What is drawn at the end of the page, outside of the application's own element, is written like the rest.
  useLayoutEffect(() => {
    document.body.style.fontFamily = fontFamilies[language];
  }, [language]);

  const context = useMemo(
    () => ({
      choice,
      shade,
      choose: (next: ShadeChoice) => {
        localStorage.setItem(KEY, next);
        setChoice(next);
      },
    }),
    [choice, shade],
  );

  return (
    <ShadeContext value={context}>
      <ConfigProvider theme={antdTheme(shade, language)} locale={language === "en" ? enUS : zhCN} button={{ autoInsertSpace: false }}>
        <AntApp className="t-root">{children}</AntApp>
      </ConfigProvider>
    </ShadeContext>
  );
}
