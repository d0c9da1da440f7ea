import {
  ApartmentOutlined,
  BellOutlined,
  BranchesOutlined,
  ClockCircleOutlined,
  ExportOutlined,
  FlagOutlined,
  GiftOutlined,
  HourglassOutlined,
  MessageOutlined,
  PercentageOutlined,
  PlayCircleOutlined,
  ScheduleOutlined,
  StarOutlined,
  TagOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UserOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

/** The palette's order, as the trade thinks of it. */
export const GROUPS = ["start", "decide", "wait", "reach", "customer", "benefit", "service", "trade", "integrate", "flow"] as const;

const ICONS: Record<string, ReactNode> = {
  flash: <ThunderboltOutlined />,
  team: <TeamOutlined />,
  clock: <ClockCircleOutlined />,
  event: <ThunderboltOutlined />,
  segment: <TeamOutlined />,
  schedule: <ScheduleOutlined />,
  condition: <BranchesOutlined />,
  branch: <BranchesOutlined />,
  split: <PercentageOutlined />,
  duration: <ClockCircleOutlined />,
  wait: <HourglassOutlined />,
  message: <MessageOutlined />,
  send: <MessageOutlined />,
  coupon: <GiftOutlined />,
  points: <StarOutlined />,
  tag: <TagOutlined />,
  person: <UserOutlined />,
  task: <UserOutlined />,
  goal: <FlagOutlined />,
  exit: <ExportOutlined />,
  bell: <BellOutlined />,
};

const GROUP_ICONS: Record<string, ReactNode> = {
  start: <PlayCircleOutlined />,
  decide: <BranchesOutlined />,
  wait: <ClockCircleOutlined />,
  reach: <MessageOutlined />,
  customer: <UserOutlined />,
  benefit: <GiftOutlined />,
  flow: <ApartmentOutlined />,
};

/** The icon a kind names; its last word decides, then its group. */
export function iconOf(kind: string, icon: string, group: string): ReactNode {
  if (ICONS[icon]) return ICONS[icon];
  const word = kind
    .split(/[._]/)
    .reverse()
    .find((part) => part in ICONS);
  return (word ? ICONS[word] : undefined) ?? GROUP_ICONS[group] ?? <ApartmentOutlined />;
}
