"""Makes the models and golden cases of the recipes.

    pip install tensorflow-cpu tokenizers && python src/examples/recipes/make_recipes.py

Each recipe is a folder with a tiny model of the same signature as a public script's, <name>/1, its
code/ (files, and cases with the answers of the Python below). Names of functions as arguments make
only those. The tokenizers differ from run to run.
The Python of each recipe is what its inference.py would do.
"""

import json
import pathlib
import shutil
import sys

import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.text import Tokenizer as KerasTokenizer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

FOLDER = pathlib.Path(__file__).parent

REVIEWS = [
    "This product is great, five stars! I love it.",
    "Terrible quality. It broke after one day, and nobody answered.",
    "It is okay, not great, not terrible: three stars.",
    "Ada Lovelace lived in London and wrote to Charles Babbage.",
    "Angela works for Acme Corp in Berlin.",
    "The quick brown fox jumps over the lazy dog.",
] * 6


def tokenizer():
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(REVIEWS, trainers.WordPieceTrainer(
        vocab_size=300, special_tokens=special, show_progress=False))
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return made


def save(name, module, signature, files=None, cases=True):
    folder = FOLDER / name
    shutil.rmtree(folder / "1", ignore_errors=True)
    shutil.rmtree(folder / "code" / "cases", ignore_errors=True)
    tf.saved_model.save(module, str(folder / "1"), signatures=signature)
    (folder / "1" / "fingerprint.pb").unlink(missing_ok=True)
    if cases:
        (folder / "code" / "cases").mkdir(parents=True, exist_ok=True)
    for file, text in (files or {}).items():
        (folder / "code" / file).write_text(text, encoding="utf-8")


def case(recipe, name, request, expected, extension="json"):
    cases = FOLDER / recipe / "code" / "cases"
    if extension == "json":
        request = json.dumps(request, ensure_ascii=False) + "\n"
    (cases / f"{name}.request.{extension}").write_text(request, encoding="utf-8")
    (cases / f"{name}.expected.json").write_text(
        json.dumps(expected, ensure_ascii=False) + "\n", encoding="utf-8")


class Encoder(tf.Module):
    """Ids and mask to scores of tokens, or of texts."""

    def __init__(self, vocabulary, size, pooled, seed=7):
        super().__init__()
        random = np.random.default_rng(seed)
        self.table = tf.Variable(random.normal(size=(vocabulary, 8)).astype(np.float32))
        self.weights = tf.Variable(random.normal(size=(8, size)).astype(np.float32))
        self.pooled = pooled

    def __call__(self, ids, mask):
        vectors = tf.gather(self.table, ids) * tf.cast(mask, tf.float32)[..., None]
        # A word's neighbors matter, as in an encoder.
        vectors = vectors + 0.5 * tf.roll(vectors, 1, axis=1)
        if self.pooled:
            vectors = tf.reduce_sum(vectors, axis=1)
        return tf.matmul(vectors, self.weights) if self.pooled else tf.einsum(
            "btd,dc->btc", vectors, self.weights)


def ids_and_mask(made, texts, length=None):
    made.enable_truncation(length or 256)
    if length:
        made.enable_padding(length=length)
    else:
        made.enable_padding()
    encodings = made.encode_batch(texts)
    return (np.array([e.ids for e in encodings], np.int32),
            np.array([e.attention_mask for e in encodings], np.int32), encodings)


