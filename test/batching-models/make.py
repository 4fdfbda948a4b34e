"""Makes the models of this folder, each as <id>/1/model.onnx with examples.json.

Only fixed data goes in. The examples' answers are ONNX Runtime's own; sums are exact in binary where the operators allow it.
"""
import numpy as np

import hidden
from graphs import AXIS_0, AXIS_1, FP32, INT64, ML, ROWS_4, STRING, X, X_CASES, Y_4, constant, node, numbers, of_x, save, tensor


# ------------------------------------------------------------------------------------------- rows know of their neighbours


def time_first():
    """A recurrent network over the first axis, which has one sequence."""
    w, r, b = numbers(1, 9, 4), numbers(1, 9, 3, step=5), numbers(1, 18, step=3)
    save("time-first",
         [node("Unsqueeze", ["x", "axis_1"], ["sequence"]),
          node("GRU", ["sequence", "w", "r", "b"], ["states"], hidden_size=3),
          node("Squeeze", ["states", "axes_12"], ["y"])],
         [tensor("x", FP32, ["time", 4])], [tensor("y", FP32, ["time", 3])],
         [constant("w", w), constant("r", r), constant("b", b), AXIS_1, constant("axes_12", [1, 2], np.int64)], X_CASES)


def batch_mean():
    of_x("batch-mean", [node("ReduceMean", ["x", "axis_0"], ["mean"]), node("Sub", ["x", "mean"], ["y"])], [AXIS_0])


def batch_norm_training():
    """Batch normalisation as it is in training: by the mean and the variance of the batch."""
    of_x("batch-norm-training",
         [node("ReduceMean", ["x", "axis_0"], ["mean"]), node("Sub", ["x", "mean"], ["centred"]),
          node("Mul", ["centred", "centred"], ["squares"]), node("ReduceMean", ["squares", "axis_0"], ["variance"]),
          node("Add", ["variance", "epsilon"], ["positive"]), node("Sqrt", ["positive"], ["deviation"]),
          node("Div", ["centred", "deviation"], ["normal"]), node("Mul", ["normal", "gamma"], ["scaled"]),
          node("Add", ["scaled", "beta"], ["y"])],
         [AXIS_0, constant("epsilon", 1e-5), constant("gamma", numbers(4)), constant("beta", numbers(4, step=3))])


def dynamic_quantised():
    """Each run finds its own scale, from all rows."""
    weights = (np.arange(16) * 37 % 127 - 63).astype(np.int8).reshape(4, 4)  # seven bits: see static_quantised
    of_x("dynamic-quantised",
         [node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
          node("MatMulInteger", ["q", "weights", "zero"], ["sum"]), node("Cast", ["sum"], ["float"], to=FP32),
          node("Mul", ["float", "scale"], ["scaled"]), node("Mul", ["scaled", "weight_scale"], ["y"])],
         [constant("weights", weights, np.int8), constant("weight_scale", 0.01)])


def padding_sensitive():
    """Sums are divided by the length of the longest text of the batch."""
    mask = np.array([[1, 1, 1, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 0], [1, 1, 0, 0, 0]], np.int64)
    values = numbers(4, 5)
    inputs = [tensor("values", FP32, ["batch", "tokens"]), tensor("mask", INT64, ["batch", "tokens"])]
    save("padding-sensitive",
         [node("Cast", ["mask"], ["m"], to=FP32), node("Mul", ["values", "m"], ["known"]),
          node("ReduceSum", ["known", "axis_1"], ["sums"]), node("ReduceSum", ["m", "axis_1"], ["lengths"]),
          node("ReduceMax", ["lengths"], ["longest"]), node("Div", ["sums", "longest"], ["y"])],
         inputs, [tensor("y", FP32, ["batch", 1])], [AXIS_1],
         {"one": {"values": values[:1], "mask": mask[:1]}, "two": {"values": values[1:3], "mask": mask[1:3]},
          "short": {"values": values[3:, :4], "mask": mask[3:, :4]}})


def running_sum():
    of_x("running-sum", [node("CumSum", ["x", "zero"], ["y"])], [constant("zero", 0, np.int64)])


def sorted_rows():
    """The rows in descending order, column by column."""
    of_x("sorted-rows",
         [node("Shape", ["x"], ["rows"], end=1), node("TopK", ["x", "rows"], ["y", "places"], axis=0)])


def after_the_first():
    """State that the first row sets for those that come after it."""
    of_x("after-the-first",
         [node("Slice", ["x", "zero", "one"], ["first"]), node("Tanh", ["first"], ["state"]),
          node("Add", ["x", "state"], ["y"])], [constant("zero", [0], np.int64), constant("one", [1], np.int64)])


def row_number():
    of_x("row-number",
         [node("Mul", ["x", "none"], ["zeros"]), node("Add", ["zeros", "one"], ["ones"]),
          node("CumSum", ["ones", "zero"], ["number"]), node("Add", ["x", "number"], ["y"])],
         [constant("zero", 0, np.int64), constant("none", 0), constant("one", 1)])


