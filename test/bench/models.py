"""Makes the models of the benchmarks as folders of versions, and a request for each. Usage: models.py OUT SAMPLES
OUT/registries/<id>/<id>/1/{model.onnx,examples.json}; OUT/registries/twins/ with models of which requests are joined as the
service learns (<id>), never (<id>-off), up to a number (<id>-8); OUT/bodies/<id>.json (Open Inference Protocol),
<id>.columns.json, <id>.binary where that is measured (a line of JSON, and tensors behind it), and <id>.expected.json: what ONNX Runtime answers, name to flat list. SAMPLES has the sample models, as the
build puts them together."""
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from servers import BINARY, TWINS, model_file, twins

OUT, SAMPLES = Path(sys.argv[1]), Path(sys.argv[2])
RANDOM = np.random.default_rng(7)
DATATYPES = {"float32": "FP32", "int64": "INT64"}


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def model(name, nodes, inputs, outputs, constants):
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    return made


def mlp():
    """784-512-512-10: the cost is in the products of matrices, which get cheaper by the row with more rows."""
    sizes, nodes, constants, last = [784, 512, 512, 10], [], [], "x"
    for i in range(3):
        weight = RANDOM.standard_normal((sizes[i], sizes[i + 1])) * (2 / sizes[i]) ** 0.5
        constants += [numpy_helper.from_array(weight.astype(np.float32), f"w{i}"),
                      numpy_helper.from_array((RANDOM.standard_normal(sizes[i + 1]) * 0.01).astype(np.float32), f"b{i}")]
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [f"g{i}"]))
        last = f"g{i}"
        if i < 2:
            nodes.append(helper.make_node("Relu", [last], [f"r{i}"]))
            last = f"r{i}"
    nodes.append(helper.make_node("Softmax", [last], ["y"], axis=1))
    return model("mlp", nodes, [value("x", ["N", 784])], [value("y", ["N", 10])], constants)


def wide():
    """150,000 numbers to 1,000 sums: the cost is in the body."""
    return model("wide", [helper.make_node("Reshape", ["x", "s"], ["r"]),
                          helper.make_node("ReduceSum", ["r", "axis"], ["y"], keepdims=0)],
                 [value("x", ["N", 150000])], [value("y", ["N", 1000])],
                 [numpy_helper.from_array(np.array([-1, 1000, 150], np.int64), "s"),
                  numpy_helper.from_array(np.array([2], np.int64), "axis")])


def conv():
    """Three convolutions over 32x32 pixels: bound by arithmetic, so that a row costs about the same in any company."""
    channels, nodes, constants, last = [1, 16, 32, 32], [], [], "x"
    for i in range(3):
        weight = RANDOM.standard_normal((channels[i + 1], channels[i], 3, 3)) * (2 / (9 * channels[i])) ** 0.5
        constants.append(numpy_helper.from_array(weight.astype(np.float32), f"w{i}"))
        nodes += [helper.make_node("Conv", [last, f"w{i}"], [f"c{i}"], pads=[1, 1, 1, 1], strides=[1 + i % 2] * 2),
                  helper.make_node("Relu", [f"c{i}"], [f"r{i}"])]
        last = f"r{i}"
    nodes += [helper.make_node("GlobalAveragePool", [last], ["p"]), helper.make_node("Flatten", ["p"], ["y"])]
    return model("conv", nodes, [value("x", ["N", 1, 32, 32])], [value("y", ["N", 32])], constants)


def tokens():
    ids = RANDOM.integers(1000, 28000, (1, 64)).astype(np.int64)
    ids[0, 0], ids[0, -1] = 101, 102
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}


