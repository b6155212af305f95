"""A training step of the embedded engine's model in PyTorch on one thread: CPU seconds, best of several rounds."""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional

hidden, layers, heads, feed_forward, vocabulary, batch, length, rounds = map(int, sys.argv[1:])
torch.set_num_threads(1)
torch.manual_seed(0)


def rotate(values, cosines, sines):
    left, right = values.chunk(2, dim=-1)
    return torch.cat((left * cosines - right * sines, right * cosines + left * sines), dim=-1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = nn.RMSNorm(hidden)
        self.query_key_value = nn.Linear(hidden, 3 * hidden, bias=False)
        self.output = nn.Linear(hidden, hidden, bias=False)
        self.mlp_norm = nn.RMSNorm(hidden)
        self.gate_up = nn.Linear(hidden, 2 * feed_forward, bias=False)
        self.down = nn.Linear(feed_forward, hidden, bias=False)

    def forward(self, x, cosines, sines):
        split = self.query_key_value(self.attention_norm(x)).view(batch, length, 3, heads, hidden // heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        query, key = rotate(query, cosines, sines), rotate(key, cosines, sines)
        attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, length, hidden))
        gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
        return x + self.down(functional.silu(gate) * up)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.norm = nn.RMSNorm(hidden)
        half = hidden // heads // 2
        angles = torch.outer(torch.arange(length), 10_000.0 ** (-torch.arange(half) / half))
        self.cosines, self.sines = angles.cos(), angles.sin()

    def forward(self, ids):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x, self.cosines, self.sines)
        return functional.linear(self.norm(x), self.embedding.weight)


model = Decoder()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0.9, 0.95), eps=1e-8, fused=True)
ids = torch.randint(vocabulary, (batch, length + 1))
least = float("inf")
for _ in range(rounds):
    start = time.process_time()
    optimizer.zero_grad(set_to_none=True)
    logits = model(ids[:, :-1])
    functional.cross_entropy(logits.reshape(-1, vocabulary), ids[:, 1:].reshape(-1), reduction="sum").backward()
    optimizer.step()
    least = min(least, time.process_time() - start)
parameters = sum(parameter.numel() for parameter in model.parameters())
print(json.dumps({"seconds": least, "parameters": parameters, "version": f"PyTorch {torch.__version__}"}))
