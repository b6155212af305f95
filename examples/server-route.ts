/**
 * Grade in a web application: a handler from `Request` to `Response`, as SvelteKit (`export const POST = ({ request }) => …`),
 * Next (`app/grade/route.ts`), Hono, Deno and Bun take it. `@pka/grading` needs no Node: it also runs at the edge.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extractAnswer, gradeAnswer } from "@pka/grading";
import * as z from "zod";

const bodySchema = z.object({ completion: z.string().max(100_000), accepted: z.array(z.string().max(1000)).max(1000) });

/** `{ completion, accepted }` → `{ answer, exactMatch, recall }`; 400 with what is wrong for anything else. */
export async function POST(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return Response.json({ error: z.prettifyError(parsed.error) }, { status: 400 });
  const answer = extractAnswer(parsed.data.completion);
  return Response.json({ answer, ...gradeAnswer(answer, parsed.data.accepted) });
}

// Frameworks do this part: Node's request to a standard one, the standard response to Node's.
const server = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", async () => {
    const request = new Request(`http://localhost${incoming.url}`, { method: "POST", body: Buffer.concat(chunks) });
    const response = await POST(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/grade`;
for (const body of [
  { completion: "<answer>It was Émile Zola.</answer>", accepted: ["Émile Zola", "Zola"] },
  { completion: "<answer>Balzac</answer>" },
]) {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  console.log(response.status, await response.json());
}
server.close();
