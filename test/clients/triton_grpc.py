"""tritonclient's gRPC clients, sync and asyncio, unchanged against a running service: every example of every sample model,
raw and typed, and what the clients make of errors, deadlines and health. Usage: triton_grpc.py HOST:PORT MODELS, a folder
with <model>/<version>/examples.json. Ends with 0 when everything is as it should be."""
import asyncio
import queue
import sys
import unittest

import grpc
import tritonclient.grpc as triton
import tritonclient.grpc.aio as aio
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

import samples

URL, MODELS = sys.argv[1], sys.argv[2]

CONTENTS = {"BOOL": "bool", "INT8": "int", "INT16": "int", "INT32": "int", "INT64": "int64", "UINT8": "uint", "FP32": "fp32",
            "FP64": "fp64", "BYTES": "bytes"}


def inputs(module, example):
    found = []
    for tensor in example["request"]["inputs"]:
        one = module.InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
        one.set_data_from_numpy(samples.values(tensor))
        found.append(one)
    return found


def outputs(module, example):
    return [module.InferRequestedOutput(tensor["name"]) for tensor in example["response"]["outputs"]]


def typed(model, version, example):
    """The request with its elements in contents; nothing when a datatype has no field there."""
    request = service_pb2.ModelInferRequest(model_name=model, model_version=version, id="typed")
    for tensor in example["request"]["inputs"]:
        if tensor["datatype"] not in CONTENTS:
            return None
        one = request.inputs.add(name=tensor["name"], datatype=tensor["datatype"], shape=tensor["shape"])
        elements = samples.values(tensor).flatten().tolist()
        if tensor["datatype"] == "BYTES":
            elements = [element.encode() for element in elements]
        getattr(one.contents, CONTENTS[tensor["datatype"]] + "_contents").extend(elements)
    return request


