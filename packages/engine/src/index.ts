export {
  type SmallWorld,
  type SmallWorldFact,
  type SmallWorldQuestion,
  type SmallWorldSplit,
  smallWorld,
} from "./small-world.js";
