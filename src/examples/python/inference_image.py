"""inference.py of a SageMaker endpoint: the bytes of an image in, {"predicted_class": 0..9} out."""
import io
import json
import os

import numpy as np
import tensorflow as tf
from PIL import Image


def model_fn(model_dir):
    return tf.saved_model.load(os.path.join(model_dir, "1"))


def input_fn(request_body, content_type):
    if content_type != "application/octet-stream":
        raise ValueError(f"Unsupported content type: {content_type}")
    image = Image.open(io.BytesIO(request_body)).convert("RGB").resize((224, 224))
    return np.expand_dims(np.asarray(image, dtype=np.float32) / 255.0, axis=0)


def predict_fn(data, model):
    outputs = model.signatures["serving_default"](image=tf.constant(data))
    return next(iter(outputs.values())).numpy()


def output_fn(prediction, accept="application/json"):
    return json.dumps({"predicted_class": int(np.argmax(prediction[0]))})
