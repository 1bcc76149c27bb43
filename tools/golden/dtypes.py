"""Golden values of the storage types: what gguf's own quants module makes of random blocks and of awkward numbers.

Made with gguf 0.19.0, numpy 2.4.6, ml_dtypes 0.6.0 (for F8_E4M3, which is no type of gguf), and for ggml's K
quantisers the ggml 0.13.1 that the wheel of pywhispercpp 1.5.1 carries. Run from the repository's root:
    python tools/golden/dtypes.py
Writes core/src/test/resources/golden/dtypes.json.
"""
import base64
import ctypes
import json
import sysconfig
from pathlib import Path

import ml_dtypes
import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

OUT = Path("core/src/test/resources/golden/dtypes.json")
BLOCKS = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "MXFP4"]
# Where the halves of a block stand, which must not be random bits: those are no numbers too often.
HALVES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q4_K": [0, 2], "Q5_K": [0, 2],
          "Q6_K": [208], "MXFP4": []}
random = np.random.default_rng(5)


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def random_blocks(name):
    numbers, size = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
    rows = random.integers(0, 256, (max(2, 512 // numbers), size), dtype=np.uint8)
    for at in HALVES[name]:
        halves = (random.standard_normal(len(rows)) * 10.0 ** random.integers(-6, 3, len(rows))).astype(np.float16)
        rows[:, at:at + 2] = halves.view(np.uint8).reshape(-1, 2)
    if name == "MXFP4":
        rows[:4, 0] = [0, 1, 2, 254]
    return rows


def numbers():
    normal = random.standard_normal((8, 256))
    rows = [normal[0], 0.02 * normal[1], 1e-6 * normal[2], 3000 * normal[3], normal[4] ** 3, normal[5] + 2, normal[6] - 3,
            np.exp(normal[7]), random.uniform(-1, 1, 256), np.zeros(256), np.full(256, 0.7), np.full(256, -1.5),
            np.arange(256) - 127.5, np.where(np.arange(256) % 32 == 5, 8, 0.01 * normal[0]),
            np.round(normal[1] * 4) / 4, np.where(np.arange(256) < 64, 0, normal[2])]
    return np.stack(rows).astype(np.float32)


def ggml_blocks(rows):
    """What ggml's own quantisers make of the rows as those types that gguf cannot write."""
    ggml = ctypes.CDLL(str(next(Path(sysconfig.get_paths()["purelib"]).glob("libggml-base.so"))))
    blocks = {}
    for name in ("Q4_K", "Q5_K", "Q6_K"):
        kind = GGMLQuantizationType[name]
        out = np.zeros((len(rows), GGML_QUANT_SIZES[kind][1]), dtype=np.uint8)
        call = ggml["quantize_row_" + name.lower().replace("k", "K") + "_ref"]
        call.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        call.restype = None
        call(rows.ctypes.data, out.ctypes.data, rows.size)
        blocks[name] = text(out)
    return blocks


rows = numbers()
every = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn).astype(np.float32)
golden = {"widen": {}, "numbers": text(rows), "narrow": {}, "ggmlBlocks": ggml_blocks(rows)}
for name in BLOCKS:
    blocks = random_blocks(name)
    golden["widen"][name] = {"blocks": text(blocks),
                             "numbers": text(quants.dequantize(blocks, GGMLQuantizationType[name]).astype("<f4"))}
    if not name.endswith("_K"):
        golden["narrow"][name] = text(quants.quantize(rows, GGMLQuantizationType[name]))
for name in ("F16", "BF16"):
    golden["narrow"][name] = text(quants.quantize(rows, GGMLQuantizationType[name]))
golden["widen"]["F8_E4M3"] = {"blocks": text(np.arange(256, dtype=np.uint8)), "numbers": text(every)}
golden["narrow"]["F8_E4M3"] = text(rows.astype(ml_dtypes.float8_e4m3fn))
OUT.write_text(json.dumps(golden, indent=1) + "\n")
