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


RECIPES = [style_transfer]

if __name__ == "__main__":
    for recipe in RECIPES:
        if len(sys.argv) == 1 or recipe.__name__ in sys.argv[1:]:
            recipe()
