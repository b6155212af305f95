"""Percentile bootstrap of a mean paired difference: numpy's loop as the paper's script does it, or scipy's. Seconds of CPU, best of several rounds."""

import json
import sys
import time

import numpy as np
import scipy
from scipy.stats import bootstrap

method, pairs, first_only, second_only, resamples, rounds = sys.argv[1], *map(int, sys.argv[2:])
differences = np.zeros(pairs)
differences[:first_only] = 1
differences[first_only : first_only + second_only] = -1


def loop():
    rng = np.random.default_rng(0)
    means = [np.mean(rng.choice(differences, size=pairs, replace=True)) for _ in range(resamples)]
    return np.percentile(means, [2.5, 97.5])


def by_scipy():
    # Batches keep 10,000 resamples of all pairs out of memory at once.
    interval = bootstrap(
        (differences,), np.mean, n_resamples=resamples, method="percentile", batch=100, vectorized=True
    ).confidence_interval
    return np.array(interval)


least = float("inf")
for _ in range(rounds):
    start = time.process_time()
    interval = loop() if method == "numpy" else by_scipy()
    least = min(least, time.process_time() - start)
version = f"numpy {np.__version__}" if method == "numpy" else f"scipy {scipy.__version__}"
print(json.dumps({"seconds": least, "interval": interval.tolist(), "version": version}))
