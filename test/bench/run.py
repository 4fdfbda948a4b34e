"""Measures the service beside FastAPI with ONNX Runtime, and ONNX Runtime alone: side by side on one machine, in turn, the
server on one core and the load on another. Prints medians and what is promised of them; exit code 3: not kept. Writes
docs/benchmarks with --docs. Needs a built tree, wrk, and the packages of requirements.txt (setup.sh)."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import check
import limits
import load
import report
import servers
from servers import MODELS, TWINS, Running

BEYOND = 3
CONNECTIONS = {"iris": [16, 64, 1], "mlp": [16, 64, 1], "minilm": [16, 1], "wide": [16, 1]}
LOWEST_RATE = {"iris": 1000, "mlp": 500, "minilm": 20, "wide": 8}  # requests a second; the next is half as much again
COLD = ("iris", "minilm")  # models whose first seconds are measured
COLD_SECONDS = 10
WARM_PIECE = 4  # seconds
STILL_WARMING = 0.97
TWIN_CONNECTIONS = 64
TOOL_FLAGS = "-XX:+UseSerialGC"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare the answers of each server with ONNX Runtime's")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--twins", default=",".join(TWINS), help="models of which other ways to join requests are measured too")
    parser.add_argument("--rounds", type=int, default=5, help="every other one in the reverse order")
    parser.add_argument("--seconds", type=int, default=6, help="of load for each figure; less for twins and one connection")
    parser.add_argument("--warm", type=int, default=12, help="seconds of load before the service is measured, at least")
    parser.add_argument("--connections", default="", help="such as 16,1; else those that each model is measured with")
    parser.add_argument("--rates", type=int, default=1, help="rounds in which latencies at fixed rates are measured too")
    parser.add_argument("--most-rates", type=int, default=16, help="at which they are measured at most")
    parser.add_argument("--java", default=os.environ.get("JAVA_HOME", ""), help="home of the JDK that runs the service")
    parser.add_argument("--options", default="", help="file of flags for that JDK, which service/aot.sh has written")
    parser.add_argument("--flags", default="-XX:+UseSerialGC -Xmx256m -XX:ActiveProcessorCount=1", help="of its JVM")
    parser.add_argument("--without", default="", help="servers to leave out, such as fastapi,ort")
    parser.add_argument("--peers", help="JSON file with further servers, such as "
                        '{"mine": {"command": ["mine", "{file}", "{port}"], "path": "/v2/models/{model}/infer", "body": "oip"}}; '
                        "more of it in servers.py")
    parser.add_argument("--out", help="a file for every single figure, as lines of JSON; report.py reads it")
    parser.add_argument("--docs", help="a folder for tables and plots; further servers are left out there")
    options = parser.parse_args()
    for name in ("models", "twins", "without"):
        setattr(options, name, [one for one in getattr(options, name).split(",") if one])
    options.connections = [int(one) for one in options.connections.split(",") if one]
    return options


class Bench:
    def __init__(self, options, folder, platform):
        self.options = options
        self.folder = folder
        self.platform = platform
        self.java = servers.Java(options.java, options.flags, options.options)
        self.tools = servers.Java(options.java, TOOL_FLAGS)

    def servers(self, model):
        found = [servers.service(self.java, model, self.folder, self.platform, self.options.warm),
                 servers.fastapi(model, self.folder), *servers.peers(self.options.peers, model, self.folder)]
        return [server for server in found if server.name not in self.options.without]

    def body(self, model, form="oip"):
        return self.folder / "bodies" / (f"{model}.json" if form == "oip" else f"{model}.columns.json")

    def round(self, number):
        """The figures of each model and server, one after the other."""
        for model in self.options.models:
            if "ort" not in self.options.without and not self.options.check:
                file = servers.model_file(self.folder, model)
                seen = load.runtime_alone(self.java, file, self.body(model), self.options.seconds)
                yield {"round": number, "model": model, "server": "ort", "connections": 0, **seen}
            found = self.servers(model)
            for server in found if number % 2 == 0 else reversed(found):
                with Running(server, self.body(model, server.body), model, self.folder) as running:
                    for figure in self.measure(running, model, number < self.options.rates):
                        yield {"round": number, "server": server.name, "model": model, **figure}
        if self.options.twins:
            for figure in self.twins(number % 2 == 1):
                yield {"round": number, **figure}
        for model in self.options.twins if not self.options.check else ():
            file = servers.model_file(self.folder, model)
            for name, seen in load.batch_sizes(self.java, file, self.body(model), self.options.seconds).items():
                yield {"round": number, "model": model, "server": name, "connections": TWIN_CONNECTIONS, **seen}

    def measure(self, running, model, at_rates):
        """The figures of a server that was just started."""
        self.require_right(running, running.predict, model)
        if self.options.check:
            return [{"right": True}]
        seen = {"connections": 0, "start_s": running.start_seconds, "start_cpu_s": running.start_cpu_seconds,
                "ready_s": running.ready_seconds}
        if running.server.name == "service" and model in COLD and running.server.warm > 2:
            seen["cold_per_second"] = load.closed(running.predict, running.body, 16, COLD_SECONDS)["per_second"]
        warm(running)
        figures = [seen]
        for connections in self.options.connections or CONNECTIONS[model]:
            busy = load.busy_share(0.5)  # meanwhile what the load before has left is finished
            seconds = self.options.seconds if connections > 1 else max(self.options.seconds // 2, 1)
            figure = closed(running, running.predict, running.body, connections, seconds)
            figures.append({"connections": connections, "busy_before": busy, **figure})
        if model in servers.BINARY and running.server.binary:
            figures.append(self.measure_binary(running, model))
        seen.update(running.memory())
        if at_rates and running.server.name in report.OURS:
            rates = [round(LOWEST_RATE[model] * 1.5**step) for step in range(self.options.most_rates)]
            figures += load.at_rates(self.tools, running.predict, running.body, rates, max(self.options.seconds // 2, 1))
        return figures

    def measure_binary(self, running, model):
        url, body = running.server.url(running.server.binary.format(model=model)), self.folder / "bodies" / f"{model}.binary"
        self.require_right(running, url, model, body)
        if self.options.warm > 2:
            closed(running, url, body, 16, self.options.warm)
        busy = load.busy_share(0.5)
        return {"model": f"{model}, binary", "connections": 16, "busy_before": busy,
                **closed(running, url, body, 16, self.options.seconds)}

    def twins(self, reverse):
        """One service with models of which requests are joined as it learns, never, or up to a number; all with the same warm JVM."""
        server = servers.service(self.java, "twins", self.folder, self.platform, 0)
        urls = [(model, name, server.url(server.path.format(model=twin)))
                for model in self.options.twins for name, twin in servers.twins(model).items()]
        if reverse:
            urls.reverse()
        first = self.options.twins[0]
        with Running(server, self.body(first), first, self.folder) as running:
            for model, name, url in urls:
                self.require_right(running, url, model)
                if self.options.check:
                    yield {"model": model, "server": name}
                elif self.options.warm > 2:
                    load.closed(url, self.body(model), TWIN_CONNECTIONS, 1)
            if self.options.check:
                return
            for model, name, url in reversed(urls):
                seen = closed(running, url, self.body(model), TWIN_CONNECTIONS, max(self.options.seconds // 6, 1))
                yield {"model": model, "server": name, "connections": TWIN_CONNECTIONS, **seen}
            idle = [one for one in urls if one[1] in ("twin", "twin-off") and 1 in CONNECTIONS.get(one[0], ())]
            for model, name, url in [*idle, *reversed(idle)]:
                seen = closed(running, url, self.body(model), 1, max(self.options.seconds // 3, 1))
                yield {"model": model, "server": name, "connections": 1, **seen}

    def require_right(self, running, url, model, body=None):
        expected = json.loads((self.folder / "bodies" / f"{model}.expected.json").read_text())
        wrong = check.problem(running.answer(url, body or self.body(model, running.server.body)), expected)
        if wrong:
            raise RuntimeError(f"{running.server.name}, {url}: {wrong}")


def warm(running):
    """Load until what a request costs the server falls no more: as long as the server says at least, three times that at most."""
    seconds = running.server.warm
    piece = min(seconds, WARM_PIECE)
    best, spent = float("inf"), 0
    while spent < 3 * seconds:
        cost = closed(running, running.predict, running.body, 16, piece)["cpu_us"]
        spent += piece
        if spent >= seconds and (cost > best * STILL_WARMING or piece == seconds):
            return
        best = min(best, cost)


def closed(running, url, body, connections, seconds):
    """What is seen of a closed loop, with what it costs the server."""
    before = running.cpu_seconds()
    seen = load.closed(url, body, connections, seconds)
    return {**seen, "cpu_us": (running.cpu_seconds() - before) * 1e6 / max(seen["requests"], 1)}


def main():
    options = arguments()
    os.sched_setaffinity(0, {int(servers.LOAD_CORE)})  # what this script does is not to disturb the server
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, servers.HERE / "models.py", folder, servers.HERE.parent / "target/samples"], check=True)
        registries = [*options.models, *(["twins"] if options.twins else [])]
        with servers.platform(servers.Java(options.java, TOOL_FLAGS), folder, registries) as platform:
            bench = Bench(options, folder, platform)
            for number in range(1 if options.check else options.rounds):
                for figure in bench.round(number):
                    figures.append(figure)
                    print(json.dumps(figure), file=sys.stderr, flush=True)
    if options.check:
        print("\n".join(f"{figure['server']} {figure['model']}: as ONNX Runtime" for figure in figures))
        return 0
    lines = [report.about(options), *figures]
    if options.out:
        Path(options.out).write_text("".join(json.dumps(line) + "\n" for line in lines))
    if options.docs:
        report.write(Path(options.docs), lines)
    print(report.tables(figures))
    print(report.disturbance(figures) + "\n")
    outcomes = limits.outcomes(figures)
    print(limits.table(outcomes))
    kept = all(outcome.kept for outcome in outcomes) and not any(figure.get("failed") for figure in figures)
    return 0 if kept or os.environ.get("MEASURE_LIMITS") == "off" else BEYOND


if __name__ == "__main__":
    sys.exit(main())
