"""Records what pandas makes of rows with timestamps: the last rows, resampled and with features.

    python make_time_series.py --out src/test/resources/tables

Needs numpy and pandas; made with the versions that series.json names.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd


def features(frame, names):
    made = []
    for name in names:
        part, _, form = name.partition("_")
        if name in frame:
            made.append(frame[name].to_numpy())
            continue
        value = getattr(frame.index, part).to_numpy()
        period = {"minute": 60, "hour": 24, "dayofweek": 7, "day": 31, "dayofyear": 365, "month": 12}.get(part)
        made.append(value if not form else getattr(np, form)(2 * np.pi * value / period))
    return np.stack(made, axis=-1).astype(np.float64)


def last(rows, columns, names, length, interval, zone="UTC", **parsing):
    frame = pd.DataFrame(rows)
    times = pd.to_datetime(frame.pop("timestamp"), **parsing)
    if times.dt.tz is not None:
        times = times.dt.tz_convert(zone).dt.tz_localize(None)
    frame.index = pd.DatetimeIndex(times)
    frame = frame[columns].sort_index(kind="stable")
    if interval:
        frame = frame.resample(pd.Timedelta(interval)).mean().interpolate("time")
    return features(frame, names)[-length:], frame.index[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    random = np.random.default_rng(19)
    times = pd.Timestamp("2024-02-27 23:41:07") + pd.to_timedelta(np.cumsum(random.integers(20, 3000, 200)), unit="s")
    order = random.permutation(200)
    load, vibration = np.round(random.normal(100, 20, 200), 3), np.round(random.normal(0, 1, 200), 4)

    def rows(texts):
        return [{"timestamp": texts[i], "load": load[i], "vibration": vibration[i]} for i in order]

    every = ["load", "vibration", "minute", "hour", "dayofweek", "day", "dayofyear", "month", "year",
             "hour_sin", "hour_cos", "dayofweek_sin", "month_cos", "minute_sin", "day_cos", "dayofyear_sin"]
    iso = times.strftime("%Y-%m-%dT%H:%M:%S")
    plus = [f"{text}+05:30" for text in iso]
    cases = []
    for given, parsing, interval, extra in [
            ((iso, "iso"), {}, "5m", {}),
            ((iso, "iso"), {}, None, {}),
            ((times.strftime("%d/%m/%Y %H:%M"), "day-first"), {"dayfirst": True}, "1h", {}),
            ((times.strftime("%m-%d-%Y %H:%M:%S"), "month-first"), {}, "7m", {}),
            ((times.strftime("%d-%b-%Y %H.%M"), "dd-MMM-yyyy HH.mm"), {"format": "%d-%b-%Y %H.%M"}, "90s", {}),
            (([int(t.timestamp()) for t in times], "epoch-seconds"), {"unit": "s"}, "15m", {}),
            (([int(t.timestamp() * 1000) for t in times], "epoch-millis"), {"unit": "ms"}, "1d", {}),
            ((plus, "iso"), {}, "10m", {"zone": "America/New_York"})]:
        texts, name = given
        window, end = last(rows(texts), ["load", "vibration"], every, 4 if interval == "1d" else 40,
                           interval, **extra, **parsing)
        zone = extra.get("zone", "UTC")
        cases.append({"timestampFormat": name, "interval": interval, "zone": zone, "features": ", ".join(every),
                      "rows": rows(texts), "window": window.tolist(),
                      "last": int(end.tz_localize(zone).timestamp() * 1000)})
    (out / "series.json").write_text(json.dumps(
        {"numpy": np.__version__, "pandas": pd.__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
