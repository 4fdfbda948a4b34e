#!/usr/bin/env python3
"""Shows that a deployed stage serves: registers a small model, waits until every replica serves it, and calls it.

    python3 infra/smoke.py --stage dev --region eu-west-1 [--url http://models.model-serving.internal:8080] [--remove]

Needs boto3 and credentials that may describe the stage's stacks, put objects under models/ of the artifacts bucket, put, delete
and query items of the registry, use the stage's key if it has one, and invoke the door if there is one. The call goes to --url (from inside the VPC), or through the stage's door, signed; without either the script
ends when the replicas have reported the model, and prints the call. Run it as often as you like: what is there stays.
--remove takes the model out of service again.
"""

import argparse
import hashlib
import json
import sys
import time
import urllib.request
import uuid
from datetime import datetime, timezone
from pathlib import Path

import boto3
from boto3.dynamodb.conditions import Key
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError

MODEL, VERSION = "smoke-iris", 1
FOLDER = Path(__file__).resolve().parent.parent / "test" / "models" / "iris" / "2"
PREFIX = f"models/{MODEL}/{VERSION}/"
CHAMPION = {"pk": f"MODEL#{MODEL}", "sk": "ALIAS#champion"}


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def outputs(stage, part):
    stack = f"model-serving-{stage}-{part}"
    try:
        found = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as e:
        sys.exit(f"stack {stack}: {e.response['Error']['Message']} (expected: deployed with `npx cdk deploy`)")
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def upload(bucket):
    """The version's files, and the manifest last: its arrival means that the version is complete."""
    s3, files = boto3.client("s3"), []
    for name in ("examples.json", "model.onnx"):
        content = (FOLDER / name).read_bytes()
        files.append({"path": name, "sha256": hashlib.sha256(content).hexdigest(), "sizeBytes": len(content)})
        s3.put_object(Bucket=bucket, Key=PREFIX + name, Body=content)
    manifest = {"modelId": MODEL, "version": VERSION, "files": files, "examples": "examples.json"}
    s3.put_object(Bucket=bucket, Key=PREFIX + "manifest.json", Body=json.dumps(manifest).encode())
    return files


def register(table, files):
    item = {"pk": f"MODEL#{MODEL}", "modelId": MODEL, "createdAt": now(), "updatedAt": now()}
    once = "attribute_not_exists(pk)"
    put(table, {**item, "sk": "META", "entity": "MODEL", "description": "Shows that a stage serves", "tags": {}}, once)
    put(table, {**item, "sk": f"VERSION#{VERSION:010d}", "entity": "VERSION", "version": VERSION, "status": "VERIFIED",
                "format": "onnx", "artifactPrefix": PREFIX, "files": files, "examples": "examples.json", "rev": 1}, once)
    put(table, {**item, **CHAMPION, "entity": "ALIAS", "alias": "champion", "version": VERSION, "updatedBy": "smoke.py",
                "rev": 1}, once)
    put(table, {**item, "sk": f"AUDIT#{now()}#{uuid.uuid4()}", "what": "alias champion", "who": "smoke.py",
                "to": VERSION}, once)


def put(table, item, condition):
    try:
        table.put_item(Item=item, ConditionExpression=condition)
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        pass  # left by an earlier run


def await_replicas(table, seconds):
    """Every live replica reports the version READY."""
    deadline = time.monotonic() + seconds
    while True:
        items = table.query(IndexName="byEntity", KeyConditionExpression=Key("entity").eq("REPLICA"))["Items"]
        live = [item for item in items if item["expiresAt"] > time.time()]
        states = {item["pk"]: item.get("models", {}).get(MODEL, {}) for item in live}
        if live and all(state.get("version") == VERSION and state.get("state") == "READY" for state in states.values()):
            return len(live)
        if time.monotonic() > deadline:
            said = {replica: state or "does not know the model" for replica, state in states.items()}
            sys.exit(f"not served within {seconds} s: {said or 'no live replica'} (expected: READY on every replica)")
        time.sleep(1)


def call(url, signed):
    example = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))["examples"][0]
    body = json.dumps(example["request"]).encode()
    request = AWSRequest("POST", f"{url.rstrip('/')}/predict/{MODEL}", {"Content-Type": "application/json"}, body)
    if signed:
        session = boto3.DEFAULT_SESSION
        SigV4Auth(session.get_credentials(), "execute-api", session.region_name).add_auth(request)
    with urllib.request.urlopen(
            urllib.request.Request(request.url, body, dict(request.headers), method="POST"), timeout=30) as response:
        answer = json.load(response)
    got = {output["name"]: output["data"] for output in answer["outputs"]}
    for output in example["response"]["outputs"]:
        wanted, limits = output["data"], example.get("tolerance", {})
        near = all(abs(a - b) <= limits.get("absolute", 0) + limits.get("relative", 0) * abs(b)
                   for a, b in zip(got[output["name"]], wanted))
        if len(got[output["name"]]) != len(wanted) or not near:
            sys.exit(f"output '{output['name']}': {got[output['name']]} (expected: {wanted})")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--stage", required=True, help="as in `cdk deploy -c stage=`")
    options.add_argument("--region", help="default: the AWS configuration's")
    options.add_argument("--url", help="where the service answers; default: the stage's door")
    options.add_argument("--wait", type=int, default=120, help="seconds for the replicas; default: 120")
    options.add_argument("--remove", action="store_true", help="take the model out of service")
    options = options.parse_args()
    boto3.setup_default_session(region_name=options.region)
    try:
        smoke(options)
    except (BotoCoreError, ClientError, OSError) as e:
        sys.exit(f"{type(e).__name__}: {e}")


def smoke(options):
    data = outputs(options.stage, "data")
    table = boto3.resource("dynamodb").Table(data["RegistryTable"])
    if options.remove:
        table.delete_item(Key=CHAMPION)
        print(f"{MODEL} is no longer served; its files and versions stay")
        return
    register(table, upload(data["ArtifactsBucket"]))
    print(f"registered {MODEL} version {VERSION}")
    print(f"{await_replicas(table, options.wait)} replica(s) report it READY")
    door = None if options.url else outputs(options.stage, "serving").get("DoorUrl")
    if options.url or door:
        call(options.url or door, signed=door is not None)
        print(f"{options.url or door} answers it rightly")
    else:
        url = outputs(options.stage, "serving")["Url"]
        print(f"to call it, from where service.allowFrom lets you: python3 infra/smoke.py --stage {options.stage} --url {url}")


if __name__ == "__main__":
    main()
