"""A small SavedModel whose weights have a dtype that TensorFlow Java has no tensor class for.

    python make_dtype_models.py     writes ../resources/models/int8-weights/1

Signature serving_default: y = x . (w * 0.5) with w int8 [[1, -2], [3, 4], [-5, 127]]. TensorFlow 2.21.
"""
import os, shutil
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "models", "int8-weights")

m = tf.Module()
m.w = tf.Variable(tf.constant([[1, -2], [3, 4], [-5, 127]], tf.int8))


@tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, "x")])
def serve(x):
    return {"y": tf.matmul(x, tf.cast(m.w, tf.float32) * 0.5)}


shutil.rmtree(OUT, ignore_errors=True)
tf.saved_model.save(m, f"{OUT}/1", signatures=serve)
os.remove(f"{OUT}/1/fingerprint.pb")
print(tf.saved_model.load(f"{OUT}/1").signatures["serving_default"](tf.constant([[1., 2., 3.]]))["y"].numpy())
