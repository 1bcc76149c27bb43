"""Golden tokenizers and encodings of the families: what Hugging Face tokenizers gives.

Made with tokenizers 0.23.3 and sentencepiece 0.2.3. Run from the repository's root:
    python tools/golden/tokenizer_families.py
Trains a small vocabulary of each family on core/src/test/resources/golden/tokenizer-sample.txt and writes
core/src/test/resources/golden/tokenizers/: texts.json, and for each family NAME.json (the tokenizer) and NAME.ids.json
(what the post-processor puts before and behind a sequence; for each text its ids; then random ids and their decodings).
"""
import json
import random
import tempfile
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

GOLDEN = Path("core/src/test/resources/golden")
OUT = GOLDEN / "tokenizers"
SAMPLE = (GOLDEN / "tokenizer-sample.txt").read_text().splitlines()
LATIN = [line for line in SAMPLE if all(ord(c) < 0x250 for c in line)]  # of all scripts the characters alone are too many
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
PUNCTUATED = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|"
              r"\s*[\r\n]+|\s+(?!\S)|\s+")
TEXTS = [
    "", " ", "\n", "a", "  a", "a  ", "Hello, world! The mill stands where the river bends.", "don't I'll WE'VE 'S 'ſ x's'",
    "1 12 123 1234 12345 3.14159 1,000,000 x1y22 ½ Ⅷ ² ௧௨௩ ①", "Der Müller weiß, daß die Straße naß ist.",
    "日本語のテキストです。東京タワー 磨坊立在河流转弯的地方。", "تقف الطاحونة ١٢٣٤ Příliš žluťoučký 방앗간은", "क्षत्रिय ไทยแลนด์ İstanbul ẞß ﬁ ǅ",
    "😀😃 👨‍👩‍👧‍👦 🇩🇪 👍🏽", "e\u0301 n\u0303 A\u030a e\u0323\u0301 e\u0301\u0323 \u212b \u1100\u1161\u11a8 か\u3099 \u0344 \u089a\u030d",
    "a\n\n\nb \n c\r\nd\r\n\r\ne\t\tf   g\n   \n  h", "x\u00a0y \u2003\u2003z \u3000 \u0085 \u2028\u1680q", "\u200b \ufeff \x00\x01\x1c\x7f",
    "!!!???... $100 #tag __init__ ((()))\r\n\r\n", "def f(x):\n    return x + 1\n\n\n\tpass   \n", "http://example.org/a?b=c&d=%20e {\"k\": [1, null]}",
    "a" * 100, "ab" * 60, " " * 60 + "x", "\n" * 40, "東" * 50, "=" * 70, "7" * 40, "e\u0301" * 40, "<s>", "</s>", "a<s>b</s> c <s> d", "<unk> <0x0A> <0xE6>",
    "<|user|>  \n hi <|user|>hi", "x  <mask>  y<mask>", "word words word. wordy aword word", "<table></table> <|im_start|>user\n<|im_end|>",
    "<|endoftext|><|endoftext|> <|endoftext|", "▁ ▁▁ a▁b ▁c", "\ufffd\ufffd", "ﷺ ｶﾞ ① Ⅳ", "naïve café Σίσυφος ΣΊΣΥΦΟΣ", "It's 5 o'clock — “quoted” … done/\n/x",
]
PIECES = ["a", "Z", "é", "ß", "東", "한", "م", "1", "٣", "½", " ", "  ", "\n", "\r", "\t", "\u00a0", "\u0085", "'", "'s", "'LL", "!", "_", "\u0301", "😀",
          "\u200b", "\x00", "𝐀", "<", "|", "<s>", "<mask>", "word", ".", "the", " the", "river", "ǅ", "\ufffd", "▁", "\n\n", "<|user|>", "క", "\u0323"]
draw = random.Random(41)
TEXTS += ["".join(draw.choice(PIECES) for _ in range(draw.randint(2, 16))) for _ in range(60)]


def byte_level(steps, normalizer=None, size=460):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = steps if isinstance(steps, pre_tokenizers.ByteLevel) else pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(SAMPLE, trainers.BpeTrainer(vocab_size=size, show_progress=False,
                                                              initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern), behavior, invert)


def raw_bytes():
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def granite3():
    tokenizer = byte_level([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    return tokenizer


def gpt2():
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def llama3():
    tokenizer = byte_level([split(LLAMA3), raw_bytes()])
    tokenizer.add_special_tokens(["<s>"])
    begin = tokenizer.token_to_id("<s>")
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", begin)])])
    whole = json.loads(tokenizer.to_str())
    whole["model"]["ignore_merges"] = True
    whole["model"]["merges"] = whole["model"]["merges"][:120]  # the entries behind these are reached only as whole words
    return Tokenizer.from_str(json.dumps(whole))


def qwen2():
    tokenizer = byte_level([split(LLAMA3.replace("{1,3}", "")), raw_bytes()], normalizers.NFC())
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("word", single_word=True, normalized=True), AddedToken("<table>", normalized=False)])
    return tokenizer


def cased():
    return byte_level([split(CASED, "removed", True), raw_bytes()])


