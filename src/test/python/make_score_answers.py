"""What NumPy, SciPy and scikit-learn make of a model's outputs, for ScoreAnswersTest.

    python make_score_answers.py     writes ../resources/scores/expected.json

A list of {"name", "type", "properties", "file", "outputs": {name: {"dtype", "shape", "values"}}, "answer"}: the answer of
the postprocessor of that type. "file" is the content of the property {file}. NumPy 2.4, SciPy 1.17, scikit-learn 1.9.
"""
import json, os
import numpy as np
from scipy.special import expit, softmax
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "scores")
rng, cases = np.random.default_rng(12), []


def number(x):
    return x.item() if isinstance(x, np.generic) else x


def case(name, type, answers, properties={}, file=None, **outputs):
    cases.append({
        "name": name, "type": type, "properties": properties, "file": file,
        "outputs": {k: {"dtype": v.dtype.name, "shape": v.shape, "values": v.ravel().tolist()} for k, v in outputs.items()},
        "answer": answers[0] if len(answers) == 1 else answers,
    })


def stable(scores):
    return np.argsort(-scores, kind="stable")


# Logits of 2 to 300 classes: softmax in the dtype of the logits, arg-max and top-k of what it gives.
for dtype in "float32", "float64":
    for rows, classes in (1, 2), (2, 3), (3, 10), (1, 129), (1, 300):
        logits = (rng.standard_normal((rows, classes)) * 4).astype(dtype)
        for activation, function in ("softmax", lambda x: softmax(x, axis=-1)), ("sigmoid", expit), ("none", lambda x: x):
            p = function(logits)
            what = f"{activation} of {dtype} [{rows}, {classes}]"
            case(f"arg-max, {what}", "ArgMaxPostprocessor",
                 [{"class": int(r.argmax()), "confidence": number(r.max())} for r in p],
                 {"activation": activation, "field": "class", "confidenceField": "confidence"}, y=logits)
            case(f"top-k, {what}", "TopKPostprocessor",
                 [[{"id": int(i), "p": number(r[i])} for i in stable(r)[:4]] for r in p],
                 {"activation": activation, "k": 4, "field": "", "classField": "id", "scoreField": "p"}, y=logits)

# Saturated and equal logits: ties as numpy has them, lower class first.
ties = np.array([[90, 100, 120, -200, 100], [1, 1, 1, 1, 1], [-1e4, 1e4, 0, 1e4, 0]], "float32")
for activation, function in ("softmax", lambda x: softmax(x, axis=-1)), ("sigmoid", expit):
    p = function(ties)
    case(f"ties, {activation}", "TopKPostprocessor",
         [{"predictions": [{"class_id": int(i), "score": number(r[i])} for i in stable(r)]} for r in p],
         {"activation": activation}, y=ties)
    case(f"first of ties, {activation}", "ArgMaxPostprocessor", [{"predicted_class": int(r.argmax())} for r in p],
         {"activation": activation}, y=ties)
integers = np.array([[3, -2, 5]], "int32")
case("softmax of integers", "ArgMaxPostprocessor",
     [{"predicted_class": 2, "confidence": number(softmax(integers, axis=-1)[0, 2])}],
     {"activation": "softmax", "confidenceField": "confidence"}, y=integers)

# The confidence of the class that a threshold chooses.
p = np.array([[0.9], [0.2], [0.5]], "float32")
case("confidence of both sides", "ArgMaxPostprocessor",
     [{"label": "spam" if r[0] >= 0.5 else "ham", "confidence": number(r[0] if r[0] >= 0.5 else np.float32(1) - r[0])} for r in p],
     {"threshold": 0.5, "field": "", "labels": "ham, spam", "confidenceField": "confidence"}, y=p)
p = softmax(np.array([[1, 2, 3], [3, 1, 2]], "float32"), axis=-1)
case("at least minScore", "TopKPostprocessor",
     [[{"label": "abc"[i], "score": number(r[i])} for i in stable(r) if r[i] >= 0.2] for r in p],
     {"minScore": 0.2, "labels": "a, b, c", "field": "", "classField": ""}, y=p)

# A sigmoid's column against a threshold, as float32: 0.7f is less than 0.7.
for shape in (4, 1), (4,):
    p = np.array([0.7, 0.69999999, 0.3, 0.9], "float32").reshape(shape)
    for strict in False, True:
        q = p.ravel()
        hits = q > 0.7 if strict else q >= 0.7
        case(f"binary {list(shape)}, strict {strict}", "BinaryPostprocessor",
             [{"spam": bool(h), "label": ["ham", "spam"][int(h)], "score": number(s)} for h, s in zip(hits, q)],
             {"threshold": 0.7, "strict": strict, "field": "spam", "labels": "ham, spam"}, y=p)
for dtype in "float32", "float64":
    logits = (rng.standard_normal((6, 1)) * 5).astype(dtype)
    p = expit(logits)[:, 0]
    case(f"binary of {dtype} logits", "BinaryPostprocessor", [{"prediction": bool(s >= 0.5), "score": number(s)} for s in p],
         {"activation": "sigmoid"}, y=logits)
scalar = np.array(0.75, "float64")
case("binary of a scalar", "BinaryPostprocessor", [True], {"field": "", "scoreField": ""}, y=scalar)

