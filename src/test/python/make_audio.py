"""What SciPy 1.17 and TensorFlow 2.21 make of sounds, for AudioOracleTest.

    python make_audio.py     writes ../resources/audio: WAV files and expected.json

A list of {"name", "file", "properties", "shape", "values"}: the tensor that AudioPreprocessor with these properties makes
of the file.
"""
import json
import pathlib
import struct

import numpy as np
import tensorflow as tf
from scipy.signal import resample_poly

OUT = pathlib.Path(__file__).parent.parent / "resources" / "audio"
random = np.random.default_rng(13)
cases = []


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def wav(name, data, rate, channels, bits, code=1, extensible=False, before=b""):
    """Writes a WAV file of encoded samples."""
    fmt = struct.pack("<HHIIHH", 0xFFFE if extensible else code, channels, rate,
                      rate * channels * bits // 8, channels * bits // 8, bits)
    if extensible:
        fmt += struct.pack("<HHIH", 22, bits, (1 << channels) - 1, code)
        fmt += bytes.fromhex("000000001000800000aa00389b71")
    body = b"WAVE" + before + chunk(b"fmt ", fmt) + chunk(b"data", data)
    (OUT / f"{name}.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def int24(samples):
    return b"".join(int(s).to_bytes(3, "little", signed=True) for s in samples.ravel())


def case(name, file, tensor, **properties):
    tensor = np.asarray(tensor)
    cases.append({"name": name, "file": file + ".wav", "properties": properties, "shape": list(tensor.shape),
                  "values": [float(np.float32(v)) for v in tensor.ravel()]})


def chirp(seconds, rate, channels=1):
    """A tone that rises, a second one and noise; the second channel is another one."""
    t = np.arange(int(seconds * rate)) / rate
    tones = [0.5 * np.sin(2 * np.pi * (200 + 900 * c + 1500 * t) * t) + 0.2 * np.sin(2 * np.pi * 330 * t)
             + 0.05 * random.standard_normal(t.size) for c in range(channels)]
    return np.stack(tones, axis=1)


# Every encoding, mono and stereo.
short = chirp(0.02, 8000, 2)
i16 = np.round(short * 32767).astype("<i2")
i16[:2] = [[-32768, 32767], [32767, 32767]]
wav("int16-stereo", i16.tobytes(), 8000, 2, 16)
case("mean of two channels", "int16-stereo", (i16 / 32768).mean(axis=1)[None])
case("first of two channels", "int16-stereo", (i16[:, 0] / 32768)[None], mixDown="first")
wav("int16", i16[:, 0].tobytes(), 8000, 1, 16, before=chunk(b"LIST", b"INFOx"))
# TensorFlow 2.21 reads a chunk of odd size without the padding after it: the file without that chunk.
plain = (OUT / "int16.wav").read_bytes()
decoded, rate = tf.audio.decode_wav(plain[:12] + plain[26:])
assert rate.numpy() == 8000
case("as tf.audio.decode_wav", "int16", decoded.numpy().T)
case("unscaled 16-bit", "int16", i16[:, 0][None].astype(float), fullScale=32768)
u8 = np.clip(np.round(short[:, 0] * 128 + 128), 0, 255).astype(np.uint8)
wav("uint8", u8.tobytes(), 8000, 1, 8)
case("8 bits", "uint8", ((u8.astype(float) - 128) / 128)[None])
i24 = np.round(short * 8388607).astype(int)
i24[0] = [-8388608, 8388607]
wav("int24-stereo", int24(i24), 8000, 2, 24, extensible=True)
case("24 bits, extensible", "int24-stereo", (i24 / 8388608).mean(axis=1)[None])
i32 = np.round(short[:, 0] * 2147483647).astype("<i4")
wav("int32", i32.tobytes(), 8000, 1, 32)
case("32 bits", "int32", (i32 / 2147483648)[None])
f32 = (short * 1.5).astype("<f4")
wav("float32-stereo", f32.tobytes(), 8000, 2, 32, code=3)
case("floats of 32 bits, beyond 1", "float32-stereo", f32.astype(float).mean(axis=1)[None])
f64 = short[:, 0].astype("<f8")
wav("float64", f64.tobytes(), 8000, 1, 64, code=3, extensible=True)
case("floats of 64 bits, extensible", "float64", f64[None])

# Lengths.
half = i16[:, 0] / 32768
case("end cut off", "int16", half[None, :100], length=100)
case("start cut off", "int16", half[None, -100:], length=100, cut="start")
case("zeros at the end", "int16", np.pad(half, (0, 40))[None], length=200)
case("zeros at the start", "int16", np.pad(half, (40, 0))[None], length=200, pad="start")

# Rates.
for rate, to in (44100, 16000), (8000, 16000), (22050, 16000), (48000, 8000), (11025, 44100), (16000, 15999):
    sound = np.round(chirp(0.05, rate)[:, 0] * 32767).astype("<i2")
    wav(f"rate-{rate}", sound.tobytes(), rate, 1, 16)
    case(f"{rate} to {to} per second", f"rate-{rate}", resample_poly(sound / 32768, to, rate)[None], sampleRate=to)

# Frames, spectrograms and what is made of them.
rate = 16000
sound = np.round(chirp(0.12, rate)[:, 0] * 32767).astype("<i2")
wav("speech", sound.tobytes(), rate, 1, 16)
wave = (sound / 32768).astype(np.float32)
case("frames", "speech", tf.signal.frame(wave, 500, 700)[None], features="frames", frameLength=500, frameStep=700)
case("frames, padded", "speech", tf.signal.frame(wave, 500, 700, pad_end=True)[None], features="frames",
     frameLength=500, frameStep=700, padEnd=True)
for name, properties, arguments in [
        ("default", {"frameLength": 400, "frameStep": 160}, {}),
        ("odd frame", {"frameLength": 255, "frameStep": 500}, {}),
        ("fft of 400", {"frameLength": 400, "frameStep": 400, "fftLength": 400}, {"fft_length": 400}),
        ("fft of 441", {"frameLength": 380, "frameStep": 800, "fftLength": 441}, {"fft_length": 441}),
        ("hamming", {"frameLength": 256, "frameStep": 500, "window": "hamming"},
         {"window_fn": tf.signal.hamming_window}),
        ("no window, padded", {"frameLength": 256, "frameStep": 700, "window": "none", "padEnd": True},
         {"window_fn": None, "pad_end": True})]:
    stft = tf.signal.stft(wave, properties["frameLength"], properties["frameStep"], **arguments)
    case(f"magnitude, {name}", "speech", tf.abs(stft)[None], features="spectrogram", **properties)
stft = tf.signal.stft(wave, 400, 160)
power = tf.abs(stft) ** 2
case("power", "speech", power[None], features="spectrogram", frameLength=400, frameStep=160, power=2)
for bands, low, high, spectrum, exponent in (20, 125.0, 3800.0, tf.abs(stft), 1), (64, 0.0, 8000.0, power, 2), (
        80, 80.0, 7600.0, tf.abs(stft), 1):
    matrix = tf.signal.linear_to_mel_weight_matrix(bands, 257, rate, low, high)
    mel = tf.tensordot(spectrum, matrix, 1)
    properties = {"sampleRate": rate, "frameLength": 400, "frameStep": 160, "bands": bands, "lowerHertz": low,
                  "upperHertz": high, "power": exponent}
    case(f"mel of {bands}", "speech", mel[None], features="mel", **properties)
    log = tf.math.log(mel + 1e-6)
    case(f"log-mel of {bands}", "speech", log[None], features="log_mel", **properties)
    mfcc = tf.signal.mfccs_from_log_mel_spectrograms(log)[..., :13]
    case(f"mfcc of {bands}", "speech", mfcc[None], features="mfcc", coefficients=13, **properties)

(OUT / "expected.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
