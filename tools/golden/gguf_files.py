"""Small GGUF files as gguf's own writer makes them: one with every kind of value and some storage types, one in two shards.

Made with gguf 0.19.0, numpy 2.4.6. Run from the repository's root:
    python tools/golden/gguf_files.py
Writes to core/src/test/resources/golden/gguf.
"""
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFValueType, GGUFWriter, quants

OUT = Path("core/src/test/resources/golden/gguf")
random = np.random.default_rng(11)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def numbers(*shape):
    return random.standard_normal(shape).astype(np.float32)


OUT.mkdir(parents=True, exist_ok=True)
w = GGUFWriter(OUT / "all.gguf", "test")
w.add_uint8("u8", 255)
w.add_int8("i8", -128)
w.add_uint16("u16", 65535)
w.add_int16("i16", -32768)
w.add_uint32("u32", 4294967295)
w.add_int32("i32", -2147483648)
w.add_uint64("u64", 18446744073709551615)
w.add_int64("i64", -9223372036854775808)
w.add_float32("f32", 0.1)
w.add_float64("f64", 0.1)
w.add_bool("yes", True)
w.add_bool("no", False)
w.add_string("text", "Mühle \U0001f600\n")
w.add_key_value("empty", "", GGUFValueType.STRING)  # add_string leaves it out
w.add_array("strings", ["", "a", "日本"])
w.add_array("wholes", [1, 2, 2147483647])
w.add_array("fractions", [0.5, -0.25])
w.add_array("flags", [True, False, True])
w.add_uint32("layers", 3)
w.add_key_value("bytes", [1, 2, 255], GGUFValueType.ARRAY, GGUFValueType.UINT8)
for name in ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4"):
    kind = GGMLQuantizationType[name]
    data = numbers(3, 64)
    w.add_tensor(name + ".weight", data if name == "F32" else quants.quantize(data, kind),
                 raw_dtype=None if name in ("F32", "F16") else kind)
for name, size in (("Q4_K", 144), ("Q5_K", 176), ("Q6_K", 210)):
    blocks = random.integers(0, 256, (2, size), dtype=np.uint8)
    w.add_tensor(name + ".weight", blocks, raw_dtype=GGMLQuantizationType[name])
w.add_tensor("cube", numbers(2, 3, 5))
w.add_tensor("row", numbers(7))
finish(w)

w = GGUFWriter(OUT / "split.gguf", "test", split_max_tensors=2)
w.add_uint32("layers", 3)
for i in range(3):
    w.add_tensor(f"t{i}", np.full((2, 4), i, dtype=np.float32))
finish(w)
