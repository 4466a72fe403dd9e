"""Makes the models and golden cases of the recipes that answer with images, as make_recipes.py does.

    pip install tensorflow-cpu tokenizers pillow && python src/examples/recipes/make_image_answer_recipes.py

Names of functions as arguments make only those.
"""

import io
import json
import sys

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

from make_recipes import FOLDER, save


def scene(width, height, shapes):
    """A gradient with ellipses (x0, y0, x1, y1, color) on it."""
    y, x = np.mgrid[:height, :width]
    image = Image.fromarray(np.stack([x * 255 // width, y * 255 // height, (x + y) % 200], -1).astype(np.uint8))
    for *box, color in shapes:
        ImageDraw.Draw(image).ellipse(box, fill=color)
    return image


def png(image):
    body = io.BytesIO()
    image.save(body, "PNG")
    return body.getvalue()


def image_case(recipe, name, request, expected, accept=None, extension="png"):
    """Expected is JSON, or an image."""
    cases = FOLDER / recipe / "code" / "cases"
    (cases / f"{name}.request.{extension}").write_bytes(request)
    if isinstance(expected, Image.Image):
        (cases / f"{name}.expected.png").write_bytes(png(expected))
        accept = accept or "image/png"
    else:
        (cases / f"{name}.expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")
    if accept:
        (cases / f"{name}.case.yaml").write_text(f"request: {{accept: {accept}}}\n")


def style_transfer():
    """39: an image, resized to fit inside, to an image of 0 to 1."""
    random = np.random.default_rng(39)
    kernel = tf.constant(random.uniform(-0.5, 0.8, size=(3, 3, 3, 3)).astype(np.float32))

    class Style(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32, name="image")])
        def serve(self, image):
            return {"stylized": tf.sigmoid(tf.nn.conv2d(image - 0.5, kernel, 1, "SAME"))}

    model = Style()
    save("style-transfer", model, model.serve)

    def inference(body):
        image = np.asarray(Image.open(io.BytesIO(body)).convert("RGB"), np.float32) / 255
        image = tf.image.resize(image[None], (48, 48), preserve_aspect_ratio=True)
        stylized = model.serve(image)["stylized"].numpy()[0]
        return Image.fromarray((stylized * 255).astype(np.uint8))

    for name, image in [("wide", scene(96, 61, [(10, 10, 50, 40, "red")])), ("tall", scene(31, 80, [(5, 40, 25, 70, "white")]))]:
        image_case("style-transfer", name, png(image), inference(png(image)))


JUNCTIONS = ["Priority", "Roundabout", "Signal"]
FONT = (FOLDER.parents[1] / "main/resources/io/bactrian/postprocess/image/font.txt").read_text().splitlines()


def write_caption(image, text):
    """White on black in the upper left corner, as ImageCaption does on images below 480 pixels."""
    pixels = np.array(image)
    pixels[:9, :len(text) * 6 + 1] = 0
    for i, character in enumerate(text):
        rows = FONT[(ord(character) - 32) * 8 + 1:][:7]
        for y, x in np.argwhere([[each == "#" for each in row] for row in rows]):
            if 1 + i * 6 + x < pixels.shape[1]:
                pixels[1 + y, 1 + i * 6 + x] = 255
    return Image.fromarray(pixels)


def road_junction():
    """13: a class, written on the image."""

    class Model(tf.Module):
        """The share of each color in the middle of the image."""

        @tf.function(input_signature=[tf.TensorSpec([None, 224, 224, 3], tf.float32, name="image")])
        def serve(self, image):
            return {"probabilities": tf.nn.softmax(tf.reduce_mean(image[:, 80:140, 80:140], axis=(1, 2)) / 50)}

    model = Model()
    save("road-junction", model, model.serve)

    def inference(body):
        image = Image.open(io.BytesIO(body)).convert("RGB")
        pixels = np.asarray(image.resize((224, 224), Image.NEAREST), np.float32)
        best = int(model.serve(pixels[None])["probabilities"].numpy()[0].argmax())
        return {"class_id": best, "label": JUNCTIONS[best]}, write_caption(image, JUNCTIONS[best])

    for name, color in [("red", "red"), ("green", "lime"), ("blue", "blue")]:
        body = png(scene(120, 90, [(30, 20, 90, 70, color)]))
        answer, drawn = inference(body)
        image_case("road-junction", name, body, answer)
        image_case("road-junction", f"{name}-drawn", body, drawn)


KEYPOINTS = ["nose", "left_eye", "right_eye", "left_ear", "right_ear"] + [
    f"{side}_{part}" for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle") for side in ("left", "right")]


def poses():
    """37: poses of several people, back in the pixels of the image."""
    random = np.random.default_rng(37)
    offsets = tf.constant(random.uniform(-0.2, 0.2, size=(6, 17, 2)).astype(np.float32))
    scores = tf.constant(random.uniform(0, 1, size=(6, 17, 1)).astype(np.float32) * np.linspace(1, 0.2, 6)[:, None, None].astype(np.float32))

    class Model(tf.Module):
        """Points around the middle of what is bright."""

        @tf.function(input_signature=[tf.TensorSpec([1, None, None, 3], tf.int32, name="input")])
        def serve(self, image):
            light = tf.cast(tf.reduce_sum(image[0], axis=-1), tf.float32)
            size = tf.shape(light)
            total = tf.reduce_sum(light) + 1
            y = tf.reduce_sum(light * tf.linspace(0.0, 1.0, size[0])[:, None]) / total
            x = tf.reduce_sum(light * tf.linspace(0.0, 1.0, size[1])[None]) / total
            points = tf.stack([y, x]) + offsets
            people = tf.reshape(tf.concat([points, scores], -1), [6, 51])
            return {"output_0": tf.concat([people, tf.zeros([6, 5])], 1)[None]}

    model = Model()
    save("poses", model, model.serve)

    def inference(body):
        image = np.asarray(Image.open(io.BytesIO(body)).convert("RGB"))
        height, width = image.shape[:2]
        padded = tf.cast(tf.image.resize_with_pad(image[None], 384, 384), tf.int32)
        people = model.serve(padded)["output_0"].numpy()[0, :, :51].reshape(6, 17, 3)
        used = [i for i, name in enumerate(KEYPOINTS) if not name.endswith(("eye", "ear"))]
        scale = 384 / max(height, width)
        left, top = (384 - int(width * scale)) // 2, (384 - int(height * scale)) // 2
        found = []
        for person in people[:, used]:
            score = person[:, 2].mean()
            if score > 0.3:
                y, x = (person[:, 0] * 384 - top) / scale, (person[:, 1] * 384 - left) / scale
                found.append({"score": float(score), "xmin": float(x.min() - 20), "ymin": float(y.min() - 20),
                              "xmax": float(x.max() + 20), "ymax": float(y.max() + 20),
                              "keypoints": [{"name": KEYPOINTS[i], "x": float(x[j]), "y": float(y[j]), "score": float(person[j, 2])}
                                            for j, i in enumerate(used)]})
        return {"poses": found}

    for name, image in [("wide", scene(120, 60, [(70, 10, 100, 50, "white")])), ("tall", scene(64, 128, [(5, 70, 60, 120, "white")])),
                        ("gray", scene(96, 96, [(0, 0, 50, 50, "white")]).convert("L"))]:
        image_case("poses", name, png(image), inference(png(image)))


RECIPES = [style_transfer, road_junction, poses]

if __name__ == "__main__":
    for recipe in RECIPES:
        if len(sys.argv) == 1 or recipe.__name__ in sys.argv[1:]:
            recipe()
