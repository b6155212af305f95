import { parentPort, workerData } from "node:worker_threads";
import type { EngineSamplingClient, EngineTrainingClient } from "./engine.js";
import { LocalEngine } from "./local-engine.js";
import { type Call, type Handle, packError, type Reply, type Request, type WorkerInput } from "./worker-protocol.js";

// The thread that computes: a local engine, asked by messages.

const port = parentPort!;
const { checkpoint, seed }: WorkerInput = workerData;
/** Fails when the model does not fit; then so does every call, with that error. */
const opened = (async () => new LocalEngine(checkpoint, { seed }))();
opened.catch(() => undefined);
const samplingClients = new Map<Handle, EngineSamplingClient>();
const trainingClients = new Map<Handle, EngineTrainingClient>();
const running = new Map<number, AbortController>();
let lastHandle = 0;

function keep<C>(clients: Map<Handle, C>, client: C): Handle {
  clients.set(++lastHandle, client);
  return lastHandle;
}

// oxlint-disable-next-line typescript/consistent-return -- every method is a case, and loadState's result is nothing
async function carryOut(call: Call, signal: AbortSignal): Promise<unknown> {
  const engine = await opened;
  switch (call.method) {
    case "samplingClient":
      return keep(samplingClients, await engine.samplingClient(call.path));
    case "trainingClient":
      return keep(trainingClients, await engine.trainingClient(call.options));
    case "sample":
      return samplingClients.get(call.client)!.sample({ ...call.request, signal });
    case "computeLogprobs":
      return samplingClients.get(call.client)!.computeLogprobs(call.tokens);
    case "topLogprobs":
      return samplingClients.get(call.client)!.topLogprobs(call.tokens, call.k);
    case "forward":
      return trainingClients.get(call.client)!.forward(call.datums, call.lossFn, call.config);
    case "forwardBackward":
      return trainingClients.get(call.client)!.forwardBackward(call.datums, call.lossFn, call.config);
    case "optimStep":
      return trainingClients.get(call.client)!.optimStep(call.params);
    case "saveState":
      return trainingClients.get(call.client)!.saveState(call.name);
    case "loadState":
      return trainingClients.get(call.client)!.loadState(call.path, call.options);
    case "saveWeightsForSampler":
      return trainingClients.get(call.client)!.saveWeightsForSampler(call.name);
    case "saveWeightsAndGetSamplingClient":
      return keep(samplingClients, await trainingClients.get(call.client)!.saveWeightsAndGetSamplingClient());
  }
}

async function answer(id: number, call: Call): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  const reply: Reply = await carryOut(call, controller.signal).then(
    (result) => ({ id, result }),
    (error: unknown) => ({ id, error: packError(error) }),
  );
  running.delete(id);
  port.postMessage(reply);
}

port.on("message", (request: Request) => {
  if (request.kind === "call") void answer(request.id, request.call);
  else if (request.kind === "abort") running.get(request.id)?.abort();
  else {
    samplingClients.delete(request.client);
    trainingClients.delete(request.client);
  }
});
