import dayjs from "dayjs";
import { expect, it } from "vitest";
import { periods } from "./asked";

it("asks for whole days, whatever the hour they were picked at", () => {
  const first: [dayjs.Dayjs, dayjs.Dayjs] = [dayjs("2026-11-01T17:23:00"), dayjs("2026-11-02T09:00:00")];
  const second: [dayjs.Dayjs, dayjs.Dayjs] = [dayjs("2026-11-03T17:23:00"), dayjs("2026-11-03T17:23:00")];
  expect(periods(first, second)).toEqual({
    first_since: new Date("2026-11-01T00:00:00").toISOString(),
    first_until: new Date("2026-11-03T00:00:00").toISOString(),
    second_since: new Date("2026-11-03T00:00:00").toISOString(),
    second_until: new Date("2026-11-04T00:00:00").toISOString(),
  });
  expect(periods(first, null)).toBeNull();
});