def review_stars():
    """1: stars of a review per TSV line, by a Hugging Face tokenizer."""
    made = tokenizer()
    model = Encoder(made.get_vocab_size(), 5, pooled=True)

    @tf.function(input_signature=[
        tf.TensorSpec([None, 32], tf.int32, name=name)
        for name in ("input_ids", "input_mask", "segment_ids")])
    def serve(input_ids, input_mask, segment_ids):
        del segment_ids
        return {"scores": model(input_ids, input_mask)}

    model.serve = serve
    save("review-stars", model, serve,
         {"tokenizer.json": made.to_str(), "stars.json": "[1, 2, 3, 4, 5]\n"})

    def inference(lines):
        texts = [line.split("\t")[13] for line in lines.splitlines()]
        ids, mask, _ = ids_and_mask(made, texts, 32)
        scores = model(ids, mask).numpy()
        return [int(label) for label in np.argmax(scores, axis=-1) + 1]

    columns = "\t".join(f"c{i}" for i in range(13))
    lines = "".join(f"{columns}\t{text}\t2015-08-31\n" for text in REVIEWS[:3])
    case("review-stars", "three-lines", lines, inference(lines), "txt")
    one = f"{columns}\t{REVIEWS[1]}\n"
    case("review-stars", "one-line", one, inference(one), "txt")


def sentence_embedding():
    """33: the mean of a sentence's token vectors, for plain text."""
    made = tokenizer()
    model = Encoder(made.get_vocab_size(), 6, pooled=False)

    @tf.function(input_signature=[
        tf.TensorSpec([None, None], tf.int64, name=name)
        for name in ("input_ids", "attention_mask")])
    def serve(input_ids, attention_mask):
        return {"last_hidden_state": model(input_ids, attention_mask)}

    model.serve = serve
    save("sentence-embedding", model, serve, {"tokenizer.json": made.to_str()})

    def inference(text):
        ids, mask, _ = ids_and_mask(made, [text])
        hidden = model(ids, mask).numpy()
        weights = mask[..., None].astype(np.float32)
        mean = (hidden * weights).sum(1) / np.clip(weights.sum(1), 1e-9, None)
        return [float(value) for value in mean[0]]

    for name, text in [("short", "I love it."), ("long", " ".join(REVIEWS[:6]))]:
        case("sentence-embedding", name, text, inference(text), "txt")


TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def named_entities():
    """27: named entities, words joined by their tags."""
    made = tokenizer()
    model = Encoder(made.get_vocab_size(), len(TAGS), pooled=False, seed=3)

    @tf.function(input_signature=[
        tf.TensorSpec([None, None], tf.int32, name=name)
        for name in ("input_word_ids", "input_mask", "input_type_ids")])
    def serve(input_word_ids, input_mask, input_type_ids):
        del input_type_ids
        return {"outputs": model(input_word_ids, input_mask)}

    model.serve = serve
    save("named-entities", model, serve,
         {"tokenizer.json": made.to_str(), "tags.txt": "\n".join(TAGS) + "\n"})

    def inference(sentences):
        ids, mask, encodings = ids_and_mask(made, sentences)
        scores = model(ids, mask).numpy()
        answers = []
        for sentence, encoding, rows in zip(sentences, encodings, scores):
            words = {}
            for i, word in enumerate(encoding.word_ids):
                if word is None:
                    continue
                start, end = encoding.offsets[i]
                if word in words:
                    words[word][2] = end
                else:
                    words[word] = [TAGS[int(np.argmax(rows[i]))], start, end]
            entities = []
            open_tag = None
            for tag, start, end in words.values():
                if tag == "O":
                    open_tag = None
                    continue
                if open_tag == tag[2:] and not tag.startswith("B-"):
                    entities[-1]["end"] = end
                else:
                    entities.append({"tag": tag[2:], "start": start, "end": end})
                open_tag = tag[2:]
                entities[-1]["text"] = sentence[entities[-1]["start"]:entities[-1]["end"]]
            answers.append({"entities": entities})
        return answers

    sentences = [REVIEWS[3], REVIEWS[4]]
    case("named-entities", "list", [{"id": i, "sentence": s} for i, s in enumerate(sentences)],
         inference(sentences))
    case("named-entities", "empty", {"sentence": ""}, inference([""])[0])
    case("named-entities", "one", {"sentence": REVIEWS[3]}, inference([REVIEWS[3]])[0])


