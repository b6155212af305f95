"""What Python's `tokenizers` and `transformers` make of the same input.

`python reference.py tokenizers FOLDER < request.json` trains four small tokenizers of the shapes in use, writes each as a
checkpoint folder under FOLDER, and replies with the ids of every text and the text of those ids.
`python reference.py templates < request.json` renders chat templates.
"""

import datetime
import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

CORPUS = [
    "Who wrote Hamlet? Give your final answer in <answer></answer> tags. You will be given a question.",
    "Émile Zola wrote Germinal in 1885; naïve café, façade, coöperate, Ångström.",
    "東京は日本の首都です。 Москва — столица России. القاهرة عاصمة مصر.",
    "def f(x):\n\treturn {'a': [1, 22, 333, 4444]}  # comment\r\n\r\n   indented",
    "I'm sure they've won't it's WE'LL can't 🙂🙃 👨‍👩‍👧 e\u0301 \u1e9b\u0323 ﬁ ½",
] * 20
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<｜begin▁of▁sentence｜>"]
TAGS = ["<think>", "</think>", "<answer>"]

# A pattern of each family: single digits, digits in threes, and three splits one after another.
BY_ONE_DIGIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
BY_THREE_DIGITS = BY_ONE_DIGIT.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
HAN_AND_KANA = "[一-龥぀-ゟ゠-ヿ]+"
WORDS_WITH_MARKS = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def splits(*patterns):
    steps = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    return pre_tokenizers.Sequence([*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_level(pre_tokenizer, normalizer=None, bos=False):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=700, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    )
    tokenizer.add_tokens([AddedToken(tag, normalized=False) for tag in TAGS])
    if bos:
        start = (SPECIAL[3], tokenizer.token_to_id(SPECIAL[3]))
        tokenizer.post_processor = processors.TemplateProcessing(single=f"{SPECIAL[3]} $A", special_tokens=[start])
    return tokenizer


def make_tokenizers():
    return {
        "nfc-one-digit": byte_level(splits(BY_ONE_DIGIT), normalizer=normalizers.NFC()),
        "three-digits": byte_level(splits(BY_THREE_DIGITS)),
        "three-splits-bos": byte_level(splits(r"\p{N}{1,3}", HAN_AND_KANA, WORDS_WITH_MARKS), bos=True),
        "plain-byte-level": byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False)),
    }


def tokenize(folder, request):
    reply = {}
    for name, tokenizer in make_tokenizers().items():
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=SPECIAL[0]).save_pretrained(str(Path(folder) / name))
        encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in request["texts"]]
        reply[name] = {
            "vocab_size": tokenizer.get_vocab_size(),
            "ids": encoded,
            "texts": [tokenizer.decode(ids, skip_special_tokens=False) for ids in encoded],
            # Any ids, not only those that an encoder makes: cut characters and ids without a token.
            "loose_texts": [tokenizer.decode(ids, skip_special_tokens=False) for ids in request["loose_ids"]],
        }
    return reply


def render(request):
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE()), **request["special_tokens"], clean_up_tokenization_spaces=False
    )
    prompts = []
    for case in request["cases"]:
        try:
            prompt = tokenizer.apply_chat_template(
                case["messages"],
                chat_template=case["template"],
                tokenize=False,
                add_generation_prompt=True,
                **case["variables"],
            )
        except Exception as error:  # a template may refuse messages
            prompts.append({"error": str(error)})
        else:
            prompts.append({"prompt": prompt})
    return {"prompts": prompts, "date": datetime.datetime.now().isoformat()}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    answer = tokenize(sys.argv[2], asked) if sys.argv[1] == "tokenizers" else render(asked)
    json.dump(answer, sys.stdout)
