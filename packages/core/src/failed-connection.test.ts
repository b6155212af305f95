import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { failedConnection } from "./failed-connection.js";

/** What `fetch` throws for this address. */
const thrownBy = (url: string): Promise<unknown> =>
  fetch(url).then(
    () => "no error",
    (error: unknown) => error,
  );

test("a port where nobody listens was never reached", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect(failedConnection(await thrownBy(`http://127.0.0.1:${port}`))).toMatchObject({
    code: "ECONNREFUSED",
    unreached: "connection refused",
  });
});

test("a server that hangs up may have got the request", async () => {
  const server = createServer((socket) => socket.on("data", () => socket.destroy()));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, message, unreached } = failedConnection(await thrownBy(`http://127.0.0.1:${port}`));
  expect({ code, unreached }).toEqual({ code: "UND_ERR_SOCKET", unreached: undefined });
  expect(message).not.toBe("fetch failed");
  await new Promise((resolve) => server.close(resolve));
});

test("a time-out while reading is not one while connecting", () => {
  const error = (syscall: string) => Object.assign(new Error("timed out"), { code: "ETIMEDOUT", syscall });
  expect(failedConnection(error("connect")).unreached).toBe("the connection timed out");
  expect(failedConnection(error("read")).unreached).toBeUndefined();
  expect(failedConnection("no error at all")).toEqual({ code: "", message: "no error at all", unreached: undefined });
});
