"""Extraction, exact match and recall as the paper's evaluation script does them, on a result file: seconds of CPU, best of several rounds."""

import gzip
import json
import re
import string
import sys
import time

PUNCTUATION = set(string.punctuation + "‘’´`")
DASHES = re.compile("[\u2010-\u2015\u2212]")


def extract(text):
    for match in re.finditer(r"<answer>(.*?)</answer>", text, re.IGNORECASE | re.DOTALL):
        if match.group(1).strip():
            return match.group(1).strip()
    if "</think>" in text.lower():
        return re.split("</think>", text, flags=re.IGNORECASE)[-1].strip()
    return text.strip()


def normalize(text):
    text = DASHES.sub(" ", text.replace("_", " ")).lower()
    text = "".join(" " if character in PUNCTUATION else character for character in text)
    text = re.sub(r"\b(a|an|the)\b", " ", text)
    return " ".join(text.split())


def exact_match(prediction, answers):
    prediction = normalize(prediction)
    return any(prediction == normalize(answer) for answer in answers)


def recall(prediction, answers):
    prediction = normalize(prediction)
    for answer in answers:
        pattern = r"\b" + re.escape(normalize(answer)).replace(r"\ ", r"\s+") + r"\b"
        if re.search(pattern, prediction):
            return True
    return False


rows = json.load(gzip.open(sys.argv[1]))["results"]
least = float("inf")
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    hits = 0
    for row in rows:
        prediction = extract(row["raw_prediction"])
        hits += exact_match(prediction, row["ground_truth"])
        hits += recall(prediction, row["ground_truth"])
    least = min(least, time.process_time() - start)
expected = sum(row["exact_match"] + row["recall"] for row in rows)
assert hits == expected, (hits, expected)
print(json.dumps({"seconds": least, "rows": len(rows), "version": f"Python {sys.version.split()[0]}"}))
