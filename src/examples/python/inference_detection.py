"""inference.py of a SageMaker endpoint: {"image_data": [...]} in, {"detections": [...]} out."""
import json
import os

import numpy as np
import tensorflow as tf

THRESHOLD = 0.5


def model_fn(model_dir):
    return tf.saved_model.load(os.path.join(model_dir, "1"))


def input_fn(request_body, content_type):
    if content_type != "application/json":
        raise ValueError(f"Unsupported content type: {content_type}")
    image = np.array(json.loads(request_body)["image_data"], dtype=np.float32)
    return np.expand_dims(image, axis=0)


def predict_fn(data, model):
    outputs = model.signatures["serving_default"](image_data=tf.constant(data))
    return next(iter(outputs.values())).numpy()


def output_fn(prediction, accept="application/json"):
    detections = [
        {"class_id": int(class_id), "confidence": float(confidence),
         "xmin": float(xmin), "ymin": float(ymin), "xmax": float(xmax), "ymax": float(ymax)}
        for class_id, confidence, xmin, ymin, xmax, ymax in prediction[0] if confidence >= THRESHOLD]
    return json.dumps({"detections": detections})
