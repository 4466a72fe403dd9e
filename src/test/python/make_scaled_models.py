"""The graphs of small Keras models that scale their own input.

    python make_scaled_models.py     writes ../resources/scaling/<name>/saved_model.pb, without the variables

TensorFlow 2.21, Keras 3.15.
"""
import os, shutil, tempfile
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np, tensorflow as tf
from keras import layers
from keras.applications.imagenet_utils import preprocess_input

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "scaling")


def save(name, first):
    image = keras.Input((8, 8, 3), name="image")
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(first(image))))
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(model, folder)
        os.makedirs(f"{OUT}/{name}", exist_ok=True)
        shutil.copy(f"{folder}/saved_model.pb", f"{OUT}/{name}/saved_model.pb")


adapted = layers.Normalization()
adapted.adapt(np.stack([np.full((2, 2, 3), 60.), np.full((2, 2, 3), 180.)]).astype("float32"))
save("rescaling", layers.Rescaling(1 / 255))
save("normalization", adapted)
for mode in "tf", "caffe", "torch":
    save(mode, lambda x: preprocess_input(x, mode=mode))
save("batch-normalization", layers.BatchNormalization())
