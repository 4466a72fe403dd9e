"""Makes the models and golden cases of the recipes that take photos in, as make_recipes.py does.

    pip install tensorflow-cpu tokenizers pillow && python src/examples/recipes/make_photo_recipes.py
"""

import base64
import io
import json
import sys

import numpy as np
import tensorflow as tf
from PIL import Image

from make_recipes import FOLDER, save


def photo(width, height, seed):
    """Smooth colors, so that resizing matters and files stay small."""
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (3, 4, 3), dtype=np.uint8))
    return small.resize((width, height), Image.BICUBIC)


def encoded(image, kind="PNG"):
    body = io.BytesIO()
    image.save(body, kind)
    return body.getvalue()


def photo_case(recipe, name, extension, body, expected, settings=None):
    cases = FOLDER / recipe / "code" / "cases"
    (cases / f"{name}.request.{extension}").write_bytes(body)
    (cases / f"{name}.expected.json").write_text(json.dumps(expected) + "\n")
    if settings:
        (cases / f"{name}.case.yaml").write_text(settings)


def photo_class():
    """3: one photo, sent in three ways, to a class and its confidence."""
    weights = np.random.default_rng(3).normal(size=(48, 10)).astype(np.float32)

    class Classifier(tf.Module):
        """Scores of the photo's quarters."""

        @tf.function(input_signature=[tf.TensorSpec([1, 32, 32, 3], tf.float32, name="image")])
        def serve(self, image):
            return {"logits": tf.matmul(tf.reshape(tf.nn.avg_pool2d(image, 8, 8, "VALID"), [1, 48]), weights)}

    model = Classifier()
    save("photo-class", model, model.serve)

    def inference(body):
        image = Image.open(io.BytesIO(body)).convert("RGB").resize((32, 32))
        pixels = np.asarray(image, np.float32) / 255
        pixels = (pixels - [0.4913, 0.4821, 0.4465]) / [0.2470, 0.2434, 0.2615]
        logits = model.serve(tf.constant(pixels[None], tf.float32))["logits"].numpy()[0]
        scores = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
        return {"class_idx": int(scores.argmax()), "confidence": float(scores.max())}

    png, gray = encoded(photo(90, 60, 1)), encoded(photo(50, 70, 2).convert("L"))
    photo_case("photo-class", "png", "png", png, inference(png))
    photo_case("photo-class", "gray", "png", gray, inference(gray))
    body = json.dumps({"image": base64.b64encode(png).decode()})
    photo_case("photo-class", "json", "json", body.encode(), inference(png))
    photo_case("photo-class", "text", "txt", base64.b64encode(gray), inference(gray))


PLACES = ["forest", "sea", "street"]


def encoded_photo():
    """23: the file as it is, to a graph that decodes it; the labels with it if they are asked for."""
    weights = np.random.default_rng(23).normal(size=(3, 3)).astype(np.float32) * 4

    class Classifier(tf.Module):
        """Scores of the mean color."""

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
        def serve(self, files):
            def color(file):
                image = tf.io.decode_image(file, 3, expand_animations=False)
                image.set_shape([None, None, 3])
                return tf.reduce_mean(tf.image.convert_image_dtype(image, tf.float32), [0, 1])

            colors = tf.map_fn(color, files, fn_output_signature=tf.TensorSpec([3], tf.float32))
            return {"probabilities": tf.nn.softmax(tf.matmul(colors, weights))}

    model = Classifier()
    save("encoded-photo", model, model.serve, {"places.txt": "\n".join(PLACES) + "\n"})

    def inference(body, verbose):
        probabilities = model.serve(tf.constant([body]))["probabilities"].numpy()[0].tolist()
        if not verbose:
            return {"probabilities": probabilities}
        return {"predicted_label": PLACES[int(np.argmax(probabilities))], "probabilities": probabilities,
                "labels": PLACES}

    settings = "request: {contentType: application/x-image, accept: %s}\n"
    for name, body in ("a", encoded(photo(40, 30, 4))), ("b", encoded(photo(40, 30, 5))):
        photo_case("encoded-photo", name, "png", body, inference(body, False), settings % "application/json")
        photo_case("encoded-photo", name + "-verbose", "png", body, inference(body, True),
                   settings % "application/json;verbose=true")


COLORS = ["red", "green", "blue"]


def colored_parts():
    """41: a detector, and a second model for what each of its boxes has inside."""

    class Detector(tf.Module):
        """The quarters of the photo that are bright, by their mean."""

        @tf.function(input_signature=[tf.TensorSpec([1, 64, 64, 3], tf.uint8, name="image")])
        def serve(self, image):
            means = tf.reduce_mean(tf.reshape(tf.cast(image, tf.float32), [2, 32, 2, 32, 3]), [1, 3, 4]) / 255
            corners = tf.constant([[0., 0, 32, 32], [32, 0, 64, 32], [0, 32, 32, 64], [32, 32, 64, 64]])
            classes = tf.zeros([4, 1])
            return {"boxes": tf.concat([classes, tf.reshape(means, [4, 1]), corners], 1)[None]}

    class Classifier(tf.Module):
        """The color that a crop has most of."""

        @tf.function(input_signature=[tf.TensorSpec([None, 16, 16, 3], tf.float32, name="crops")])
        def serve(self, crops):
            return {"scores": tf.nn.softmax(tf.reduce_mean(crops, [1, 2]) * 9)}

    detector, classifier = Detector(), Classifier()
    save("colored-parts", detector, detector.serve)
    save("colored-parts-classifier", classifier, classifier.serve, cases=False)

    def inference(body):
        image = Image.open(io.BytesIO(body)).convert("RGB")
        resized = np.asarray(image.resize((64, 64)))
        answer = []
        for _, score, *box in detector.serve(tf.constant(resized[None]))["boxes"].numpy()[0]:
            if score < 0.4:
                continue
            scale = [image.width / 64, image.height / 64] * 2
            left, top, right, bottom = (int(edge * by) for edge, by in zip(box, scale))
            crop = np.asarray(image.crop((left, top, right, bottom)).resize((16, 16)), np.float32) / 255
            scores = classifier.serve(tf.constant(crop[None]))["scores"].numpy()[0]
            answer.append({"color": COLORS[int(scores.argmax())], "confidence": float(scores.max()),
                           "xmin": left, "ymin": top, "xmax": right, "ymax": bottom, "score": float(score)})
        return answer

    for name, image in ("wide", photo(150, 90, 6)), ("tall", photo(63, 121, 7)), ("dark", Image.new("RGB", (70, 50))):
        body = encoded(image)
        photo_case("colored-parts", name, "png", body, inference(body))


if __name__ == "__main__":
    recipes = {"photo-class": photo_class, "encoded-photo": encoded_photo, "colored-parts": colored_parts}
    for recipe in sys.argv[1:] or recipes:
        recipes[recipe]()
