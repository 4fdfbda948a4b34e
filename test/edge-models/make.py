"""Makes the models of this folder, each as <id>/1/model.onnx, with examples.json where it can be called.

Only fixed data goes in, and every sum is exact in binary, so that the files are the same every time.
"""
import pathlib
import shutil

import ml_dtypes
import numpy as np
from onnx import TensorProto, helper, numpy_helper

import examples

HERE = pathlib.Path(__file__).resolve().parent
ML = "ai.onnx.ml"
BOOL, INT32, INT64, STRING = TensorProto.BOOL, TensorProto.INT32, TensorProto.INT64, TensorProto.STRING
FP32, FP16, BF16, FP64 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE
INT4, FLOAT8 = TensorProto.INT4, TensorProto.FLOAT8E4M3FN

EMOJI, FAMILY = "\U0001F600", "\U0001F468\u200d\U0001F469\u200d\U0001F467"
STRINGS = [
    "", "a", EMOJI, FAMILY, "a\u0000b", "\u0000", "\u00e9", "\u65e5\u672c\u8a9e", "\"'\\/\n\t", "\uffff", "\U0010ffff",
    "\u00f0\u009f\u0098\u0080",  # the four code points that the UTF-8 bytes of the emoji have as numbers
    "0123456789" * 500,
]

tensor = helper.make_tensor_value_info
sequence = helper.make_tensor_sequence_value_info
node = helper.make_node


def constant(name, values, dtype):
    return numpy_helper.from_array(np.array(values, dtype), name)


def optional(name, elem_type, shape):
    return helper.make_value_info(name, helper.make_optional_type_proto(helper.make_tensor_type_proto(elem_type, shape)))


