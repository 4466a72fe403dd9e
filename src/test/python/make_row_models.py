"""Makes the SavedModels whose verdicts RowIndependenceTest and docs/batching.md list.

    python make_row_models.py FOLDER    writes FOLDER/<verdict>/<name>.pb.gz: the MetaGraphDef's graph and signatures

TensorFlow 2.21, Keras 3.15. Only graphs and signatures are kept: the analysis reads no weights.
"""
import gzip, os, shutil, sys, tempfile
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np, tensorflow as tf
from keras import layers as L, ops
from tensorflow.core.protobuf import saved_model_pb2

OUT = sys.argv[1]
ONLY = set(sys.argv[2:])
KEEP = os.environ.get("KEEP")
spec = tf.TensorSpec
F, I, S = tf.float32, tf.int32, tf.string

def prune(meta):
    """Leaves the nodes and functions that the signatures need, without debug information."""
    graph = meta.graph_def
    meta.signature_def.pop("__saved_model_init_op", None)
    nodes, functions = {n.name: n for n in graph.node}, {f.signature.name: f for f in graph.library.function}
    needed, used = set(), set()
    def use(node):
        for a in node.attr.values():
            for f in [a.func] + list(a.list.func):
                if f.name and f.name not in used:
                    used.add(f.name)
                    for inner in functions[f.name].node_def: use(inner)
    open_ = [t.name.split(":")[0] for s in meta.signature_def.values() for t in list(s.outputs.values()) + list(s.inputs.values())]
    while open_:
        name = open_.pop()
        if name not in needed:
            needed.add(name)
            use(nodes[name])
            open_ += [i.lstrip("^").split(":")[0] for i in nodes[name].input]
    kept, functions = [n for n in graph.node if n.name in needed], [f for f in graph.library.function if f.signature.name in used]
    del graph.node[:], graph.library.function[:]
    graph.node.extend(kept); graph.library.function.extend(functions)
    for node in list(graph.node) + [n for f in graph.library.function for n in f.node_def]:
        node.ClearField("experimental_debug_info"); node.ClearField("experimental_type"); node.ClearField("device")
        for name in list(node.attr):
            if name.startswith("_") or name in ("config_proto", "executor_type"): del node.attr[name]
        if node.op == "Const" and len(node.attr["value"].tensor.tensor_content) > 4096:
            node.attr["value"].tensor.ClearField("tensor_content"); node.attr["value"].tensor.float_val.append(0)
    for f in graph.library.function: f.ClearField("arg_attr"); f.ClearField("attr")

def keep(folder, verdict, name):
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(open(f"{folder}/saved_model.pb", "rb").read())
    meta = model.meta_graphs[0]
    meta.ClearField("object_graph_def")
    meta.ClearField("saver_def")
    meta.ClearField("collection_def")
    meta.meta_info_def.ClearField("stripped_op_list")
    meta.graph_def.ClearField("versions")
    meta.graph_def.library.ClearField("gradient")
    meta.graph_def.ClearField("debug_info")
    prune(meta)
    os.makedirs(f"{OUT}/{verdict}", exist_ok=True)
    with gzip.GzipFile(f"{OUT}/{verdict}/{name}.pb.gz", "wb", mtime=0) as f:
        f.write(model.SerializeToString(deterministic=True))
    print(verdict, name, os.path.getsize(f"{OUT}/{verdict}/{name}.pb.gz"))

def save(verdict, name, write):
    if ONLY and name not in ONLY: return
    folder = tempfile.mkdtemp()
    try:
        write(folder)
        keep(folder, verdict, name)
        if KEEP: shutil.copytree(folder, f"{KEEP}/{name}/1", dirs_exist_ok=True)
    finally: shutil.rmtree(folder)

def keras_model(verdict, name, inputs, outputs):
    if ONLY and name not in ONLY: return
    model = keras.Model(inputs, outputs() if callable(outputs) else outputs)
    save(verdict, name, lambda folder: model.export(folder, verbose=False))

