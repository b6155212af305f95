import shared from "../../tsup.shared.js";

export default Object.assign({}, shared, { entry: ["src/index.ts", "src/wire/index.ts"] });