def minilm():
    """A sentence's embedding: the mean over its tokens at the end of the model, as such models are served."""
    made = onnx.load(SAMPLES / "all-minilm-l6-v2-q" / "1" / "model.onnx")
    graph, hidden = made.graph, made.graph.output[0].name
    opset = next(one.version for one in made.opset_import if one.domain in ("", "ai.onnx"))
    if opset >= 13:
        graph.initializer.extend([numpy_helper.from_array(np.array([axis], np.int64), f"axis{axis}") for axis in (1, 2)])

    def over_tokens(source, target):
        if opset >= 13:
            return helper.make_node("ReduceSum", [source, "axis1"], [target], keepdims=0)
        return helper.make_node("ReduceSum", [source], [target], axes=[1], keepdims=0)

    graph.node.extend([
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "axis2"], ["mask3"]) if opset >= 13
        else helper.make_node("Unsqueeze", ["mask"], ["mask3"], axes=[2]),
        helper.make_node("Mul", [hidden, "mask3"], ["masked"]),
        over_tokens("masked", "sum"), over_tokens("mask3", "count"),
        helper.make_node("Div", ["sum", "count"], ["mean"]),
        helper.make_node("LpNormalization", ["mean"], ["embedding"], axis=1, p=2)])
    del graph.output[:]
    graph.output.append(value("embedding", ["batch_size", 384]))
    onnx.checker.check_model(made)
    return made


def tensors(arrays):
    return [{"name": name, "shape": list(array.shape), "datatype": DATATYPES[str(array.dtype)],
             "data": [float(f"{item:.7g}") if array.dtype == np.float32 else int(item) for item in array.ravel()]}
            for name, array in arrays.items()]


def write(name, folder, inputs):
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    outputs = dict(zip([spec.name for spec in session.get_outputs()], session.run(None, inputs)))
    example = {"name": "one", "request": {"inputs": tensors(inputs)}, "response": {"outputs": tensors(outputs)},
               "tolerance": {"absolute": 1e-4, "relative": 1e-4}}
    (folder / "examples.json").write_text(json.dumps({"examples": [example]}))
    for twin in twins(name).values() if name in TWINS else ():
        shutil.copytree(folder, OUT / "registries" / "twins" / twin / "1")
    bodies = OUT / "bodies"
    bodies.mkdir(exist_ok=True)
    compact = {"separators": (",", ":")}
    (bodies / f"{name}.json").write_text(json.dumps({"inputs": tensors(inputs)}, **compact))
    if name in BINARY:
        described = [{"name": tensor["name"], "shape": tensor["shape"], "datatype": tensor["datatype"],
                      "parameters": {"binary_data_size": array.nbytes}} for tensor, array in zip(tensors(inputs), inputs.values())]
        head = json.dumps({"parameters": {"binary_data_output": True}, "inputs": described}, **compact) + "\n"
        (bodies / f"{name}.binary").write_bytes(head.encode() + b"".join(array.tobytes() for array in inputs.values()))
    rows = {tensor["name"]: np.array(tensor["data"], dtype=object).reshape(tensor["shape"]).tolist()
            for tensor in tensors(inputs)}
    (bodies / f"{name}.columns.json").write_text(json.dumps({"inputs": rows}, **compact))
    expected = {output: array.ravel().tolist() for output, array in outputs.items()}
    (bodies / f"{name}.expected.json").write_text(json.dumps(expected, **compact))


def four_decimals(shape):
    return {"x": np.round(RANDOM.random(shape), 4).astype(np.float32)}


MODELS = {"mlp": (mlp, lambda: four_decimals((1, 784))), "wide": (wide, lambda: four_decimals((1, 150000))),
          "minilm": (minilm, tokens), "conv": (conv, lambda: four_decimals((1, 1, 32, 32))),
          "iris": (lambda: onnx.load(SAMPLES / "iris" / "1" / "model.onnx"),
                   lambda: {"features": np.array([[6.3, 3.3, 6.0, 2.5]], np.float32)})}
for name, (make, request) in MODELS.items():
    file = model_file(OUT, name)
    file.parent.mkdir(parents=True)
    onnx.save(make(), file)
    write(name, file.parent, request())