# Several labels per row.
names = np.array(["fire", "flood", "storm", "quake"])
p = np.array([[0.2, 0.9, 0.5, 0.7], [0.1, 0.1, 0.1, 0.1], [0.5, 0.5, 0.95, 0.5]], "float32")
for strict in False, True:
    for order in "class", "score":
        for text, thresholds in ("0.5", np.full(4, 0.5, "float32")), ("0.2, 0.95, 0.5, 0.1", np.array([0.2, 0.95, 0.5, 0.1], "float32")):
            answers = []
            for r in p:
                hits = np.flatnonzero(r > thresholds if strict else r >= thresholds)
                if order == "score":
                    hits = hits[stable(r[hits])]
                answers.append({"labels": [{"label": str(names[i]), "score": number(r[i])} for i in hits]})
            case(f"labels by {order}, {text}, strict {strict}", "MultiLabelPostprocessor", answers,
                 {"threshold": text, "strict": strict, "order": order, "labels": ",".join(names)}, y=p)
logits = (rng.standard_normal((2, 5)) * 3).astype("float32")
case("labels of logits", "MultiLabelPostprocessor",
     [{"tags": [{"class_id": int(i), "score": number(r[i])} for i in np.flatnonzero(r >= 0.3)]} for r in expit(logits)],
     {"activation": "sigmoid", "threshold": "0.3", "field": "tags"}, y=logits)
case("labels alone", "MultiLabelPostprocessor", [[str(names[i]) for i in np.flatnonzero(r >= 0.5)] for r in p],
     {"labels": ",".join(names), "field": "", "labelField": "", "scoreField": ""}, y=p)
case("one label", "MultiLabelPostprocessor", [{"labels": [{"label": "fire", "score": 0.75}]}], {"labels": "fire"},
     y=np.array([[0.75]]))


# Inverse scaling, as the snippet in docs/processors.md writes the file.
def attributes(scaler):
    return json.loads(json.dumps(vars(scaler), default=lambda array: array.tolist()))


data = rng.gamma(2, 30, (50, 3)) + [0, 1000, -5]
scalers = [StandardScaler(), StandardScaler(with_mean=False), StandardScaler(with_std=False), MinMaxScaler(),
           MinMaxScaler(feature_range=(-1, 1)), RobustScaler(), RobustScaler(with_centering=False),
           RobustScaler(with_scaling=False), MaxAbsScaler()]
for scaler in scalers:
    for dtype in "float32", "float64":
        x = rng.standard_normal((2, 3)).astype(dtype)
        scaler.fit(data)
        case(f"{scaler} of {dtype}", "RegressionPostprocessor",
             [{"prediction": r.tolist()} for r in scaler.inverse_transform(x)], {"scalerFile": "{file}"}, attributes(scaler), y=x)
        one = x[:, :1]
        case(f"column 1 of {scaler} of {dtype}", "RegressionPostprocessor",
             [{"y": number(v)} for v in scaler.inverse_transform(np.repeat(one, 3, 1))[:, 1]],
             {"scalerFile": "{file}", "column": "1", "field": "y"}, attributes(scaler), y=one)
target = MinMaxScaler().fit(data[:, :1])
x = rng.random((1, 12, 1)).astype("float32")
case("forecast of several steps", "RegressionPostprocessor",
     [{"load": target.inverse_transform(x[0])[:, 0].tolist()}], {"scalerFile": "{file}", "field": "load"}, attributes(target), y=x)
few = {"data_min_": target.data_min_.tolist(), "data_max_": target.data_max_.tolist(), "feature_range": [0, 1]}
case("min-max from the data's range", "RegressionPostprocessor",
     [{"load": target.inverse_transform(x[0])[:, 0].tolist()}], {"scalerFile": "{file}", "field": "load"}, few, y=x)
constant = MinMaxScaler().fit(np.full((3, 1), 7.0))
case("constant column", "RegressionPostprocessor", [{"prediction": number(constant.inverse_transform([[0.25]])[0, 0])}],
     {"scalerFile": "{file}"}, {"data_min_": [7.0], "data_max_": [7.0]}, y=np.array([[0.25]]))

# Clipping, then rounding as Python rounds.
values = np.array([-3.5, 0.125, 2.5, 3.5, 2.675, 1e6 + 0.015, 250.5], "float64")
for digits in 0, 1, 2:
    for dtype in "float32", "float64":
        v = values.astype(dtype)
        case(f"round {digits} of {dtype}", "RegressionPostprocessor",
             [{"prediction": round(float(a), digits) if digits else round(float(a))} for a in np.clip(v, 0, 200.5)],
             {"min": 0, "max": 200.5, "round": digits}, y=v)
case("vector", "RegressionPostprocessor", [{"prediction": [0.5, 1.5]}, {"prediction": [2.5, 3.5]}],
     y=np.array([[0.5, 1.5], [2.5, 3.5]], "float32"))
case("value alone", "RegressionPostprocessor", [4], {"field": "", "round": 0}, y=np.array([[4.2]], "float32"))

# All outputs by name.
boxes, scores = np.arange(12, dtype="float32").reshape(2, 3, 2), np.array([[0.25, 0.75], [0.5, 0.5]])
counts = np.array([3, 1], "int64")
case("all outputs", "OutputsPostprocessor",
     [{"boxes": b.tolist(), "counts": int(c), "scores": s.tolist()} for b, c, s in zip(boxes, counts, scores)],
     boxes=boxes, counts=counts, scores=scores)
case("some outputs under other names", "OutputsPostprocessor",
     [{"p": s.tolist(), "counts": int(c)} for c, s in zip(counts, scores)],
     {"fields": "p=scores, counts"}, boxes=boxes, counts=counts, scores=scores)
case("whole outputs", "OutputsPostprocessor", [{"response_1": scores.tolist(), "response_2": 7}],
     {"fields": "response_1=scores, response_2=n", "rows": False}, scores=scores, n=np.array(7, "int32"))

os.makedirs(OUT, exist_ok=True)
with open(f"{OUT}/expected.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
