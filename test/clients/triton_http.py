"""tritonclient's HTTP clients, sync and asyncio, unchanged against a running service: every example of every sample model in
each mix of JSON and binary tensors, and what the clients make of errors. Usage: triton_http.py HOST:PORT MODELS, a folder with
<model>/<version>/examples.json. Ends with 0 when everything is as it should be."""
import asyncio
import sys
import unittest

import tritonclient.http as http
import tritonclient.http.aio as aio
from tritonclient.utils import InferenceServerException

import samples

URL, MODELS = sys.argv[1], sys.argv[2]


def inputs(module, example, binary):
    found = []
    for tensor in example["request"]["inputs"]:
        one = module.InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
        one.set_data_from_numpy(samples.values(tensor), binary_data=binary)
        found.append(one)
    return found


def outputs(module, example, binary):
    return [module.InferRequestedOutput(tensor["name"], binary_data=binary) for tensor in example["response"]["outputs"]]


class Clients(unittest.TestCase):
    def setUp(self):
        self.client = http.InferenceServerClient(URL, concurrency=2)
        self.addCleanup(self.client.close)

    def require_right(self, example, result, where):
        samples.require_right(self, example, result.as_numpy, where)

    def test_examples(self):
        count = 0
        for model, version, example in samples.examples(MODELS):
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
        for model, version, example in samples.examples(MODELS):
            result = self.client.infer(model, inputs(http, example, True), model_version=version)
            self.require_right(example, result, model)

    def test_compressed_requests(self):
        for model, version, example in samples.examples(MODELS):
            for algorithm in ("gzip", "deflate"):
                result = self.client.infer(model, inputs(http, example, True), model_version=version,
                                           request_compression_algorithm=algorithm)
                self.require_right(example, result, f"{model} {algorithm}")

    def test_async_infer(self):
        asked = [(example, self.client.async_infer(model, inputs(http, example, True), model_version=version))
                 for model, version, example in samples.examples(MODELS)]
        for example, request in asked:
            self.require_right(example, request.get_result(), example["name"])

    def test_asyncio(self):
        async def ask():
            async with aio.InferenceServerClient(URL) as client:
                self.assertTrue(await client.is_server_live())
                self.assertTrue(await client.is_server_ready())
                for model, version, example in samples.examples(MODELS):
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
        for model, version, example in samples.examples(MODELS):
            self.assertTrue(self.client.is_model_ready(model))
            metadata = self.client.get_model_metadata(model, version)
            self.assertEqual(metadata["name"], model)
            self.assertIn(version, metadata["versions"])
            self.assertEqual({one["name"]: one["datatype"] for one in metadata["inputs"]},
                             {one["name"]: one["datatype"] for one in example["request"]["inputs"]})
            config = self.client.get_model_config(model, version)
            self.assertEqual([one["name"] for one in config["input"]], [one["name"] for one in metadata["inputs"]])

    def test_classes(self):
        model, version, example = next(found for found in samples.examples(MODELS) if found[0] == "iris" and found[1] == "2")
        for binary in (False, True):
            wanted = http.InferRequestedOutput("probabilities", binary_data=binary, class_count=2)
            classes = self.client.infer(model, inputs(http, example, True), model_version=version, outputs=[wanted])
            best = classes.as_numpy("probabilities")
            self.assertEqual(best.shape[1], 2)
            text = best[0][0] if isinstance(best[0][0], str) else best[0][0].decode()
            self.assertRegex(text, r"^[0-9.]+:[0-2]$")

    def test_statistics(self):
        model, version, example = next(samples.examples(MODELS))
        before = self.client.get_inference_statistics(model, version)["model_stats"][0]
        self.client.infer(model, inputs(http, example, True), model_version=version)
        after = self.client.get_inference_statistics(model, version)["model_stats"][0]
        self.assertEqual(after["inference_count"], before["inference_count"] + 1)
        self.assertGreater(after["inference_stats"]["success"]["ns"], before["inference_stats"]["success"]["ns"])
        self.assertGreaterEqual(len(self.client.get_inference_statistics()["model_stats"]), 5)

    def test_repository(self):
        index = {(one["name"], one["version"]): one["state"] for one in self.client.get_model_repository_index()}
        for model, version, _ in samples.examples(MODELS):
            self.assertEqual(index[model, version], "READY")
        for call in (self.client.load_model, self.client.unload_model):
            with self.assertRaisesRegex(InferenceServerException, "registry") as raised:
                call("iris")
            self.assertEqual(raised.exception.status(), "403")

    def test_timeouts(self):
        model, version, example = next(samples.examples(MODELS))
        with self.assertRaises(InferenceServerException) as raised:
            self.client.infer(model, inputs(http, example, True), model_version=version, timeout=1)
        self.assertEqual(raised.exception.status(), "504")
        self.client.infer(model, inputs(http, example, True), model_version=version, timeout=20_000_000)

    def test_unknown_model(self):
        self.assertFalse(self.client.is_model_ready("nothing"))
        for call in (self.client.get_model_metadata, self.client.get_model_config, lambda name: self.client.infer(name, [])):
            with self.assertRaisesRegex(InferenceServerException, "nothing"):
                call("nothing")

    def test_wrong_input(self):
        model, version, example = next(samples.examples(MODELS))
        wrong = inputs(http, example, True)
        wrong[0].set_shape([1, 7, 7])
        with self.assertRaises(InferenceServerException) as raised:
            self.client.infer(model, wrong, model_version=version)
        self.assertEqual(raised.exception.status(), "400")
        self.assertIn("[1, 7, 7]", raised.exception.message())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
