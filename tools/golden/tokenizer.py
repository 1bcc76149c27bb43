"""Golden encodings: what Hugging Face tokenizers gives for the tokenizer.json that our trainer made.

Made with tokenizers 0.23.3. Run from the repository's root:
    python tools/golden/tokenizer.py
Reads core/src/test/resources/golden/tokenizer.json, writes tokenizer-encodings.json beside it. If the trainer was changed
on purpose, copy core/target/golden/tokenizer.json (BpeTrainerTest writes it) to that place first.
"""
import json
import random
from pathlib import Path
from tokenizers import Tokenizer

FOLDER = Path("core/src/test/resources/golden")
TEXTS = [
    "", " ", "\n", "a", "  ", "   a", "Hello, world!", "The mill stands where the river bends.",
    "Der Müller weiß, daß die Straße naß ist.", "El niño soñó con una montaña.", "L'été, c'était là où j'étais.",
    "日本語のテキストです。東京タワー", "A informação não está na estação.", "تقف الطاحونة حيث ينحني النهر ١٢٣٤",
    "Příliš žluťoučký kůň úpěl ďábelské ódy", "Perché la città è più bella?", "방앗간은 강이 굽이치는 곳에",
    "De molen staat waar de rivier een bocht maakt, zij blijven.", "磨坊立在河流转弯的地方。没有人",
    "😀😃 family 👨‍👩‍👧‍👦 flag 🇩🇪 skin 👍🏽", "e\u0301 n\u0303 A\u030a", "1 12 123 1234 12345 3.14159 1,000,000", "x1y22z333",
    "½ ⅓ Ⅷ ² ௧௨௩ 一二三 ①②", "don't I'll WE'VE you'Re 'S'T'M'D'LL 'ſ 'x ''s it’s", "'", "''", "'l", "'r", "a'b'c", "don'", "'tis",
    "a\n\n\nb", "a \n b", "a\r\nb\r\n\r\nc", "a\t\tb", "a   b    c", "a   \n   \n  b", "  \n", "\n  ", "\n \n a", "a \t \r \n", "   \r",
    "def f(x):\n    return x + 1\n\n\n\tpass   \n", "a\u00a0b \u2003\u2003c \u3000d \u0085 e\u2028f\u1680", "\u200b zero\u200bwidth \ufeff bom",
    "\x00\x01\x1c\x1d\x1f\x7f control", "!!!???...", " !!!\n\nx", "$100 #tag @me a_b_c __init__", "((()))\r\n\r\nend", " 1", "  12", " \n1",
    "http://example.org/a?b=c&d=%20e", "{\"name\": \"f\", \"arguments\": {\"x\": [1, 2.5, null]}}", "a" * 50, "ab" * 40, "=" * 70 + "\n", " " * 45 + "x",
    "İstanbul ıııı ẞß ﬁ ǅ", "क्षत्रिय हिन्दी", "ไทยแลนด์", "\U0001d400\U0001d401 \U00020000\U00020001 \U0001f1e6", "x\u0300\u0301y",
    "<|end_of_text|>", "a<|start_of_role|>user<|end_of_role|>Hi there<|end_of_text|>\n", "<tool_call>\n{\"name\": \"f\"}\n</tool_call>",
    "<think>hm</think> <think_on><think_off>", "<|end_of_text|><|end_of_text|> <|pad|>", "<|end_of_tex|> <|end_of_text", "<<|unk|>>", "<tools></tools> <documents> x </documents>",
    "  <|pad|>  x", "a <schema>  b</schema>\n", "<tool_call", "<tool_call></tool_call><tool_response></tool_response>", "don<think>'t</think>",
]
PIECES = ["a", "Z", "é", "ß", "東", "한", "م", "1", "٣", "½", " ", "  ", "\n", "\r", "\t", "\u00a0", "\u0085", "\u2028", "'", "'s", "'LL", "ſ", "!",
          "_", "\u0301", "😀", "\u200b", "\x1c", "\x00", "𝐀", "<", "|", "<|pad|>", "<think>", ".", "K", "the", "river", "ǅ", "ⅷ", "\ufffd"]

draw = random.Random(41)
TEXTS += ["".join(draw.choice(PIECES) for _ in range(draw.randint(2, 24))) for _ in range(300)]

whole = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
bare = json.loads((FOLDER / "tokenizer.json").read_text())
bare["added_tokens"] = []
bare = Tokenizer.from_str(json.dumps(bare))

rows = []
for text in TEXTS:
    marked = whole.encode(text, add_special_tokens=False).ids
    rows.append({
        "text": text,
        "plain": bare.encode(text, add_special_tokens=False).ids,
        "marked": marked,
        "skipped": whole.decode(marked, skip_special_tokens=True),
    })
# Tokens in any order are bytes in any order: what becomes of those that are no UTF-8.
for _ in range(150):
    ids = [draw.choice([draw.randrange(256), draw.randrange(whole.get_vocab_size())]) for _ in range(draw.randint(1, 12))]
    rows.append({"ids": ids, "text": whole.decode(ids, skip_special_tokens=False)})
lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
(FOLDER / "tokenizer-encodings.json").write_text("[\n" + lines + "\n]\n")
print(len(rows), "rows")
