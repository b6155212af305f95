"""tinker-cookbook's own loss, datum and KL code on random batches: the batches and what it makes of them, as JSON."""

import asyncio
import json
import random
import sys

import tinker
import torch
from tinker_cookbook.completers import TokensWithLogprobs
from tinker_cookbook.rl.data_processing import compute_advantages, trajectory_to_data
from tinker_cookbook.rl.metrics import compute_kl_sample_train, incorporate_kl_penalty
from tinker_cookbook.rl.types import Trajectory, TrajectoryGroup, Transition
from tinker_cookbook.supervised.common import compute_mean_nll, datum_from_tokens_weights

NUM_BATCHES = 50
REWARDS = [1.0, 0.9, 0.5, 0.4, 0.0, -0.1]


class Reference:
    """Stands in for the base model: logprobs drawn beforehand, by the sequence's tokens."""

    def __init__(self, logprobs):
        self.logprobs = logprobs

    async def compute_logprobs_async(self, sequence):
        return self.logprobs[tuple(sequence.to_ints())]


def single(value):
    return torch.tensor(value, dtype=torch.float32).item()


def rl_batch(rng):
    groups, reference = [], {}
    for _ in range(rng.randint(1, 4)):
        prompt = [rng.randrange(1000) for _ in range(rng.randint(1, 6))]
        rollouts = []
        for _ in range(rng.randint(2, 5)):
            tokens = [rng.randrange(1000) for _ in range(rng.randint(1, 8))]
            logprobs = [single(-rng.random() * 5) for _ in tokens]
            base = [single(-rng.random() * 5) for _ in prompt + tokens]
            reference[tuple(prompt + tokens)] = [None] + base[1:]
            rollouts.append({"tokens": tokens, "logprobs": logprobs, "reward": rng.choice(REWARDS), "reference": base[1:]})
        groups.append({"prompt": prompt, "rollouts": rollouts})
    return groups, reference


def as_group(group):
    def trajectory(rollout):
        transition = Transition(
            ob=tinker.ModelInput.from_ints(group["prompt"]),
            ac=TokensWithLogprobs(tokens=rollout["tokens"], maybe_logprobs=rollout["logprobs"]),
            reward=rollout["reward"],
            episode_done=True,
        )
        return Trajectory(transitions=[transition], final_ob=tinker.ModelInput.empty())

    trajectories = [trajectory(rollout) for rollout in group["rollouts"]]
    return TrajectoryGroup(trajectories, [0.0] * len(trajectories), [{}] * len(trajectories))


def as_json(datum):
    inputs = {name: tensor.tolist() for name, tensor in datum.loss_fn_inputs.items()}
    return {"tokens": datum.model_input.to_ints(), **inputs}


def main():
    rng = random.Random(0)
    rl, sft = [], []
    for _ in range(NUM_BATCHES):
        groups, reference = rl_batch(rng)
        built = [as_group(group) for group in groups]
        advantages = compute_advantages(built)
        data = [
            datum
            for group, values in zip(built, advantages)
            for trajectory, value in zip(group.trajectories_G, values)
            for datum in trajectory_to_data(trajectory, float(value))
        ]
        plain = [as_json(datum) for datum in data]
        trained = [torch.tensor([single(-rng.random()) for _ in datum["tokens"]]) for datum in plain]
        coef, discount = rng.random(), rng.choice([0.0, 0.5, 1.0])
        kl = asyncio.run(incorporate_kl_penalty(data, Reference(reference), coef, discount))
        rl.append(
            {
                "groups": groups,
                "coef": coef,
                "discount": discount,
                "trained": [row.tolist() for row in trained],
                "datums": plain,
                "penalized": [as_json(datum)["advantages"] for datum in data],
                "kl_policy_base": kl["kl_policy_base"],
                "kl_sample_train": compute_kl_sample_train(data, trained),
            }
        )
        tokens = [[rng.randrange(1000) for _ in range(rng.randint(2, 12))] for _ in range(rng.randint(1, 5))]
        weights = [[float(rng.random() < 0.6) for _ in row] for row in tokens]
        max_length = rng.choice([None, 5])
        datums = [
            datum_from_tokens_weights(torch.tensor(row), torch.tensor(weight), max_length)
            for row, weight in zip(tokens, weights)
        ]
        logprobs = [torch.tensor([single(-rng.random() * 5) for _ in datum.model_input.to_ints()]) for datum in datums]
        nll = compute_mean_nll(
            [tinker.TensorData.from_torch(row) for row in logprobs], [datum.loss_fn_inputs["weights"] for datum in datums]
        )
        sft.append(
            {
                "tokens": tokens,
                "weights": weights,
                "max_length": max_length,
                "datums": [as_json(datum) for datum in datums],
                "logprobs": [row.tolist() for row in logprobs],
                "mean_nll": None if nll != nll else nll,
            }
        )
    json.dump({"rl": rl, "sft": sft}, sys.stdout)


main()
