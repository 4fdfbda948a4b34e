"""Whether a server gives the answers that ONNX Runtime gives."""
import json

ABSOLUTE, RELATIVE = 1e-4, 1e-4


def problem(answer, expected):
    """What is wrong with an answer, in words; None if nothing is. Expected: name to flat list."""
    outputs = json.loads(answer)["outputs"]
    if isinstance(outputs, list):
        outputs = {output["name"]: output["data"] for output in outputs}
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


def close(found, wanted):
    if isinstance(wanted, int):
        return found == wanted
    return abs(found - wanted) <= ABSOLUTE + RELATIVE * abs(wanted)


def flat(value):
    return [leaf for item in value for leaf in flat(item)] if isinstance(value, list) else [value]
