"""Golden values of slerp, by the formula of mergekit's slerp (the two vectors are not normalised in the sum).

Made with numpy 2: python tools/golden/merge.py > core/src/test/resources/golden/merge.json
"""
import json

import numpy as np


def slerp(t, v0, v1):
    dot = np.sum(v0 / np.linalg.norm(v0) * v1 / np.linalg.norm(v1))
    if abs(dot) > 0.9995:
        return (1 - t) * v0 + t * v1
    omega = np.arccos(dot)
    return np.sin((1 - t) * omega) / np.sin(omega) * v0 + np.sin(t * omega) / np.sin(omega) * v1


def numbers(a, count):
    return np.array([np.sin(a + 0.7 * i) for i in range(count)], dtype=np.float32).astype(np.float64)


cases = []
for a, b, t in [(0.0, 1.0, 0.5), (0.3, 2.9, 0.25), (0.0, 3.0, 0.9), (0.0, 0.01, 0.4), (1.0, 2.0, 0.0), (1.0, 2.0, 1.0)]:
    cases.append({"a": a, "b": b, "weight": t, "merged": slerp(t, numbers(a, 9), numbers(b, 9)).tolist()})
print(json.dumps(cases, indent=1))
