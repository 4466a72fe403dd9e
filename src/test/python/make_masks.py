"""Records run lengths, contours, PNG images and resized masks as pycocotools, OpenCV and Pillow make them.

    pip install pycocotools opencv-python-headless pillow numpy
    python src/test/python/make_masks.py
"""

import json
import pathlib

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco

FOLDER = pathlib.Path(__file__).parents[1] / "resources" / "masks"


def shapes():
    random = np.random.default_rng(31)
    yield "empty-but-one", np.eye(1, 12, 5, dtype=np.uint8).reshape(3, 4)
    yield "all", np.ones((3, 5), np.uint8)
    yield "row", np.array([[0, 1, 1, 0, 1, 1, 1]], np.uint8)
    yield "column", np.array([[1], [1], [0], [1]], np.uint8)
    yield "diagonal", np.eye(5, dtype=np.uint8)
    rings = np.zeros((15, 17), np.uint8)
    rings[1:14, 1:16] = 1
    rings[3:12, 3:14] = 0
    rings[5:10, 5:12] = 1
    rings[7, 7:9] = 0
    yield "rings", rings
    thin = np.zeros((9, 9), np.uint8)
    thin[1:8, 1:8] = 1
    thin[2:7, 2:7] = 0
    thin[4, 4] = 1
    yield "thin-ring", thin
    disc = np.hypot(*np.meshgrid(np.arange(-10, 11), np.arange(-8, 9))) < 7.3
    yield "disc", disc.astype(np.uint8)
    ell = np.zeros((8, 8), np.uint8)
    ell[1:7, 1:3] = 1
    ell[5:7, 1:7] = 1
    yield "ell", ell
    for i, density in enumerate([0.1, 0.3, 0.5, 0.6, 0.7, 0.9]):
        yield f"noise-{i}", (random.random((12 + i, 19 - i)) < density).astype(np.uint8)
    blobs = cv2.GaussianBlur(random.random((48, 64)), (0, 0), 3)
    yield "blobs", (blobs > np.median(blobs)).astype(np.uint8)


def record(name, mask):
    encoded = coco.encode(np.asfortranarray(mask))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    counts = []
    flat = mask.flatten(order="F")
    value, run = 0, 0
    for each in flat:
        if each != value:
            counts.append(run)
            value, run = each, 0
        run += 1
    counts.append(run)
    return {"name": name, "rows": ["".join(map(str, row)) for row in mask],
            "rle": encoded["counts"].decode(), "counts": counts, "area": int(coco.area(encoded)),
            "bbox": [int(v) for v in coco.toBbox(encoded)],
            # OpenCV finds the last one first.
            "polygons": [contour.reshape(-1).tolist() for contour in reversed(contours)]}


def resized():
    random = np.random.default_rng(7)
    for width, height, to_width, to_height in [(4, 3, 9, 7), (5, 5, 3, 11), (8, 6, 8, 6), (7, 7, 20, 2)]:
        mask = random.integers(0, 4, (height, width)).astype(np.uint8)
        large = Image.fromarray(mask).resize((to_width, to_height), Image.Resampling.NEAREST)
        yield {"rows": mask.tolist(), "resized": np.array(large).tolist()}


(FOLDER / "masks.json").write_text(
    "[" + ",\n".join(json.dumps(record(*each)) for each in shapes()) + "]\n")
(FOLDER / "resized.json").write_text(json.dumps(list(resized())) + "\n")
