"""Writes Keras' MobileNetV2 with random weights as a SavedModel: the cost is that of trained ones."""
import argparse

import keras
import numpy as np

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--out", required=True)
out = parser.parse_args().out

keras.utils.set_random_seed(1)
model = keras.applications.MobileNetV2(
    weights=None, classes=1000, input_tensor=keras.Input((224, 224, 3), name="image"))
initializer = keras.initializers.HeNormal(seed=1)
for layer in model.layers:
    # Activations of ordinary size: numbers near zero would run at another speed.
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        fan_in = layer.kernel.shape[0] * layer.kernel.shape[1]
        layer.kernel.assign(np.random.normal(0, (2 / fan_in) ** 0.5, layer.kernel.shape))
    elif isinstance(layer, keras.layers.Conv2D):
        layer.kernel.assign(initializer(layer.kernel.shape))
    elif isinstance(layer, keras.layers.BatchNormalization):
        size = layer.gamma.shape
        layer.gamma.assign(np.random.uniform(0.8, 1.2, size))
        layer.beta.assign(np.random.uniform(-0.2, 0.2, size))
        layer.moving_mean.assign(np.random.uniform(-0.2, 0.2, size))
        layer.moving_variance.assign(np.random.uniform(0.8, 1.2, size))
model.export(out)
