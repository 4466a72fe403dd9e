"""What TensorFlow and NumPy make of a detector's outputs, for ScoreAnswersTest.

    python make_detections.py     writes ../resources/detections/expected.json and grids.json

A list as in make_score_answers.py. The suppression is that of tf.image, of each class alone for per_class. Scores are
multiples of 1/64, so that many are equal. TensorFlow 2.21, NumPy 2.4.
"""
import json, os
import numpy as np
import tensorflow as tf

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "detections")
rng, cases = np.random.default_rng(13), []


def case(name, answer, properties, type="BoxesPostprocessor", **outputs):
    cases.append({
        "name": name, "type": type, "properties": properties, "file": None,
        "outputs": {k: {"dtype": v.dtype.name, "shape": v.shape, "values": v.ravel().tolist()} for k, v in outputs.items()},
        "answer": answer,
    })


def described(box, score, class_id, names=("xmin", "ymin", "xmax", "ymax")):
    return {"class_id": int(class_id), "confidence": float(score)} | {n: float(v) for n, v in zip(names, box)}


def boxes(n, size=100.0):
    first = rng.uniform(0, size, (n, 2))
    corners = np.concatenate([first, first + rng.uniform(5, size / 2, (n, 2))], 1)
    return (np.round(corners * 8) / 8).astype("float32")


def suppressed(xyxy, scores, classes, iou, threshold, limit, sigma, per_class):
    """(index, score) of what is kept, the best first; scores must be over the threshold."""
    groups = [np.flatnonzero(classes == c) for c in np.unique(classes)] if per_class else [np.arange(len(scores))]
    kept = []
    for group in groups:
        yxyx = xyxy[group][:, [1, 0, 3, 2]]
        if sigma:
            indices, values = tf.image.non_max_suppression_with_scores(
                yxyx, scores[group], len(group), iou, threshold, sigma)
            values = values.numpy()
        else:
            indices = tf.image.non_max_suppression(yxyx, scores[group], len(group), iou, threshold)
            values = scores[group][indices.numpy()]
        kept += [(int(group[i]), float(v)) for i, v in zip(indices.numpy(), values)]
    if per_class:
        kept.sort(key=lambda each: (-each[1], each[0]))
    return kept[:limit]