def function(verdict, name, *specs):
    def decorate(python):
        module = tf.Module()
        module.w = tf.Variable(tf.random.stateless_normal([8, 8], [1, 2]))
        concrete = tf.function(lambda *x: python(module, *x), input_signature=list(specs))
        save(verdict, name, lambda folder: tf.saved_model.save(module, folder, signatures=concrete))
    return decorate

# ---------------------------------------------------------------- rows that do not depend on each other
YES, NO = "independent", "dependent"
def inp(*shape, **kw): return keras.Input(shape, **kw)

x = inp(8); keras_model(YES, "dense", x, L.Dense(3, activation="softmax")(L.Dense(16, activation="gelu")(x)))
x, y = inp(8, name="a"), inp(4, name="b")
keras_model(YES, "wide-and-deep", [x, y], [L.Dense(2)(L.Concatenate()([L.Dense(4, "relu")(x), y])), L.Dot(1)([L.Dense(4)(x), y])])
x = inp(8); n = L.Normalization(); n.adapt(np.random.rand(20, 8)); keras_model(YES, "normalization", x, L.Dense(1, activation="sigmoid")(n(x)))
x = inp(8); keras_model(YES, "norms", x, L.UnitNormalization()(L.LayerNormalization()(L.BatchNormalization()(L.Dense(6)(x)))))
x = inp(28, 28, 1); h = L.Conv2D(8, 3, activation="relu")(x); h = L.MaxPooling2D()(h); h = L.Conv2D(8, 3, padding="same", strides=2)(h); h = L.BatchNormalization()(h); h = L.Flatten()(h)
keras_model(YES, "cnn", x, L.Dense(10, activation="softmax")(h))
x = inp(None, None, 3); h = L.Rescaling(1/255.)(x); h = L.SeparableConv2D(8, 3, padding="same")(h); h = L.DepthwiseConv2D(3, dilation_rate=2)(h); h = L.AveragePooling2D(2)(h); h = L.GroupNormalization(4)(h); h = L.GlobalAveragePooling2D()(h)
keras_model(YES, "cnn-any-size", x, L.Dense(10)(h))
x = inp(32, 32, 3); a = L.Conv2D(8, 3, strides=2, padding="same")(x); b = L.Conv2DTranspose(8, 3, strides=2, padding="same")(a); c = L.UpSampling2D(2, interpolation="bilinear")(a); h = L.Concatenate()([b, c, x]); h = L.ZeroPadding2D(1)(h); h = L.Cropping2D(1)(h)
keras_model(YES, "u-net", x, L.Conv2D(2, 1, activation="softmax")(h))
x = inp(16, 16, 3); keras_model(YES, "image-preprocessing", x, L.CenterCrop(8, 8)(L.Resizing(12, 12)(x)))
x = inp(20, 4); keras_model(YES, "conv1d", x, L.Dense(2)(L.GlobalMaxPooling1D()(L.Conv1D(8, 3, dilation_rate=2, padding="causal")(x))))
x = inp(8, 8, 8, 1); keras_model(YES, "conv3d", x, L.GlobalAveragePooling3D()(L.Conv3D(2, 3)(x)))
x = inp(28, 28); keras_model(YES, "lstm", x, L.Dense(10, activation="softmax")(L.LSTM(32)(x)))
x = inp(None, 4); keras_model(YES, "gru-any-length", x, L.Dense(2)(L.GRU(8)(L.GRU(8, return_sequences=True)(x))))
x = inp(None, 4); keras_model(YES, "simple-rnn-backwards", x, L.SimpleRNN(8, go_backwards=True)(x))
x = inp(None, dtype="int32"); keras_model(YES, "bidirectional-lstm-masked", x, L.Dense(3)(L.Bidirectional(L.LSTM(8))(L.Embedding(50, 16, mask_zero=True)(x))))
x = inp(None, dtype="int32"); keras_model(YES, "gru-masked", x, L.Dense(3)(L.GRU(8)(L.Embedding(50, 16, mask_zero=True)(x))))
x = inp(6, 8, 8, 1); keras_model(YES, "conv-lstm", x, L.GlobalAveragePooling2D()(L.ConvLSTM2D(2, 3)(x)))
x = inp(6, 5); keras_model(YES, "time-distributed", x, L.TimeDistributed(L.Dense(3))(x))
class Positions(L.Layer):
    def __init__(self, n, d): super().__init__(); self.e = L.Embedding(n, d)
    def call(self, x): return x + self.e(ops.arange(ops.shape(x)[1]))
