"""Makes the models and golden cases of the recipes of sound, as make_recipes.py does.

    pip install tensorflow-cpu tokenizers scipy && python src/examples/recipes/make_audio_recipes.py
"""

import io
import json

import numpy as np
import tensorflow as tf
from scipy.io import wavfile
from scipy.signal import resample_poly

from make_recipes import FOLDER, save


def sound_case(recipe, name, rate, samples, inference):
    body = io.BytesIO()
    wavfile.write(body, rate, samples)
    cases = FOLDER / recipe / "code" / "cases"
    (cases / f"{name}.request.wav").write_bytes(body.getvalue())
    (cases / f"{name}.expected.json").write_text(json.dumps(inference(body.getvalue())) + "\n")


def tone(rate, seconds, hertz):
    t = np.arange(int(rate * seconds)) / rate
    return np.round(12000 * np.sin(2 * np.pi * hertz * t)).astype(np.int16)


def mono_16k(body):
    rate, samples = wavfile.read(io.BytesIO(body))
    samples = samples / 32768
    if samples.ndim == 2:
        samples = samples.mean(axis=1)
    return resample_poly(samples, 16000, rate)


def pitch():
    """5: pitch and confidence of frames of 512 samples."""

    class Pitch(tf.Module):
        """The share of changes of sign, and of energy, in each frame."""

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="input_audio_samples")])
        def serve(self, samples):
            frames = tf.signal.frame(samples / 32768, 512, 512)
            changes = tf.cast(frames[:, 1:] * frames[:, :-1] < 0, tf.float32)
            return {"pitch": tf.reduce_mean(changes, axis=1) * 4,
                    "uncertainty": tf.exp(-10 * tf.reduce_mean(frames ** 2, axis=1))}

    model = Pitch()
    save("pitch", model, model.serve)

    def inference(body):
        outputs = model.serve(tf.constant(mono_16k(body) * 32768, tf.float32))
        return [{"time": i * 512 / 16000 + 16000 / 512 / 2 / 1000, "confidence": 1 - float(uncertainty),
                 "pitch": float(pitch), "semitone": 25.58 + 63.07 * float(pitch)}
                for i, (pitch, uncertainty) in enumerate(zip(outputs["pitch"].numpy(), outputs["uncertainty"].numpy()))]

    sound_case("pitch", "a", 16000, tone(16000, 0.2, 440), inference)
    sound_case("pitch", "stereo", 44100, np.stack([tone(44100, 0.1, 300), tone(44100, 0.1, 900)], axis=1), inference)


KEYWORDS = ["down", "left", "right", "up"]


def keyword():
    """A keyword spotter: a log-mel spectrogram to a label, or "unknown"."""
    matrix = tf.signal.linear_to_mel_weight_matrix(32, 257, 16000, 60.0, 7600.0)

    class Spotter(tf.Module):
        """Scores of the bands' means: each word is a range of frequencies."""

        @tf.function(input_signature=[tf.TensorSpec([None, 49, 32, 1], tf.float32, name="log_mel")])
        def serve(self, log_mel):
            means = tf.reduce_mean(log_mel[..., 0], axis=1)
            groups = tf.reduce_mean(tf.reshape(means, [-1, 4, 8]), axis=2)
            return {"scores": tf.nn.softmax(groups)}

    model = Spotter()
    save("keyword", model, model.serve, {"keywords.txt": "\n".join(KEYWORDS) + "\n"})

    def inference(body):
        samples = mono_16k(body)[:8000]
        samples = np.pad(samples, (0, 8000 - samples.size)).astype(np.float32)
        magnitudes = tf.abs(tf.signal.stft(samples, 320, 160, 512))
        log_mel = tf.math.log(tf.tensordot(magnitudes, matrix, 1) + 1e-3)
        scores = model.serve(log_mel[None, :, :, None])["scores"].numpy()[0]
        best = int(scores.argmax())
        return {"label": KEYWORDS[best] if scores[best] >= 0.6 else "unknown", "confidence": float(scores[best])}

    sound_case("keyword", "low", 16000, tone(16000, 0.6, 300), inference)
    sound_case("keyword", "high", 8000, tone(8000, 0.5, 3200), inference)
    sound_case("keyword", "silence", 16000, np.zeros(4000, np.int16), inference)


if __name__ == "__main__":
    pitch()
    keyword()
