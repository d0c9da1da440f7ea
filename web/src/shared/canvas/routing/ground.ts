import type { Point } from "../model";
import type { Box } from "../sizes";

/** Nearer than this an arrow does not pass a block's side. */
export const CLEARANCE = 10;

export interface Interval {
  low: number;
  high: number;
}

/** The blocks as obstacles: where can one pass? */
const BAND = 128;

export class Ground {
  private readonly boxes: readonly Box[];
  private readonly bands = new Map<number, Box[]>();
  private readonly known = new Map<string, Interval[]>();

  constructor(boxes: readonly Box[]) {
    this.boxes = [...boxes].sort((one, other) => one.x - other.x);
    for (const box of this.boxes) {
      for (let band = Math.floor((box.y - CLEARANCE) / BAND); band <= Math.floor((box.y + box.height + CLEARANCE) / BAND); band += 1) {
        const list = this.bands.get(band);
        if (list) list.push(box);
        else this.bands.set(band, [box]);
      }
    }
  }

  /** Does a straight stretch run through a block (or graze its side)? */
  blocked(one: Point, other: Point): boolean {
    const left = Math.min(one.x, other.x);
    const right = Math.max(one.x, other.x);
    const top = Math.min(one.y, other.y);
    const bottom = Math.max(one.y, other.y);
    const sideways = left === right ? CLEARANCE - 1 : 0;
    const along = left === right ? 0 : CLEARANCE - 1;
    for (let band = Math.floor(top / BAND); band <= Math.floor(bottom / BAND); band += 1) {
      for (const box of this.bands.get(band) ?? []) {
        if (right > box.x - sideways && left < box.x + box.width + sideways && bottom > box.y - along && top < box.y + box.height + along) return true;
      }
    }
    return false;
  }

  /** The free stretches from left to right between two heights: in each of them one can go straight up or down. */
  corridors(top: number, bottom: number): readonly Interval[] {
    const key = `${top} ${bottom}`;
    const found = this.known.get(key);
    if (found) return found;
    const free: Interval[] = [];
    let low = -Infinity;
    for (const box of this.boxes) {
      if (box.y >= bottom || box.y + box.height <= top) continue;
      if (box.x - CLEARANCE > low) free.push({ low, high: box.x - CLEARANCE });
      low = Math.max(low, box.x + box.width + CLEARANCE);
    }
    free.push({ low, high: Infinity });
    this.known.set(key, free);
    return free;
  }

  /** The sides of all blocks, for a way around them one by one. */
  sides(margin: number): { xs: number[]; ys: number[] } {
    return {
      xs: this.boxes.flatMap((box) => [box.x - margin, box.x + box.width + margin]),
      ys: this.boxes.flatMap((box) => [box.y - margin, box.y + box.height + margin]),
    };
  }
}