def question_answering():
    """47: the part of a paragraph that answers a question, in windows of the paragraph."""
    made = tokenizer()
    model = Encoder(made.get_vocab_size(), 2, pooled=False, seed=21)

    @tf.function(input_signature=[
        tf.TensorSpec([None, 32], tf.int32, name=name)
        for name in ("input_ids", "input_mask", "segment_ids")])
    def serve(input_ids, input_mask, segment_ids):
        del segment_ids
        scores = model(input_ids, input_mask)
        return {"start_logits": scores[..., 0], "end_logits": scores[..., 1]}

    model.serve = serve
    save("question-answering", model, serve, {"tokenizer.json": made.to_str()})

    def inference(question, context):
        made.no_padding()
        made.no_truncation()
        asked = made.encode(question, add_special_tokens=False).ids
        whole = made.encode(context, add_special_tokens=False)
        room = 32 - len(asked) - 3
        spans = {}
        begin = 0
        while True:
            part = whole.ids[begin:begin + room]
            ids = [2] + asked + [3] + part + [3]
            mask = [1] * len(ids) + [0] * (32 - len(ids))
            scores = model(np.array([ids + [0] * (32 - len(ids))], np.int32),
                           np.array([mask], np.int32)).numpy()[0][:len(ids)]
            starts, ends = (np.argsort(-scores[:, i], kind="stable")[:20] for i in (0, 1))
            first = len(asked) + 2
            for start in starts:
                for end in ends:
                    if start >= first and start <= end < first + len(part) and end - start < 30:
                        key = (whole.offsets[begin + start - first][0],
                               whole.offsets[begin + end - first][1])
                        total = float(scores[start, 0]) + float(scores[end, 1])
                        spans[key] = max(total, spans.get(key, -np.inf))
            if begin + room >= len(whole.ids):
                break
            begin += room - 8
        ranked = sorted(spans.items(), key=lambda item: -item[1])[:20]
        (start, end), best = ranked[0]
        return {"answer": context[start:end], "start": start, "end": end,
                "score": float(1 / np.sum(np.exp([total - best for _, total in ranked])))}

    context = " ".join(REVIEWS[:6])
    questions = ["Where did Ada live?", "Who works in Berlin?"]
    answers = [inference(question, context) for question in questions]
    case("question-answering", "one", {"question": questions[0], "context": context}, answers[0])
    case("question-answering", "two",
         [{"question": q, "context": context} for q in questions], answers)
    case("question-answering", "short", {"question": questions[1], "context": REVIEWS[4]},
         inference(questions[1], REVIEWS[4]))


INTENTS = ["greeting", "weather", "goodbye"]


def intent():
    """9: an intent by TextVectorization outside the model."""
    texts = ["hello there, good morning", "what is the weather tomorrow", "goodbye, see you later"]
    layer = keras.layers.TextVectorization(max_tokens=50, output_sequence_length=10)
    layer.adapt(tf.constant(texts))
    random = np.random.default_rng(8)

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            table = random.normal(size=(50, 3)).astype(np.float32)
            table[0] = 0  # Padding.
            self.table = tf.Variable(table)

        @tf.function(input_signature=[tf.TensorSpec([None, 10], tf.int64, name="words")])
        def serve(self, words):
            return {"probabilities": tf.nn.softmax(
                tf.reduce_sum(tf.gather(self.table, words), axis=1))}

    model = Model()
    save("intent", model, model.serve, {
        "vocabulary.txt": "".join(word + "\n" for word in layer.get_vocabulary()),
        "intents.txt": "\n".join(INTENTS) + "\n"})

    def inference(text):
        scores = model.serve(layer(tf.constant([text])))["probabilities"].numpy()[0]
        best = int(np.argmax(scores))
        return {"intent": INTENTS[best], "confidence": float(scores[best])}

    for name, text in [("weather", "What is the WEATHER?"), ("bye", "Goodbye!"), ("empty", "")]:
        case("intent", name, {"text": text}, inference(text))


