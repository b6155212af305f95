import { errorCode } from "./error-code.js";

/** Does a process of this computer with this number run, whoever it belongs to? */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}