def save(model_id, nodes, inputs, outputs, constants=(), cases=None, files=None):
    """files: {path below the model's folder: bytes}; cases: see examples.write."""
    graph = helper.make_graph(nodes, model_id, inputs, outputs, list(constants))
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(ML, 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    folder = HERE / model_id / "1"
    shutil.rmtree(HERE / model_id, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    for path, content in (files or {}).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    if cases:
        examples.write(folder / "examples.json", folder / "model.onnx", cases)


# ---------------------------------------------------------------------------------------------------------- datatypes


def integer_limits(dtype):
    limits = np.iinfo(dtype)
    beyond_double = [2**53 + 1, -(2**53) - 1] if dtype == np.int64 else []
    return [limits.min, limits.max, 0, 1] + ([-1] if limits.min < 0 else []) + beyond_double


def float_limits(dtype):
    limits = ml_dtypes.finfo(dtype)
    return [limits.max, limits.min, limits.smallest_subnormal, limits.smallest_normal, 0.0, -0.0, 0.1, np.nan, np.inf, -np.inf]


def echo():
    """y = x for every datatype that a request can hold."""
    kinds = {"bool": (BOOL, np.bool_, [True, False]), "bytes": (STRING, object, STRINGS)}
    for dtype in (np.int8, np.int16, np.int32, np.int64, np.uint8):
        kinds[dtype.__name__] = (helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), dtype, integer_limits(dtype))
    for name, elem_type, dtype in (("fp16", FP16, np.float16), ("bf16", BF16, ml_dtypes.bfloat16),
                                   ("fp32", FP32, np.float32), ("fp64", FP64, np.float64)):
        kinds[name] = (elem_type, dtype, float_limits(dtype))
    for name, (elem_type, dtype, limits) in kinds.items():
        values = np.array(limits, dtype)
        feeds = {
            "limits": values.reshape(1, -1),
            "zero-rows": values[:0].reshape(0, 3),
            "one": values[1:2].reshape(1, 1),
            "several": np.resize(values, (3, 2)),
        }
        # BF16 cannot be fed from Python: its answer is the request
        cases = {case: ({"x": x}, {"y": x}) if name == "bf16" else {"x": x} for case, x in feeds.items()}
        shape = ["rows", "columns"]
        save(f"echo-{name}", [node("Identity", ["x"], ["y"])], [tensor("x", elem_type, shape)], [tensor("y", elem_type, shape)],
             cases=cases)


def unsigned_outputs():
    """Cast from INT64 keeps the low bits, so -1 is the highest value of each type."""
    types = {"u8": TensorProto.UINT8, "u16": TensorProto.UINT16, "u32": TensorProto.UINT32, "u64": TensorProto.UINT64}
    nodes = [node("Cast", ["x"], [name], to=elem_type) for name, elem_type in types.items()]
    highest = [2**8 - 1, 2**16 - 1, 2**32 - 1, 2**63 - 1]
    lowest_beyond_signed = [2**7, 2**15, 2**31, -(2**63)]
    limits = np.array([-1, 0, 1, *highest, *lowest_beyond_signed, 2**53 + 1], np.int64)
    save("unsigned-outputs", nodes, [tensor("x", INT64, ["rows"])], [tensor(name, t, ["rows"]) for name, t in types.items()],
         cases={"limits": {"x": limits}, "one": {"x": limits[:1]}, "zero-rows": {"x": limits[:0]}})


# ------------------------------------------------------------------------------------------------------ shapes and axes


def scalars():
    save("scalar", [node("Mul", ["x", "two"], ["y"])], [tensor("x", FP32, [])], [tensor("y", FP32, [])],
         [constant("two", 2, np.float32)], {"half": {"x": np.float32(0.5)}, "negative-zero": {"x": np.float32(-0.0)}})
    save("scalar-int", [node("Add", ["n", "one"], ["m"])], [tensor("n", INT64, [])], [tensor("m", INT64, [])],
         [constant("one", 1, np.int64)], {"seven": {"n": np.int64(7)}, "beyond-double": {"n": np.int64(2**53)}})
    save("scalar-bytes", [node("Identity", ["s"], ["t"])], [tensor("s", STRING, [])], [tensor("t", STRING, [])],
         cases={name: {"s": np.array(text, object)} for name, text in (("word", "word"), ("empty", ""), ("emoji", EMOJI))})


def rank_9():
    dims = [f"d{axis}" for axis in range(9)]
    several, ones = [2, 1, 1, 2, 1, 1, 1, 1, 2], [1] * 9
    numbers = np.arange(8, dtype=np.float32) - 2.5
    save("rank-9", [node("Mul", ["x", "two"], ["y"])], [tensor("x", FP32, dims)], [tensor("y", FP32, dims)],
         [constant("two", 2, np.float32)],
         {"several": {"x": numbers.reshape(several)}, "one": {"x": numbers[:1].reshape(ones)}})
    strings = np.array(STRINGS[:8], object)
    save("rank-9-bytes", [node("Identity", ["x"], ["y"])], [tensor("x", STRING, dims)], [tensor("y", STRING, dims)],
         cases={"several": {"x": strings.reshape(several)}, "one": {"x": strings[1:2].reshape(ones)}})


def independent_axes():
    """The rows of a and of b have nothing to do with each other."""
    a, b = np.array([[1, 2], [3, 4], [-1, 0.5]], np.float32), np.array([[2, 0], [0.25, 1]], np.float32)
    save("independent-axes", [node("Transpose", ["b"], ["turned"]), node("MatMul", ["a", "turned"], ["products"])],
         [tensor("a", FP32, ["n", 2]), tensor("b", FP32, ["m", 2])], [tensor("products", FP32, ["n", "m"])],
         cases={"three-by-two": {"a": a, "b": b}, "one-by-two": {"a": a[:1], "b": b}, "zero-by-two": {"a": a[:0], "b": b}})


def shared_axis():
    """The rows of a and of b belong together; the axes say so by their name, or have no name."""
    a, b = np.array([[0.5], [-1], [2.25]], np.float32), np.array([[1], [2], [-3]], np.int64)
    for model_id, rows in (("shared-axis", "n"), ("unnamed-axes", None)):
        save(model_id, [node("Cast", ["b"], ["c"], to=FP32), node("Concat", ["a", "c"], ["both"], axis=1)],
             [tensor("a", FP32, [rows, 1]), tensor("b", INT64, [rows, 1])], [tensor("both", FP32, [rows, 2])],
             cases={"three": {"a": a, "b": b}, "one": {"a": a[:1], "b": b[:1]}, "zero-rows": {"a": a[:0], "b": b[:0]}})


def duplicate_dims():
    square = np.array([[1, 2], [3, 4]], np.float32)
    save("duplicate-dims", [node("Identity", ["x"], ["y"])], [tensor("x", FP32, ["n", "n"])], [tensor("y", FP32, ["n", "n"])],
         cases={"two": {"x": square}, "one": {"x": square[:1, :1]}, "zero": {"x": square[:0, :0]}})


# -------------------------------------------------------------------------------------------------------------- strings


def labels():
    words = [EMOJI, "a\u0000b", "", "\u00e9", "\u65e5\u672c", "\u0000"]
    codes = list(range(len(words)))
    save("label-codes",
         [node("LabelEncoder", ["s"], ["code"], domain=ML, keys_strings=words, values_int64s=codes, default_int64=-1)],
         [tensor("s", STRING, ["rows"])], [tensor("code", INT64, ["rows"])],
         cases={"all": {"s": np.array(words, object)}, "unknown": {"s": np.array(["a", "b", "e\u0301", " "], object)}})
    save("code-labels",
         [node("LabelEncoder", ["code"], ["s"], domain=ML, keys_int64s=codes, values_strings=words, default_string="?")],
         [tensor("code", INT64, ["rows"])], [tensor("s", STRING, ["rows"])],
         cases={"all": {"code": np.array(codes, np.int64)}, "unknown": {"code": np.array([-1, 6], np.int64)}})


def string_concat():
    words = np.array(STRINGS, object)
    save("string-concat", [node("StringConcat", ["s", "tail"], ["t"])],
         [tensor("s", STRING, ["rows"])], [tensor("t", STRING, ["rows"])], [constant("tail", [EMOJI + "\u0000!"], object)],
         {"all": {"s": words}, "one": {"s": words[1:2]}, "zero-rows": {"s": words[:0]}})


# ----------------------------------------------------------------------------------------------------- maps, sequences


def zipmaps():
    """Classes in no order. U+FF21 comes before the emoji by code point, but after it by UTF-16 unit."""
    strings, ints = ["setosa", "\u00e4", EMOJI, "\uff21"], [10, 9, -1]
    weights = {  # a row for each class: what it gets from each column of x
        "zipmap-strings": ([0.5, 0.125, 0.25, 0.25, 0.125, 0.5, 0.125, 0.125], {"classlabels_strings": strings}, STRING),
        "zipmap-ints": ([0.25, 0.75, 0.125, 0.125, 0.625, 0.125], {"classlabels_ints": ints}, INT64),
    }
    x = np.array([[1, 0], [0, 1], [0.25, 0.75]], np.float32)
    for model_id, (coefficients, classes, label_type) in weights.items():
        zipmap_classes = {"classlabels_strings": strings} if label_type == STRING else {"classlabels_int64s": ints}
        key_type = helper.make_map_type_proto(label_type, helper.make_tensor_type_proto(FP32, []))
        save(model_id,
             [node("LinearClassifier", ["x"], ["label", "scores"], domain=ML, coefficients=coefficients,
                   intercepts=[0.0] * len(ints if label_type == INT64 else strings), **classes),
              node("ZipMap", ["scores"], ["probabilities"], domain=ML, **zipmap_classes)],
             [tensor("x", FP32, ["rows", 2])],
             [tensor("label", label_type, ["rows"]),
              helper.make_value_info("probabilities", helper.make_sequence_type_proto(key_type))],
             cases={"three": {"x": x}, "one": {"x": x[1:2]}})


def sequences():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    numbers = [tensor("x", FP32, ["rows", 4])]
    split = [node("SplitToSequence", ["x", "sizes"], ["parts"], axis=1)]
    save("sequence-equal", split, numbers, [sequence("parts", FP32, ["rows", 2])], [constant("sizes", 2, np.int64)],
         {"three": {"x": x}, "one": {"x": x[:1]}, "zero-rows": {"x": x[:0]}})
    save("sequence-ragged", split, numbers, [sequence("parts", FP32, ["rows", None])], [constant("sizes", [1, 3], np.int64)])
    words = np.array([["a", EMOJI], ["", "a\u0000b"]], object)
    save("sequence-bytes", [node("SplitToSequence", ["s", "size"], ["parts"], axis=1)], [tensor("s", STRING, ["rows", 2])],
         [sequence("parts", STRING, ["rows", 1])], [constant("size", 1, np.int64)],
         {"two": {"s": words}, "one": {"s": words[:1]}, "zero-rows": {"s": words[:0]}})
    save("sequence-empty", [node("SequenceEmpty", [], ["parts"], dtype=FP32), node("Identity", ["x"], ["y"])],
         [tensor("x", FP32, ["rows"])], [sequence("parts", FP32, None), tensor("y", FP32, ["rows"])])


# ----------------------------------------------------------------------------- optionals, names, weights, what is refused


def optionals():
    x, flag = tensor("x", FP32, ["rows"]), tensor("flag", BOOL, [])
    save("optional-present", [node("Optional", ["x"], ["maybe"])], [x], [optional("maybe", FP32, ["rows"])],
         cases={"two": {"x": np.array([0.5, -1], np.float32)}})
    with_value = helper.make_graph([node("Optional", ["x"], ["some"])], "with-value", [], [optional("some", FP32, ["rows"])])
    no_value = node("Optional", [], ["none"], type=helper.make_tensor_type_proto(FP32, ["rows"]))
    without_value = helper.make_graph([no_value], "without-value", [], [optional("none", FP32, ["rows"])])
    save("optional-absent",
         [node("If", ["flag"], ["maybe"], then_branch=with_value, else_branch=without_value), node("Identity", ["x"], ["y"])],
         [flag, x], [optional("maybe", FP32, ["rows"]), tensor("y", FP32, ["rows"])])


def optional_node_output():
    save("optional-node-output", [node("Dropout", ["x"], ["y", "mask"])], [tensor("x", FP32, ["rows"])],
         [tensor("y", FP32, ["rows"]), tensor("mask", BOOL, ["rows"])], cases={"two": {"x": np.array([0.5, -1], np.float32)}})


def refused():
    """Inputs and outputs of types that a request or an answer cannot hold."""
    y = [tensor("y", FP32, ["rows"])]
    for name, elem_type in (("uint16", TensorProto.UINT16), ("uint32", TensorProto.UINT32), ("uint64", TensorProto.UINT64)):
        save(f"{name}-input", [node("Cast", ["x"], ["y"], to=FP32)], [tensor("x", elem_type, ["rows"])], y)
    save("sequence-input", [node("ConcatFromSequence", ["x"], ["y"], axis=0)], [sequence("x", FP32, ["part"])], y)
    save("optional-input", [node("OptionalGetElement", ["x"], ["y"])], [optional("x", FP32, ["rows"])], y)
    int_to_float = helper.make_map_type_proto(INT64, helper.make_tensor_type_proto(FP32, []))
    save("map-input", [node("CastMap", ["x"], ["y"], domain=ML)], [helper.make_value_info("x", int_to_float)],
         [tensor("y", FP32, [1, "columns"])])
    for name, elem_type in (("float8", FLOAT8), ("int4", INT4)):
        save(f"{name}-output", [node("Cast", ["x"], ["y"], to=elem_type)],
             [tensor("x", FP32, ["rows"])], [tensor("y", elem_type, ["rows"])])


def external_weights():
    weights = ((np.arange(64 * 8) * 7 % 16 - 8) / 8).astype(np.float32).reshape(64, 8)
    w = TensorProto(name="w", data_type=FP32, dims=weights.shape, data_location=TensorProto.EXTERNAL)
    for key, text in (("location", "weights/w.bin"), ("offset", "0"), ("length", str(weights.nbytes))):
        w.external_data.add(key=key, value=text)
    x = ((np.arange(3 * 64) % 11 - 5) / 4).astype(np.float32).reshape(3, 64)
    save("external-weights", [node("MatMul", ["x", "w"], ["y"])],
         [tensor("x", FP32, ["rows", 64])], [tensor("y", FP32, ["rows", 8])], [w],
         {"three": {"x": x}, "one": {"x": x[:1]}}, {"weights/w.bin": weights.astype("<f4").tobytes()})


def no_inputs():
    value = constant("value", [1, -0.5, 0.25], np.float32)
    save("no-inputs", [node("Constant", [], ["y"], value=value)], [], [tensor("y", FP32, [3])], cases={"only": {}})


def unicode_names():
    x, y = f"gr\u00f6\u00dfe {EMOJI}", "na\u00efve/out[0]"
    save("unicode-names", [node("Neg", [x], [y])], [tensor(x, FP32, ["rows"])], [tensor(y, FP32, ["rows"])],
         cases={"two": {x: np.array([0.5, -1], np.float32)}})


# ------------------------------------------------------------------------------------------------ what ends the process


def crash_at_load():
    """The axes must have rank 1. Given [2,0], ONNX Runtime 1.28 takes two axes from no data: it reads address 0 (SIGSEGV)
    while it folds the constants. The reduced constant has to be empty, too."""
    save("crash-at-load", [node("ReduceSum", ["empty", "axes"], ["sum"]), node("Add", ["x", "sum"], ["y"])],
         [tensor("x", FP32, ["rows", 1])], [tensor("y", FP32, ["rows", 1])],
         [constant("empty", np.zeros((2, 0)), np.float32), constant("axes", np.zeros((2, 0)), np.int64)])


def int_division():
    a, b = np.array([7, -7, 7, -7, -(2**31)], np.int32), np.array([2, 2, -2, -2, 1], np.int32)
    save("int-division", [node("Div", ["a", "b"], ["quotient"])], [tensor("a", INT32, ["rows"]), tensor("b", INT32, ["rows"])],
         [tensor("quotient", INT32, ["rows"])], cases={"several": {"a": a, "b": b}, "one": {"a": a[:1], "b": b[:1]}})


def shape_by_values():
    x = np.array([[1, -1, 2], [1, 2, 3], [-1, 2, -3]], np.float32)
    cases = {name: {"x": row} for name, row in zip(("two", "three", "one"), x)}
    save("shape-by-values", [node("Greater", ["x", "zero"], ["positive"]), node("Compress", ["x", "positive"], ["kept"], axis=0)],
         [tensor("x", FP32, ["n"])], [tensor("kept", FP32, ["m"])], [constant("zero", 0, np.float32)], cases={**cases})


if __name__ == "__main__":
    for make in (echo, unsigned_outputs, scalars, rank_9, independent_axes, shared_axis, duplicate_dims, labels, string_concat,
                 zipmaps, sequences, optionals, optional_node_output, refused, external_weights, no_inputs, unicode_names,
                 crash_at_load, int_division, shape_by_values):
        make()
