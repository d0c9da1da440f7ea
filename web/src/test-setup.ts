import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// How long to look for what is to appear: the machine may be busy with other tests.
configure({ asyncUtilTimeout: 20_000 });

// Ant Design's rows ask for the width of the screen, which jsdom does not know.
Object.assign(window, {
  matchMedia: (media: string) => Object.assign(new EventTarget(), { matches: false, media, addListener: () => undefined, removeListener: () => undefined }),
});
