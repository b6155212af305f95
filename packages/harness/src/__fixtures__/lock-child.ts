import { acquireLock } from "../journal/lock.js";

// Takes the lock named by the first argument, says so, and holds it until it is killed.
const [path = ""] = process.argv.slice(2);
await acquireLock(path);
process.stdout.write("locked\n");
setInterval(() => undefined, 1000);