x = inp(None, dtype="int32"); h = Positions(64, 16)(L.Embedding(100, 16)(x)); a = L.MultiHeadAttention(2, 8)(h, h); h = L.LayerNormalization()(h + a); h = L.LayerNormalization()(h + L.Dense(16)(L.Dense(32, activation="gelu")(h)))
keras_model(YES, "transformer", x, L.Dense(2)(L.GlobalAveragePooling1D()(h)))
x = inp(12, dtype="int32"); h = L.Embedding(100, 16, mask_zero=True)(x); a = L.MultiHeadAttention(2, 8)(h, h, use_causal_mask=True)
keras_model(YES, "causal-attention-masked", x, L.Dense(100)(a))
x = inp(10, 8); keras_model(YES, "attention", x, L.GlobalAveragePooling1D()(L.Attention(use_scale=True)([x, x])))
x = inp(10, 8); keras_model(YES, "additive-attention", x, L.GlobalMaxPooling1D()(L.AdditiveAttention()([x, x])))
x = inp(10, 8); keras_model(YES, "grouped-query-attention", x, L.GroupQueryAttention(8, 4, 2)(x, x))
x = inp(None, dtype="int32"); keras_model(YES, "embedding-average", x, L.Dense(2)(L.GlobalAveragePooling1D()(L.Embedding(100, 16, mask_zero=True)(x))))
words = ["the cat sat", "the dog ran far away", "a b c d e f"]
def vectorizer(**kw):
    v = L.TextVectorization(**kw); v.adapt(words); return v
x = inp(dtype="string"); keras_model(YES, "text-vectorization", x, lambda: L.Dense(2)(L.GlobalAveragePooling1D()(L.Embedding(100, 16)(vectorizer(output_sequence_length=12)(x)))))
x = inp(1, dtype="string"); keras_model(YES, "text-vectorization-column", x, lambda: L.Dense(2)(L.LSTM(4)(L.Embedding(100, 16, mask_zero=True)(vectorizer(output_sequence_length=12)(x)))))
x = inp(dtype="string"); keras_model(YES, "text-multi-hot", x, lambda: L.Dense(2)(vectorizer(output_mode="multi_hot")(x)))
x = inp(dtype="string"); keras_model(YES, "text-tf-idf", x, lambda: L.Dense(2)(vectorizer(output_mode="tf_idf")(x)))
x = inp(dtype="string"); keras_model(YES, "text-count", x, lambda: L.Dense(2)(vectorizer(output_mode="count")(x)))
x = inp(dtype="string"); keras_model(YES, "text-bigrams", x, lambda: L.Dense(2)(L.Flatten()(L.Embedding(100, 4)(vectorizer(ngrams=2, output_sequence_length=8)(x)))))
x = inp(dtype="string"); keras_model(NO, "text-characters", x, lambda: L.Dense(2)(L.Flatten()(L.Embedding(100, 4)(vectorizer(split="character", output_sequence_length=8)(x)))))
x, y, z = inp(1, dtype="string", name="city"), inp(1, dtype="int64", name="zip"), inp(1, name="age")
keras_model(YES, "table-features", [x, y, z], lambda: L.Dense(1)(L.Concatenate()([
    L.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(x), L.Flatten()(L.Embedding(8, 4)(L.Hashing(8)(y))),
    L.CategoryEncoding(5, output_mode="one_hot")(L.Discretization([1., 2., 3., 4.])(z)), L.IntegerLookup(vocabulary=[1, 2], output_mode="multi_hot")(y)])))
