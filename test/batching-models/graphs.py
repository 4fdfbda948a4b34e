"""What the scripts of this folder build models with: fixed data alone, exact in binary where the operators allow it."""
import pathlib
import shutil
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "edge-models"))
import examples  # noqa: E402

ML = "ai.onnx.ml"
INT64, STRING, FP32 = TensorProto.INT64, TensorProto.STRING, TensorProto.FLOAT

tensor = helper.make_tensor_value_info
node = helper.make_node


def constant(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.array(values, dtype), name)


def numbers(*shape, step=7, scale=8):
    """Different small numbers, exact in binary."""
    count = int(np.prod(shape))
    return ((np.arange(count) * step % 23 - 11) / scale).astype(np.float32).reshape(shape)


def save(model_id, nodes, inputs, outputs, constants, cases, tolerance=1e-4):
    graph = helper.make_graph(nodes, model_id, inputs, outputs, list(constants))
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(ML, 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    folder = HERE / model_id / "1"
    shutil.rmtree(HERE / model_id, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    examples.write(folder / "examples.json", folder / "model.onnx", cases, tolerance)


X, ROWS_4 = numbers(5, 4), [tensor("x", FP32, ["rows", 4])]
Y_4 = [tensor("y", FP32, ["rows", 4])]
X_CASES = {"one": {"x": X[:1]}, "three": {"x": X[1:4]}, "two": {"x": X[3:]}}
AXIS_0, AXIS_1 = constant("axis_0", [0], np.int64), constant("axis_1", [1], np.int64)


def of_x(model_id, nodes, constants=(), outputs=None):
    """A model of one input, x FP32 [rows,4]."""
    save(model_id, nodes, ROWS_4, outputs or Y_4, constants, X_CASES)
