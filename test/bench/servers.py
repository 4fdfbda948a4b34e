"""The servers that are measured: how each is started, on which core, and what its process takes."""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODELS = ("iris", "mlp", "minilm", "wide")
TWINS = ("iris", "mlp", "conv")  # of each there is one that is never joined, and one for each of the sizes at most
BINARY = ("wide",)  # models that are measured with binary bodies too
SIZES = (2, 4, 8, 16, 32, 64)
WAYS = ("", "-off", *(f"-{size}" for size in SIZES))  # ends of their names: as the service learns, never, up to so many rows
SERVER_CORE, LOAD_CORE = "0", "1"


@dataclass
class Server:
    name: str
    command: list
    port: int
    path: str
    body: str  # oip or columns
    environment: dict = field(default_factory=dict)
    warm: int = 2  # seconds of load before it is measured, at least
    ready: str = ""  # path that answers 200 once it is ready; else the first right answer tells
    binary: str = ""  # path that takes tensors behind the JSON, if there is one

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


@dataclass
class Java:
    """What runs the service and ONNX Runtime alone."""
    home: str
    flags: str
    options: str = ""  # file with flags that service/aot.sh has written

    def command(self):
        """With the AOT cache if there is one, which --enable-native-access would switch off; it fails where the cache is not taken."""
        started = [f"@{self.options}", "-XX:AOTMode=on"] if self.options else ["--enable-native-access=ALL-UNNAMED"]
        return [self.java(), *started, *self.flags.split()]

    def main(self, name, *arguments, flags=()):
        """A main class of the end-to-end tests, as the build has left them: the same flags, but the cache is of the service alone."""
        test = HERE.parent
        class_path = f"{test}/target/test-classes:{test}/target/classes:{(test / 'target/class-path').read_text().strip()}"
        options = Path(self.options).read_text().splitlines() if self.options else []
        return [self.java(), "--enable-native-access=ALL-UNNAMED", *(option for option in options if "AOTCache" not in option),
                *self.flags.split(), *flags, "-cp", class_path, f"dev.modelserving.local.{name}", *map(str, arguments)]

    def java(self):
        return str(Path(self.home) / "bin" / "java") if self.home else "java"


def service(java, registry, folder, platform, warm):
    port = free_port()
    environment = {**platform, "MODEL_REGISTRY_TABLE": f"models-{registry}", "HTTP_PORT": str(port), "LOG_FORMAT": "json",
                   "MODEL_CACHE_DIR": str(folder / f"cache-{registry}")}
    return Server("service", [*java.command(), "-jar", str(ROOT / "service/target/model-serving.jar")], port,
                  "/predict/{model}", "oip", environment, warm, ready="/health/readiness", binary="/v2/models/{model}/infer")


def twins(model):
    """Server's name in figures to the name of the model."""
    return {f"twin{way}": model + way for way in WAYS}


def fastapi(model, folder):
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "fastapi_peer:app", "--app-dir", str(HERE), "--host", "127.0.0.1", "--port", str(port),
               "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return Server("fastapi", command, port, "/predict/{model}", "columns",
                  {"MODEL": str(model_file(folder, model)), "MODEL_ID": model})


def peers(listed, model, folder):
    """Of a file of JSON: name to {command: [...], path, body, environment?, warm?, models?, binary?}; {port}, {model}, {file} and
    {folder}, where the model's file is, are replaced."""
    found = []
    for name, peer in json.loads(Path(listed).read_text()).items() if listed else ():
        if model in peer.get("models", MODELS):
            port = free_port()
            file = model_file(folder, model)
            values = {"port": port, "model": model, "file": file, "folder": file.parent}
            environment = {key: value.format(**values) for key, value in peer.get("environment", {}).items()}
            found.append(Server(name, [part.format(**values) for part in peer["command"]], port, peer["path"], peer["body"],
                                environment, peer.get("warm", 2), binary=peer.get("binary", "")))
    return found


@contextlib.contextmanager
def platform(java, folder, registries):
    """Emulated AWS services with these registries of models; yields their variables."""
    command = ["nice", "-n", "19", *java.main("BenchmarkPlatform", folder, folder / "registries", *registries)]
    with open(folder / "platform.log", "wb") as log:
        process = subprocess.Popen(on(LOAD_CORE, command), stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=ROOT)
        try:
            file = folder / "environment"
            wait_until(lambda: file.exists() or process.poll() is not None, 120)
            if not file.exists():
                raise RuntimeError((folder / "platform.log").read_text())
            yield dict(line.split("=", 1) for line in file.read_text().splitlines())
        finally:
            process.stdin.close()
            process.wait(30)


class Running:
    """A server's process, from its start to its first right answer, and to its end."""

    def __init__(self, server, body, model, folder):
        self.server = server
        self.body = body
        self.predict = server.url(server.path.format(model=model))
        self.log = folder / f"{server.name}-{model}.log"
        self.folder = folder

    def __enter__(self):
        begin = time.perf_counter()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(on(SERVER_CORE, self.server.command), stdout=log, stderr=log, cwd=self.folder,
                                            env={**os.environ, **self.server.environment})
        try:
            wait_until(lambda: self.answer(self.predict, self.body) is not None, 90)
            self.start_seconds = time.perf_counter() - begin
            self.start_cpu_seconds = self.cpu_seconds()
            if self.server.ready:
                wait_until(lambda: get(self.server.url(self.server.ready)) is not None, 90)
            self.ready_seconds = time.perf_counter() - begin
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def answer(self, url, body):
        """The body of a right answer; None as long as there is none."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.server.name} ended: {self.log.read_text()[-2000:]}")
        content = body.read_bytes()
        binary = body.suffix == ".binary"
        return get(url, content, {"Content-Type": "application/octet-stream",
                                  "Inference-Header-Content-Length": str(json_length(content))} if binary else None)

    def cpu_seconds(self):
        """What the process and its children have used of processors."""
        stats = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in self.processes())
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Of the process and its children: what they share once (Pss), and all that is resident (Rss)."""
        maps = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in self.processes()]
        return {name: sum(int(re.search(rf"^{key}: *(\d+)", text, re.M).group(1)) for text in maps) * 1024 / 1e6
                for name, key in (("memory_mb", "Pss"), ("resident_mb", "Rss"))}

    def processes(self):
        pids = [self.process.pid]
        for one in pids:
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                pids += [int(child) for child in children.read_text().split()]
        return pids


def model_file(folder, model):
    """Where models.py puts it."""
    return folder / "registries" / model / model / "1" / "model.onnx"


def on(core, command):
    return ["taskset", "-c", core, *command]


def json_length(body):
    """How much of a body is JSON, which ends with its first line."""
    return body.index(b"\n") + 1


def get(url, body=None, headers=None):
    headers = headers or {"Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
            return answer.read()
    except OSError:
        return None


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.01)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
