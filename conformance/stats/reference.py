"""What SciPy and numpy make of the same tables, p-values and differences.

`python reference.py < request.json` replies with one JSON object; see each function for what it compares.
"""

import json
import sys

import numpy as np
from scipy import special, stats


def mcnemar(table):
    b, c = table["firstOnly"], table["secondOnly"]
    n = b + c
    if n == 0:
        return None
    exact = stats.binomtest(b, n, 0.5).pvalue
    point = stats.binom.pmf(b, n, 0.5)
    statistic = (abs(b - c) - 1) ** 2 / n
    return {
        "exact": float(exact),
        "mid_p": float(1 - point / 2 if b == c else exact - point),
        "statistic": statistic,
        "chi_squared": float(stats.chi2.sf(statistic, 1)),
    }


def wilson(successes, n, confidence):
    interval = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def square_and_add(first, second, n1, n2, correlation, confidence):
    p1, p2 = first / n1, second / n2
    (l1, u1), (l2, u2) = wilson(first, n1, confidence), wilson(second, n2, confidence)

    def root(x, y):
        return np.sqrt(x**2 + y**2 - 2 * correlation * x * y)

    return [float(p1 - p2 - root(p1 - l1, u2 - p2)), float(p1 - p2 + root(u1 - p1, p2 - l2))]


def intervals(table, confidence):
    a, b, c, d = (table[name] for name in ("both", "firstOnly", "secondOnly", "neither"))
    n = a + b + c + d
    product = float(a * d - b * c)
    if product > 0:
        product = max(0.0, product - n / 2)
    margins = float(a + b) * float(c + d) * float(a + c) * float(b + d)
    correlation = product / np.sqrt(margins) if margins > 0 else 0.0
    return {
        "wilson": list(wilson(a + b, n, confidence)),
        "independent": square_and_add(a + b, a + c, n, n, 0.0, confidence),
        "paired": square_and_add(a + b, a + c, n, n, correlation, confidence),
    }


def exact_bootstrap(table, confidence):
    """Quantiles of the n-fold convolution of one draw, by repeated squaring."""
    b, c = table["firstOnly"], table["secondOnly"]
    n = table["both"] + b + c + table["neither"]
    law, power, left = np.ones(1), np.array([c, n - b - c, b]) / n, n
    while left:
        if left & 1:
            law = np.convolve(law, power)
        power = np.convolve(power, power)
        left >>= 1
    cumulative = np.cumsum(law)
    tail = (1 - confidence) / 2
    # A quantile is a lattice point; one whose probability equals the tail but for rounding is no test.
    return [
        {"value": int(np.searchsorted(cumulative, p) - n) / n, "margin": float(np.min(np.abs(cumulative - p)))}
        for p in (tail, 1 - tail)
    ]


def permutation(differences):
    zeros = np.zeros(len(differences))
    test = stats.permutation_test(
        (np.array(differences, dtype=float), zeros),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    return float(test.pvalue)


def cluster_mean(sample):
    """The sandwich estimator of a regression on a constant, with matrices."""
    y, clusters = np.array(sample["differences"]), np.array(sample["clusters"])
    x = np.ones((len(y), 1))
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    residual = y - x @ beta
    meat = np.zeros((1, 1))
    names = np.unique(clusters)
    for name in names:
        score = x[clusters == name].T @ residual[clusters == name]
        meat += np.outer(score, score)
    variance = bread @ meat @ bread * len(names) / (len(names) - 1)
    return {"difference": float(beta[0]), "standard_error": float(np.sqrt(variance[0, 0]))}


def pass_at_k(case):
    n, c, k = case["samples"], case["correct"], case["k"]
    return 1 - special.comb(n - c, k, exact=True) / special.comb(n, k, exact=True)


request = json.load(sys.stdin)
confidence = request["confidence"]
json.dump(
    {
        "mcnemar": [mcnemar(table) for table in request["tables"]],
        "intervals": [intervals(table, confidence) for table in request["tables"]],
        "exact_bootstrap": [exact_bootstrap(table, confidence) for table in request["small_tables"]],
        "permutation": [permutation(differences) for differences in request["differences"]],
        "cluster_mean": [cluster_mean(sample) for sample in request["samples"]],
        "benjamini_hochberg": [stats.false_discovery_control(values).tolist() for values in request["p_values"]],
        "pass_at_k": [pass_at_k(case) for case in request["pass_at_k"]],
    },
    sys.stdout,
)
