"""Write a tiny Qwen3 checkpoint that answers in the asked form: `python make.py FOLDER`.

FOLDER gets the files of a Hugging Face checkpoint (config, safetensors, tokenizer, chat template) and the same weights as
`onnx/model.onnx`. The model knows nothing: a few seconds of training on invented questions teach it to close its thinking,
to put one word into <answer> tags and to stop. Same seed, same machine: same weights.
"""

import random
import sys
import warnings
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import DynamicCache, GenerationConfig, PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

SEED = 7
STEPS = 150
BATCH = 16
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>"]
TAGS = ["<think>", "</think>", "<answer>", "</answer>"]
END, PAD = SPECIAL[2], SPECIAL[3]
WORDS = "river stone copper winter garden silver harbour meadow candle bridge forest window".split()
HEADS = ["Where does", "Who wrote", "What is the name of", "In which town does", "Who is the employer of", "When was"]
NAMES = "Fendu Marlo Quist Abeni Torvald Lissa Okoro Peyrat Ines Zoltan Wick Ruane".split()
INSTRUCTION = "Give your final answer in <answer></answer> tags."
CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}"
    "{%- endif %}"
)


def question(rng):
    words = [rng.choice(HEADS), *rng.sample(NAMES, 2), *rng.sample(WORDS, rng.randint(0, 4))]
    return " ".join(words) + "?"


def conversation(rng):
    """One prompt and reply, in one of the five layouts that the suites ask in."""
    asked, word = question(rng), rng.choice(WORDS).capitalize()
    thought = " ".join(rng.choices(WORDS, k=rng.randint(2, 8)))
    system = f"<|im_start|>system\nYou will be given a question. {INSTRUCTION}<|im_end|>\n"
    chat = f"{system}<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n"
    answer = f"<answer>{word}</answer>{END}"
    return rng.choice(
        [
            (chat, f"<think>\n{thought}\n</think>\n\n{answer}"),
            (f"{chat}<think>\n\n</think>\n\n", answer),
            (f"<｜begin▁of▁sentence｜><｜User｜>{asked}\n{INSTRUCTION}<｜Assistant｜><think>\n", f"{thought}\n</think>\n\n{answer}"),
            (f"{asked}\n{INSTRUCTION}<think>\n\n</think>\n<answer>", f"{word}</answer>{END}"),
            (f"{chat}<think>", f"\n{thought}\n</think>\n\n{answer}"),
        ]
    )


def make_tokenizer(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, min_frequency=2, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens(TAGS)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, pad_token=PAD, model_max_length=8192, chat_template=CHAT_TEMPLATE
    )


def make_model(tokenizer):
    end, pad = tokenizer.convert_tokens_to_ids([END, PAD])
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=8192,
        tie_word_embeddings=False,
        eos_token_id=end,
        pad_token_id=pad,
        bos_token_id=None,
        dtype="float32",
    )
    # Eager attention is what the exporter can trace.
    model = Qwen3ForCausalLM._from_config(config, attn_implementation="eager").to(torch.float32)
    # A sampling server takes its own defaults from here: unlike the paper's on purpose, so that a field we forgot shows.
    model.generation_config = GenerationConfig(eos_token_id=end, pad_token_id=pad, do_sample=True, temperature=2.0, top_p=0.5)
    return model


def train(model, tokenizer, rng):
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(STEPS):
        rows = []
        for _ in range(BATCH):
            prompt, reply = (tokenizer.encode(text, add_special_tokens=False) for text in conversation(rng))
            rows.append((prompt + reply, [-100] * len(prompt) + reply))
        length = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([ids + [tokenizer.pad_token_id] * (length - len(ids)) for ids, _ in rows])
        labels = torch.tensor([labels + [-100] * (length - len(labels)) for _, labels in rows])
        loss = model(input_ids=ids, attention_mask=(ids != tokenizer.pad_token_id).long(), labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses[-1]


class WithCache(torch.nn.Module):
    """The model with its key-value cache as plain tensors, under the names that ONNX text generation expects."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, position_ids, *past):
        cache = DynamicCache()
        for layer in range(len(past) // 2):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        out = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        present = [tensor for layer in out.past_key_values.layers for tensor in (layer.keys, layer.values)]
        return out.logits, *present


def export_onnx(model, file):
    config = model.config
    layers = range(config.num_hidden_layers)
    past = [torch.zeros(1, config.num_key_value_heads, 3, config.head_dim) for _ in layers for _ in "kv"]
    inputs = (torch.tensor([[5, 6]]), torch.ones(1, 5, dtype=torch.long), torch.tensor([[3, 4]]), *past)
    past_names = [f"past_key_values.{layer}.{part}" for layer in layers for part in ("key", "value")]
    present_names = [name.replace("past_key_values", "present") for name in past_names]
    # The runtime recognises the empty cache by these dimension names.
    axes = {
        "input_ids": {0: "batch_size", 1: "sequence_length"},
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": {0: "batch_size", 1: "sequence_length"},
        "logits": {0: "batch_size", 1: "sequence_length"},
        **{name: {0: "batch_size", 2: "past_sequence_length"} for name in past_names},
        **{name: {0: "batch_size", 2: "total_sequence_length"} for name in present_names},
    }
    torch.onnx.export(
        WithCache(model),
        inputs,
        str(file),
        input_names=["input_ids", "attention_mask", "position_ids", *past_names],
        output_names=["logits", *present_names],
        dynamic_axes=axes,
        opset_version=17,
        # The newer exporter invents names for the dimensions, and generation then fails on the empty cache.
        dynamo=False,
    )


def main(folder):
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    tokenizer = make_tokenizer("".join(conversation(rng)) for _ in range(500))
    model = make_model(tokenizer)
    loss = train(model, tokenizer, rng)
    model.eval()
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    onnx = Path(folder) / "onnx"
    onnx.mkdir(exist_ok=True)
    with torch.no_grad():
        export_onnx(model, onnx / "model.onnx")
    print(f"{folder}: {sum(p.numel() for p in model.parameters())} parameters, last loss {loss:.3f} nats")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # the exporter's, about itself
    main(sys.argv[1])
