"""What the fixture coco-nanodet finds in the fixtures' plain images, for NanodetFixtureTest.

    python make_nanodet_answers.py FIXTURES     writes ../resources/detections/nanodet.json

Boxes are xmin, ymin, xmax, ymax in pixels of the image, of detections over 0.4. TensorFlow 2.21, Pillow 12.
"""
import json, os, pathlib, sys
import numpy as np
import tensorflow as tf
from PIL import Image

FIXTURES = pathlib.Path(sys.argv[1])
OUT = pathlib.Path(__file__).resolve().parent.parent / "resources" / "detections" / "nanodet.json"
detect = tf.saved_model.load(str(FIXTURES / "coco-nanodet" / "1")).signatures["serving_default"]
lines = (FIXTURES / "coco-nanodet" / "labels.tsv").read_text().splitlines()
names = {int(line.split("\t")[0]): line.split("\t")[1] for line in lines}
answers = []
for file in sorted((FIXTURES / "images" / "plain").iterdir()):
    image = np.asarray(Image.open(file).convert("RGB"))
    height, width = image.shape[:2]
    outputs = detect(input_tensor=tf.constant(image[None]))
    found = []
    for i in range(int(outputs["num_detections"][0])):
        score, class_id = float(outputs["detection_scores"][0, i]), int(outputs["detection_classes"][0, i])
        if score >= 0.4:
            y0, x0, y1, x1 = (float(v) for v in outputs["detection_boxes"][0, i])
            found.append({"class_id": class_id, "label": names[class_id], "confidence": round(score, 5),
                          "box": [round(x0 * width, 2), round(y0 * height, 2), round(x1 * width, 2), round(y1 * height, 2)]})
    answers.append(json.dumps(file.name) + ": " + json.dumps(found))
OUT.write_text("{\n" + ",\n".join(answers) + "\n}\n")
