"""Writes examples.json beside a model: requests, and the answers that ONNX Runtime gives to them."""
import json

import ml_dtypes  # gives numpy the name bfloat16
import numpy as np
import onnxruntime

DATATYPES = {
    "bool": "BOOL", "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
    "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "float16": "FP16", "bfloat16": "BF16", "float32": "FP32", "float64": "FP64", "object": "BYTES",
}
NUMPY = {datatype: np.dtype(name) for name, datatype in DATATYPES.items()}
NON_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def write(path, model_path, cases, tolerance=0):
    """cases: {example name: feeds} or {example name: (feeds, answers)}; feeds and answers are {tensor name: array}.

    Answers are given where the Python of ONNX Runtime cannot feed or fetch the type. tolerance: absolute and relative.
    """
    session = None
    examples = []
    for name, case in cases.items():
        if isinstance(case, tuple):
            feeds, answers = case
        else:
            session = session or open_session(model_path)
            feeds = {key: np.asarray(value) for key, value in case.items()}
            answers = {output.name: value for output, value in zip(session.get_outputs(), session.run(None, feeds))}
        examples.append({
            "name": name,
            "request": {"inputs": [tensor(key, value) for key, value in feeds.items()]},
            "response": {"outputs": [tensor(key, value) for key, value in answers.items()]},
            "tolerance": {"absolute": tolerance, "relative": tolerance},
        })
    lines = ",\n".join(json.dumps(example, allow_nan=False) for example in examples)
    path.write_text('{"examples": [\n' + lines + "\n]}\n", encoding="ascii")


def open_session(model_path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model_path), options, providers=["CPUExecutionProvider"])


def tensor(name, value):
    parameters = {}
    if isinstance(value, list) and isinstance(value[0], dict):  # maps: a row each, a column for each class
        classes = sorted(value[0])  # str sorts by code point
        parameters = {"parameters": {"classes": classes}}
        value = np.array([[row[key] for key in classes] for row in value], np.float32)
    elif isinstance(value, list):  # tensors of one shape
        value = np.stack(value)
    value = np.asarray(value)
    datatype = DATATYPES[value.dtype.name]
    data = [element(item) for item in value.reshape(-1)]
    read_back = np.array([float(item) if isinstance(item, str) and datatype != "BYTES" else item for item in data], dtype=object)
    assert same(read_back.astype(NUMPY[datatype]), value.reshape(-1)), name
    return {"name": name, "shape": list(value.shape), "datatype": datatype, "data": data} | parameters


def element(item):
    if isinstance(item, str):
        return item
    if isinstance(item, np.bool_):
        return bool(item)
    if isinstance(item, np.integer):
        return int(item)
    if not np.isfinite(item):
        return NON_FINITE[str(float(item))]
    # FP32: the fewest digits that read back as the same FP32; FP16 and BF16: every digit, as few languages can parse them
    return float(str(item)) if isinstance(item, np.float32) else float(item)


def same(left, right):
    """Bit for bit, except that one NaN is as good as another."""
    if left.dtype == object or left.dtype.kind in "biu":
        return list(left) == list(right)
    nan = np.isnan(left) & np.isnan(right)
    return bool(np.all(nan | ((left == right) & (np.signbit(left) == np.signbit(right)))))
