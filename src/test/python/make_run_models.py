"""Small SavedModels whose signatures do more than compute, with what Python answers.

    python make_run_models.py     writes ../resources/models/{side-effects,endless,reference-variables}/1
                                  and ../resources/models/runs.json

runs.json: for each model a list of {"request": ..., "answer": ...} or {"request": ..., "status": ...}, to be sent one
after another to a server that has just been started (TensorFlow Serving's JSON). TensorFlow 2.21.
"""
import json, os, shutil
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, tensorflow as tf

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "models")
expected = {}


def signature(*specs):
    return tf.function(input_signature=list(specs))


def floats(name="x"):
    return tf.TensorSpec([None], tf.float32, name)


def save(module, name, signatures):
    shutil.rmtree(f"{OUT}/{name}", ignore_errors=True)
    tf.saved_model.save(module, f"{OUT}/{name}/1", signatures=signatures)
    os.remove(f"{OUT}/{name}/1/fingerprint.pb")
    return tf.saved_model.load(f"{OUT}/{name}/1").signatures


def expect(model, loaded, signature_name, **inputs):
    outputs = loaded[signature_name](**{k: tf.constant(v) for k, v in inputs.items()})
    outputs = {k: v.numpy().tolist() for k, v in outputs.items()}
    request(model, signature_name, inputs)["answer"] = {
        "outputs": outputs if len(outputs) > 1 else next(iter(outputs.values()))}


def request(model, signature_name, inputs):
    entry = {"request": {"signature_name": signature_name, "inputs": {k: np.asarray(v).tolist() for k, v in inputs.items()}}}
    expected.setdefault(model, []).append(entry)
    return entry


def refuse(model, signature_name, status, **inputs):
    request(model, signature_name, inputs)["status"] = status


# --- signatures that change something: nobody may run them at start ---
m = tf.Module()
m.v = tf.Variable([3.])
m.counter = tf.Variable(0.)
m.ids = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
m.dense = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, empty_key=-1, deleted_key=-2, initial_num_buckets=8)
m.generator = tf.random.Generator.from_seed(1)


@signature(floats())
def product(x):
    return {"y": x * m.v + 0. * m.counter}


@signature(floats())
def assign(x):
    m.v.assign(x[:1])
    return {"y": x}


@signature(floats())
def count_in_loop(x):
    inner = tf.function(lambda i: i + tf.cast(m.counter.assign_add(1.), tf.int32) * 0 + 1)
    tf.while_loop(lambda i: i < 3, lambda i: [inner(i)], [0])
    return {"y": x + m.counter}


@signature(floats())
def count_in_branch(x):
    return {"y": tf.cond(x[0] > 0., lambda: x + m.counter.assign_add(1.), lambda: x)}


@signature(tf.TensorSpec([None], tf.string, "key"))
def insert(key):
    m.ids.insert(key, tf.ones(tf.shape(key), tf.int64))
    return {"size": m.ids.size()[None]}


@signature(tf.TensorSpec([None], tf.int64, "key"))
def insert_dense(key):
    m.dense.insert(key, key)
    return {"size": m.dense.size()[None]}


@signature(floats())
def enqueue(x):
    queue = tf.raw_ops.FIFOQueueV2(component_types=[tf.float32], shared_name="queue")
    tf.raw_ops.QueueEnqueueV2(handle=queue, components=[x[0]])
    return {"size": tf.raw_ops.QueueSizeV2(handle=queue)[None]}


@signature(tf.TensorSpec([], tf.string, "path"))
def write_file(path):
    tf.io.write_file(path + "written-by-signature.txt", "x")
    return {"ok": tf.constant([1])}


