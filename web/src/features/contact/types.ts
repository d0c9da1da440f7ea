import type { Schemas } from "@/shared/api";

export type Account = Schemas["ContactAccount"];
export type Adviser = Schemas["AdviserOut"];
export type LiveCode = Schemas["LiveCodeOut"];
export type SeatOut = Schemas["SeatOut"];
export type CodeFigures = Schemas["CodeFigures"];
export type Welcome = Schemas["WelcomeOut"];
export type Call = Schemas["FriendCallOut"];
export type Counts = Schemas["WelcomeCounts"];

export interface Hours {
  days: number[];
  from: string;
  until: string;
}

export interface Seat {
  member: string;
  weight: number;
  daily_cap: number | null;
  backup: boolean;
  hours: Hours[];
}
export type LinkBalance = Schemas["LinkBalance"];
