import type { components } from "./schema.gen";

/** The shapes of the server's requests and answers, by their names in its OpenAPI description; `npm run api` renews them. */
export type Schemas = components["schemas"];
