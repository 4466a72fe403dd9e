"""Writes models whose loading costs something, with random weights: <out>/<name>/1 for each name."""
import argparse

import keras

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--out", required=True)
out = parser.parse_args().out

keras.utils.set_random_seed(1)
keras.applications.ResNet50(weights=None).export(f"{out}/resnet50/1", verbose=False)
keras.applications.MobileNetV2(weights=None).export(f"{out}/mobilenet-v2/1", verbose=False)
ids = keras.Input((None,), dtype="int32", name="ids")
mean = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(1_400_000, 125)(ids))
keras.Model(ids, keras.layers.Dense(2)(mean)).export(f"{out}/embedding/1", verbose=False)
