export { Bubbles, type Bubble } from "./Bubbles";
export { HoursField, type ServiceHours } from "./HoursField";
