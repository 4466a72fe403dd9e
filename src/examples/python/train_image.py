"""Trains and exports the example model image-classification: which handwritten digit is on the image?

    python train_image.py --out ../models/image-classification/1

The data is scikit-learn's bundled digits (see digits.py), drawn as the images that a user would send:
dark ink on a light ground or the reverse, enlarged, turned, moved, colored and saved as JPEG.

Takes float32 [N, 224, 224, 3] in 0..1, gives float32 [N, 10]: the probabilities of the digits.
"""
import argparse
import io

import keras
import numpy as np
from PIL import Image

import digits

SIZE = 224
POOL = 8


def draw(digit, random=None):
    """A digit (uint8 [8, 8]) as an RGB image of 224x224; plain white on black without `random`."""
    ink = Image.fromarray(np.pad(digit, 1))
    if random is None:
        return ink.resize((SIZE, SIZE), Image.Resampling.BICUBIC).convert("RGB")
    width, height = (int(v) for v in SIZE * random.uniform(0.55, 1.0, 2))
    mask = Image.new("L", (SIZE, SIZE))
    mask.paste(ink.resize((width, height), Image.Resampling.BICUBIC),
               (int(random.integers(SIZE - width + 1)), int(random.integers(SIZE - height + 1))))
    mask = mask.rotate(random.uniform(-12, 12), Image.Resampling.BILINEAR)
    dark, light = random.integers(0, 80, 3), random.integers(170, 256, 3)
    paper, pen = (dark, light) if random.random() < 0.5 else (light, dark)
    image = Image.composite(Image.new("RGB", mask.size, tuple(int(v) for v in pen)),
                              Image.new("RGB", mask.size, tuple(int(v) for v in paper)), mask)
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=int(random.integers(30, 95)))
    return Image.open(jpeg)


def pooled(image):
    """What the model's first layer makes of an image: training starts behind it, on 64 times fewer numbers."""
    cells = np.asarray(image, dtype=np.float32).reshape(SIZE // POOL, POOL, SIZE // POOL, POOL, 3)
    return cells.mean(axis=(1, 3)) / 255


def build():
    body = keras.Sequential([
        keras.Input((SIZE // POOL, SIZE // POOL, 3)),
        keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.4),
        keras.layers.Dense(10, activation="softmax", name="probabilities"),
    ], name="body")
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = keras.layers.AveragePooling2D(POOL)(image)
    return keras.Model(image, body(x), name="image_classification"), body


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", required=True, help="the folder of the SavedModel")
    arguments.add_argument("--epochs", type=int, default=12)
    arguments.add_argument("--drawings", type=int, default=10, help="of each digit")
    arguments = arguments.parse_args()
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(1)

    (train, classes), (held_out, held_out_classes) = digits.split()
    inputs = np.stack([pooled(draw(d, random)) for _ in range(arguments.drawings) for d in train]
                      + [pooled(draw(d)) for d in train])
    targets = np.tile(classes, arguments.drawings + 1)
    model, body = build()
    body.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(
        2e-3, arguments.epochs * (len(inputs) // 64 + 1))), "sparse_categorical_crossentropy", metrics=["accuracy"])
    body.fit(inputs, targets, batch_size=64, epochs=arguments.epochs, verbose=2)

    def accuracy(images):
        images = np.stack([np.asarray(p, dtype=np.float32) / 255 for p in images])
        return np.mean(model.predict(images, batch_size=32, verbose=0).argmax(axis=1) == held_out_classes)

    print(f"{len(train)} digits trained on, {len(held_out)} held out")
    print(f"held out: accuracy {accuracy([draw(d) for d in held_out]):.4f} drawn plainly, "
          f"{accuracy([draw(d, random) for d in held_out]):.4f} drawn as in training")
    model.export(arguments.out)


if __name__ == "__main__":
    main()