def global_maximum():
    """Softmax that subtracts the greatest number of the batch, not of the row: far greater ones leave the others nothing."""
    of_x("global-maximum",
         [node("ReduceMax", ["x"], ["greatest"]), node("Sub", ["x", "greatest"], ["shifted"]),
          node("Exp", ["shifted"], ["exp"]), node("ReduceSum", ["exp", "axis_1"], ["sum"]),
          node("Div", ["exp", "sum"], ["y"])], [AXIS_1])


def poisoned():
    """A sum over the batch that counts for nothing, unless it is infinite or not a number."""
    of_x("poisoned",
         [node("ReduceSum", ["x"], ["sum"]), node("Mul", ["sum", "none"], ["nothing"]), node("Add", ["x", "nothing"], ["y"])],
         [constant("none", 0)])


def crowded():
    """Another answer where there are more than 20 rows."""
    of_x("crowded",
         [node("Shape", ["x"], ["rows"], end=1), node("Greater", ["rows", "twenty"], ["many"]),
          node("Add", ["x", "x"], ["doubled"]), node("Where", ["many", "x", "doubled"], ["y"])],
         [constant("twenty", [20], np.int64)])


def noise():
    """The generator's state goes on from run to run."""
    of_x("noise", [node("RandomNormalLike", ["x"], ["noise"], scale=1e-5, seed=7.0), node("Add", ["x", "noise"], ["y"])])


# ----------------------------------------------------------------------------------------------- axes that are no batch


def fixed_rows():
    save("fixed-rows", [node("Tanh", ["x"], ["y"])], [tensor("x", FP32, [1, 4])], [tensor("y", FP32, [1, 4])], [],
         {"one": {"x": X[:1]}, "other": {"x": X[1:2]}})


def state_on_axis_1():
    """A recurrent step as voice models have it: the batch of the state is its second axis, and a scalar is beside it."""
    w, r = numbers(1, 9, 4), numbers(1, 9, 3, step=5)
    save("state-on-axis-1",
         [node("Unsqueeze", ["x", "axis_0"], ["sequence"]), node("Mul", ["state", "decay"], ["before"]),
          node("GRU", ["sequence", "w", "r", "", "", "before"], ["", "next"], hidden_size=3),
          node("Squeeze", ["next", "axis_0"], ["y"])],
         [tensor("x", FP32, ["batch", 4]), tensor("state", FP32, [1, "batch", 3]), tensor("decay", FP32, [])],
         [tensor("y", FP32, ["batch", 3]), tensor("next", FP32, [1, "batch", 3])],
         [constant("w", w), constant("r", r), AXIS_0],
         {"one": {"x": X[:1], "state": numbers(1, 1, 3), "decay": np.float32(0.5)},
          "two": {"x": X[:2], "state": numbers(1, 2, 3), "decay": np.float32(0.25)}})


def one_row_out():
    """One answer for all rows, however many."""
    of_x("one-row-out", [node("ReduceSum", ["x", "axis_0"], ["y"], keepdims=1)], [AXIS_0], [tensor("y", FP32, [1, 4])])


def twice_the_rows():
    of_x("twice-the-rows", [node("Neg", ["x"], ["opposite"]), node("Concat", ["x", "opposite"], ["y"], axis=0)],
         outputs=[tensor("y", FP32, ["twice", 4])])


def chosen_rows():
    """Only rows that begin with a positive number: as many as there are."""
    of_x("chosen-rows",
         [node("Gather", ["x", "zero"], ["begin"], axis=1), node("Greater", ["begin", "none"], ["chosen"]),
          node("Compress", ["x", "chosen"], ["y"], axis=0)],
         [constant("zero", 0, np.int64), constant("none", 0)], [tensor("y", FP32, ["chosen", 4])])


def scalar_beside():
    """An answer for each row, and a number for all."""
    of_x("scalar-beside", [node("Tanh", ["x"], ["y"]), node("ReduceMean", ["y"], ["mean"], keepdims=0)],
         outputs=[*Y_4, tensor("mean", FP32, [])])


def pairs():
    """Each row with each: the rows are the second axis of the answer, too."""
    of_x("pairs", [node("Transpose", ["x"], ["turned"]), node("MatMul", ["x", "turned"], ["y"])],
         outputs=[tensor("y", FP32, ["rows", "others"])])


def alike():
    """Nothing in its answers shows that they stay in their rows."""
    of_x("alike", [node("Mul", ["x", "none"], ["zeros"]), node("Add", ["zeros", "half"], ["y"])],
         [constant("none", 0), constant("half", 0.5)])


# ------------------------------------------------------------------------------------------------------- rows of their own


