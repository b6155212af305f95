"""What OpenAI's `tiktoken` makes of texts and ids with o200k_harmony, from a vocabulary file instead of a download.

`python tiktoken_reference.py VOCABULARY < request.json` replies with the ids of every text and the text of every list of ids.
"""

import json
import sys

import tiktoken
from tiktoken.load import load_tiktoken_bpe
from tiktoken_ext.openai_public import ENDOFPROMPT, ENDOFTEXT

CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
CAPITAL, SMALL = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
PATTERN = "|".join(
    [
        rf"[^\r\n\p{{L}}\p{{N}}]?[{CAPITAL}]*[{SMALL}]+{CONTRACTION}",
        rf"[^\r\n\p{{L}}\p{{N}}]?[{CAPITAL}]+[{SMALL}]*{CONTRACTION}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
NAMED = {
    "<|startoftext|>": 199998,
    ENDOFTEXT: 199999,
    "<|return|>": 200002,
    "<|constrain|>": 200003,
    "<|channel|>": 200005,
    "<|start|>": 200006,
    "<|end|>": 200007,
    "<|message|>": 200008,
    "<|call|>": 200012,
    ENDOFPROMPT: 200018,
}
RESERVED = {f"<|reserved_{i}|>": i for i in range(199998, 200019) if i not in NAMED.values()}

if __name__ == "__main__":
    encoding = tiktoken.Encoding(
        "o200k_harmony", pat_str=PATTERN, mergeable_ranks=load_tiktoken_bpe(sys.argv[1]), special_tokens=NAMED | RESERVED
    )
    asked = json.load(sys.stdin)
    reply = {
        "ids": [encoding.encode(text, allowed_special="all") for text in asked["texts"]],
        "loose_texts": [encoding.decode(ids) for ids in asked["loose_ids"]],
    }
    json.dump(reply, sys.stdout)
