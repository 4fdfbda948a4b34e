"""The examples of the sample models, as clients ask for them and compare the answers."""
import json
from pathlib import Path

import numpy as np
from tritonclient.utils import triton_to_np_dtype


def examples(models):
    """(model, version, example) of every <model>/<version>/examples.json below the folder."""
    for file in sorted(Path(models).glob("*/*/examples.json")):
        for example in json.loads(file.read_text())["examples"]:
            yield file.parent.parent.name, file.parent.name, example


def values(tensor):
    array = np.array(tensor["data"], dtype=object if tensor["datatype"] == "BYTES" else triton_to_np_dtype(tensor["datatype"]))
    return array.reshape(tensor["shape"])


def require_right(test, example, array_of, where):
    """Compares all outputs of the example with array_of(name)."""
    tolerance = {"absolute": 1e-6, "relative": 1e-5, **example.get("tolerance", {})}
    for tensor in example["response"]["outputs"]:
        expected, got = values(tensor), array_of(tensor["name"])
        if tensor["datatype"] == "BYTES":
            texts = [one if isinstance(one, str) else one.decode() for one in got.flatten()]
            got = np.array(texts, dtype=object).reshape(got.shape)
        test.assertEqual(list(got.shape), tensor["shape"], where)
        if tensor["datatype"].startswith(("FP", "BF")):
            np.testing.assert_allclose(got, expected, rtol=tolerance["relative"], atol=tolerance["absolute"], err_msg=where)
        else:
            np.testing.assert_array_equal(got, expected, err_msg=where)
