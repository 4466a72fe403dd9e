"""Records what TensorFlow's CTC decoders answer, in src/test/resources/scores/ctc.json.

    pip install tensorflow-cpu && python src/test/python/make_ctc_answers.py
"""

import json
import pathlib

import numpy as np
import tensorflow as tf

OUT = pathlib.Path(__file__).parents[1] / "resources" / "scores" / "ctc.json"


def decoded(sparse, rows):
    texts = [[] for _ in range(rows)]
    for (row, _), value in zip(sparse.indices.numpy(), sparse.values.numpy()):
        texts[row].append(int(value))
    return texts


def main():
    random = np.random.default_rng(17)
    cases = []
    for number, (rows, steps, classes, sharpness) in enumerate(
            [(1, 1, 2, 1), (1, 6, 3, 1), (3, 12, 6, 1), (2, 20, 38, 3), (4, 15, 5, 5), (1, 40, 10, 2)]):
        logits = (sharpness * random.normal(size=(rows, steps, classes))).astype(np.float32)
        if number == 2:
            # A row of blanks only, and one of the same class throughout.
            logits[0, :, -1] += 50
            logits[1, :, 2] += 50
        by_step = tf.constant(logits.transpose(1, 0, 2))
        lengths = [steps] * rows
        for width in (None, 1, 4, 25, 100):
            for first in (False, True):
                if width is None:
                    sparse, _ = tf.nn.ctc_greedy_decoder(
                        by_step, lengths, blank_index=0 if first else None)
                    probability = None
                    texts = decoded(sparse[0], rows)
                elif first:
                    # The decoder takes the last class as blank: the first is moved there.
                    sparse, log = tf.nn.ctc_beam_search_decoder(
                        tf.roll(by_step, -1, axis=2), lengths, beam_width=width, top_paths=1)
                    texts = [[c + 1 for c in text] for text in decoded(sparse[0], rows)]
                    probability = np.exp(log.numpy()[:, 0].astype(np.float64)).tolist()
                else:
                    sparse, log = tf.nn.ctc_beam_search_decoder(
                        by_step, lengths, beam_width=width, top_paths=1)
                    texts = decoded(sparse[0], rows)
                    probability = np.exp(log.numpy()[:, 0].astype(np.float64)).tolist()
                cases.append({"shape": [rows, steps, classes], "beamWidth": width,
                              "blank": "FIRST" if first else "LAST", "texts": texts,
                              "probabilities": probability,
                              "logits": np.round(logits, 6).ravel().tolist() if not cases or
                              cases[-1]["shape"] != [rows, steps, classes] else None})
    OUT.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
