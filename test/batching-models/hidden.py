"""Models that mix rows where their own examples do not show it: other values, lengths, twins or numbers of rows do."""
import numpy as np
from onnx import TensorProto, helper

from graphs import AXIS_0, AXIS_1, FP32, INT64, ML, STRING, X, Y_4, ROWS_4, constant, node, numbers, of_x, save, tensor

BOOL = TensorProto.BOOL
ZERO, ONE = constant("zero", [0], np.int64), constant("one", [1], np.int64)


def row_pointer():
    """An integer that names another row of the batch, or none: that of all examples is 0, none."""
    at = np.zeros((5, 1), np.int64)
    save("row-pointer",
         [node("Concat", ["nothing", "x"], ["table"], axis=0), node("Squeeze", ["at", "axis_1"], ["places"]),
          node("Gather", ["table", "places"], ["other"]), node("Add", ["x", "other"], ["y"])],
         [*ROWS_4, tensor("at", INT64, ["rows", 1])], Y_4, [AXIS_1, constant("nothing", np.zeros((1, 4)))],
         {"one": {"x": X[:1], "at": at[:1]}, "others": {"x": X[1:], "at": at[1:]}})


def chosen_codes():
    """Leaves out rows of code 0, which no example has."""
    codes = np.array([[1], [2], [3], [2], [1]], np.int64)
    save("chosen-codes",
         [node("Cast", ["codes"], ["known"], to=BOOL), node("Squeeze", ["known", "axis_1"], ["chosen"]),
          node("Compress", ["x", "chosen"], ["y"], axis=0)],
         [*ROWS_4, tensor("codes", INT64, ["rows", 1])], [tensor("y", FP32, ["chosen", 4])], [AXIS_1],
         {"one": {"x": X[:1], "codes": codes[:1]}, "others": {"x": X[1:], "codes": codes[1:]}})


def first_language():
    """The language of the first row is that of all; that of all examples is the same."""
    words, languages = np.array([["one"], ["two"], ["none"]], object), np.array([["en"]] * 3, object)
    save("first-language",
         [node("LabelEncoder", ["word"], ["code"], domain=ML, keys_strings=["one", "two"], values_int64s=[1, 2], default_int64=0),
          node("LabelEncoder", ["language"], ["offset"], domain=ML, keys_strings=["en"], values_int64s=[10], default_int64=0),
          node("Slice", ["offset", "zero", "one"], ["first"]), node("Add", ["code", "first"], ["y"])],
         [tensor("word", STRING, ["rows", 1]), tensor("language", STRING, ["rows", 1])], [tensor("y", INT64, ["rows", 1])],
         [ZERO, ONE],
         {"one": {"word": words[:1], "language": languages[:1]}, "two": {"word": words[1:], "language": languages[1:]}}, 0)


def only_language():
    """The same, and refuses every language but that of all examples: nothing shows that others would keep their own."""
    words, languages = np.array([["one"], ["two"], ["none"]], object), np.array([["en"]] * 3, object)
    save("only-language",
         [node("LabelEncoder", ["word"], ["code"], domain=ML, keys_strings=["one", "two"], values_int64s=[1, 2], default_int64=0),
          node("LabelEncoder", ["language"], ["place"], domain=ML, keys_strings=["en"], values_int64s=[0], default_int64=9),
          node("Gather", ["offsets", "place"], ["offset"]), node("Slice", ["offset", "zero", "one"], ["first"]),
          node("Add", ["code", "first"], ["y"])],
         [tensor("word", STRING, ["rows", 1]), tensor("language", STRING, ["rows", 1])], [tensor("y", INT64, ["rows", 1])],
         [ZERO, ONE, constant("offsets", [10], np.int64)],
         {"one": {"word": words[:1], "language": languages[:1]}, "two": {"word": words[1:], "language": languages[1:]}}, 0)


