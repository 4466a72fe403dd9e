"""Records what tf.image, OpenCV, Pillow and Keras make of small images, for ImageResizingTest.

    pip install tensorflow-cpu opencv-python-headless pillow && python src/test/python/make_resizing.py

Writes src/test/resources/resizing/expected.json: for each case the image, the properties of
ImagePreprocessor and the pixels that Python makes, 0 to 255, as uint8 or little-endian float32,
deflated, in base64.
"""

import base64
import itertools
import json
import pathlib
import zlib

import cv2
import keras
import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

ORACLE = pathlib.Path("src/test/resources/oracle")
FOLDER = pathlib.Path("src/test/resources/resizing")
IMAGES = ["png-small.png", "png-rgb.png", "png-gray.png", "png-1x1.png", "png-tall.png"]
SIZES = [(9, 7), (14, 19), (45, 32), (15, 10), (31, 20)]


def pixels(name):
    return np.asarray(Image.open((FOLDER if name == "png-tall.png" else ORACLE) / name)
                      .convert("RGB"))


def tensorflow_cases(image, width, height):
    yield {"resampling": "nearest"}, tf.image.resize(image, (height, width), "nearest")
    yield {"resampling": "area"}, tf.image.resize(image, (height, width), "area")
    for method, antialias in itertools.product(("bilinear", "bicubic", "lanczos3"), (False, True)):
        yield ({"resampling": method.rstrip("3"), "antialias": antialias},
               tf.image.resize(image, (height, width), method, antialias=antialias))


def opencv_cases(image, width, height):
    for name, flag in (("nearest", cv2.INTER_NEAREST), ("bilinear", cv2.INTER_LINEAR),
                       ("bicubic", cv2.INTER_CUBIC), ("area", cv2.INTER_AREA)):
        yield {"resampling": name}, cv2.resize(image, (width, height), interpolation=flag)


def yolo_letterbox(image, width, height, color):
    """Script 29: int, bicubic, in the middle."""
    made = Image.fromarray(image)
    scale = min(width / made.width, height / made.height)
    inside = int(made.width * scale), int(made.height * scale)
    canvas = Image.new("RGB", (width, height), color)
    canvas.paste(made.resize(inside, Image.BICUBIC),
                 ((width - inside[0]) // 2, (height - inside[1]) // 2))
    return np.asarray(canvas)


def ultralytics_letterbox(image, width, height):
    scale = min(width / image.shape[1], height / image.shape[0])
    inside = round(image.shape[1] * scale), round(image.shape[0] * scale)
    dw, dh = (width - inside[0]) / 2, (height - inside[1]) / 2
    if (image.shape[1], image.shape[0]) != inside:
        image = cv2.resize(image, inside, interpolation=cv2.INTER_LINEAR)
    return cv2.copyMakeBorder(
        image, round(dh - 0.1), round(dh + 0.1), round(dw - 0.1), round(dw + 0.1),
        cv2.BORDER_CONSTANT, value=(114, 114, 114))


def center_crop(image, shortest, width, height):
    """torchvision's Resize(shortest) and CenterCrop on an image of Pillow."""
    made = Image.fromarray(image)
    short, long = min(made.size), max(made.size)
    size = (shortest, int(shortest * long / short))
    made = made.resize(size if made.width <= made.height else size[::-1], Image.BILINEAR)
    top = int(round((made.height - height) / 2.0))
    left = int(round((made.width - width) / 2.0))
    return np.asarray(made.crop((left, top, left + width, top + height)))


def fits(image, width, height):
    yield ({"fit": "pad", "padColor": "128", "library": "pillow"},
           yolo_letterbox(image, width, height, (128, 128, 128)))
    yield ({"fit": "pad", "padColor": "10, 20, 30", "sizeRounding": "nearest",
            "library": "pillow"},
           np.asarray(ImageOps.pad(Image.fromarray(image), (width, height), color=(10, 20, 30))))
    yield ({"fit": "pad", "padColor": "114", "sizeRounding": "nearest", "library": "opencv"},
           ultralytics_letterbox(image, width, height))
    yield ({"fit": "pad", "library": "tensorflow"},
           tf.image.resize_with_pad(image, height, width))
    yield ({"fit": "inside", "sizeRounding": "nearest", "library": "tensorflow"},
           tf.image.resize(image, (height, width), preserve_aspect_ratio=True))
    yield ({"fit": "crop", "library": "tensorflow"},
           keras.preprocessing.image.smart_resize(image, (height, width)))
    shortest = max(width, height) + 3
    yield ({"fit": "crop", "shortestSide": shortest, "library": "pillow",
            "resampling": "bilinear"}, center_crop(image, shortest, width, height))


def main():
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(5)
    Image.fromarray(random.integers(0, 256, (40, 11, 3), np.uint8)).save(FOLDER / "png-tall.png")
    cases = []

    def add(name, width, height, properties, made):
        made = np.asarray(made)
        made = made.astype("uint8" if made.dtype == np.uint8 else "<f4")
        cases.append({
            "image": name, "properties": {"width": width, "height": height, **properties},
            "shape": list(made.shape), "dtype": str(made.dtype),
            "pixels": base64.b64encode(zlib.compress(made.tobytes(), 9)).decode()})

    for name in IMAGES:
        image = pixels(name)
        for width, height in SIZES[:2] if name != "png-small.png" else SIZES:
            for properties, made in tensorflow_cases(image, width, height):
                add(name, width, height, {"library": "tensorflow", **properties}, made)
            for properties, made in opencv_cases(image, width, height):
                add(name, width, height, {"library": "opencv", **properties}, made)
        if name != "png-1x1.png":
            for width, height in ((17, 12), (16, 27)):
                for properties, made in fits(image, width, height):
                    add(name, width, height, properties, made)
    (FOLDER / "expected.json").write_text(
        "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
