import type { Plugin } from "vite";
import { answer } from "./server.ts";

/** Serves `/v1` from canned answers, so that screens can be built and looked at without a back end. */
export function mockApi(): Plugin {
  return {
    name: "tandem-mock-api",
    configureServer: (server) => void server.middlewares.use("/v1", answer),
    configurePreviewServer: (server) => void server.middlewares.use("/v1", answer),
  };
}
