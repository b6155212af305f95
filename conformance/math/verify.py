"""math-verify's verdict on pairs of answers: [[prediction, gold], ...] on stdin, [true | false | null, ...] on stdout.

null: it failed or timed out.
"""

import json
import logging
import sys

from math_verify import parse, verify

SECONDS = 5

logging.disable(logging.CRITICAL)


def verdict(prediction: str, gold: str) -> bool | None:
    try:
        answers = [parse(f"\\boxed{{{answer}}}", parsing_timeout=SECONDS) for answer in (gold, prediction)]
        return verify(*answers, timeout_seconds=SECONDS)
    except Exception:
        return None


print(json.dumps([verdict(*pair) for pair in json.load(sys.stdin)]))
