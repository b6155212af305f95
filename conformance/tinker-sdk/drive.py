"""Drives a server with the official Tinker SDK and prints one JSON document of what it saw.

usage: python drive.py <base url>      (any SDK version; needs no torch)
"""

import json
import math
import sys
import warnings

import tinker
from tinker import types

warnings.simplefilter("ignore", FutureWarning)  # calls that newer versions spell in another way
url = sys.argv[1]
service = tinker.ServiceClient(base_url=url, api_key="tml-conformance")
seen = {"version": tinker.__version__}


def tensor(values, dtype="float32"):
    return types.TensorData(data=list(values), dtype=dtype, shape=[len(values)])


def datum(tokens, **inputs):
    """Predict every token after the first."""
    arrays = {name: tensor(values) for name, values in inputs.items()}
    return types.Datum(
        model_input=types.ModelInput.from_ints(tokens[:-1]),
        loss_fn_inputs={"target_tokens": tensor(tokens[1:], "int64"), **arrays},
    )


def logprobs_of(output):
    return [list(map(float, out["logprobs"].data)) for out in output.loss_fn_outputs]


DOCUMENTS = [[261, 300, 301, 302, 303, 260], [262, 310, 311, 260], [263, 320, 321, 322, 260]]


def supervised():
    return [datum(tokens, weights=[1.0] * (len(tokens) - 1)) for tokens in DOCUMENTS]


# Capabilities, a model, its description.
capabilities = service.get_server_capabilities()
seen["models"] = sorted(model.model_name for model in capabilities.supported_models)
training = service.create_lora_training_client(base_model="tiny-base", rank=8, seed=7)
info = training.get_info()
seen["info"] = {"model_id": info.model_id, "base": info.model_data.model_name, "rank": info.lora_rank}

# A forward pass changes nothing; forward and backward passes and steps in flight together lower the loss.
before = training.forward(supervised(), "cross_entropy").result()
seen["forward_logprobs"] = logprobs_of(before)
seen["forward_loss"] = before.metrics["loss:sum"]
pending = []
for _ in range(8):
    pending.append(
        (
            training.forward_backward(supervised(), "cross_entropy"),
            training.optim_step(types.AdamParams(learning_rate=1e-2)),
        )
    )
losses = []
for forward_backward, step in pending:
    losses.append(forward_backward.result().metrics["loss:sum"])
    seen["optim_metrics"] = step.result().metrics
seen["losses"] = losses

# Policy losses: at the sampler's own logprobs every ratio is 1, so the losses are known.
now = training.forward(supervised(), "cross_entropy").result()
policy = {}
for loss_fn, config in (
    ("importance_sampling", None),
    ("ppo", {"clip_low_threshold": 0.9, "clip_high_threshold": 1.1}),
    ("cispo", None),
    ("dro", {"beta": 0.5}),
):
    data = [
        datum(tokens, logprobs=logprobs, advantages=[0.5] * len(logprobs))
        for tokens, logprobs in zip(DOCUMENTS, logprobs_of(now))
    ]
    result = training.forward_backward(data, loss_fn, config).result()
    policy[loss_fn] = result.metrics["loss:sum"]
seen["policy"] = policy
seen["policy_logprob_sum"] = sum(map(sum, logprobs_of(now)))
seen["num_targets"] = sum(map(len, logprobs_of(now)))

# A custom loss by its derivative, as forward_backward_custom does it once torch has given one: here, of the sum of squared logprobs.
weights = [[-2 * logprob for logprob in row] for row in logprobs_of(now)]
custom = training.forward_backward(
    [datum(tokens, weights=row) for tokens, row in zip(DOCUMENTS, weights)], "cross_entropy"
).result()
seen["custom"] = {
    "loss": custom.metrics["loss:sum"],
    "expected": sum(2 * logprob**2 for row in logprobs_of(now) for logprob in row),
}
training.optim_step(types.AdamParams(learning_rate=1e-3, grad_clip_norm=1.0)).result()

# Failures have a type, and are not the end of the model.
try:
    training.forward_backward([datum([1, 2, 3], weights=[1.0])], "cross_entropy").result()
    seen["mismatch"] = "accepted"
except tinker.RequestFailedError as error:
    seen["mismatch"] = str(error)