x = inp(8); keras_model(YES, "dropout-and-noise", x, L.Dense(2)(L.GaussianNoise(.1)(L.Dropout(.5)(x))))
x = inp(8, 8, 3); keras_model(NO, "augmentation-layers", x, L.Dense(2)(L.Flatten()(L.RandomFlip()(x))))
for name, make in {"mobilenet": lambda: keras.applications.MobileNet(weights=None, input_shape=(96, 96, 3)), "mobilenet-v2": lambda: keras.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3)),
                   "mobilenet-v3": lambda: keras.applications.MobileNetV3Small(weights=None), "resnet50": lambda: keras.applications.ResNet50(weights=None),
                   "efficientnet-b0": lambda: keras.applications.EfficientNetB0(weights=None), "inception-v3": lambda: keras.applications.InceptionV3(weights=None),
                   "convnext-tiny": lambda: keras.applications.ConvNeXtTiny(weights=None), "densenet121": lambda: keras.applications.DenseNet121(weights=None), "nasnet-mobile": lambda: keras.applications.NASNetMobile(weights=None)}.items():
    if not ONLY or name in ONLY: save(YES, name, lambda folder: make().export(folder, verbose=False))

@function(YES, "argmax-and-labels", spec([None, 5], F, "x"))
def _(m, x): return {"class": tf.gather(tf.constant(list("abcde")), tf.argmax(x, -1)), "score": tf.reduce_max(tf.nn.softmax(x), -1)}
@function(YES, "classes-tiled", spec([None, 3], F, "x"))
def _(m, x): return {"scores": tf.nn.sigmoid(x), "classes": tf.tile(tf.constant([["a", "b", "c"]]), [tf.shape(x)[0], 1])}
@function(YES, "top-k", spec([None, 9], F, "x"))
def _(m, x):
    v, i = tf.math.top_k(x, 3); return {"v": v, "i": i, "sorted": tf.sort(x, -1), "g": tf.gather(x, i, batch_dims=1)}
@function(YES, "non-max-suppression", spec([None, 10, 1, 4], F, "boxes"), spec([None, 10, 2], F, "scores"))
def _(m, b, s): return dict(zip("abcd", tf.image.combined_non_max_suppression(b, s, 5, 5)))
@function(YES, "fixed-loop", spec([None, 8], F, "x"))
def _(m, x):
    for i in tf.range(5): x = tf.tanh(x @ m.w) + tf.cast(i, F)
    return {"y": x}
@function(YES, "shared-branch", spec([None, None, 8], F, "x"))
def _(m, x): return {"y": tf.cond(tf.shape(x)[1] > 3, lambda: tf.reduce_mean(x, 1), lambda: tf.reduce_max(x, 1))}
@function(YES, "two-heads-transposed", spec([None, 6, 8], F, "x"))
def _(m, x):
    t = tf.transpose(x, [1, 0, 2]); t = tf.reshape(tf.reshape(t, [-1, 8]) @ m.w, [6, -1, 8])
    return {"y": tf.transpose(tf.reverse(t, [0]), [1, 0, 2])[:, -1], "z": tf.reshape(tf.transpose(t, [1, 2, 0]), [tf.shape(x)[0], -1])}
@function(YES, "parse-example", spec([None], S, "examples"))
def _(m, e):
    p = tf.io.parse_example(e, {"x": tf.io.FixedLenFeature([8], F), "k": tf.io.FixedLenFeature([], tf.int64, 0)}); return {"y": p["x"] @ m.w, "k": p["k"]}
@function(NO, "ragged-rows-summed", spec([None], S, "text"))
def _(m, t):
    r = tf.strings.split(tf.strings.lower(t)); i = tf.ragged.map_flat_values(lambda v: tf.strings.to_hash_bucket_fast(v, 8), r)
    e = tf.ragged.map_flat_values(lambda v: tf.gather(m.w, v), i); return {"y": tf.reduce_mean(e, 1), "n": r.row_lengths()}

# ---------------------------------------------------------------- rows that do
@function(NO, "sorted", spec([None, 8], F, "x"), spec([None], S, "id"))
def _(m, x, d):
    s = tf.reduce_sum(x, 1); o = tf.argsort(s); return {"id": tf.gather(d, o), "s": tf.gather(s, o)}
