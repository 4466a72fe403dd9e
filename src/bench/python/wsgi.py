"""An inference.py behind gunicorn: /ping and /invocations, and nothing else.

BENCH_SCRIPT     which script of src/examples/python, such as inference_text
BENCH_MODEL_DIR  the folder that holds the model's version 1
BENCH_PREDICT    signature: as the script does, with the SavedModel's signature function
                 keras:     keras.Model.predict on the same SavedModel
"""
import importlib
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "python"))
script = importlib.import_module(os.environ["BENCH_SCRIPT"])
model_dir = os.environ["BENCH_MODEL_DIR"]

if os.environ.get("BENCH_PREDICT", "signature") == "keras":
    import keras

    def load():
        layer = keras.layers.TFSMLayer(
            os.path.join(model_dir, "1"), call_endpoint="serving_default")
        spec = next(iter(layer.call_endpoint_fn.structured_input_signature[1].values()))
        inputs = keras.Input(shape=spec.shape[1:], dtype=spec.dtype.name)
        return keras.Model(inputs, layer(inputs))

    def predict(data, model):
        return next(iter(model.predict(data, verbose=0).values()))
else:
    def load():
        return script.model_fn(model_dir)

    predict = script.predict_fn

model = load()


def application(environ, start_response):
    if environ["PATH_INFO"] == "/ping":
        status, content_type, body = "200 OK", "text/plain", b""
    elif environ["PATH_INFO"] == "/invocations":
        content_type = "application/json"
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            data = script.input_fn(environ["wsgi.input"].read(length), environ["CONTENT_TYPE"])
            body = script.output_fn(predict(data, model)).encode()
            status = "200 OK"
        except (ValueError, KeyError) as error:
            status, body = "400 Bad Request", json.dumps({"error": str(error)}).encode()
    else:
        status, content_type, body = "404 Not Found", "text/plain", b""
    start_response(
        status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]
