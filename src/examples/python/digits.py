"""The handwritten digits that scikit-learn bundles (8x8 pixels, 0..16), split for both image examples.

Source: Optical Recognition of Handwritten Digits, Alpaydin and Kaynak, UCI (CC BY 4.0).
"""
import numpy as np
from sklearn.datasets import load_digits


def split():
    """(images, classes) to train on and (images, classes) held out: every fifth. Images are uint8 [N, 8, 8]."""
    images, classes = load_digits(return_X_y=True)
    images = np.round(images.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    held_out = np.arange(len(images)) % 5 == 4
    return (images[~held_out], classes[~held_out]), (images[held_out], classes[held_out])