@function(NO, "min-max", spec([None, 8], F, "x"))
def _(m, x): return {"y": (x - tf.reduce_min(x)) / (tf.reduce_max(x) - tf.reduce_min(x))}
@function(NO, "softmax-over-rows", spec([None], F, "x"))
def _(m, x): return {"y": tf.nn.softmax(x)}
@function(NO, "softmax-axis-0", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.nn.softmax(x, 0)}
@function(NO, "cumulative-sum", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.cumsum(x)}
@function(NO, "reversed", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.reverse(x, [0])}
@function(NO, "reversed-by-slice", spec([None, 4], F, "x"))
def _(m, x): return {"y": x[::-1]}
@function(NO, "rolled", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.roll(x, 1, 0)}
@function(NO, "centerd", spec([None, 4], F, "x"))
def _(m, x): return {"y": x - tf.reduce_mean(x, 0)}
@function(NO, "batch-statistics", spec([None, 4], F, "x"))
def _(m, x):
    mean, var = tf.nn.moments(x, [0]); return {"y": (x - mean) * tf.math.rsqrt(var + 1e-3)}
@function(NO, "batch-norm-training", spec([None, 4, 4, 2], F, "x"))
def _(m, x): return {"y": tf.raw_ops.FusedBatchNormV3(x=x, scale=[1., 1.], offset=[0., 0.], mean=[0., 0.], variance=[1., 1.], is_training=True)[0]}
@function(NO, "loop-until-all", spec([None], F, "x"))
def _(m, x):
    while tf.reduce_min(x) < 100.: x = x * 2
    return {"y": x}
@function(NO, "rare-branch", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.cond(tf.reduce_max(x) > 1e6, lambda: x / tf.reduce_max(x), lambda: x)}
@function(NO, "rare-where", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.where(x > 1e6, x - tf.reduce_mean(x), x)}
@function(NO, "first-row", spec([None, 4], F, "x"))
def _(m, x): return {"y": x - x[0]}
@function(NO, "row-count", spec([None, 4], F, "x"))
def _(m, x): return {"y": x / tf.cast(tf.shape(x)[0], F)}
@function(NO, "row-index", spec([None, 4], F, "x"))
def _(m, x): return {"y": x + tf.cast(tf.range(tf.shape(x)[0]), F)[:, None]}
@function(NO, "pairwise", spec([None, 8], F, "x"))
def _(m, x): return {"y": tf.reduce_max(x @ tf.transpose(x), 1)}
@function(NO, "gram-einsum", spec([None, 8], F, "x"))
def _(m, x): return {"y": tf.einsum("ij,kj->i", x, x)}
@function(NO, "flattened-wrong", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.reshape(tf.transpose(x), [-1, 4])}
@function(NO, "duplicates-removed", spec([None], S, "x"))
def _(m, x): u, i = tf.unique(x); return {"y": i}
@function(NO, "same-for-all", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.reduce_mean(x, 0)}
@function(NO, "one-global", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.nn.relu(x), "version": tf.constant([1, 2])}
@function(NO, "top-k-over-rows", spec([None], F, "x"))
def _(m, x): return {"y": tf.math.top_k(x, 1).values + x}
@function(NO, "filtered", spec([None, 4], F, "x"))
def _(m, x): return {"y": tf.boolean_mask(x, x[:, 0] > 0)}
@function(NO, "padded-to-longest", spec([None], S, "text"))
def _(m, t): return {"tokens": tf.strings.split(t).to_tensor()}
x = inp(dtype="string"); keras_model(NO, "text-vectorization-ragged-width", x, lambda: vectorizer()(x))
@function(NO, "longest-row", spec([None], S, "text"))
def _(m, t):
    n = tf.strings.length(t); return {"y": n / tf.reduce_max(n)}
@function(NO, "broadcast-over-rows", spec([None], F, "x"))
def _(m, x): return {"y": x[:, None] + x}
@function(NO, "mean-removed-in-function", spec([None, 4], F, "x"))
def _(m, x):
    @tf.function
    def inner(v): return v - tf.reduce_mean(v, 0, keepdims=True)
    return {"y": inner(x)}
@function(NO, "mixed-in-loop", spec([None, 8], F, "x"))
def _(m, x):
    for _ in tf.range(3): x = tf.tanh(x @ m.w) - tf.reduce_mean(x, 0)
    return {"y": x}
