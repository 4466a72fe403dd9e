"""Trains and exports the example model object-detection: which handwritten digits are where?

    python train_detection.py --out ../models/object-detection/1

The data are scenes of one to three of scikit-learn's bundled digits (see digits.py) at several sizes on a
noisy ground; scenes of held-out digits measure the model.

Takes float32 [N, 64, 64, 1] in 0..1, gives float32 [N, 16, 6]: the 16 surest boxes of each scene, surest
first, as class_id, confidence, xmin, ymin, xmax, ymax (0..1, of the scene's width and height).
"""
import argparse

import keras
import numpy as np
from PIL import Image

import digits

SIZE = 64
CELLS = 8
BOXES = 16
CLASSES = 10


def compose(images, classes, random):
    """One scene, float32 [64, 64], and its boxes [class_id, xmin, ymin, xmax, ymax] in 0..1."""
    scene = np.zeros((SIZE, SIZE), np.float32)
    boxes, taken = [], []
    for _ in range(random.integers(1, 4)):
        side = int(random.integers(16, 31))
        for _ in range(20):
            x, y = random.integers(0, SIZE - side + 1, 2)
            if all(x >= right or y >= bottom or x + side <= left or y + side <= top
                   for left, top, right, bottom in taken):
                break
        else:
            continue
        taken.append((x, y, x + side, y + side))
        i = random.integers(len(images))
        digit = Image.fromarray(images[i]).resize((side, side), Image.Resampling.BICUBIC)
        digit = digit.rotate(random.uniform(-10, 10), Image.Resampling.BILINEAR)
        ink = np.asarray(digit, np.float32) / 255 * random.uniform(0.7, 1.0)
        scene[y:y + side, x:x + side] = ink
        rows, columns = np.where((ink > 0.2).any(axis=1))[0], np.where((ink > 0.2).any(axis=0))[0]
        boxes.append((classes[i], (x + columns[0]) / SIZE, (y + rows[0]) / SIZE,
                      (x + columns[-1] + 1) / SIZE, (y + rows[-1] + 1) / SIZE))
    scene += random.normal(0, random.uniform(0.0, 0.05), scene.shape)
    return np.clip(scene, 0, 1), boxes


def target(boxes):
    """[8, 8, 6]: the cell of a box's center says 1, class, the center's place in the cell, width and height."""
    cells = np.zeros((CELLS, CELLS, 6), np.float32)
    for class_id, xmin, ymin, xmax, ymax in boxes:
        x, y = (xmin + xmax) / 2 * CELLS, (ymin + ymax) / 2 * CELLS
        cells[int(y), int(x)] = 1, class_id, x - int(x), y - int(y), xmax - xmin, ymax - ymin
    return cells


def scenes(images, classes, count, random):
    composed = [compose(images, classes, random) for _ in range(count)]
    return np.stack([scene for scene, _ in composed])[..., None], [boxes for _, boxes in composed]


def loss(wanted, given):
    """A cell with a digit must say so, name it and place it; an empty one must say that it is empty."""
    there = wanted[..., 0]
    confidence = keras.ops.binary_crossentropy(there, given[..., 0], from_logits=True)
    named = keras.ops.sparse_categorical_crossentropy(
        keras.ops.cast(wanted[..., 1], "int32"), given[..., 5:], from_logits=True)
    placed = keras.ops.sum(keras.ops.abs(wanted[..., 2:] - keras.ops.sigmoid(given[..., 1:5]))
                           * keras.ops.convert_to_tensor([1.0, 1.0, 8.0, 8.0]), axis=-1)
    return keras.ops.sum(confidence + there * (named + placed), axis=(1, 2))


class Boxes(keras.layers.Layer):
    """Cells to boxes: only the surest of neighboring cells counts, and the 16 surest are kept."""

    def call(self, cells):
        ops = keras.ops
        classes = ops.softmax(cells[..., 5:])
        confidence = ops.sigmoid(cells[..., :1]) * ops.max(classes, axis=-1, keepdims=True)
        surest = ops.max_pool(confidence, 3, 1, padding="same")
        confidence = ops.where(confidence < surest, 0.0, confidence)
        place = ops.sigmoid(cells[..., 1:5])
        columns = ops.reshape(ops.arange(CELLS, dtype="float32"), (1, 1, CELLS, 1))
        rows = ops.reshape(ops.arange(CELLS, dtype="float32"), (1, CELLS, 1, 1))
        x, y = (place[..., 0:1] + columns) / CELLS, (place[..., 1:2] + rows) / CELLS
        width, height = place[..., 2:3] / 2, place[..., 3:4] / 2
        class_id = ops.cast(ops.argmax(classes, axis=-1), "float32")[..., None]
        boxes = ops.concatenate([class_id, confidence, ops.clip(x - width, 0, 1), ops.clip(y - height, 0, 1),
                                 ops.clip(x + width, 0, 1), ops.clip(y + height, 0, 1)], axis=-1)
        boxes = ops.reshape(boxes, (-1, CELLS * CELLS, 6))
        _, first = ops.top_k(boxes[..., 1], BOXES)
        return ops.take_along_axis(boxes, first[..., None], axis=1)


def build():
    image = keras.Input((SIZE, SIZE, 1), name="image_data")
    x = image
    for filters, strides in ((16, 2), (32, 2), (48, 2), (64, 1), (64, 1)):
        x = keras.layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.SpatialDropout2D(0.1)(x)
    cells = keras.layers.Conv2D(5 + CLASSES, 1, name="cells")(x)
    return keras.Model(image, cells), keras.Model(image, Boxes(name="boxes")(cells), name="object_detection")


def overlap(a, b):
    """Intersection over union of two boxes [xmin, ymin, xmax, ymax]."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def measure(detector, inputs, boxes, confidence=0.5, iou=0.5):
    """Precision and recall: a box counts if it names the digit and overlaps it, once a digit."""
    right = found = there = 0
    for given, wanted in zip(detector.predict(inputs, batch_size=128, verbose=0), boxes):
        wanted = list(wanted)
        there += len(wanted)
        for box in given[given[:, 1] >= confidence]:
            found += 1
            hit = next((w for w in wanted if w[0] == box[0] and overlap(box[2:], w[1:]) >= iou), None)
            if hit is not None:
                right += 1
                wanted.remove(hit)
    return right / found, right / there


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", required=True, help="the folder of the SavedModel")
    arguments.add_argument("--epochs", type=int, default=25)
    arguments.add_argument("--scenes", type=int, default=24000)
    arguments = arguments.parse_args()
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(1)

    train, held_out = digits.split()
    inputs, boxes = scenes(*train, arguments.scenes, random)
    model, detector = build()
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(
        3e-3, arguments.epochs * (len(inputs) // 64 + 1))), loss)
    model.fit(inputs, np.stack([target(b) for b in boxes]), batch_size=64, epochs=arguments.epochs, verbose=2)

    inputs, boxes = scenes(*held_out, 1000, random)
    precision, recall = measure(detector, inputs, boxes)
    print(f"1000 scenes of held-out digits, {sum(map(len, boxes))} digits: precision {precision:.4f}, "
          f"recall {recall:.4f} at confidence 0.5 and IoU 0.5")
    detector.export(arguments.out)


if __name__ == "__main__":
    main()