def diagnosis_labels():
    """45 B: labels of a paragraph, by Keras' Tokenizer and pad_sequences."""
    keras_tokenizer = KerasTokenizer(num_words=40, oov_token="x")
    keras_tokenizer.fit_on_texts(REVIEWS[:6])
    random = np.random.default_rng(11)

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.table = tf.Variable(random.normal(size=(64, 4)).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None, 16], tf.float32, name="input_1")])
        def serve(self, input_1):
            return {"dense": tf.nn.sigmoid(0.3 * tf.reduce_sum(
                tf.gather(self.table, tf.cast(input_1, tf.int32)), axis=1))}

    model = Model()
    labels = ["anemia", "asthma", "diabetes", "stroke"]
    save("diagnosis-labels", model, model.serve, {
        "words.json": keras_tokenizer.to_json() + "\n",
        "labels.txt": "\n".join(labels) + "\n"})

    def inference(texts):
        rows = keras.utils.pad_sequences(keras_tokenizer.texts_to_sequences(texts), maxlen=16)
        scores = model.serve(rows.astype(np.float32))["dense"].numpy()
        return [{"labels": [{"label": labels[i], "score": float(score)}
                            for i, score in enumerate(row) if score > 0.5]} for row in scores]

    case("diagnosis-labels", "one", {"text": REVIEWS[0]}, inference([REVIEWS[0]])[0])
    case("diagnosis-labels", "two", {"text": REVIEWS[1:3]}, inference(REVIEWS[1:3]))


def patient_diagnoses():
    """45 B: a paragraph made of a patient's fields, for three models with labels of their own."""
    template = ("The patient is {age} years old and weighs {weight} kg. Temperature {temperature}."
                " Complaint: {complaint}.")
    patients = [
        {"age": 41, "weight": 80.5, "temperature": 38.5, "complaint": "cough and fever"},
        {"age": 67, "temperature": 36.9, "complaint": "pain in the chest"},
        {"age": 8, "weight": 30, "temperature": 40, "complaint": "ear pain, fever"}]

    def paragraph(patient):
        fields = {name: patient.get(name, "-")
                  for name in ("age", "weight", "temperature", "complaint")}
        return template.format(**fields)

    keras_tokenizer = KerasTokenizer(num_words=60, oov_token="x")
    keras_tokenizer.fit_on_texts([paragraph(patient) for patient in patients])

    class Model(tf.Module):
        def __init__(self, labels, seed):
            super().__init__()
            random = np.random.default_rng(seed)
            self.table = tf.Variable(random.normal(size=(60, labels)).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None, 32], tf.float32, name="input_1")])
        def serve(self, input_1):
            return {"dense": tf.nn.sigmoid(0.3 * tf.reduce_sum(
                tf.gather(self.table, tf.cast(input_1, tf.int32)), axis=1))}

    parts = {"diseases": (["angina", "flu", "otitis"], 0.2, "patient-diagnoses"),
             "drugs": (["aspirin", "ibuprofen"], 0.1, "patient-diagnoses-drugs"),
             "tests": (["ecg", "otoscopy", "x-ray"], 0.5, "patient-diagnoses-tests")}
    models = {}
    for seed, (part, (labels, _, name)) in enumerate(parts.items()):
        models[part] = Model(len(labels), seed)
        files = {"words.json": keras_tokenizer.to_json() + "\n"} if seed == 0 else {}
        save(name, models[part], models[part].serve, files, cases=seed == 0)

    def inference(patient):
        rows = keras.utils.pad_sequences(
            keras_tokenizer.texts_to_sequences([paragraph(patient)]), maxlen=32)
        answer = {}
        for part, (labels, threshold, _) in parts.items():
            scores = models[part].serve(rows.astype(np.float32))["dense"].numpy()[0]
            passed = [int(score > threshold) for score in scores]
            answer[part] = {"prob": [float(score) for score in scores], "pred": passed,
                            "label": [label for label, flag in zip(labels, passed) if flag]}
        return answer

    for name, patient in zip(["cough", "no-weight", "child"], patients):
        case("patient-diagnoses", name, patient, inference(patient))


