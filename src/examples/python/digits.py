"""The handwritten digits that scikit-learn bundles (8x8 pixels, 0..16), split for both picture examples.

Source: Optical Recognition of Handwritten Digits, Alpaydin and Kaynak, UCI (CC BY 4.0).
"""
import numpy as np
from sklearn.datasets import load_digits


def split():
    """(pictures, classes) to train on and (pictures, classes) held out: every fifth. Pictures are uint8 [N, 8, 8]."""
    pictures, classes = load_digits(return_X_y=True)
    pictures = np.round(pictures.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    held_out = np.arange(len(pictures)) % 5 == 4
    return (pictures[~held_out], classes[~held_out]), (pictures[held_out], classes[held_out])
