import shared from "../vitest.shared.js";

export default { ...shared, test: { ...shared.test, include: ["*.test.ts"] } };
