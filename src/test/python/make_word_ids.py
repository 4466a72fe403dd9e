"""Records what Keras' legacy Tokenizer with pad_sequences, and TextVectorization, make of texts.

    pip install tensorflow-cpu && python src/test/python/make_word_ids.py

Writes src/test/resources/word-ids.
"""

import json
import pathlib

import keras
import tensorflow as tf
from keras.src.legacy.preprocessing.text import Tokenizer

FOLDER = pathlib.Path(__file__).parent.parent / "resources" / "word-ids"

TEXTS = [
    "The quick brown Fox, jumps over the lazy dog!",
    "Free entry in 2 a wkly comp... to win FA Cup!!",
    "don't stop\tnow\nplease",
    "",
    "   ",
    "ÉTÉ Straße naïve",
    "unknown words only zzz",
    "the " * 12,
    "a-b_c d/e",
    "emoji 😀 the 😀",
]

def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, options in [("plain", {}), ("oov", {"oov_token": "<OOV>", "num_words": 12}),
                          ("few", {"num_words": 8}), ("chars", {"char_level": True}),
                          ("cased", {"lower": False})]:
        tokenizer = Tokenizer(**options)
        tokenizer.fit_on_texts(TEXTS[:6])
        (FOLDER / f"{name}.json").write_text(tokenizer.to_json() + "\n", encoding="utf-8")
        for text in TEXTS:
            ids = tokenizer.texts_to_sequences([text])
            padded = keras.utils.pad_sequences(ids, maxlen=8)[0].tolist()
            cases.append({"vocabulary": f"{name}.json", "text": text, "ids": padded})
    layer = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=8)
    layer.adapt(tf.constant(TEXTS[:6]))
    (FOLDER / "vocabulary.txt").write_text(
        "".join(word + "\n" for word in layer.get_vocabulary()), encoding="utf-8")
    for text in TEXTS:
        cases.append({"vocabulary": "vocabulary.txt", "text": text,
                      "ids": layer(tf.constant([text]))[0].numpy().tolist()})
    with open(FOLDER / "expected.json", "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
