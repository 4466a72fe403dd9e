"""Records what scikit-learn makes of rows: scaler and features files, and the vectors they stand for.

    python make_tables.py --out src/test/resources/tables

Needs numpy, pandas and scikit-learn; made with the versions that vectors.json names.
"""
import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (FunctionTransformer, MaxAbsScaler, MinMaxScaler, OneHotEncoder, OrdinalEncoder,
                                   RobustScaler, StandardScaler)

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples/python"))
from features_file import features, scaler_attributes  # noqa: E402

COLUMNS = ["current", "temperature", "vibration"]


def scalers(random, cases, out):
    fitted = random.normal([10, 200, -3], [2, 30, 0.001], (50, 3))
    rows = np.round(random.normal([10, 200, -3], [4, 60, 0.01], (7, 3)), 4)
    for name, scaler in [("standard", StandardScaler()), ("standard-no-mean", StandardScaler(with_mean=False)),
                         ("robust", RobustScaler()), ("max-abs", MaxAbsScaler()),
                         ("min-max", MinMaxScaler(feature_range=(-1, 1))), ("min-max-clip", MinMaxScaler(clip=True))]:
        scaler.fit(fitted)
        (out / f"{name}.json").write_text(json.dumps(scaler_attributes(scaler), indent=1) + "\n")
        cases.append({"scalerFile": f"{name}.json", "columns": ", ".join(COLUMNS),
                      "rows": [dict(zip(COLUMNS, map(float, row))) for row in rows],
                      "vectors": scaler.transform(rows).astype(np.float32).tolist()})


def transformer(cases, out):
    n = 60
    random = np.random.default_rng(5)
    table = pd.DataFrame({
        "age": np.where(random.random(n) < 0.1, np.nan, np.round(random.normal(40, 12, n))),
        "income": np.round(np.exp(random.normal(10, 1, n)), 2),
        "balance": np.round(random.normal(0, 1000, n), 2),
        "job": random.choice(["admin", "clerk, senior", "técnico"], n),
        "month": random.choice([1, 3, 12], n),
        "city": random.choice(["Köln", "Lyon", "Roma"], n),
        "score": np.round(random.random(n), 3),
        "unused": 1})
    columns = ColumnTransformer([
        ("age", make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
        ("income", make_pipeline(FunctionTransformer(np.log1p), MinMaxScaler()), ["income"]),
        ("balance", RobustScaler(), ["balance"]),
        ("job", OneHotEncoder(handle_unknown="ignore"), ["job", "month"]),
        ("first", OneHotEncoder(drop="first"), ["city"]),
        ("city", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["city", "job"]),
        ("rest", "passthrough", ["score"])], sparse_threshold=0)
    columns.fit(table)
    (out / "features.json").write_text(json.dumps(features(columns), indent=1, ensure_ascii=False) + "\n")
    rows = table.head(12).copy()
    rows.loc[0, "job"] = "pilot"
    rows.loc[1, "month"] = 7
    vectors = np.asarray(columns.transform(rows)).astype(np.float32)
    records = [{k: (None if isinstance(v, float) and np.isnan(v) else v) for k, v in record.items()}
               for record in rows.to_dict(orient="records")]
    cases.append({"featuresFile": "features.json", "rows": records, "vectors": vectors.tolist()})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    cases = []
    scalers(np.random.default_rng(3), cases, out)
    transformer(cases, out)
    (out / "vectors.json").write_text(json.dumps(
        {"numpy": np.__version__, "scikit-learn": sklearn.__version__, "pandas": pd.__version__, "cases": cases},
        indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
