import type { Amount } from "@/shared/format";

export type OrderStatus = "placed" | "paid" | "completed" | "cancelled";

export interface OrderLine {
  id: string;
  external_id: string;
  source: string;
  status: OrderStatus;
  customer_id: string | null;
  store_id: string | null;
  store: string | null;
  sales_channel: string | null;
  placed_at: string;
  paid_at: string | null;
  total: Amount;
  discount: Amount;
  refunded_total: Amount;
  line_count: number;
}

export interface OrderItem {
  line_no: number;
  product_id: string;
  product: string | null;
  category: string | null;
  department: string | null;
  quantity: string | number;
  amount: Amount;
  discount: Amount;
}

export interface Order extends OrderLine {
  lines: OrderItem[];
  refunds: { id: string; external_id: string; amount: Amount; refunded_at: string }[];
}