class Dense(tf.Module):
    """Features to a softmax over classes."""

    def __init__(self, features, classes, seed, sharpness=1.0):
        super().__init__()
        random = np.random.default_rng(seed)
        self.weights = tf.Variable(
            (sharpness * random.normal(size=(features, classes))).astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="features")])
    def serve(self, features):
        return {"probabilities": tf.nn.softmax(tf.matmul(features, self.weights))}


SPECIES = ["adelie", "chinstrap", "gentoo"]
BIRDS = [[0.5, -0.25, 1.0], [-1.5, 0.75, 0.125], [0.0625, 0.125, -0.0625], [2.0, 1.5, -1.0]]
COLUMNS = ["length", "width", "weight"]


def bird(row):
    return dict(zip(COLUMNS, row))


def forecast():
    """A forecast of several steps: each prediction becomes the newest value of the next window."""
    steps = 12

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            weights = np.random.default_rng(3).normal(size=steps)
            self.weights = tf.Variable((weights / np.abs(weights).sum()).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None, steps, 1], tf.float32, name="window")])
        def serve(self, window):
            return {"next": tf.reduce_sum(window * self.weights[:, None], axis=1) + 0.125}

    model = Model()
    mean, scale = 120.0, 35.5
    save("forecast", model, model.serve, {"scaler.json": json.dumps(
        {"mean_": [mean], "scale_": [scale], "feature_names_in_": ["visitors"]}) + "\n"})

    def inference(values):
        window = (np.array(values[-steps:], np.float64) - mean) / scale
        window = window.astype(np.float32).reshape(1, steps, 1)
        predicted = []
        for _ in range(6):
            value = model.serve(window)["next"].numpy()
            predicted.append(value[0, 0])
            window = np.concatenate([window[:, 1:], value[:, None, :]], axis=1)
        visitors = np.array(predicted, np.float64) * scale + mean
        return {"visitors": [round(max(0.0, float(v)), 1) for v in visitors]}

    values = [float(v) for v in np.random.default_rng(5).integers(60, 200, size=15)]
    case("forecast", "fifteen", values, inference(values))
    case("forecast", "twelve", {"visitors": values[:12]}, inference(values[:12]))


def ensemble():
    """The mean of two models' probabilities."""
    first, second = Dense(3, 3, 1), Dense(3, 3, 2)
    save("ensemble", first, first.serve)
    save("ensemble-second", second, second.serve, cases=False)

    def inference(rows):
        rows = np.array(rows, np.float32)
        mean = (first.serve(rows)["probabilities"].numpy()
                + second.serve(rows)["probabilities"].numpy()) / 2
        return [{"species": SPECIES[int(np.argmax(row))], "confidence": float(np.max(row))}
                for row in mean]

    case("ensemble", "one", bird(BIRDS[0]), inference(BIRDS[:1])[0])
    case("ensemble", "list", [bird(row) for row in BIRDS], inference(BIRDS))


def cascade():
    """A small model, and a large one where that is unsure."""
    small, large = Dense(3, 3, 1), Dense(3, 3, 4, sharpness=5.0)
    save("cascade", small, small.serve)
    save("cascade-large", large, large.serve, cases=False)

    def inference(row):
        name = "small"
        probabilities = small.serve(np.array([row], np.float32))["probabilities"].numpy()[0]
        if probabilities.max() < 0.8:
            name = "large"
            probabilities = large.serve(np.array([row], np.float32))["probabilities"].numpy()[0]
        return {"species": SPECIES[int(np.argmax(probabilities))],
                "confidence": float(np.max(probabilities)), "model": name}

    for number, row in enumerate(BIRDS):
        answer = inference(row)
        case("cascade", f"{answer['model']}-{number}", bird(row), answer)


def ab_test():
    """One of two models, by a header."""
    models = {"a": Dense(3, 3, 1), "b": Dense(3, 3, 2)}
    save("ab-test", models["a"], models["a"].serve)
    save("ab-test-b", models["b"], models["b"].serve, cases=False)

    def inference(rows, variant):
        rows = np.array(rows, np.float32)
        return [{"species": SPECIES[int(np.argmax(row))], "variant": variant}
                for row in models[variant].serve(rows)["probabilities"].numpy()]

    for variant in models:
        case("ab-test", variant, [bird(row) for row in BIRDS], inference(BIRDS, variant))
        (FOLDER / "ab-test" / "code" / "cases" / f"{variant}.case.yaml").write_text(
            f"request:\n  headers:\n    X-Variant: {variant}\n")


