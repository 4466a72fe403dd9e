"""Makes the models and golden cases of the recipes of tables and series, as make_recipes.py does.

    pip install tensorflow-cpu tokenizers pandas scikit-learn && python src/examples/recipes/make_table_recipes.py
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from make_recipes import FOLDER, case, save

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "python"))
from features_file import scaler_attributes  # noqa: E402

READING = ["current", "temperature", "vibration"]


class Autoencoder(tf.Module):
    """Rows [.., size] to rows of the same size, by way of fewer numbers."""

    def __init__(self, size, hidden, seed):
        super().__init__()
        random = np.random.default_rng(seed)
        down = np.linalg.qr(random.normal(size=(size, hidden)))[0].astype(np.float32)
        self.down = tf.Variable(down)

    def __call__(self, rows):
        return tf.matmul(tf.matmul(rows, self.down), self.down, transpose_b=True)


def machine_anomaly():
    """21: the error of an autoencoder's reconstruction of the last 20 readings."""
    random = np.random.default_rng(21)
    normal = random.normal([10, 60, 0.2], [1, 5, 0.05], (400, 3))
    scaler = StandardScaler().fit(normal)
    model = Autoencoder(60, 40, seed=4)

    @tf.function(input_signature=[tf.TensorSpec([None, 20, 3], tf.float32, name="readings")])
    def serve(readings):
        return {"reconstruction": tf.reshape(model(tf.reshape(readings, [-1, 60])), [-1, 20, 3])}

    model.serve = serve
    save("machine-anomaly", model, serve,
         {"scaler.json": json.dumps(scaler_attributes(scaler)) + "\n"})
    np.save(FOLDER / "machine-anomaly" / "code" / "threshold.npy", np.float64(0.5))
    threshold = float(np.load(FOLDER / "machine-anomaly" / "code" / "threshold.npy"))

    def inference(readings):
        if len(readings) < 20:
            raise ValueError("at least 20 readings")
        rows = np.array([[reading[name] for name in READING] for reading in readings[-20:]])
        scaled = scaler.transform(rows).reshape(1, 20, 3).astype(np.float32)
        reconstruction = serve(scaled)["reconstruction"].numpy()
        mse = float(np.mean((scaled - reconstruction) ** 2))
        health = float(np.clip(100 - mse / threshold * 100, 0, 100))
        return {"is_anomaly": mse > threshold, "mse": round(mse, 6), "threshold": threshold,
                "health": round(health, 2), "status": "ready"}

    def readings(rows):
        return [dict(zip(READING, map(float, row))) for row in np.round(rows, 4)]

    for name, rows in [("normal", normal[:20]), ("longer", normal[100:125]),
                       ("vibrating", normal[:20] + [0, 0, 0.2] * random.normal(size=(20, 1)))]:
        case("machine-anomaly", name, readings(rows), inference(readings(rows)))


def movie_recommendation():
    """35: the ten best movies of those that a user has not seen."""
    random = np.random.default_rng(35)
    movies = sorted(int(movie) for movie in random.choice(5000, 60, replace=False))
    indices = {movie: index for index, movie in enumerate(movies)}
    model = Autoencoder(len(movies), 12, seed=9)

    @tf.function(input_signature=[tf.TensorSpec([None, len(movies)], tf.float32, name="watched")])
    def serve(watched):
        return {"scores": model(watched)}

    model.serve = serve
    save("movie-recommendation", model, serve, {"movies.json": json.dumps(movies) + "\n"})

    def inference(request):
        vector = np.zeros((1, len(movies)), np.float32)
        watched = [indices[movie] for movie in request["watched_movies"]]
        for index in watched:
            vector[0, index] += 1
        scores = serve(vector)["scores"].numpy()[0]
        best = [index for index in np.argsort(-scores, kind="stable") if index not in watched][:10]
        return {"evaluation": {
            "recommended_movie_ids": [movies[index] for index in best],
            "scores": [float(scores[index]) for index in best],
            "user_uuid": request["user_uuid"], "watched_movies": request["watched_movies"],
            "modelVersion": "1"}, "status": "Ok"}

    for name, watched in [("five", movies[3:40:8]), ("twice", [movies[7], movies[50], movies[7]]),
                          ("most", movies[:55]), ("none", [])]:
        request = {"user_uuid": f"u-{name}", "watched_movies": watched}
        case("movie-recommendation", name, request, inference(request))


