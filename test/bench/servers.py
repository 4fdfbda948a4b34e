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
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODELS = ("iris", "mlp", "minilm", "wide")
JOINED = ("iris", "mlp")  # models with which the service is measured with joining off too
ALONE = "-alone"
SERVER_CORE, LOAD_CORE = "0", "1"


@dataclass
class Server:
    name: str
    command: list
    port: int
    path: str
    body: str  # oip or columns
    environment: dict = field(default_factory=dict)
    warm: int = 2  # seconds of load before it is measured
    ready: str = ""  # path that answers 200 once it is ready; else the first right answer tells

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


@dataclass
class Java:
    """What runs the service and ONNX Runtime alone."""
    home: str
    flags: str

    def command(self):
        java = str(Path(self.home) / "bin" / "java") if self.home else "java"
        return [java, *self.flags.split(), "--enable-native-access=ALL-UNNAMED"]

    def main(self, name, *arguments, flags=()):
        """A main class of the end-to-end tests, as the build has left them."""
        test = HERE.parent
        class_path = f"{test}/target/test-classes:{test}/target/classes:{(test / 'target/class-path').read_text().strip()}"
        return [*self.command(), *flags, "-cp", class_path, f"dev.modelserving.local.{name}", *map(str, arguments)]


def service(java, model, folder, platform, warm, registered=None):
    port = free_port()
    registered = registered or model
    environment = {**platform, "MODEL_REGISTRY_TABLE": f"models-{registered}", "HTTP_PORT": str(port), "LOG_FORMAT": "json",
                   "MODEL_CACHE_DIR": str(folder / f"cache-{registered}")}
    return Server("service", [*java.command(), "-jar", str(ROOT / "service/target/model-serving.jar")], port,
                  "/predict/{model}", "oip", environment, warm, ready="/health/readiness")


def service_alone(java, model, folder, platform, warm):
    """The service with a twin of the model whose requests are never joined, because it has no examples."""
    return replace(service(java, model, folder, platform, warm, model + ALONE), name="service-alone")


def fastapi(model, folder):
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "fastapi_peer:app", "--app-dir", str(HERE), "--host", "127.0.0.1", "--port", str(port),
               "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return Server("fastapi", command, port, "/predict/{model}", "columns",
                  {"MODEL": str(folder / "models" / model / "1" / "model.onnx"), "MODEL_ID": model})


def peers(file, model, folder):
    """Of a file of JSON: name to {command: [...], path, body, environment?, warm?, models?}; {port}, {model} and {file} are replaced."""
    found = []
    for name, peer in json.loads(Path(file).read_text()).items() if file else ():
        if model in peer.get("models", MODELS):
            port = free_port()
            values = {"port": port, "model": model, "file": folder / "models" / model / "1" / "model.onnx"}
            environment = {key: value.format(**values) for key, value in peer.get("environment", {}).items()}
            found.append(Server(name, [part.format(**values) for part in peer["command"]], port, peer["path"], peer["body"],
                                environment, peer.get("warm", 2)))
    return found


@contextlib.contextmanager
def platform(java, folder, models):
    """Emulated AWS services with each model in a registry of its own; yields their variables."""
    twins = [model + ALONE for model in models if model in JOINED]
    command = ["nice", "-n", "19", *java.main("BenchmarkPlatform", folder, folder / "models", *models, *twins)]
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
            wait_until(lambda: self.answer(self.predict) is not None, 90)
            self.start_seconds = time.perf_counter() - begin
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

    def answer(self, url):
        """The body of a right answer; None as long as there is none."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.server.name} ended: {self.log.read_text()[-2000:]}")
        return get(url, self.body.read_bytes())

    def memory_mb(self):
        """Of the process and its children; what they share counts once."""
        pids = [self.process.pid]
        for one in pids:
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                pids += [int(child) for child in children.read_text().split()]
        shares = (re.search(r"^Pss: *(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.M) for one in pids)
        return sum(int(share.group(1)) for share in shares) * 1024 / 1e6


def on(core, command):
    return ["taskset", "-c", core, *command]


def get(url, body=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=30) as answer:
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
