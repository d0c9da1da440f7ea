import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// Ant Design's rows ask for the width of the screen, which jsdom does not know.
Object.assign(window, {
  matchMedia: (media: string) => Object.assign(new EventTarget(), { matches: false, media, addListener: () => undefined, removeListener: () => undefined }),
});