@signature(tf.TensorSpec([], tf.string, "path"))
def write_summary(path):
    writer = tf.raw_ops.SummaryWriter(shared_name="writer", container="")
    tf.raw_ops.CreateSummaryFileWriter(
        writer=writer, logdir=path, max_queue=1, flush_millis=1, filename_suffix=".summary")
    tf.raw_ops.WriteScalarSummary(writer=writer, step=tf.constant(1, tf.int64), tag="t", value=tf.constant(1.))
    tf.raw_ops.FlushSummaryWriter(writer=writer)
    return {"ok": tf.constant([1])}


@signature(floats())
def draw(x):
    return {"y": x + m.generator.uniform([1])}


@signature(floats())
def draw_seeded(x):
    return {"y": x + tf.random.uniform([1], seed=7)}


@signature(floats())
def shuffle_seeded(x):
    return {"y": tf.random.shuffle(x, seed=7)}


@signature(floats())
def iterate(x):
    return {"y": x + next(iter(tf.data.Dataset.range(3, output_type=tf.int32).map(lambda i: tf.cast(i, tf.float32) + 1.)))}


@signature(floats())
def cache(x):
    data = tf.data.Dataset.from_tensors(x).cache("written-by-dataset")
    return {"y": data.get_single_element()}


# These do not.
@signature(floats())
def report(x):
    tf.print("sum", tf.reduce_sum(x))
    tf.debugging.assert_less(x, 1000.)
    return {"y": tf.debugging.check_numerics(x, "x")}


@signature(floats())
def drop(x):
    return {"y": tf.nn.dropout(x, 0.5) * 0.}


@signature(floats())
def reduce_dataset(x):
    return {"y": tf.data.Dataset.from_tensor_slices(x).reduce(0., lambda a, b: a + b)[None]}


@signature(floats())
def collect(x):
    array = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in tf.range(tf.size(x)):
        array = array.write(i, x[i] + 1.)
    return {"y": array.stack()}


signatures = {
    "serving_default": product, "assign": assign, "count_in_loop": count_in_loop, "count_in_branch": count_in_branch,
    "insert": insert, "insert_dense": insert_dense, "enqueue": enqueue, "write_file": write_file,
    "write_summary": write_summary, "draw": draw, "draw_seeded": draw_seeded, "shuffle_seeded": shuffle_seeded,
    "iterate": iterate, "cache": cache, "report": report, "drop": drop, "reduce_dataset": reduce_dataset, "collect": collect}
loaded = save(m, "side-effects", signatures)
x = np.float32([1, 2])
for name in ("serving_default", "count_in_loop", "count_in_branch", "draw", "draw", "draw_seeded", "draw_seeded",
             "iterate", "report", "drop", "reduce_dataset", "collect"):
    expect("side-effects", loaded, name, x=x)
expect("side-effects", loaded, "shuffle_seeded", x=np.arange(8, dtype="f"))
expect("side-effects", loaded, "insert", key=["a", "b"])
expect("side-effects", loaded, "insert_dense", key=np.int64([5]))
expect("side-effects", loaded, "enqueue", x=x)
expect("side-effects", loaded, "enqueue", x=x)
expect("side-effects", loaded, "assign", x=np.float32([5]))
expect("side-effects", loaded, "serving_default", x=x)

# --- runs that do not end by themselves, or dislike zeros and empty strings ---
e = tf.Module()
e.v = tf.Variable(2.)


@signature(floats())
def doubling(x):
    while tf.reduce_min(x) < 100.:
        x = x * e.v
    return {"y": x}


@signature(floats())
def nested(x):
    return {"y": tf.map_fn(lambda each: tf.while_loop(lambda a: a < 100., lambda a: [a * e.v], [each])[0], x)}


@signature(floats())
def endless_dataset(x):
    return {"y": x + tf.data.Dataset.range(1).repeat().filter(lambda i: i > 0).reduce(
        0., lambda a, b: a + tf.cast(b, tf.float32))}


@signature(floats())
def wait_for_queue(x):
    queue = tf.raw_ops.FIFOQueueV2(component_types=[tf.float32], shared_name="empty")
    return {"y": x + tf.raw_ops.QueueDequeueV2(handle=queue, component_types=[tf.float32])[0]}


