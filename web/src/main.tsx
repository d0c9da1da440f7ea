import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Application } from "@/app/Application";
import "@/shared/theme/global.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Application />
    </StrictMode>,
  );
}
