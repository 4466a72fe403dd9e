"""Makes the models and golden cases of the recipes with masks, as make_recipes.py does.

    pip install tensorflow-cpu tokenizers pillow pycocotools && python src/examples/recipes/make_mask_recipes.py
"""

import io
import json
import sys

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw
from pycocotools import mask as coco

from make_recipes import FOLDER, save

BOUNDARY = "street-scenes-boundary"
PALETTE = [(120, 120, 120), (230, 100, 130), (70, 140, 210), (170, 120, 190), (255, 170, 100),
           (80, 200, 120), (100, 180, 230), (220, 220, 220)]


def png(image):
    body = io.BytesIO()
    image.save(body, "PNG")
    return body.getvalue()


def street(width, height):
    """Sky, road and some boxes."""
    image = Image.new("RGB", (width, height), (90, 160, 230))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 2 // 3, width, height), fill=(110, 110, 110))
    draw.rectangle((width // 5, height // 4, width // 2, height * 3 // 4), fill=(200, 90, 60))
    draw.ellipse((width * 3 // 5, height // 2, width * 4 // 5, height * 9 // 10), fill=(20, 200, 90))
    return image


def street_scenes():
    """31: a mask in colors, as PNG."""
    random = np.random.default_rng(31)

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable(random.normal(size=(1, 1, 3, 8)).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([1, 256, 512, 3], tf.float32, name="image")])
        def serve(self, image):
            return {"scores": tf.nn.conv2d(image, self.weights, 1, "SAME")}

    model = Model()
    save("street-scenes", model, model.serve)

    def mask(body):
        image = Image.open(io.BytesIO(body)).convert("RGB").resize((512, 256))
        pixels = (np.asarray(image, np.float32) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
        scores = model.serve(pixels[None].astype(np.float32))["scores"].numpy()
        return np.argmax(scores[0], axis=-1).astype(np.uint8)

    def inference(body):
        return png(Image.fromarray(np.array(PALETTE, np.uint8)[mask(body)]))

    def inference_json(body):
        found = mask(body)
        return {"width": 512, "height": 256, "classes": [
            {"class_id": int(each), "area": int((found == each).sum()),
             "bbox": [int(v) for v in coco.toBbox(encoded)],
             "segmentation": {"size": [256, 512], "counts": encoded["counts"].decode()}}
            for each in np.unique(found)
            for encoded in [coco.encode(np.asfortranarray(found == each))]]}

    cases = FOLDER / "street-scenes" / "code" / "cases"
    for name, size in [("wide", (64, 32)), ("tall", (30, 41))]:
        body = png(street(*size))
        form = (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n"
                "Content-Type: image/png\r\n\r\n").encode() + body + f"\r\n--{BOUNDARY}--\r\n".encode()
        for kind, accept, expected in [("png", "image/png", inference(body)),
                                       ("json", "application/json",
                                        (json.dumps(inference_json(body)) + "\n").encode())]:
            (cases / f"{name}-{kind}.request.form").write_bytes(form)
            (cases / f"{name}-{kind}.expected.{kind}").write_bytes(expected)
            (cases / f"{name}-{kind}.case.yaml").write_text(
                f"request:\n  contentType: multipart/form-data; boundary={BOUNDARY}\n"
                f"  accept: {accept}\n")


RECIPES = [street_scenes]

if __name__ == "__main__":
    for recipe in RECIPES:
        if not sys.argv[1:] or recipe.__name__ in sys.argv[1:]:
            recipe()