def padded_words():
    """Texts in words, filled up to those of the longest text of the batch; all examples have two."""
    texts = np.array(["a b", "c d", "e f"], object)
    save("padded-words", [node("StringSplit", ["text"], ["words", "count"], delimiter=" ")],
              [tensor("text", STRING, ["rows"])], [tensor("words", STRING, ["rows", "words"])], [],
         {"one": {"text": texts[:1]}, "two": {"text": texts[1:]}}, 0)


def turned_by_reshape():
    """A reshape where a transposition was meant: right for texts of one token, as all examples are."""
    save("turned-by-reshape",
         [node("Shape", ["values"], ["batch"], end=1), node("Shape", ["values"], ["length"], start=1),
          node("Concat", ["length", "batch"], ["turned"], axis=0), node("Reshape", ["values", "turned"], ["by_token"]),
          node("ReduceSum", ["by_token", "axis_0"], ["y"], keepdims=0)],
         [tensor("values", FP32, ["batch", "length"])], [tensor("y", FP32, ["batch"])], [AXIS_0],
         {"one": {"values": numbers(1, 1)}, "three": {"values": numbers(3, 1, step=5)}})


def how_many_alike():
    """Each row times how many of the batch are equal to it: one in all examples."""
    save("how-many-alike",
         [node("Unsqueeze", ["x", "axis_0"], ["across"]), node("Unsqueeze", ["x", "axis_1"], ["down"]),
          node("Sub", ["across", "down"], ["distances"]), node("Abs", ["distances"], ["sizes"]),
          node("ReduceSum", ["sizes", "axis_2"], ["apart"], keepdims=0), node("Equal", ["apart", "none"], ["alike"]),
          node("Cast", ["alike"], ["ones"], to=FP32), node("ReduceSum", ["ones", "axis_1"], ["count"]),
          node("Mul", ["x", "count"], ["y"])],
         ROWS_4, Y_4, [AXIS_0, AXIS_1, constant("axis_2", [2], np.int64), constant("none", 0)],
         {"first": {"x": X[:1]}, "second": {"x": X[1:2]}, "third": {"x": X[2:3]}})


def unique_rows():
    """Leaves out rows that were there before."""
    of_x("unique-rows", [node("Unique", ["x"], ["y"], axis=0, sorted=0)], outputs=[tensor("y", FP32, ["unique", 4])])


def at_ten():
    """Another answer for ten rows, and for no other number."""
    of_x("at-ten",
         [node("Shape", ["x"], ["rows"], end=1), node("Equal", ["rows", "ten"], ["exactly"]), node("Add", ["x", "x"], ["doubled"]),
          node("Where", ["exactly", "x", "doubled"], ["y"])], [constant("ten", [10], np.int64)])


def nearly_alike():
    """Sorted rows that differ by less than the tolerance, so that they may be exchanged."""
    of_x("nearly-alike",
         [node("Tanh", ["x"], ["bounded"]), node("IsNaN", ["x"], ["no_number"]), node("Mul", ["bounded", "little"], ["small"]),
          node("Where", ["no_number", "nothing", "small"], ["known"]), node("Shape", ["x"], ["rows"], end=1),
          node("TopK", ["known", "rows"], ["y", "places"], axis=0)], [constant("little", 1e-5), constant("nothing", 0)])


# ------------------------------------------------------------------------------------------------ what their examples show


def first_of_all():
    """Adds to each row what the first row has beside it: parameters that were meant for a request of its own."""
    offsets = numbers(5, 1, step=9)
    save("first-of-all", [node("Slice", ["offset", "zero", "one"], ["first"]), node("Add", ["x", "first"], ["y"])],
         [*ROWS_4, tensor("offset", FP32, ["rows", 1])], Y_4, [ZERO, ONE],
         {"one": {"x": X[:1], "offset": offsets[:1]}, "others": {"x": X[1:], "offset": offsets[1:]}})


