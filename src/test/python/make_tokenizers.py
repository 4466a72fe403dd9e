"""Makes small tokenizers of each kind, and what Python's library tokenizers makes of texts.

    pip install tokenizers && python src/test/python/make_tokenizers.py

Writes src/test/resources/tokenizers: <kind>.json, vocab.txt, and expected.json with a list of
{"tokenizer", "options", "text" or "texts" or "pairs", "ids", "type_ids", "offsets", "words"}.
"""

import json
import pathlib

import tokenizers
from tokenizers import (
    Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers)

FOLDER = pathlib.Path(__file__).parent.parent / "resources" / "tokenizers"

CORPUS = [
    "Hello world, the quick brown fox jumps over the lazy dog.",
    "Tokenizers split unaffable words into pieces: un, ##aff, ##able.",
    "WINNER!! You have won a prize of 1000 pounds. Call now!",
    "Die Straße ist naß, größer als 5 € und süß.",
    "東京は日本の首都です。 今日は良い天気。",
    "emoji 😀 👩‍👩‍👧 and flags 🇩🇪, e\u0301 and \u00e9",
] * 8

TEXTS = [
    "Hello WORLD",
    "unaffable tokenizers",
    "  white\t space\n\nand lines  ",
    "Die STRASSE ist nass; naïve café, e\u0301 \u00e9",
    "東京の天気 mixed with ASCII",
    "😀 emoji 👩‍👩‍👧 🇩🇪 \U0001d518\U0001d52b\U0001d526",
    "[CLS] not special [SEP] [MASK] <s> </s> <pad>",
    "ﬁ ﬂ Ⅷ ½ ａｂｃ İstanbul ΑΣ",
    "don't stop!!! 3.14159 1,000 #tag @user http://a.b/c?d=e",
    "\u200bzero\u200dwidth\ufeff \u0000null \x7f del",
    "a",
    "",
    " ",
    "x" * 150,
    "the quick brown fox jumps over the lazy dog " * 6,
]

PAIRS = [
    ["who jumps?", "the quick brown fox jumps over the lazy dog"],
    ["", "only the second"],
    ["the quick brown fox jumps over the lazy dog " * 2, "short"],
]


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        CORPUS, trainers.WordPieceTrainer(vocab_size=400, special_tokens=special,
                                          show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=600, special_tokens=special, show_progress=False,
                                    initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    tokenizer.enable_truncation(64)
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(
        CORPUS, trainers.UnigramTrainer(vocab_size=300, unk_token="<unk>", show_progress=False,
                                        special_tokens=["<pad>", "</s>", "<unk>"]))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    tokenizer.enable_padding(direction="left", pad_id=0, pad_token="<pad>")
    return tokenizer


OPTIONS = [
    {},
    {"maxLength": 12},
    {"maxLength": 12, "truncationSide": "LEFT"},
    {"maxLength": 12, "stride": 4},
    {"specialTokens": False},
]

PAIR_OPTIONS = [
    {},
    {"maxLength": 12},
    {"maxLength": 12, "truncation": "ONLY_SECOND"},
    {"maxLength": 12, "truncation": "ONLY_SECOND", "stride": 3},
]


def row(encoding):
    return {
        "ids": encoding.ids,
        "typeIds": encoding.type_ids,
        "words": [-1 if word is None else word for word in encoding.word_ids],
        "offsets": [list(each) for each in encoding.offsets],
        "texts": [-1 if each is None else each for each in encoding.sequence_ids],
    }


def encode(tokenizer, options, text, pair=None):
    tokenizer.no_padding()
    strategy = options.get("truncation", "LONGEST_FIRST").lower()
    tokenizer.enable_truncation(
        options.get("maxLength", 512), stride=options.get("stride", 0), strategy=strategy,
        direction=options.get("truncationSide", "RIGHT").lower())
    encoding = tokenizer.encode(text, pair, add_special_tokens=options.get("specialTokens", True))
    windows = [encoding] + (encoding.overflowing if "stride" in options else [])
    return [row(window) for window in windows]


def windows(tokenizer, options, text):
    """The windows of a text, cut out of its whole encoding.

    Version 0.23.2 gives the first windows of a long text only; 0.21.4, and this, give all.
    """
    tokenizer.no_padding()
    tokenizer.no_truncation()
    special = row(tokenizer.encode(""))
    whole = row(tokenizer.encode(text, add_special_tokens=False))
    before = len(special["ids"]) - 1
    room = options["maxLength"] - len(special["ids"])
    length = len(whole["ids"])
    windows = []
    start = 0
    while True:
        end = min(length, start + room)
        windows.append({key: special[key][:before] + whole[key][start:end] + special[key][before:]
                        for key in whole})
        if end == length:
            return windows
        start += room - options["stride"]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, make in [("word-piece", word_piece), ("byte-level", byte_level),
                       ("unigram", unigram)]:
        tokenizer = make()
        path = FOLDER / f"{name}.json"
        tokenizer.save(str(path), pretty=False)
        for options in OPTIONS:
            if "stride" in options and name == "byte-level":
                # The post-processor trims offsets in each window: they can't be cut out.
                continue
            for text in TEXTS:
                cases.append({"tokenizer": path.name, "options": options, "text": text,
                              "rows": windows(tokenizer, options, text) if "stride" in options
                              else encode(tokenizer, options, text)})
        for options in PAIR_OPTIONS:
            for text, pair in PAIRS:
                try:
                    rows = encode(tokenizer, options, text, pair)
                except BaseException:  # The other text leaves no room: an error or a panic.
                    continue
                cases.append({"tokenizer": path.name, "options": options, "text": text,
                              "pair": pair, "rows": rows})
    bert = Tokenizer.from_file(str(FOLDER / "word-piece.json"))
    vocabulary = sorted(bert.get_vocab().items(), key=lambda item: item[1])
    (FOLDER / "vocab.txt").write_text("".join(token + "\n" for token, _ in vocabulary),
                                      encoding="utf-8")
    with open(FOLDER / "expected.json", "w", encoding="utf-8") as file:
        file.write('{"tokenizers": "%s", "cases": [\n' % tokenizers.__version__)
        file.write(",\n".join(json.dumps(case) for case in cases))
        file.write("\n]}\n")


if __name__ == "__main__":
    main()
