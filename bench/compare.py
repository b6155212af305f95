"""The work of `pka compare` the way the paper's scripts do it: whole files in memory, 10,000 resamples drawn one by one."""

import json
import resource
import sys
import time

import numpy as np
from scipy.stats import binomtest, chi2

start = time.perf_counter()
rows = []
for path in sys.argv[1:3]:
    with open(path) as file:
        rows.append(json.load(file)["results"])
by_question = {row["question"]: row for row in rows[1]}
pairs = [(row, by_question[row["question"]]) for row in rows[0] if row["question"] in by_question]
for metric in ("recall", "exact_match"):
    first = np.array([float(bool(a[metric])) for a, _ in pairs])
    second = np.array([float(bool(b[metric])) for _, b in pairs])
    b = int(np.sum((first == 1) & (second == 0)))
    c = int(np.sum((first == 0) & (second == 1)))
    p = binomtest(b, b + c).pvalue if b + c < 25 else 1 - chi2.cdf((abs(b - c) - 1) ** 2 / (b + c), 1)
    rng = np.random.default_rng(0)
    differences = first - second
    n = len(differences)
    means = [np.mean(differences[rng.choice(n, size=n, replace=True)]) for _ in range(10_000)]
    bounds = np.percentile(means, [2.5, 97.5])
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"  the paper's way in Python: {seconds:.2f} s, peak RSS {peak:.0f} MiB")
