"""Runs the service, FastAPI with ONNX Runtime, and ONNX Runtime alone side by side, in turn, the server on one core and
the load on another, and prints medians as a table. See --help."""
import argparse
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODELS = {"iris": [16, 64, 1], "mlp": [16, 64, 1], "minilm": [16, 1], "wide": [16, 1]}
SERVER, LOAD = "0", "1"  # cores


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=8, help="of load for each figure")
    parser.add_argument("--warm", type=int, default=20, help="seconds of load before a server on a JVM is measured")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--connections", default="", help="such as 16,1; else those that each model is measured with")
    parser.add_argument("--java", default=os.environ.get("JAVA_HOME", ""), help="home of the JDK that runs the service")
    parser.add_argument("--flags", default="-XX:+UseSerialGC -Xmx256m -XX:ActiveProcessorCount=1", help="of the JVM")
    parser.add_argument("--without", default="", help="servers to leave out, such as fastapi,ort")
    parser.add_argument("--peers", help="JSON with further servers: name to {command: [...], path, body: oip or columns}")
    parser.add_argument("--out", help="a file for every single figure, as lines of JSON")
    return parser.parse_args()


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.java = [str(Path(options.java) / "bin" / "java") if options.java else "java", *options.flags.split(),
                     "--enable-native-access=ALL-UNNAMED"]
        self.class_path = (HERE.parent / "target/class-path").read_text().strip()
        self.peers = json.loads(Path(options.peers).read_text()) if options.peers else {}
        self.environment = {}

    def make_models(self):
        subprocess.run([sys.executable, HERE / "models.py", self.folder, HERE.parent / "target/samples"], check=True,
                       stderr=subprocess.DEVNULL)

    def start_platform(self):
        classes = f"{HERE.parent}/target/test-classes:{HERE.parent}/target/classes:{self.class_path}"
        command = ["nice", "-n", "19", "taskset", "-c", LOAD, self.java[0], "--enable-native-access=ALL-UNNAMED", "-cp", classes,
                   "dev.modelserving.local.BenchmarkPlatform", self.folder, self.folder / "models",
                   *self.options.models.split(",")]
        log = open(self.folder / "platform.log", "wb")
        self.platform = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=ROOT)
        file = self.folder / "environment"
        wait_until(lambda: file.exists() or self.platform.poll() is not None, 120)
        self.environment = dict(line.split("=", 1) for line in file.read_text().splitlines())

    def stop_platform(self):
        self.platform.stdin.close()
        self.platform.wait(30)

    def servers(self, model):
        """Name to command, environment, path and form of the body."""
        file = self.folder / "models" / model / "1" / "model.onnx"
        port = free_port()
        found = {"service": dict(
            command=[*self.java, "-jar", str(ROOT / "service/target/model-serving.jar")], path="/predict/{model}", body="oip",
            environment={**self.environment, "HTTP_PORT": str(port), "LOG_FORMAT": "json",
                         "MODEL_CACHE_DIR": str(self.folder / "cache")}, warm=self.options.warm)}
        found["fastapi"] = dict(
            command=[sys.executable, "-m", "uvicorn", "fastapi_peer:app", "--app-dir", str(HERE), "--host", "127.0.0.1", "--port",
                     str(port), "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"],
            path="/predict/{model}", body="columns", environment={"MODEL": str(file), "MODEL_ID": model}, warm=2)
        for name, peer in self.peers.items():
            if model in peer.get("models", MODELS):
                found[name] = dict(
                    command=[part.format(port=port, model=model, file=file) for part in peer["command"]], path=peer["path"],
                    body=peer["body"], warm=peer.get("warm", 2),
                    environment={key: value.format(port=port, model=model, file=file)
                                 for key, value in peer.get("environment", {}).items()})
        return {name: {**server, "port": port} for name, server in found.items()
                if name not in self.options.without.split(",")}

    def measure(self, model, name, server):
        """Figures of one server that is started for them."""
        body = self.folder / "bodies" / (f"{model}.json" if server["body"] == "oip" else f"{model}.columns.json")
        url = f"http://127.0.0.1:{server['port']}" + server["path"].format(model=model)
        with open(self.folder / f"{name}-{model}.log", "ab") as log:
            begin = time.perf_counter()
            process = subprocess.Popen(["taskset", "-c", SERVER, *server["command"]], stdout=log, stderr=log,
                                       env={**os.environ, **server["environment"]}, cwd=self.folder)
            try:
                wait_until(lambda: answers(url, body) or process.poll() is not None, 90)
                start = time.perf_counter() - begin
                cold = self.wrk(url, body, 16, 10) if server["warm"] > 2 else None
                self.wrk(url, body, 16, server["warm"])
                connections = [int(one) for one in self.options.connections.split(",") if one] or MODELS[model]
                figures = []
                for count in connections:
                    time.sleep(1)  # what the load before has left is finished
                    figures.append({"model": model, "server": name, "connections": count,
                                    **self.wrk(url, body, count, self.options.seconds)})
                figures[0].update(start_s=start, memory_mb=memory(process.pid), cold_per_second=cold and cold["per_second"])
                return figures
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def wrk(self, url, body, connections, seconds):
        command = ["taskset", "-c", LOAD, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s",
                   HERE / "post.lua", url]
        done = subprocess.run(command, env={**os.environ, "BODY": str(body)}, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.strip().splitlines()[-1])

    def ort(self, model):
        classes = f"{HERE.parent}/target/test-classes:{HERE.parent}/target/classes:{self.class_path}"
        command = ["taskset", "-c", SERVER, *self.java, "-cp", classes, "dev.modelserving.local.OrtAlone",
                   self.folder / "models" / model / "1" / "model.onnx", self.folder / "bodies" / f"{model}.json", "5",
                   str(self.options.seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [{"model": model, "server": "ort", "connections": 0, "per_second": float(done.stdout.split()[-1])}]


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)


def answers(url, body):
    try:
        request = urllib.request.Request(url, body.read_bytes(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status == 200
    except OSError:
        return False


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def memory(pid):
    """Of the process and its children, what they share counted once; MB."""
    pids = [pid]
    for one in pids:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            pids += [int(child) for child in children.read_text().split()]
    total = 0
    for one in pids:
        total += int(re.search(r"^Pss: *(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.M).group(1))
    return total * 1024 / 1e6


def table(figures):
    """Medians over the rounds."""
    groups = {}
    for figure in figures:
        groups.setdefault((figure["model"], figure["connections"], figure["server"]), []).append(figure)

    def middle(key, group):
        values = [one[key] for one in group if one.get(key) is not None]
        return statistics.median(values) if values else None

    print("| model | connections | server | requests/s | p50 ms | p99 ms | failed | start s | memory MB | first 10 s |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for (model, connections, server), group in sorted(groups.items()):
        cells = [middle(key, group) for key in
                 ("per_second", "p50_ms", "p99_ms", "failed", "start_s", "memory_mb", "cold_per_second")]
        formats = ("{:,.0f}", "{:.2f}", "{:.2f}", "{:.0f}", "{:.2f}", "{:.0f}", "{:,.0f}")
        shown = ["" if cell is None else form.format(cell) for cell, form in zip(cells, formats)]
        print(f"| {model} | {connections or ''} | {server} | " + " | ".join(shown) + " |")


def main():
    options = arguments()
    figures = []
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(options, Path(name))
        bench.make_models()
        bench.start_platform()
        try:
            for number in range(options.rounds):
                for model in options.models.split(","):
                    servers = list(bench.servers(model).items())
                    taken = [] if "ort" in options.without.split(",") else bench.ort(model)
                    for server, how in servers if number % 2 == 0 else reversed(servers):
                        taken += bench.measure(model, server, how)
                    for figure in taken:
                        figures.append({"round": number, **figure})
                        print(json.dumps(figures[-1]), file=sys.stderr, flush=True)
        finally:
            bench.stop_platform()
    if options.out:
        Path(options.out).write_text("".join(json.dumps(figure) + "\n" for figure in figures))
    table(figures)


if __name__ == "__main__":
    main()