for n in 1, 40, 150:
    for per_class in False, True:
        for iou in 0.0, 0.3, 0.5, 0.75, 1.0:
            for sigma in 0.0, 0.5:
                if sigma and iou != 0.5:
                    continue
                limit = 20
                xyxy = boxes(n)
                scores = (rng.integers(0, 65, n) / 64).astype("float32")
                classes = rng.integers(0, 3, n).astype("float32")
                # Equal boxes, boxes without area, and boxes whose corners are in the other order.
                xyxy[n // 2] = xyxy[0]
                xyxy[n // 3, 2] = xyxy[n // 3, 0]
                xyxy[n // 4] = xyxy[n // 4][[2, 3, 0, 1]]
                kept = suppressed(xyxy, scores, classes, iou, 0.25, limit, sigma, per_class)
                case(f"suppression of {n}, IoU {iou}, sigma {sigma}, per class {per_class}",
                     {"detections": [described(xyxy[i], s, classes[i]) for i, s in kept]},
                     {"suppression": "per_class" if per_class else "all_classes", "iouThreshold": iou, "sigma": sigma,
                      "threshold": 0.25, "strict": True, "limit": limit},
                     rows=np.concatenate([classes[:, None], scores[:, None], xyxy], 1))

# YOLO v8: [1, 4 + classes, boxes], centers and sizes in pixels; v5: [1, boxes, 5 + classes] with objectness.
for name in "v8", "v5":
    n, k = 60, 7
    xyxy = boxes(n)
    centers = np.concatenate([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]], 1)
    scores = rng.uniform(0, 1, (n, k)).astype("float32")
    objectness = rng.uniform(0, 1, (n, 1)).astype("float32")
    confidence = scores.max(1) * (objectness[:, 0] if name == "v5" else np.float32(1))
    classes = scores.argmax(1)
    half = centers[:, 2:] / np.float32(2)
    corners = np.concatenate([centers[:, :2] - half, centers[:, :2] + half], 1)
    over = np.flatnonzero(confidence >= np.float32(0.4))
    kept = suppressed(corners[over], confidence[over], classes[over], 0.45, 0.0, 300, 0, True)
    answer = {"detections": [described(corners[over[i]], s, classes[over[i]]) for i, s in kept]}
    if name == "v8":
        case("YOLO v8", answer, {"columns": "xcenter, ycenter, width, height, scores", "transposed": True, "threshold": 0.4,
                                 "suppression": "per_class", "iouThreshold": 0.45},
             output0=np.concatenate([centers, scores], 1).T[None])
    else:
        case("YOLO v5", answer, {"columns": "xcenter, ycenter, width, height, objectness, scores", "threshold": 0.4,
                                 "suppression": "per_class", "iouThreshold": 0.45},
             output0=np.concatenate([centers, objectness, scores], 1)[None])

# Named outputs, two images, boxes as y, x, y, x and as corner and size.
xyxy = np.stack([boxes(5), boxes(5)])
scores = rng.uniform(0, 1, (2, 5)).astype("float32")
classes = rng.integers(1, 90, (2, 5)).astype("int64")
case("named outputs of two images",
     [{"detections": [described(xyxy[i, j], scores[i, j], classes[i, j]) for j in range(5) if scores[i, j] >= 0.5]}
      for i in range(2)],
     {"output": "boxes", "scoresOutput": "scores", "classesOutput": "classes", "columns": "ymin, xmin, ymax, xmax"},
     boxes=xyxy[..., [1, 0, 3, 2]], scores=scores, classes=classes)
per_class = rng.uniform(0, 1, (1, 5, 4)).astype("float32")
sized = np.concatenate([xyxy[:1, :, :2], xyxy[:1, :, 2:] - xyxy[:1, :, :2]], 2)
case("corners and sizes, a score per class",
     {"detections": [{"class_id": int(per_class[0, j].argmax()), "confidence": float(per_class[0, j].max())}
                     | dict(zip(("x", "y", "width", "height"),
                                (int(v) for v in (*sized[0, j, :2], *((sized[0, j, :2] + sized[0, j, 2:]) - sized[0, j, :2])))))
                     for j in range(5) if per_class[0, j].max() > 0.5]},
     {"output": "boxes", "scoresOutput": "scores", "columns": "xmin, ymin, width, height", "boxForm": "corner_size",
      "wholeNumbers": True, "strict": True},
     boxes=sized, scores=per_class)

boxes_count = len(cases)

# Raw grids of two strides and two anchors each, by any name, of two images; the second in five dimensions.
ANCHORS = np.array([(3, 5), (6, 4), (12, 9), (20, 24)], np.float64)
for decoding in "v3", "v5":
    for multi_label in False, True:
        grids = [np.round(rng.normal(0, 1.5, (2, rows, cols, 2, 8)) * 8).astype("float32") / 8 for rows, cols in ((6, 8), (3, 4))]
        answers = []
        for image in range(2):
            xyxy, scores = [], []
            for i, (grid, stride) in enumerate(zip(grids, (4, 8))):
                t = grid[image].astype(np.float64)
                s = 1 / (1 + np.exp(-t))
                y, x = np.mgrid[:t.shape[0], :t.shape[1]]
                cells = np.stack([x, y], -1)[:, :, None]
                center = (s[..., :2] if decoding == "v3" else 2 * s[..., :2] - 0.5) + cells
                size = np.exp(t[..., 2:4]) if decoding == "v3" else (2 * s[..., 2:4]) ** 2
                half = size * ANCHORS[2 * i:2 * i + 2] / 2
                xyxy.append(np.concatenate([center * stride - half, center * stride + half], -1).reshape(-1, 4))
                scores.append((s[..., 4:5] * s[..., 5:]).reshape(-1, 3))
            xyxy, scores = np.concatenate(xyxy).astype("float32"), np.concatenate(scores).astype("float32")
            index, classes = np.nonzero(scores >= np.float32(0.45)) if multi_label else (np.arange(len(scores)), scores.argmax(1))
            over = scores[index, classes] >= np.float32(0.45)
            index, classes = index[over], classes[over]
            kept = suppressed(xyxy[index], scores[index, classes], classes, 0.4, 0.0, 300, 0, True)
            answers.append({"detections": [described(xyxy[index[i]], s, classes[i]) for i, s in kept]})
        case(f"YOLO grids {decoding}, several labels {multi_label}", answers,
             {"anchors": "3, 5, 6, 4, 12, 9, 20, 24", "strides": "4, 8", "decoding": decoding, "multiLabel": multi_label,
              "threshold": 0.45, "iouThreshold": 0.4},
             type="YoloGridsPostprocessor", a=grids[1].reshape(2, 3, 4, 16), b=grids[0])

os.makedirs(OUT, exist_ok=True)
for file, part in ("expected.json", cases[:boxes_count]), ("grids.json", cases[boxes_count:]):
    with open(os.path.join(OUT, file), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(each) for each in part) + "\n]\n")
print(len(cases), "cases")
