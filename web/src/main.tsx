import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Application } from "@/app/Application";
import { reloadWhenStale } from "@/app/freshness";
import "@/shared/theme/global.css";

reloadWhenStale();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Application />
    </StrictMode>,
  );
}
