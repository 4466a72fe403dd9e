"""inference.py of a SageMaker endpoint: {"text": "..."} in, {"predicted_class": 0 or 1} out (ham, spam)."""
import json
import os

import numpy as np
import tensorflow as tf


def model_fn(model_dir):
    return tf.saved_model.load(os.path.join(model_dir, "1"))


def input_fn(request_body, content_type):
    if content_type != "application/json":
        raise ValueError(f"Unsupported content type: {content_type}")
    text = json.loads(request_body)["text"].lower()
    return tf.constant([text])


def predict_fn(data, model):
    outputs = model.signatures["serving_default"](text=data)
    return next(iter(outputs.values())).numpy()


def output_fn(prediction, accept="application/json"):
    return json.dumps({"predicted_class": int(np.argmax(prediction[0]))})
