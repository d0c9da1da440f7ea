import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./mock/plugin.ts";

// Another back end than the usual one: TANDEM_API=http://127.0.0.1:9000 npm run dev
const API = process.env.TANDEM_API ?? "http://127.0.0.1:8420";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockApi()] : [])],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 5173,
    ...(mode === "mock" ? {} : { proxy: { "/v1": { target: API, changeOrigin: false } } }),
  },
  build: {
    target: "es2022",
    // The three large libraries change far less often than our code: each in a chunk of its own stays cached.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|react-router|scheduler)[\\/]/, priority: 30 },
            { name: "flow", test: /node_modules[\\/](@xyflow|d3-[a-z]+|classcat|zustand)[\\/]/, priority: 20 },
            { name: "charts", test: /node_modules[\\/](echarts|zrender)[\\/]/, priority: 20 },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    globals: false,
    setupFiles: ["./src/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    // Files share a module graph and a page (which is cleaned after each test): loading Ant Design anew for each cost half of the run.
    isolate: false,
    // A limit for what hangs, not for a busy machine.
    testTimeout: 60_000,
  },
}));
