export { wilsonInterval, type Interval } from "./wilson-interval.js";