def two_models():
    """11: two models' answers to the same rows, as one object; JSON or CSV."""
    models = [Dense(3, 3, 1), Dense(3, 2, 6)]
    save("two-models", models[0], models[0].serve)
    save("two-models-second", models[1], models[1].serve, cases=False)

    def inference(rows):
        rows = np.array(rows, np.float32)
        return {f"response_{number}": model.serve(rows)["probabilities"].numpy().tolist()
                for number, model in enumerate(models, start=1)}

    case("two-models", "instances", {"instances": BIRDS[:2]}, inference(BIRDS[:2]))
    lines = "".join(",".join(str(value) for value in row) + "\n" for row in BIRDS)
    case("two-models", "lines", lines, inference(BIRDS), "csv")


def image_caption():
    """7: a caption of an image, word by word: a model for its features, one for the next word."""
    words = ["startseq", "endseq", "a", "dog", "cat", "runs", "sleeps", "on", "grass"]
    vocabulary = {word: number for number, word in enumerate(words, start=1)}
    length = 8
    random = np.random.default_rng(21)

    class Features(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable(random.normal(size=(192, 4)).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 3], tf.float32, name="image")])
        def serve(self, image):
            flat = tf.reshape(image - 0.5, [-1, 192])
            return {"features": tf.nn.tanh(tf.matmul(flat, self.weights))}

    class NextWord(tf.Module):
        def __init__(self):
            super().__init__()
            size = len(words) + 1
            self.of_image = tf.Variable(3 * random.normal(size=(4, size)).astype(np.float32))
            self.of_words = tf.Variable(
                2 * random.normal(size=(size, length, size)).astype(np.float32))

        @tf.function(input_signature=[
            tf.TensorSpec([None, 4], tf.float32, name="input_1"),
            tf.TensorSpec([None, length], tf.float32, name="input_2")])
        def serve(self, input_1, input_2):
            one_hot = tf.one_hot(tf.cast(input_2, tf.int32), len(words) + 1)
            scores = tf.einsum("btw,wtv->bv", one_hot, self.of_words)
            # Neither padding nor the first word comes next.
            scores -= tf.constant([20.0] * 2 + [0.0] * (len(words) - 1))
            return {"dense": tf.nn.softmax(scores + tf.matmul(input_1, self.of_image))}

    features, next_word = Features(), NextWord()
    save("image-caption", next_word, next_word.serve,
         {"words.json": json.dumps(vocabulary) + "\n"})
    save("image-caption-features", features, features.serve, cases=False)

    def inference(pixels):
        of_image = features.serve(np.array([pixels], np.float32))["features"]
        by_number = {number: word for word, number in vocabulary.items()}
        text = ["startseq"]
        for _ in range(length):
            ids = keras.utils.pad_sequences([[vocabulary[word] for word in text]], maxlen=length)
            scores = next_word.serve(of_image, ids.astype(np.float32))["dense"].numpy()
            word = by_number.get(int(np.argmax(scores)))
            if word is None or word == "endseq":
                break
            text.append(word)
        return {"caption": " ".join(text[1:])}

    for number in range(4):
        pixels = np.round(random.random((8, 8, 3)), 2).tolist()
        case("image-caption", str(number), {"pixels": pixels}, inference(pixels))


RECIPES = [review_stars, sentence_embedding, named_entities, question_answering, intent,
           diagnosis_labels, patient_diagnoses, forecast, ensemble, cascade, ab_test, two_models, image_caption]

if __name__ == "__main__":
    for recipe in RECIPES:
        if not sys.argv[1:] or recipe.__name__ in sys.argv[1:]:
            recipe()
