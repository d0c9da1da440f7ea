import type { Schemas } from "@/shared/api";

export type Platform = Schemas["PlatformOut"];
export type AccountLine = Schemas["AccountLine"];
export type Account = Schemas["AccountOut"];
export type Task = Schemas["AskedOut"];
export type Problem = Schemas["ProblemOut"];
export type Sample = Schemas["SampleOut"];
export type Call = Schemas["TrafficOut"];
export type SimulatedNow = Schemas["SimulatedNow"];
export type Channel = Schemas["ChannelOut"];
