"""Small SavedModels that only Python can make, with what Python answers.

    python make_models.py     writes ../resources/models/<name>/1 and ../resources/models/expected.json

expected.json: for each model a list of {"request": ..., "answer": ...}, to be sent one after another to a model that has
just been loaded (TensorFlow Serving's JSON). TensorFlow 2.21, Keras 3.15.
"""
import json, os, shutil
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np, tensorflow as tf
from keras import layers

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "models")
rng, expected = np.random.RandomState(0), {}


def save(obj, name, **options):
    shutil.rmtree(f"{OUT}/{name}", ignore_errors=True)
    tf.saved_model.save(obj, f"{OUT}/{name}/1", **options)
    os.remove(f"{OUT}/{name}/1/fingerprint.pb")
    return tf.saved_model.load(f"{OUT}/{name}/1").signatures


def expect(name, signatures, signature, **inputs):
    outputs = signatures[signature](**{k: tf.constant(v) for k, v in inputs.items()})
    outputs = {k: v.numpy().tolist() for k, v in outputs.items()}
    expected.setdefault(name, []).append({
        "request": {"signature_name": signature, "inputs": {k: np.asarray(v).tolist() for k, v in inputs.items()}},
        "answer": {"outputs": outputs if len(outputs) > 1 else next(iter(outputs.values()))},
    })


# A Keras 3 model saved as one of Keras 2 was: two layers of one name, a shared layer, float16, a trained batch
# normalization with its optimizer, and a table.
keras.utils.set_random_seed(1)
text, number = keras.Input((1,), dtype="string", name="text"), keras.Input((4,), name="number")
ids = layers.StringLookup(vocabulary=["a", "b", "c"])(text)
words = layers.Flatten()(layers.Embedding(4, 4, name="vectors")(ids))
inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="d"), layers.BatchNormalization(name="bn")], name="inner")
half = layers.Dense(2, dtype="mixed_float16", name="d")(number)
model = keras.Model([text, number], {"sum": layers.Add()([inner(words), inner(number)]), "half": half})
model.compile("adam", {"sum": "mse", "half": "mse"})
model.fit([tf.constant([["a"], ["c"]] * 4), rng.randn(8, 4)], {"sum": rng.randn(8, 3), "half": rng.randn(8, 2)}, verbose=0)
loaded = save(model, "keras3-saved")
for words in (["a"], ["c"]), (["b"], ["none"]):
    expect("keras3-saved", loaded, "serving_default", inputs=words, inputs_1=rng.randn(2, 4).astype("f"))

# A module that holds such a model beside a variable of its own, and a signature that assigns to the model's.
module = tf.Module()
module.net, module.scale = keras.Sequential([keras.Input((2,)), layers.Dense(2)]), tf.Variable([2., 3.])


@tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "x")])
def infer(x):
    return {"y": module.net(x) * module.scale}


@tf.function(input_signature=[tf.TensorSpec([2], tf.float32, "bias")])
def set_bias(bias):
    module.net.layers[0].bias.assign(bias)
    return {"ok": tf.constant([True])}


loaded = save(module, "keras3-module", signatures={"serving_default": infer, "set_bias": set_bias})
x = np.float32([[1, 2], [3, 4]])
expect("keras3-module", loaded, "set_bias", bias=np.float32([10, 20]))
expect("keras3-module", loaded, "serving_default", x=x)
expect("keras3-module", loaded, "set_bias", bias=np.float32([-1, 1]))
expect("keras3-module", loaded, "serving_default", x=x)

with open(f"{OUT}/expected.json", "w") as file:
    json.dump(expected, file, indent=1)
    file.write("\n")
