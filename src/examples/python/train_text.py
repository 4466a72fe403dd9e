"""Trains and exports the example model text-classification: SMS spam or ham.

    python train_text.py SMSSpamCollection.tsv --out ../models/text-classification/1

The data is the UCI SMS Spam Collection (Almeida and Gomez Hidalgo, CC BY 4.0): one message a line,
`ham` or `spam`, a tab, the text.

Takes a string tensor [N], gives float32 [N, 2]: the probabilities of ham and spam.
"""
import argparse
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

LABELS = ["ham", "spam"]


def read(path):
    """The distinct messages in the file's order; every fifth is held out.

    Messages repeat in the collection: held out after dropping the repeats, none is in both parts.
    """
    seen, texts, labels = set(), [], []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        label, text = line.split("\t", 1)
        text = text.lower()
        if text not in seen:
            seen.add(text)
            texts.append(text)
            labels.append(LABELS.index(label))
    texts, labels = np.array(texts, dtype=object), np.array(labels)
    held_out = np.arange(len(texts)) % 5 == 4
    return texts[~held_out], labels[~held_out], texts[held_out], labels[held_out]


def standardize(texts):
    """Lower case, every digit a 0 (so that numbers are known by their length), words apart from punctuation."""
    texts = tf.strings.lower(texts, encoding="utf-8")
    texts = tf.strings.regex_replace(texts, r"[0-9]", "0")
    texts = tf.strings.regex_replace(texts, r"([!?£$%])", r" \1 ")
    return tf.strings.regex_replace(texts, r"[^\pL0!?£$%' ]", " ")


def build(texts):
    words = keras.layers.TextVectorization(
        max_tokens=6000, standardize=standardize, ngrams=2, output_mode="multi_hot", name="words")
    words.adapt(tf.constant(list(texts)))
    text = keras.Input(shape=(), dtype="string", name="text")
    x = keras.ops.cast(words(text), "float32")
    x = keras.layers.Dropout(0.3)(x)
    x = keras.layers.Dense(16, activation="relu")(x)
    x = keras.layers.Dropout(0.3)(x)
    probabilities = keras.layers.Dense(len(LABELS), activation="softmax", name="probabilities")(x)
    return keras.Model(text, probabilities, name="text_classification")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", help="SMSSpamCollection.tsv")
    arguments.add_argument("--out", required=True, help="the folder of the SavedModel")
    arguments.add_argument("--epochs", type=int, default=12)
    arguments = arguments.parse_args()
    keras.utils.set_random_seed(1)

    texts, labels, held_out_texts, held_out_labels = read(arguments.data)
    model = build(texts)
    model.compile(keras.optimizers.AdamW(1e-3, weight_decay=1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    data = tf.data.Dataset.from_tensor_slices((list(texts), labels)).shuffle(len(texts), seed=1).batch(32)
    model.fit(data, epochs=arguments.epochs, verbose=2)

    predicted = model.predict(tf.constant(list(held_out_texts)), batch_size=256, verbose=0).argmax(axis=1)
    hits = np.sum((predicted == 1) & (held_out_labels == 1))
    print(f"{len(texts)} messages trained on, {len(held_out_texts)} held out ({held_out_labels.sum()} spam)")
    print(f"held out: accuracy {np.mean(predicted == held_out_labels):.4f}, "
          f"spam precision {hits / predicted.sum():.4f}, recall {hits / held_out_labels.sum():.4f}")
    model.export(arguments.out)


if __name__ == "__main__":
    main()
