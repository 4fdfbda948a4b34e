"""KServe's clients for REST (both versions of its protocol) and gRPC, unchanged against a running service: every example of
every sample model. Usage: calls.py HOST:PORT GRPC_HOST:PORT MODELS, a folder with <model>/<version>/examples.json. Ends
with 0 when everything is as it should be."""
import json
import sys
import unittest
from pathlib import Path

import grpc
import httpx
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput
from kserve.utils.numpy_codec import to_np_dtype

URL, GRPC_URL, MODELS = "http://" + sys.argv[1], sys.argv[2], Path(sys.argv[3])


def examples():
    """The champions' alone: the clients name no versions."""
    newest = {}
    for file in sorted(MODELS.glob("*/*/examples.json")):
        newest[file.parent.parent.name] = file
    for model, file in newest.items():
        for example in json.loads(file.read_text())["examples"]:
            yield model, example


def values(tensor):
    return np.array(tensor["data"], dtype=to_np_dtype(tensor["datatype"])).reshape(tensor["shape"])


def request(model, example, binary):
    inputs = []
    for tensor in example["request"]["inputs"]:
        one = InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
        one.set_data_from_numpy(values(tensor), binary_data=binary)
        inputs.append(one)
    outputs = [RequestedOutput(tensor["name"], {"binary_data": binary}) for tensor in example["response"]["outputs"]]
    return InferRequest(model_name=model, infer_inputs=inputs, request_id="r-1", request_outputs=outputs)


class Clients(unittest.IsolatedAsyncioTestCase):
    def require_right(self, example, response, where):
        tolerance = {"absolute": 1e-6, "relative": 1e-5, **example.get("tolerance", {})}
        got = {output.name: output for output in response.outputs}
        for tensor in example["response"]["outputs"]:
            output = got[tensor["name"]].as_numpy()
            self.assertEqual(list(got[tensor["name"]].shape), tensor["shape"], where)
            if tensor["datatype"] == "BYTES":
                texts = [one if isinstance(one, str) else one.decode() for one in output.flatten()]
                self.assertEqual(texts, tensor["data"], where)
            else:
                np.testing.assert_allclose(output, values(tensor), rtol=tolerance["relative"], atol=tolerance["absolute"],
                                           err_msg=where)

    async def test_rest_v2(self):
        async with InferenceRESTClient(RESTConfig(protocol="v2", retries=0)) as client:
            self.assertTrue(await client.is_server_live(URL))
            self.assertTrue(await client.is_server_ready(URL))
            for model, example in examples():
                self.assertTrue(await client.is_model_ready(URL, model))
                for binary in (False, True):
                    response = await client.infer(URL, request(model, example, binary), model_name=model)
                    self.assertEqual(response.id, "r-1")
                    self.require_right(example, response, f"{model} {example['name']} {binary}")

    async def test_rest_v1(self):
        async with InferenceRESTClient(RESTConfig(protocol="v1", retries=0)) as client:
            self.assertTrue(await client.is_server_live(URL))
            self.assertTrue(await client.is_model_ready(URL, "iris"))
            answer = await client.infer(URL, {"instances": [[6.7, 3.1, 4.4, 1.4], [5.1, 3.5, 1.4, 0.2]]}, model_name="iris")
            self.assertEqual([row["label"] for row in answer["predictions"]], [1, 0])
            with self.assertRaisesRegex(httpx.HTTPStatusError, "nothing"):
                await client.infer(URL, {"instances": [[1]]}, model_name="nothing")

    async def test_grpc(self):
        async with InferenceGRPCClient(GRPC_URL, retries=0) as client:
            self.assertTrue(await client.is_server_live())
            self.assertTrue(await client.is_server_ready())
            for model, example in examples():
                self.assertTrue(await client.is_model_ready(model))
                for binary in (False, True):
                    response = await client.infer(request(model, example, binary))
                    self.assertEqual(response.id, "r-1")
                    self.require_right(example, response, f"{model} {example['name']} {binary}")
            with self.assertRaises(grpc.RpcError) as raised:
                await client.infer(request("nothing", next(examples())[1], True))
            self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
