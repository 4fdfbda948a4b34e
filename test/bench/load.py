"""The load: each gives what was seen as a dictionary. All of it runs on its own core."""
import json
import os
import subprocess
import time
from pathlib import Path

import servers
from servers import LOAD_CORE, SERVER_CORE, on

HERE = Path(__file__).resolve().parent


def closed(url, body, connections, seconds):
    """Each connection sends its next request when it has the answer to the last: what the server can do. A file named .binary
    has tensors behind its JSON."""
    environment = {**os.environ, "BODY": str(body)}
    if body.suffix == ".binary":
        environment["JSON_LENGTH"] = str(servers.json_length(body.read_bytes()))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(HERE / "post.lua"), url]
    done = subprocess.run(on(LOAD_CORE, command), env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def at_rates(java, url, body, rates, seconds):
    """Requests are due at a rate, whatever becomes of those before: what callers wait. Ends where the server cannot follow twice."""
    command = java.main("OpenLoop", url, body, 1, seconds, *rates, flags=("-Xmx1g", "-Xmn512m"))
    done = subprocess.run(on(LOAD_CORE, command), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"OpenLoop: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def runtime_alone(java, model, body, seconds):
    """ONNX Runtime, one row at a time in a loop on the server's core, in a JVM like the service's."""
    done = subprocess.run(on(SERVER_CORE, java.main("OrtAlone", model, body, 3 if seconds > 2 else 1, seconds)),
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"OrtAlone: {done.stderr}")
    return {"per_second": float(done.stdout.split()[-1])}


def batch_sizes(java, model, body, seconds):
    """Rows a second in batches of each size without a server, and in those that the service's engine chooses."""
    done = subprocess.run(on(SERVER_CORE, java.main("BatchSizes", model, body, seconds)), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"BatchSizes: {done.stderr}")
    sizes = (line.split() for line in done.stdout.splitlines())
    names = {"learned": "engine", "1": "engine-off"}
    return {names.get(size, f"engine-{size}"): {"per_second": float(rows)} for size, rows in sizes}


def busy_share(seconds):
    """The part of the server's core that others take while nothing is asked of the server. Blocks."""
    def times():
        line = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith(f"cpu{SERVER_CORE} "))
        values = [int(value) for value in line.split()[1:9]]
        return sum(values), values[3] + values[4]  # all, and idle or waiting for a disk

    (all_before, idle_before), _, (all_after, idle_after) = times(), time.sleep(seconds), times()
    return 1 - (idle_after - idle_before) / (all_after - all_before)
