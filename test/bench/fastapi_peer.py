"""The peer: FastAPI, pydantic and ONNX Runtime. The model's file is in MODEL, its name in MODEL_ID."""
import os

import numpy as np
import onnxruntime
import orjson
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel

DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
dtypes = {spec.name: DTYPES[spec.type] for spec in session.get_inputs()}
outputs = [spec.name for spec in session.get_outputs()]


class PredictRequest(BaseModel):
    inputs: dict[str, list[list[float]]]


app = FastAPI()


@app.post("/predict/{model_id}")
async def predict(model_id: str, request: PredictRequest):
    if model_id != os.environ["MODEL_ID"]:
        raise HTTPException(404, "no such model")
    feed = {name: np.asarray(rows, dtype=dtypes[name]) for name, rows in request.inputs.items()}
    answer = {"model_id": model_id, "outputs": dict(zip(outputs, session.run(None, feed)))}
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")