def mlp():
    layers = [(4, 16), (16, 16), (16, 3)]
    constants, nodes, at = [], [], "x"
    for index, (height, width) in enumerate(layers):
        constants += [constant(f"w{index}", numbers(height, width, step=5 + index)), constant(f"b{index}", numbers(width))]
        nodes += [node("Gemm", [at, f"w{index}", f"b{index}"], [f"sum{index}"]), node("Relu", [f"sum{index}"], [f"h{index}"])]
        at = f"h{index}"
    nodes[-1] = node("Softmax", ["sum2"], ["y"], axis=1)
    of_x("mlp", nodes, constants, [tensor("y", FP32, ["rows", 3])])


def two_inputs():
    """A category and numbers, as tables have them; unnamed first axes."""
    a, b = numbers(5, 2), np.array([[0], [2], [1], [1], [2]], np.int64)
    save("two-inputs",
         [node("Gather", ["embeddings", "b"], ["found"]), node("Squeeze", ["found", "axis_1"], ["e"]),
          node("Concat", ["a", "e"], ["both"], axis=1), node("MatMul", ["both", "w"], ["y"])],
         [tensor("a", FP32, [None, 2]), tensor("b", INT64, [None, 1])], [tensor("y", FP32, [None, 3])],
         [constant("embeddings", numbers(3, 2)), constant("w", numbers(4, 3)), AXIS_1],
         {"one": {"a": a[:1], "b": b[:1]}, "two": {"a": a[1:3], "b": b[1:3]}, "others": {"a": a[3:], "b": b[3:]}})


def strings():
    words = np.array([["red"], ["green"], ["blue"], ["none of them"]], object)
    save("strings",
         [node("LabelEncoder", ["s"], ["code"], domain=ML, keys_strings=["red", "green", "blue"], values_int64s=[3, 1, 2],
               default_int64=0),
          node("LabelEncoder", ["code"], ["opposite"], domain=ML, keys_int64s=[0, 1, 2, 3],
               values_strings=["grey", "magenta", "yellow", "cyan"], default_string="?")],
         [tensor("s", STRING, ["rows", 1])], [tensor("code", INT64, ["rows", 1]), tensor("opposite", STRING, ["rows", 1])], [],
         {"one": {"s": words[:1]}, "three": {"s": words[1:]}}, 0)


def int_labels():
    """The declared shape of the label is wrong, as LightGBM's converter has it."""
    of_x("int-labels",
         [node("MatMul", ["x", "w"], ["scores"]), node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0)],
         [constant("w", numbers(4, 3, step=5))], [tensor("label", INT64, [1])])


def batch_first():
    """A recurrent network that keeps its sequences apart; texts of any length."""
    tokens = np.array([[1, 4, 2, 0], [3, 3, 1, 2], [0, 1, 4, 4]], np.int64)
    save("batch-first",
         [node("Gather", ["embeddings", "tokens"], ["e"]), node("Transpose", ["e"], ["sequence"], perm=[1, 0, 2]),
          node("GRU", ["sequence", "w", "r"], ["", "last"], hidden_size=3), node("Squeeze", ["last", "axis_0"], ["y"])],
         [tensor("tokens", INT64, ["batch", "length"])], [tensor("y", FP32, ["batch", 3])],
         [constant("embeddings", numbers(5, 4)), constant("w", numbers(1, 9, 4)), constant("r", numbers(1, 9, 3, step=5)), AXIS_0],
         {"one": {"tokens": tokens[:1]}, "two": {"tokens": tokens[1:]}, "short": {"tokens": tokens[:2, :3]}})


def static_quantised():
    """A scale that was found when the model was made is the same for all."""
    # Seven bits, because processors without VNNI add two products of eight bits in sixteen, and cut the sum off.
    weights = (np.arange(12) * 37 % 127 - 63).astype(np.int8).reshape(4, 3)
    of_x("static-quantised",
         [node("QuantizeLinear", ["x", "scale", "zero"], ["q"]), node("MatMulInteger", ["q", "weights", "zero"], ["sum"]),
          node("Cast", ["sum"], ["y"], to=FP32)],
         [constant("scale", 0.0125), constant("zero", 128, np.uint8), constant("weights", weights, np.int8)],
         [tensor("y", FP32, ["rows", 3])])


def row_norm():
    of_x("row-norm", [node("LayerNormalization", ["x", "gamma", "beta"], ["y"], axis=1)],
         [constant("gamma", numbers(4)), constant("beta", numbers(4, step=3))])


if __name__ == "__main__":
    for make in (time_first, batch_mean, batch_norm_training, dynamic_quantised, padding_sensitive, running_sum, sorted_rows,
                 after_the_first, row_number, global_maximum, poisoned, crowded, noise, fixed_rows, state_on_axis_1, one_row_out,
                 twice_the_rows, chosen_rows, scalar_beside, pairs, alike, mlp, two_inputs, strings, int_labels, batch_first,
                 static_quantised, row_norm, *hidden.MODELS):
        make()