# Save, go on, load: the same logprobs as when saved.
saved = training.save_state("ck").result().path
at_save = logprobs_of(training.forward(supervised(), "cross_entropy").result())
training.forward_backward(supervised(), "cross_entropy").result()
training.optim_step(types.AdamParams(learning_rate=1e-2)).result()
moved = logprobs_of(training.forward(supervised(), "cross_entropy").result())
training.load_state(saved).result()
loaded = logprobs_of(training.forward(supervised(), "cross_entropy").result())
again = service.create_training_client_from_state_with_optimizer(saved)
continued = logprobs_of(again.forward(supervised(), "cross_entropy").result())
fresh = service.create_training_client_from_state(saved)
fresh_logprobs = logprobs_of(fresh.forward(supervised(), "cross_entropy").result())
seen["state"] = {
    "path": saved,
    "moved": moved != at_save,
    "loaded": loaded == at_save,
    "continued": continued == at_save,
    "fresh": fresh_logprobs == at_save,
}
try:
    training.save_state("ck").result()
    seen["taken"] = "overwritten"
except tinker.RequestFailedError as error:
    seen["taken"] = str(error)

# Sampling from the weights as they are; later steps do not change it.
sampling = training.save_weights_and_get_sampling_client()
prompt = types.ModelInput.from_ints(DOCUMENTS[0][:3])


def sample(client, num_samples=1, **params):
    options = {"max_tokens": 6, "temperature": 1.0, "seed": 3, **params}
    return client.sample(prompt, num_samples, types.SamplingParams(**options)).result()


first = sample(sampling, 4)
training.forward_backward(supervised(), "cross_entropy").result()
training.optim_step(types.AdamParams(learning_rate=1e-2)).result()
second = sample(sampling, 4)
sequence = lambda s: {"tokens": list(s.tokens), "logprobs": list(s.logprobs), "stop": str(s.stop_reason)}
seen["samples"] = [sequence(s) for s in first.sequences]
seen["same_seed"] = [list(s.tokens) for s in first.sequences] == [list(s.tokens) for s in second.sequences]
greedy = sample(sampling, temperature=0.0).sequences[0]
stopped = sample(sampling, temperature=0.0, stop=[greedy.tokens[1]]).sequences[0]
seen["greedy"] = sequence(greedy)
seen["stopped"] = sequence(stopped)
with_prompt = sampling.sample(
    prompt, 1, types.SamplingParams(max_tokens=1), include_prompt_logprobs=True, topk_prompt_logprobs=2
).result()
seen["prompt_logprobs"] = list(with_prompt.prompt_logprobs)
seen["topk"] = [row if row is None else [[int(t), float(p)] for t, p in row] for row in with_prompt.topk_prompt_logprobs]
seen["compute_logprobs"] = list(sampling.compute_logprobs(prompt).result())

# Named sampler weights, and the base model.
named = training.save_weights_for_sampler("final").result().path
from_path = service.create_sampling_client(model_path=named)
seen["named"] = sequence(sample(from_path, temperature=0.0).sequences[0])
base = service.create_sampling_client(base_model="tiny-base")
seen["base"] = sequence(sample(base, temperature=0.0).sequences[0])
seen["base_model_of_sampler"] = from_path.get_base_model() if hasattr(from_path, "get_base_model") else "tiny-base"

# Listings.
rest = service.create_rest_client()
run_id = info.model_id
run = rest.get_training_run(run_id).result()
seen["run"] = {"base": run.base_model, "rank": run.lora_rank, "last": run.last_checkpoint.checkpoint_id}
seen["checkpoints"] = sorted(c.tinker_path for c in rest.list_checkpoints(run_id).result().checkpoints)
seen["num_runs"] = len(rest.list_training_runs().result().training_runs)
rest.publish_checkpoint_from_tinker_path(saved).result()
seen["published"] = [c.public for c in rest.list_checkpoints(run_id).result().checkpoints if c.tinker_path == saved]
rest.unpublish_checkpoint_from_tinker_path(saved).result()
weights_info = rest.get_weights_info_by_tinker_path(saved).result()
seen["weights_info"] = {"base": weights_info.base_model, "rank": weights_info.lora_rank}
if hasattr(rest, "get_checkpoint_archive_url_from_tinker_path"):  # gone from newer versions
    seen["archive"] = rest.get_checkpoint_archive_url_from_tinker_path(named).result().url
rest.delete_checkpoint_from_tinker_path(saved).result()
seen["after_delete"] = [c.tinker_path for c in rest.list_checkpoints(run_id).result().checkpoints]
seen["sessions"] = len(rest.list_sessions().result().sessions)
session = rest.get_session(run_id.split(":")[0]).result()
seen["session_runs"] = len(session.training_run_ids)
try:
    client = service.create_sampling_client(model_path=saved)
    if hasattr(client, "result"):
        client.result()
    seen["deleted"] = "opened"
except tinker.APIError as error:
    seen["deleted"] = str(error)

assert all(math.isfinite(loss) for loss in losses)
print(json.dumps(seen))
