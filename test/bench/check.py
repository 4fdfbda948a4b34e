"""Whether a server gives the answers that ONNX Runtime gives."""
import json
import struct

ABSOLUTE, RELATIVE = 1e-4, 1e-4


def problem(answer, expected):
    """What is wrong with an answer, in words; None if nothing is. Expected: name to flat list."""
    text = answer if isinstance(answer, str) else answer.decode("latin-1")
    document, end = json.JSONDecoder().raw_decode(text)
    outputs = document["outputs"]
    if isinstance(outputs, list):
        outputs = {output["name"]: output.get("data") for output in outputs}
        for output in document["outputs"]:
            if "data" not in output:
                size = output["parameters"]["binary_data_size"]
                outputs[output["name"]] = binary(output["datatype"], text[end:end + size].encode("latin-1"))
                end += size
    if set(outputs) != set(expected):
        return f"outputs {sorted(outputs)} (expected: {sorted(expected)})"
    for name, wanted in expected.items():
        found = flat(outputs[name])
        if len(found) != len(wanted):
            return f"output '{name}': {len(found)} elements (expected: {len(wanted)})"
        for i, (one, other) in enumerate(zip(found, wanted)):
            if not close(one, other):
                return f"output '{name}': element {i} is {one} (expected: {other})"
    return None


def binary(datatype, data):
    """Elements behind the JSON."""
    return [element for element, in struct.iter_unpack({"FP32": "<f", "INT64": "<q"}[datatype], data)]


def close(found, wanted):
    if isinstance(wanted, int):
        return found == wanted
    return abs(found - wanted) <= ABSOLUTE + RELATIVE * abs(wanted)


def flat(value):
    return [leaf for item in value for leaf in flat(item)] if isinstance(value, list) else [value]