def three_splits():
    return byte_level([split(r"\p{N}{1,3}"), split("[一-龥぀-ゟ゠-ヿ]+"), split(PUNCTUATED), raw_bytes()], normalizers.Sequence([]))


def sentence_piece(kind, size):
    """A SentencePiece vocabulary: pieces, scores, types."""
    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(LATIN), model_prefix=f"{folder}/m", vocab_size=size, model_type=kind, byte_fallback=True,
            character_coverage=0.99, normalization_rule_name="identity", remove_extra_whitespaces=False,
            split_digits=True, minloglevel=2, user_defined_symbols=["\n\n", "▁▁", "<table>"])
        model = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/m.model")
    ids = range(model.vocab_size())
    kinds = [2 if model.is_unknown(i) else 3 if model.is_control(i) else 6 if model.is_byte(i) else
             4 if model.id_to_piece(i) in ("\n\n", "▁▁", "<table>") else 1 for i in ids]
    return [model.id_to_piece(i) for i in ids], [model.get_score(i) for i in ids], kinds


BPE_PIECES, BPE_SCORES, BPE_KINDS = sentence_piece("bpe", 640)
UNIGRAM_PIECES, UNIGRAM_SCORES, _ = sentence_piece("unigram", 620)


def merges():
    """As transformers makes them of a SentencePiece model: all ways to put a piece together, the best score first."""
    ids = {piece: i for i, piece in enumerate(BPE_PIECES) if BPE_KINDS[i] in (1, 4)}
    found = []
    for piece, i in ids.items():
        ways = [(piece[:at], piece[at:]) for at in range(1, len(piece)) if piece[:at] in ids and piece[at:] in ids]
        ways.sort(key=lambda way: (ids[way[0]], ids[way[1]]))
        found += [(left, right, BPE_SCORES[i]) for left, right in ways]
    found.sort(key=lambda merge: -merge[2])
    return [(left, right) for left, right, _ in found]


def space_bpe(normalizer, pre_tokenizer, strip=True):
    vocabulary = {piece: i for i, piece in enumerate(BPE_PIECES)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges(), unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence(steps + ([decoders.Strip(" ", 1, 0)] if strip else []))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer


def llama2():
    return space_bpe(normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None)


def phi3():
    tokenizer = space_bpe(None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False))
    tokenizer.add_tokens([AddedToken("<|user|>", rstrip=True, normalized=False, special=True),
                          AddedToken("<mask>", lstrip=True, normalized=False, special=True),
                          AddedToken("word", single_word=True, normalized=False)])
    return tokenizer


def gemma():
    tokenizer = space_bpe(normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"), strip=False)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in ["\n\n", "▁▁", "<table>", "\n\n\n", "▁▁▁"]])
    return tokenizer


def unigram():
    pieces = list(zip(UNIGRAM_PIECES, UNIGRAM_SCORES))
    tokenizer = Tokenizer(models.Unigram(pieces, 0, True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer


def others():
    """What the families above leave out: other normalizers and pre-tokenizers, unknown characters."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.Strip(),
                                                 normalizers.Replace(Regex(r"\d{4,}"), "0")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"),
                                                       pre_tokenizers.Digits(), pre_tokenizers.Split("ll", "merged_with_next"),
                                                       pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Sequence([decoders.Replace(Regex("[▁]"), " "), decoders.Fuse()])
    tokenizer.train_from_iterator(SAMPLE, trainers.BpeTrainer(vocab_size=300, show_progress=False, special_tokens=["<unk>"], limit_alphabet=60))
    tokenizer.add_tokens([AddedToken("Straße", normalized=True), AddedToken("word", single_word=True, normalized=True)])
    tokenizer.post_processor = processors.BertProcessing(("<unk>", 0), ("<unk>", 0))
    return tokenizer


OUT.mkdir(exist_ok=True)
(OUT / "texts.json").write_text(json.dumps(TEXTS, separators=(",", ":")) + "\n")
(OUT / "sentencepiece.json").write_text(json.dumps({"pieces": BPE_PIECES, "scores": BPE_SCORES, "types": BPE_KINDS}, separators=(",", ":")) + "\n")
for family in (granite3, gpt2, llama3, qwen2, cased, three_splits, llama2, phi3, gemma, unigram, others):
    tokenizer = family()
    (OUT / f"{family.__name__}.json").write_text(json.dumps(json.loads(tokenizer.to_str()), separators=(",", ":")) + "\n")
    rows = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    bounds = tokenizer.encode("").ids
    before = [] if family in (unigram,) else bounds[:1]
    after = bounds[len(before):]
    assert all(tokenizer.encode(text).ids == before + row + after for text, row in zip(TEXTS, rows))
    rows.insert(0, [before, after])
    for _ in range(80):
        ids = [draw.choice([draw.randrange(min(300, tokenizer.get_vocab_size())), draw.randrange(tokenizer.get_vocab_size())]) for _ in range(draw.randint(1, 10))]
        rows.append([ids, tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)])
    (OUT / f"{family.__name__}.ids.json").write_text("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
    print(family.__name__, tokenizer.get_vocab_size())