@signature(tf.TensorSpec([None], tf.string, "path"))
def read(path):
    return {"n": tf.map_fn(lambda p: tf.strings.length(tf.io.read_file(p)), path, fn_output_signature=tf.int32)}


@signature(tf.TensorSpec([None], tf.string, "gz"))
def gunzip(gz):
    return {"text": tf.io.decode_compressed(gz, "GZIP")}


@tf.function(jit_compile=True)
def compiled_doubling(x):
    return tf.while_loop(lambda a: tf.reduce_min(a) < 100., lambda a: [a * 2.], [x])[0]


@signature(floats())
def compiled(x):
    return {"y": compiled_doubling(x)}


@signature(floats())
def good(x):
    return {"y": x + 1.}


loaded = save(e, "endless", {
    "serving_default": good, "doubling": doubling, "nested": nested, "endless_dataset": endless_dataset,
    "wait_for_queue": wait_for_queue, "read": read, "gunzip": gunzip, "compiled": compiled})
expect("endless", loaded, "serving_default", x=x)
expect("endless", loaded, "compiled", x=np.float32([1, 3]))
for name in ("doubling", "nested"):
    expect("endless", loaded, name, x=np.float32([1, 3]))
    refuse("endless", name, 504, x=[0., 1.])
    expect("endless", loaded, name, x=np.float32([2, 3]))
for name in ("endless_dataset", "wait_for_queue"):
    refuse("endless", name, 504, x=[1.])
refuse("endless", "read", 400, path=["/no/such/file"])
refuse("endless", "read", 400, path=["/"])
refuse("endless", "gunzip", 400, gz=["not gzip"])
expect("endless", loaded, "serving_default", x=x)

# --- TensorFlow 1: reference variables, loops of Enter and NextIteration, queues ---
tf1 = tf.compat.v1
path = f"{OUT}/reference-variables/1"
shutil.rmtree(os.path.dirname(path), ignore_errors=True)
tf1.disable_control_flow_v2()
with tf.Graph().as_default(), tf1.Session() as session:
    x = tf1.placeholder(tf.float32, [None], "x")
    v = tf1.get_variable("v", initializer=[3.], use_resource=False)
    queue = tf1.FIFOQueue(10, [tf.float32], shapes=[[]], shared_name="q1")
    y = {
        "serving_default": x * v,
        "assign": tf1.assign(v, x[:1]),
        "add": tf1.assign_add(v, x[:1]) + x,
        "scatter": tf1.scatter_update(v, [0], x[:1]),
        "doubling": tf.while_loop(lambda a: tf.reduce_min(a) < 100., lambda a: [a * 2.], [x])[0],
        "dequeue": x + queue.dequeue(),
        "switch": tf1.cond(x[0] > 0., lambda: x + tf1.assign_add(v, [1.]), lambda: x),
    }
    session.run(tf1.global_variables_initializer())
    builder = tf1.saved_model.Builder(path)
    info = tf1.saved_model.build_tensor_info
    builder.add_meta_graph_and_variables(session, ["serve"], {
        name: tf1.saved_model.build_signature_def({"x": info(x)}, {"y": info(tensor)}, "tensorflow/serving/predict")
        for name, tensor in y.items()})
    builder.save()
    for name, values in (("serving_default", [1., 2.]), ("doubling", [1., 3.]), ("switch", [1.]), ("add", [2.]),
                         ("scatter", [7.]), ("assign", [5.]), ("serving_default", [1., 2.])):
        answer = session.run(y[name], {x: values}).tolist()
        request("reference-variables", name, {"x": values})["answer"] = {"outputs": answer}
    for name in ("doubling", "dequeue"):
        refuse("reference-variables", name, 504, x=[0.])

json.dump(expected, open(f"{OUT}/runs.json", "w"), indent=1)
print({k: len(v) for k, v in expected.items()})
