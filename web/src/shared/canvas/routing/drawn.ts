import type { Point } from "../model";

/** Lines of different targets keep this far apart where they run side by side. */
export const LINE_GAP = 10;

const CROSSING = 40;
const BESIDE = 400;
/** What running along a line to the same target saves: such arrows join into one trunk. */
const JOINED = 0.6;

interface Line {
  /** Which arrow, and to which target. */
  key: string;
  net: string;
  upright: boolean;
  /** x of an upright line, y of a level one. */
  at: number;
  low: number;
  high: number;
}

function lineOf(net: string, key: string, one: Point, other: Point): Line {
  const upright = one.x === other.x;
  const ends = upright ? [one.y, other.y] : [one.x, other.x];
  return { key, net, upright, at: upright ? one.x : one.y, low: Math.min(...ends), high: Math.max(...ends) };
}

function linesOf(net: string, points: readonly Point[], key = ""): Line[] {
  return points.slice(1).map((point, index) => lineOf(net, key, points[index] ?? point, point));
}

const STRIP = 32;

/** Lines of one direction, found quickly by where they run. */
class Bundle {
  private readonly strips = new Map<number, Line[]>();
  private readonly keys = new Map<string, Line[]>();
  private readonly nets = new Map<string, Line[]>();

  add(line: Line): void {
    put(this.strips, Math.floor(line.at / STRIP), line);
    put(this.keys, line.key, line);
    put(this.nets, line.net, line);
  }

  drop(key: string): void {
    for (const line of this.keys.get(key) ?? []) {
      take(this.strips.get(Math.floor(line.at / STRIP)), line);
      take(this.nets.get(line.net), line);
    }
    this.keys.delete(key);
  }

  of(net: string): readonly Line[] {
    return this.nets.get(net) ?? [];
  }

  beside(line: Line, visit: (other: Line, distance: number) => void): void {
    const first = Math.floor((line.at - LINE_GAP) / STRIP);
    const last = Math.floor((line.at + LINE_GAP) / STRIP);
    for (let strip = first; strip <= last; strip += 1) {
      for (const other of this.strips.get(strip) ?? []) {
        const distance = Math.abs(other.at - line.at);
        // An arrow to another target that ends where this one begins would read as one line with it.
        const apart = other.net === line.net ? 0 : LINE_GAP - 1;
        if (distance < LINE_GAP - 1 && other.high + apart > line.low && other.low - apart < line.high) visit(other, distance);
      }
    }
  }

  crossed(line: Line): number {
    const first = Math.floor(line.low / STRIP);
    const last = Math.floor(line.high / STRIP);
    let count = 0;
    const look = (lines: readonly Line[]) => {
      for (const other of lines) {
        if (other.at >= line.low && other.at <= line.high && line.at >= other.low && line.at <= other.high && other.net !== line.net) count += 1;
      }
    };
    if (last - first > this.strips.size) for (const lines of this.strips.values()) look(lines);
    else for (let strip = first; strip <= last; strip += 1) look(this.strips.get(strip) ?? NONE);
    return count;
  }
}

const NONE: readonly Line[] = [];

function put<K>(lists: Map<K, Line[]>, key: K, line: Line): void {
  const list = lists.get(key);
  if (list) list.push(line);
  else lists.set(key, [line]);
}

function take(list: Line[] | undefined, line: Line): void {
  const at = list?.indexOf(line) ?? -1;
  if (at >= 0) list?.splice(at, 1);
}

/** The arrows drawn so far; a new one is judged by how it would get along with them. */
export class Drawn {
  private readonly upright = new Bundle();
  private readonly level = new Bundle();

  add(net: string, points: readonly Point[], key: string): void {
    for (const line of linesOf(net, points, key)) (line.upright ? this.upright : this.level).add(line);
  }

  drop(key: string): void {
    this.upright.drop(key);
    this.level.drop(key);
  }

  /** Crossings, stretches on top of another arrow, and (to its credit) stretches shared with arrows to the same target. */
  cost(net: string, points: readonly Point[]): number {
    return linesOf(net, points).reduce((sum, line) => sum + this.along(line) + CROSSING * (line.upright ? this.level : this.upright).crossed(line), 0);
  }

  /** Does it lie on, or right beside, an arrow to another target? */
  confused(net: string, points: readonly Point[]): boolean {
    let found = false;
    for (const line of linesOf(net, points)) {
      (line.upright ? this.upright : this.level).beside(line, (other) => {
        found ||= other.net !== net;
      });
    }
    return found;
  }

  private along(line: Line): number {
    let sum = 0;
    let joined = 0;
    (line.upright ? this.upright : this.level).beside(line, (other, distance) => {
      const shared = Math.min(other.high, line.high) - Math.max(other.low, line.low);
      if (other.net !== line.net) sum += BESIDE + Math.max(0, shared);
      else if (distance === 0) joined = Math.max(joined, shared);
      else sum += BESIDE / 2;
    });
    return sum - joined * JOINED;
  }

  /** Where upright lines to this target already run, over some of these heights. */
  lanes(net: string, top: number, bottom: number): number[] {
    return [...new Set(this.upright.of(net).filter((line) => line.low < bottom && line.high > top).map((line) => line.at))];
  }
}