def traffic_forecast():
    """19: the number of cars in an hour, by the last day in bins of five minutes."""
    random = np.random.default_rng(19)
    times = pd.Timestamp("2024-03-01 22:13:40") + pd.to_timedelta(
        np.cumsum(random.integers(60, 600, 420)), unit="s")
    hours = (times.hour + times.minute / 60).to_numpy()
    counts = np.maximum(np.round(60 - 50 * np.cos(hours / 12 * np.pi) + random.normal(0, 5, 420)), 0)
    count_scaler = MinMaxScaler().fit(counts[:, None])
    hour_scaler = MinMaxScaler().fit(np.arange(24.0)[:, None])

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable(
                np.outer(np.exp(np.linspace(-6, 0, 288)), [0.02, 0.002]).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None, 288, 2], tf.float32, name="window")])
        def serve(self, window):
            return {"count": tf.reduce_sum(window * self.weights, axis=[1, 2])[:, None]}

    model = Model()
    save("traffic-forecast", model, model.serve, {
        "count_scaler.json": json.dumps(scaler_attributes(count_scaler)) + "\n",
        "hour_scaler.json": json.dumps(scaler_attributes(hour_scaler)) + "\n"})

    def inference(frame):
        frame = frame.copy()
        frame["car_count"] = pd.to_numeric(frame["car_count"], errors="coerce").astype(np.float32)
        frame["timestamp"] = pd.to_datetime(
            frame["timestamp"], dayfirst=True, format="mixed", errors="coerce")
        frame = frame.dropna().set_index("timestamp").sort_index()
        frame = frame[["car_count"]].resample("5min").mean().interpolate("time")
        frame["hour"] = frame.index.hour.astype(np.float32)
        frame["car_count"] = count_scaler.transform(frame[["car_count"]].to_numpy())
        frame["hour"] = hour_scaler.transform(frame[["hour"]].to_numpy())
        if len(frame) < 288:
            raise ValueError("at least 288 rows")
        window = frame[["car_count", "hour"]].to_numpy(np.float32)[-288:]
        scaled = model.serve(window[None])["count"].numpy()
        count = max(count_scaler.inverse_transform(scaled)[0, 0], 0)
        time = frame.index[-1].floor("5min") + pd.Timedelta(minutes=60)
        return {"predicted_car_count": int(round(float(count))),
                "for_timestamp": time.strftime("%Y-%m-%d %H:%M:%S")}

    frame = pd.DataFrame({"timestamp": times.strftime("%d/%m/%Y %H:%M:%S"), "car_count": counts})
    records = frame[:370]
    case("traffic-forecast", "records", records.to_dict(orient="records"), inference(records))
    mixed = frame.sample(frac=0.9, random_state=1).astype({"car_count": object})
    mixed.iloc[5, 1] = "?"
    mixed.iloc[6, 1] = None
    mixed.iloc[7, 0] = "yesterday"
    mixed.iloc[8, 1] = "57"
    case("traffic-forecast", "columns-unsorted", mixed.to_dict(orient="list"), inference(mixed))
    case("traffic-forecast", "gap", (frame[:330].to_csv(index=False)
                                     + frame[390:].to_csv(index=False, header=False)),
         inference(pd.concat([frame[:330], frame[390:]])), "csv")


def monitored_classifier():
    """17: the rows and answers of a monitoring product, tables of fields and values."""
    random = np.random.default_rng(17)

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable(random.normal(size=(4, 3)).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="dense_input")])
        def serve(self, dense_input):
            return {"dense_1": tf.nn.softmax(tf.matmul(dense_input, self.weights))}

    model = Model()
    save("monitored-classifier", model, model.serve)

    def inference(body, content_type):
        if content_type == "text/csv":
            rows = [json.loads(line.split(";")[0]) for line in body.strip().split("\n")]
        else:
            rows = json.loads(body)["input_data"][0]["values"]
        scores = model.serve(np.array(rows, np.float32))["dense_1"].numpy()
        return {"predictions": [{"fields": ["prediction", "probability"], "values": [
            [int(np.argmax(row)), [float(score) for score in row]] for row in scores]}]}

    rows = np.round(random.normal(size=(3, 4)), 3).tolist()
    for name, some in [("three", rows), ("one", rows[:1])]:
        request = {"input_data": [{"values": some}]}
        case("monitored-classifier", name, request,
             inference(json.dumps(request), "application/json"))
    lines = "".join(f"{json.dumps(row)};id-{i};a, b\n" for i, row in enumerate(rows))
    case("monitored-classifier", "lines", lines, inference(lines, "text/csv"), "csv")


def income_examples():
    """A model that parses tf.train.Examples, which clients send as TFRecords or as JSON."""
    features = {"age": tf.io.FixedLenFeature([], tf.float32),
                "country": tf.io.FixedLenFeature([], tf.string),
                "hours": tf.io.FixedLenFeature([2], tf.int64)}

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable([[0.02], [0.01], [-0.005]])

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def serve(self, examples):
            parsed = tf.io.parse_example(examples, features)
            hours = tf.cast(parsed["hours"], tf.float32)
            rows = tf.concat([parsed["age"][:, None], hours], axis=1)
            bonus = tf.where(parsed["country"] == "NO", 0.5, 0.0)[:, None]
            return {"income": tf.matmul(rows, self.weights) + bonus}

    model = Model()
    save("income-examples", model, model.serve)

    def example(row):
        return tf.train.Example(features=tf.train.Features(feature={
            "age": tf.train.Feature(float_list=tf.train.FloatList(value=[row["age"]])),
            "country": tf.train.Feature(
                bytes_list=tf.train.BytesList(value=[row["country"].encode()])),
            "hours": tf.train.Feature(int64_list=tf.train.Int64List(value=row["hours"]))}))

    def inference(serialized):
        incomes = model.serve(tf.constant(serialized))["income"].numpy()[:, 0]
        return [{"income": float(income)} for income in incomes]

    rows = [{"age": 41.5, "country": "NO", "hours": [8, 7]},
            {"age": 23, "country": "DE", "hours": [9, 0]},
            {"age": 67, "country": "PT", "hours": [0, 3]}]
    serialized = [example(row).SerializeToString() for row in rows]
    cases = FOLDER / "income-examples" / "code" / "cases"

    def binary_case(name, extension, expected):
        (cases / f"{name}.expected.json").write_text(json.dumps(expected) + "\n")
        return str(cases / f"{name}.request.{extension}")

    with tf.io.TFRecordWriter(binary_case("records", "tfrecord", inference(serialized))) as file:
        for each in serialized:
            file.write(each)
    pathlib.Path(binary_case("example", "tfexample", inference(serialized[:1])[0])).write_bytes(
        serialized[0])
    case("income-examples", "rows", rows, inference(serialized))
    case("income-examples", "row", rows[1], inference(serialized[1:2])[0])


RECIPES = [machine_anomaly, movie_recommendation, traffic_forecast, monitored_classifier,
           income_examples]

if __name__ == "__main__":
    for recipe in RECIPES:
        if not sys.argv[1:] or recipe.__name__ in sys.argv[1:]:
            recipe()
