"""Writes what FeatureVectorPreprocessor and WindowPreprocessor need of a fitted scaler or ColumnTransformer.

    json.dump(scaler_attributes(scaler), open("scaler.json", "w"))              # scalerFile
    json.dump(features(column_transformer), open("features.json", "w"))         # featuresFile

Needs scikit-learn and numpy. Transformers that the features file has no words for are an error.
"""
import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (FunctionTransformer, MaxAbsScaler, MinMaxScaler, OneHotEncoder, OrdinalEncoder,
                                   RobustScaler, StandardScaler)

ATTRIBUTES = ["mean_", "center_", "min_", "scale_", "feature_range", "clip", "feature_names_in_"]


def plain(value):
    """The value as json.dump takes it."""
    if isinstance(value, (np.ndarray, list, tuple)):
        return [plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def scaler_attributes(scaler):
    """The attributes of a fitted StandardScaler, RobustScaler, MaxAbsScaler or MinMaxScaler."""
    attributes = {name: plain(getattr(scaler, name)) for name in ATTRIBUTES
                  if getattr(scaler, name, None) is not None}
    if not getattr(scaler, "with_mean", True):
        del attributes["mean_"]
    return attributes


def features(transformer):
    """The features file of a fitted ColumnTransformer, whose columns have names."""
    names = list(transformer.feature_names_in_)
    made = []
    for _, step, columns in transformer.transformers_:
        if isinstance(columns, slice):
            columns = names[columns]
        columns = [columns] if isinstance(columns, str) else [c if isinstance(c, str) else names[c] for c in columns]
        if not isinstance(step, str) or step != "drop":
            made += of_step(step, columns)
    return {"features": made}


def of_step(step, columns):
    """The features that a fitted transformer makes of columns."""
    made = [{"field": column} for column in columns]
    for each in [s for _, s in step.steps] if isinstance(step, Pipeline) else [step]:
        if isinstance(each, str) and each == "passthrough":
            continue
        if isinstance(each, SimpleImputer):
            for feature, value in zip(made, each.statistics_):
                feature["default"] = plain(value)
        elif isinstance(each, FunctionTransformer) and each.func is np.log1p:
            for feature in made:
                feature["log1p"] = True
        elif isinstance(each, FunctionTransformer) and each.func is None:
            continue
        elif isinstance(each, (StandardScaler, RobustScaler, MaxAbsScaler, MinMaxScaler)):
            attributes = scaler_attributes(each)
            for i, feature in enumerate(made):
                for member, attribute in [("mean", "mean_"), ("center", "center_"), ("min", "min_"),
                                          ("scale", "scale_")]:
                    if attribute in attributes:
                        feature[member] = attributes[attribute][i]
                if getattr(each, "clip", False):
                    feature["clip"] = plain(each.feature_range)
        elif isinstance(each, OneHotEncoder):
            drop = each.drop_idx_ if each.drop_idx_ is not None else [None] * len(made)
            for feature, categories, dropped in zip(made, each.categories_, drop):
                feature.update(type="one-hot", categories=plain(categories),
                               unknown="ignore" if each.handle_unknown == "ignore" else "error")
                if dropped is not None:
                    feature["drop"] = int(dropped)
        elif isinstance(each, OrdinalEncoder):
            for feature, categories in zip(made, each.categories_):
                feature.update(type="index", categories=plain(categories))
                if each.handle_unknown == "use_encoded_value":
                    feature["unknown"] = int(each.unknown_value)
        else:
            raise ValueError(f"a features file has no words for {each}")
    return made
