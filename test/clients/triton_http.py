"""tritonclient's HTTP clients, sync and asyncio, unchanged against a running service: every example of every sample model in
each mix of JSON and binary tensors, and what the clients make of errors. Usage: triton_http.py HOST:PORT MODELS, a folder with
<model>/<version>/examples.json. Ends with 0 when everything is as it should be."""
import asyncio
import json
import sys
import unittest
from pathlib import Path

import numpy as np
import tritonclient.http as http
import tritonclient.http.aio as aio
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

URL, MODELS = sys.argv[1], Path(sys.argv[2])


def examples():
    for file in sorted(MODELS.glob("*/*/examples.json")):
        for example in json.loads(file.read_text())["examples"]:
            yield file.parent.parent.name, file.parent.name, example


def values(tensor):
    array = np.array(tensor["data"], dtype=object if tensor["datatype"] == "BYTES" else triton_to_np_dtype(tensor["datatype"]))
    return array.reshape(tensor["shape"])


def inputs(module, example, binary):
    found = []
    for tensor in example["request"]["inputs"]:
        one = module.InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
        one.set_data_from_numpy(values(tensor), binary_data=binary)
        found.append(one)
    return found


def outputs(module, example, binary):
    return [module.InferRequestedOutput(tensor["name"], binary_data=binary) for tensor in example["response"]["outputs"]]


class Clients(unittest.TestCase):
    def setUp(self):
        self.client = http.InferenceServerClient(URL, concurrency=2)
        self.addCleanup(self.client.close)

    def require_right(self, example, result, where):
        tolerance = {"absolute": 1e-6, "relative": 1e-5, **example.get("tolerance", {})}
        for tensor in example["response"]["outputs"]:
            expected, got = values(tensor), result.as_numpy(tensor["name"])
            if tensor["datatype"] == "BYTES":
                got = np.array([one if isinstance(one, str) else one.decode() for one in got.flatten()], dtype=object).reshape(got.shape)
            self.assertEqual(list(got.shape), tensor["shape"], where)
            if tensor["datatype"].startswith(("FP", "BF")):
                np.testing.assert_allclose(got, expected, rtol=tolerance["relative"], atol=tolerance["absolute"], err_msg=where)
            else:
                np.testing.assert_array_equal(got, expected, err_msg=where)

    def test_examples(self):
        count = 0
        for model, version, example in examples():
            for binary_in in (False, True):
                for binary_out in (False, True):
                    where = f"{model} {version} {example['name']} {binary_in} {binary_out}"
                    result = self.client.infer(model, inputs(http, example, binary_in), model_version=version, request_id="r-1",
                                               outputs=outputs(http, example, binary_out))
                    self.assertEqual(result.get_response()["id"], "r-1")
                    self.assertEqual(result.get_response()["model_version"], version)
                    self.require_right(example, result, where)
                    count += 1
        self.assertGreater(count, 50)

    def test_all_outputs_by_default(self):
        for model, version, example in examples():
            result = self.client.infer(model, inputs(http, example, True), model_version=version)
            self.require_right(example, result, model)

    def test_compressed_requests(self):
        for model, version, example in examples():
            for algorithm in ("gzip", "deflate"):
                result = self.client.infer(model, inputs(http, example, True), model_version=version,
                                           request_compression_algorithm=algorithm)
                self.require_right(example, result, f"{model} {algorithm}")

    def test_async_infer(self):
        asked = [(example, self.client.async_infer(model, inputs(http, example, True), model_version=version))
                 for model, version, example in examples()]
        for example, request in asked:
            self.require_right(example, request.get_result(), example["name"])

    def test_asyncio(self):
        async def ask():
            async with aio.InferenceServerClient(URL) as client:
                self.assertTrue(await client.is_server_live())
                self.assertTrue(await client.is_server_ready())
                for model, version, example in examples():
                    self.assertTrue(await client.is_model_ready(model, version))
                    for binary in (False, True):
                        result = await client.infer(model, inputs(http, example, binary), model_version=version,
                                                    outputs=outputs(http, example, binary))
                        self.require_right(example, result, model)

        asyncio.run(ask())

    def test_health_and_metadata(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertIn("binary_tensor_data", self.client.get_server_metadata()["extensions"])
        for model, version, example in examples():
            self.assertTrue(self.client.is_model_ready(model))
            metadata = self.client.get_model_metadata(model, version)
            self.assertEqual(metadata["name"], model)
            self.assertIn(version, metadata["versions"])
            self.assertEqual({one["name"]: one["datatype"] for one in metadata["inputs"]},
                             {one["name"]: one["datatype"] for one in example["request"]["inputs"]})
            config = self.client.get_model_config(model, version)
            self.assertEqual([one["name"] for one in config["input"]], [one["name"] for one in metadata["inputs"]])

    def test_unknown_model(self):
        self.assertFalse(self.client.is_model_ready("nothing"))
        for call in (self.client.get_model_metadata, self.client.get_model_config, lambda name: self.client.infer(name, [])):
            with self.assertRaisesRegex(InferenceServerException, "nothing"):
                call("nothing")

    def test_wrong_input(self):
        model, version, example = next(examples())
        wrong = inputs(http, example, True)
        wrong[0].set_shape([1, 7, 7])
        with self.assertRaises(InferenceServerException) as raised:
            self.client.infer(model, wrong, model_version=version)
        self.assertEqual(raised.exception.status(), "400")
        self.assertIn("[1, 7, 7]", raised.exception.message())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
