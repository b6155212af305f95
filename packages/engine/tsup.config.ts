import shared from "../../tsup.shared.js";

export default Object.assign({}, shared, {
  entry: ["src/index.ts", "src/small-world.ts", "src/worker.ts", "src/server/index.ts"],
});
