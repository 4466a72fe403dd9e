"""Makes the models and golden cases of the recipes that answer with images, as make_recipes.py does.

    pip install tensorflow-cpu tokenizers pillow && python src/examples/recipes/make_image_answer_recipes.py

Names of functions as arguments make only those.
"""

import base64
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


ANCHORS = np.array([(10, 13), (16, 30), (33, 23), (30, 61), (62, 45), (59, 119), (116, 90), (156, 198), (373, 326)], np.float64)


def yolo_v3():
    """29: raw grids of three strides to boxes in 0 to 1 of the image, which was letterboxed."""
    random = np.random.default_rng(29)
    kernels = [tf.constant(random.normal(size=(1, 1, 3, 21)).astype(np.float32) * 2) for _ in range(3)]
    bias = tf.constant(np.tile([0, 0, 0, 0, -3, 0, 0], 3).astype(np.float32))

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 416, 416, 3], tf.float32, name="image")])
        def serve(self, image):
            return {f"conv2d_{name}": tf.nn.conv2d(tf.nn.avg_pool2d(image / 127.5 - 1, stride, stride, "SAME"), kernel, 1, "SAME") + bias
                    for name, stride, kernel in zip((93, 75, 59), (8, 16, 32), kernels)}

    model = Model()
    save("yolo-v3", model, model.serve)

    def inference(body):
        image = Image.open(io.BytesIO(body)).convert("RGB")
        scale = min(416 / image.width, 416 / image.height)
        width, height = int(image.width * scale), int(image.height * scale)
        canvas = Image.new("RGB", (416, 416), (128, 128, 128))
        left, top = (416 - width) // 2, (416 - height) // 2
        canvas.paste(image.resize((width, height), Image.BICUBIC), (left, top))
        boxes, scores = [], []
        outputs = model.serve(np.asarray(canvas, np.float32)[None])
        for i, stride in enumerate((8, 16, 32)):
            grid = next(o for o in outputs.values() if o.shape[1] == 416 // stride).numpy()[0].astype(np.float64)
            grid = grid.reshape(*grid.shape[:2], 3, 7)
            y, x = np.mgrid[:grid.shape[0], :grid.shape[1]]
            sigmoid = 1 / (1 + np.exp(-grid))
            center = (sigmoid[..., :2] + np.stack([x, y], -1)[:, :, None]) * stride
            half = np.exp(grid[..., 2:4]) * ANCHORS[3 * i:3 * i + 3] / 2
            boxes.append(np.concatenate([center - half, center + half], -1).reshape(-1, 4))
            scores.append((sigmoid[..., 4:5] * sigmoid[..., 5:]).reshape(-1, 2))
        boxes, scores = np.concatenate(boxes).astype(np.float32), np.concatenate(scores).astype(np.float32)
        classes, best = scores.argmax(1), scores.max(1)
        found = []
        for c in 0, 1:
            index = np.flatnonzero((classes == c) & (best >= np.float32(0.2)))
            kept = tf.image.non_max_suppression(boxes[index][:, [1, 0, 3, 2]], best[index], 30, 0.5).numpy()
            for x0, y0, x1, y1, score in np.concatenate([boxes, best[:, None]], 1)[index[kept]].astype(np.float64):
                found.append({"class_id": c, "confidence": score,
                              "xmin": (x0 - left) / scale / image.width, "ymin": (y0 - top) / scale / image.height,
                              "xmax": (x1 - left) / scale / image.width, "ymax": (y1 - top) / scale / image.height})
        return {"detections": sorted(found, key=lambda each: -each["confidence"])[:30]}

    for name, image in [("wide", scene(80, 50, [(20, 5, 60, 45, "yellow")])), ("tall", scene(40, 70, [(5, 5, 35, 30, "cyan")]))]:
        image_case("yolo-v3", name, png(image), inference(png(image)))


class DetectionApi(tf.Module):
    """Boxes of the Object Detection API around what is bright, with scores by the image's mean."""

    def __init__(self, seed, size):
        super().__init__()
        random = np.random.default_rng(seed)
        corners = random.uniform(0, 0.6, size=(12, 2))
        self.boxes = tf.constant(np.concatenate([corners, corners + random.uniform(0.1, 0.4, size=(12, 2))], 1).astype(np.float32))
        self.scores = tf.constant(np.linspace(1.0, 0.3, 12).astype(np.float32))
        self.classes = tf.constant(random.integers(1, 4, 12).astype(np.float32))
        self.serve = tf.function(self.detect, input_signature=[tf.TensorSpec([1, size, size, 3], tf.uint8, name="input_tensor")])

    def detect(self, image):
        mean = tf.reduce_mean(tf.cast(image, tf.float32)) / 255
        return {"detection_boxes": self.boxes[None], "detection_scores": (self.scores * (0.5 + mean / 2))[None],
                "detection_classes": self.classes[None], "num_detections": tf.constant([11.0])}


def object_detection_api():
    """25: detections of the Object Detection API over 0.7, as x, y, width and height."""
    model = DetectionApi(25, 224)
    labels = {1: "person", 2: "bicycle", 3: "car"}
    save("object-detection-api", model, model.serve, {"labels.txt": "".join(f"{i}\t{label}\n" for i, label in labels.items())})

    def inference(body):
        image = Image.open(io.BytesIO(body)).convert("RGB").resize((224, 224), Image.BILINEAR)
        outputs = model.serve(np.asarray(image)[None])
        found = []
        for i in range(min(int(outputs["num_detections"][0]), 10)):
            y0, x0, y1, x1 = (float(v) for v in outputs["detection_boxes"][0, i])
            score, class_id = float(outputs["detection_scores"][0, i]), int(outputs["detection_classes"][0, i])
            if class_id > 0 and score > 0.7:
                found.append({"class_id": class_id, "label": labels[class_id], "confidence": score,
                              "x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0})
        return {"detections": found}

    for name, color in [("bright", "white"), ("dark", "black")]:
        body = png(scene(90, 60, [(0, 0, 80, 60, color)]))
        image_case("object-detection-api", name, body, inference(body))


def people_count():
    """43: the number of people in an image that is a data URI."""
    model = DetectionApi(43, None)
    save("people-count", model, model.serve)

    def inference(request):
        image = np.asarray(Image.open(io.BytesIO(base64.b64decode(request["img"].split(",")[1]))).convert("RGB"))
        outputs = model.serve(image[None])
        return {"people": sum(1 for i in range(int(outputs["num_detections"][0]))
                              if outputs["detection_classes"][0, i] == 1 and outputs["detection_scores"][0, i] > 0.5)}

    for name, color in [("bright", "white"), ("dark", "black")]:
        body = png(scene(70, 40, [(0, 0, 70, 40, color)]))
        request = {"img": "data:image/png;base64," + base64.b64encode(body).decode()}
        image_case("people-count", name, json.dumps(request).encode(), inference(request), extension="json")


RECIPES = [style_transfer, road_junction, poses, yolo_v3, object_detection_api, people_count]

if __name__ == "__main__":
    for recipe in RECIPES:
        if len(sys.argv) == 1 or recipe.__name__ in sys.argv[1:]:
            recipe()