@function(NO, "carried-over-rows", spec([None, 8], F, "x"))
def _(m, x): return {"y": tf.scan(lambda a, v: a + v, x)}
@function(NO, "random", spec([None, 8], F, "x"))
def _(m, x): return {"y": x + tf.random.uniform(tf.shape(x))}
@function(NO, "seeded-noise", spec([None, 8], F, "x"))
def _(m, x): return {"y": x + tf.random.stateless_uniform(tf.shape(x), [1, 2])}
@function(NO, "quantized-by-batch", spec([None, 8], F, "x"))
def _(m, x): return {"y": tf.quantization.quantize_and_dequantize_v2(x, 0., 0., range_given=False)}
@function(NO, "l2-over-all", spec([None, 8], F, "x"))
def _(m, x): return {"y": tf.nn.l2_normalize(x)}
@function(NO, "matrix-of-rows", spec([None, 8], F, "x"))
def _(m, x): return {"y": tf.linalg.matmul(x, tf.linalg.matmul(x, x, transpose_a=True))}
@function(NO, "sequence-shared", spec([None], S, "x"))
def _(m, x): return {"y": tf.strings.reduce_join(x, keepdims=True) + x}
@function(NO, "bincount-over-rows", spec([None], I, "x"))
def _(m, x): return {"y": tf.gather(tf.math.bincount(x, minlength=10), x)}
@function(NO, "segments", spec([None, 4], F, "x"), spec([None], I, "group"))
def _(m, x, g): return {"y": tf.gather(tf.math.segment_mean(x, g), g)}
@function(NO, "squeezed", spec([None, 1, 4], F, "x"))
def _(m, x): return {"y": tf.squeeze(x)}
@function(NO, "parse-example-ragged", spec([None], S, "examples"))
def _(m, e):
    p = tf.io.parse_example(e, {"r": tf.io.RaggedFeature(F), "x": tf.io.FixedLenFeature([2], F)}); return {"y": p["r"].values * 2, "x": p["x"]}
@function(NO, "code-points-with-offsets", spec([None], S, "text"))
def _(m, t):
    _, c, _ = tf.raw_ops.UnicodeDecodeWithOffsets(input=t, input_encoding="UTF-8"); return {"y": c[1:] - c[:-1]}
@function(NO, "row-index-from-the-end", spec([None], S, "text"))
def _(m, t):
    i, _, shape = tf.raw_ops.StringSplitV2(input=t, sep=""); return {"y": tf.math.unsorted_segment_max(i[:, -2], i[:, 0], shape[0])}
@function(NO, "row-count-masked", spec([None, 6], F, "x"))
def _(m, x):
    return {"y": tf.raw_ops.StridedSlice(input=x, begin=tf.stack([0, tf.shape(x)[0]]), end=[0, 0], strides=[1, 1], begin_mask=3, end_mask=1, shrink_axis_mask=2)}
@function(NO, "product-without-axes", spec([None, 4], F, "x"))
def _(m, x):
    r = tf.reshape(x, tf.reshape(tf.raw_ops.Prod(input=tf.shape(x), axis=tf.zeros([0], I)), [-1]))
    return {"y": tf.reshape(r + tf.reduce_max(tf.expand_dims(r, 0), -2), [-1, 4])}
@function(NO, "product-overflow", spec([None], tf.int64, "x"))
def _(m, x): return {"y": x * tf.reduce_prod(tf.constant([1 << 40, 1 << 41], tf.int64))}
@function(NO, "branch-for-another-rank", spec([None, 4], F, "x"))
def _(m, x):
    any_rank = tf.TensorSpec(None, F)
    narrow = tf.function(lambda v: v[0] if v.shape.rank == 1 else tf.raw_ops.Slice(input=v, begin=[0], size=[-1]), input_signature=[any_rank])
    wide = tf.function(lambda v: v * 2, input_signature=[any_rank])
    return {"y": tf.ensure_shape(tf.raw_ops.If(cond=tf.equal(tf.rank(x), 1), input=[x], Tout=[F], then_branch=narrow.get_concrete_function(), else_branch=wide.get_concrete_function())[0], [None, 4])}