class Clients(unittest.TestCase):
    def setUp(self):
        self.client = triton.InferenceServerClient(URL, keepalive_options=triton.KeepAliveOptions(keepalive_time_ms=10_000))
        self.addCleanup(self.client.close)

    def require_right(self, example, result, where):
        samples.require_right(self, example, result.as_numpy, where)

    def test_examples(self):
        count = 0
        for model, version, example in samples.examples(MODELS):
            where = f"{model} {version} {example['name']}"
            result = self.client.infer(model, inputs(triton, example), model_version=version, request_id="r-1",
                                       outputs=outputs(triton, example), headers={"x-request-id": "a-1"})
            self.assertEqual(result.get_response().id, "r-1")
            self.assertEqual(result.get_response().model_version, version)
            self.require_right(example, result, where)
            self.require_right(example, self.client.infer(model, inputs(triton, example), model_version=version), where)
            count += 1
        self.assertGreater(count, 15)

    def test_typed_contents(self):
        stub = service_pb2_grpc.GRPCInferenceServiceStub(grpc.insecure_channel(URL))
        count = 0
        for model, version, example in samples.examples(MODELS):
            request = typed(model, version, example)
            if request is not None:
                self.require_right(example, triton.InferResult(stub.ModelInfer(request)), f"{model} {example['name']}")
                count += 1
        self.assertGreater(count, 15)

    def test_compressed_requests(self):
        for model, version, example in samples.examples(MODELS):
            for algorithm in ("gzip", "deflate"):
                result = self.client.infer(model, inputs(triton, example), model_version=version,
                                           compression_algorithm=algorithm)
                self.require_right(example, result, f"{model} {algorithm}")

    def test_async_infer(self):
        done = queue.Queue()
        asked = list(samples.examples(MODELS))
        for index, (model, version, example) in enumerate(asked):
            self.client.async_infer(model, inputs(triton, example), lambda result, error, index=index: done.put((index, result, error)),
                                    model_version=version)
        for _ in asked:
            index, result, error = done.get(timeout=30)
            self.assertIsNone(error)
            self.require_right(asked[index][2], result, asked[index][0])

    def test_asyncio(self):
        async def ask():
            async with aio.InferenceServerClient(URL) as client:
                self.assertTrue(await client.is_server_live())
                self.assertTrue(await client.is_server_ready())
                self.assertFalse(await client.is_model_ready("nothing"))
                for model, version, example in samples.examples(MODELS):
                    self.assertTrue(await client.is_model_ready(model, version))
                    result = await client.infer(model, inputs(triton, example), model_version=version)
                    self.require_right(example, result, model)

        asyncio.run(ask())

    def test_health_and_metadata(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertIn("model_configuration", self.client.get_server_metadata().extensions)
        for model, version, example in samples.examples(MODELS):
            self.assertTrue(self.client.is_model_ready(model))
            self.assertTrue(self.client.is_model_ready(model, version))
            metadata = self.client.get_model_metadata(model, version, as_json=True)
            self.assertEqual(metadata["name"], model)
            self.assertIn(version, metadata["versions"])
            self.assertEqual({one["name"]: one["datatype"] for one in metadata["inputs"]},
                             {one["name"]: one["datatype"] for one in example["request"]["inputs"]})
            config = self.client.get_model_config(model, version).config
            self.assertEqual([one.name for one in config.input], [one["name"] for one in metadata["inputs"]])

    def test_unknown_model(self):
        self.assertFalse(self.client.is_model_ready("nothing"))
        for call in (self.client.get_model_metadata, self.client.get_model_config, lambda name: self.client.infer(name, [])):
            with self.assertRaisesRegex(InferenceServerException, "nothing") as raised:
                call("nothing")
            self.assertEqual(raised.exception.status(), "StatusCode.NOT_FOUND")

    def test_wrong_input(self):
        model, version, example = next(samples.examples(MODELS))
        wrong = inputs(triton, example)
        wrong[0].set_shape([1, 7, 7])
        with self.assertRaises(InferenceServerException) as raised:
            self.client.infer(model, wrong, model_version=version)
        self.assertEqual(raised.exception.status(), "StatusCode.INVALID_ARGUMENT")
        self.assertIn("[1, 7, 7]", raised.exception.message())

    def test_classes(self):
        model, version, example = next(found for found in samples.examples(MODELS) if found[0] == "iris" and found[1] == "2")
        wanted = triton.InferRequestedOutput("probabilities", class_count=2)
        classes = self.client.infer(model, inputs(triton, example), model_version=version, outputs=[wanted])
        best = classes.as_numpy("probabilities")
        self.assertEqual(best.shape[1], 2)
        self.assertRegex(best[0][0].decode(), r"^[0-9.]+:[0-2]$")

    def test_statistics(self):
        model, version, example = next(samples.examples(MODELS))
        before = self.client.get_inference_statistics(model, version).model_stats[0]
        self.client.infer(model, inputs(triton, example), model_version=version)
        after = self.client.get_inference_statistics(model, version).model_stats[0]
        self.assertEqual(after.inference_count, before.inference_count + 1)
        self.assertGreaterEqual(after.execution_count, before.execution_count + 1)
        self.assertGreater(after.inference_stats.success.ns, before.inference_stats.success.ns)
        self.assertGreaterEqual(len(self.client.get_inference_statistics().model_stats), 5)

    def test_repository(self):
        index = {(one.name, one.version): one.state for one in self.client.get_model_repository_index().models}
        for model, version, _ in samples.examples(MODELS):
            self.assertEqual(index[model, version], "READY")
        for call in (self.client.load_model, self.client.unload_model):
            with self.assertRaises(InferenceServerException) as raised:
                call("iris")
            self.assertEqual(raised.exception.status(), "StatusCode.PERMISSION_DENIED")

    def test_timeouts(self):
        model, version, example = next(samples.examples(MODELS))
        with self.assertRaises(InferenceServerException) as raised:
            self.client.infer(model, inputs(triton, example), model_version=version, timeout=1)
        self.assertEqual(raised.exception.status(), "StatusCode.DEADLINE_EXCEEDED")
        with self.assertRaises(InferenceServerException):  # by the deadline of whoever looks first, with words of its own
            self.client.infer(model, inputs(triton, example), model_version=version, client_timeout=0.000001)
        self.client.infer(model, inputs(triton, example), model_version=version, timeout=20_000_000, client_timeout=20)

    def test_what_is_not_offered(self):
        for call in (self.client.get_trace_settings, self.client.get_system_shared_memory_status):
            with self.assertRaises(InferenceServerException) as raised:
                call()
            self.assertEqual(raised.exception.status(), "StatusCode.UNIMPLEMENTED")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
