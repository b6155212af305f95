"""Greedy continuations by two other engines: `python greedy.py FOLDER < request.json`.

Request: {"prompts": ["…"], "max_tokens": 40}. Reply on stdout: for each prompt the token ids of the prompt and of its
continuation, end token included, from PyTorch over the safetensors and from onnxruntime over the ONNX file.
"""

import json
import sys

import numpy as np
import onnxruntime
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def with_torch(model, ids, max_tokens):
    out = model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        temperature=None,
        top_p=None,
        top_k=None,
        max_new_tokens=max_tokens,
    )
    return out[0, len(ids) :].tolist()


def with_onnx(session, config, ids, end, max_tokens):
    names = [i.name for i in session.get_inputs() if i.name.startswith("past_key_values")]
    past = {name: np.zeros((1, config.num_key_value_heads, 0, config.head_dim), np.float32) for name in names}
    feed, seen, out = list(ids), 0, []
    while len(out) < max_tokens and (not out or out[-1] != end):
        length = seen + len(feed)
        logits, *present = session.run(
            None,
            {
                "input_ids": np.array([feed], np.int64),
                "attention_mask": np.ones((1, length), np.int64),
                "position_ids": np.arange(seen, length, dtype=np.int64)[None],
                **past,
            },
        )
        past = dict(zip(names, present))
        out.append(int(logits[0, -1].argmax()))
        feed, seen = [out[-1]], length
    return out


def main(folder):
    request = json.load(sys.stdin)
    limit = request["max_tokens"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    session = onnxruntime.InferenceSession(f"{folder}/onnx/model.onnx", providers=["CPUExecutionProvider"])
    end = model.config.eos_token_id
    rows = []
    for prompt in request["prompts"]:
        ids = tokenizer.encode(prompt, add_special_tokens=False)
        rows.append(
            {
                "prompt": ids,
                "torch": with_torch(model, ids, limit),
                "onnxruntime": with_onnx(session, model.config, ids, end, limit),
            }
        )
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