def scanned():
    """A loop over the rows that carries a state from each to the next."""
    state, row = tensor("state", FP32, [4]), tensor("row", FP32, [4])
    body = helper.make_graph([node("Mul", ["state", "half"], ["faded"]), node("Add", ["faded", "row"], ["next"]),
                                 node("Tanh", ["next"], ["answer"])], "step",
                        [state, row], [tensor("next", FP32, [4]), tensor("answer", FP32, [4])], [constant("half", 0.5)])
    of_x("scanned", [node("Scan", ["begin", "x"], ["end", "y"], body=body, num_scan_inputs=1)], [constant("begin", np.zeros(4))])


def dropout_in_training():
    """Drops numbers at random, as in training, from a generator that goes on from run to run."""
    of_x("dropout-in-training", [node("Dropout", ["x", "ratio", "training"], ["y"], seed=3)],
         [constant("ratio", 0.5), constant("training", True, np.bool_)])


def found_places():
    """Where numbers are positive, as pairs of row and column: one in each row."""
    save("found-places",
         [node("ArgMax", ["x"], ["best"], axis=1, keepdims=0), node("OneHot", ["best", "depth", "offon"], ["hot"]),
          node("NonZero", ["hot"], ["places"]), node("Transpose", ["places"], ["y"])],
         ROWS_4, [tensor("y", INT64, ["found", 2])], [constant("depth", 4, np.int64), constant("offon", [0, 1])],
         {"one": {"x": X[:1]}, "three": {"x": X[1:4]}, "two": {"x": X[3:]}})


def norm_over_all():
    """LayerNormalization over the rows too."""
    of_x("norm-over-all", [node("LayerNormalization", ["x", "gamma"], ["y"], axis=0)], [constant("gamma", numbers(4, step=3))])


# ------------------------------------------------------------------------------------------------------- rows of their own


def attention():
    """Tokens that look at each other, within their row."""
    x = numbers(3, 5, 4, step=11)
    save("attention",
         [node("Transpose", ["x"], ["turned"], perm=[0, 2, 1]), node("MatMul", ["x", "turned"], ["scores"]),
          node("Softmax", ["scores"], ["weights"], axis=2), node("MatMul", ["weights", "x"], ["y"])],
         [tensor("x", FP32, ["batch", "tokens", 4])], [tensor("y", FP32, ["batch", "tokens", 4])], [],
         {"one": {"x": x[:1]}, "two": {"x": x[1:]}, "short": {"x": x[:2, :2]}})


def masked():
    """The mean of each row where its mask is set."""
    values = numbers(3, 5)
    mask = np.array([[1, 1, 1, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    save("masked",
         [node("Cast", ["mask"], ["m"], to=FP32), node("Mul", ["values", "m"], ["known"]),
          node("ReduceSum", ["known", "axis_1"], ["sums"]), node("ReduceSum", ["m", "axis_1"], ["lengths"]),
          node("Div", ["sums", "lengths"], ["y"])],
         [tensor("values", FP32, ["batch", "tokens"]), tensor("mask", BOOL, ["batch", "tokens"])],
         [tensor("y", FP32, ["batch", 1])], [AXIS_1],
         {"one": {"values": values[:1], "mask": mask[:1]}, "two": {"values": values[1:], "mask": mask[1:]}})


def word_count():
    """How many words each text has."""
    texts = np.array(["a b", "c", "d e f"], object)
    save("word-count", [node("StringSplit", ["text"], ["words", "count"], delimiter=" ")],
         [tensor("text", STRING, ["rows"])], [tensor("count", INT64, ["rows"])], [],
         {"one": {"text": texts[:1]}, "two": {"text": texts[1:]}}, 0)


MODELS = (row_pointer, chosen_codes, first_language, only_language, padded_words, turned_by_reshape, how_many_alike, unique_rows,
          at_ten, nearly_alike, first_of_all, scanned, dropout_in_training, found_places, norm_over_all, attention, masked, word_count)
