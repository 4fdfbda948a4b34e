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
from servers import JOINED, MODELS, Running

BEYOND = 3
CONNECTIONS = {"iris": [16, 64, 1], "mlp": [16, 64, 1], "minilm": [16, 1], "wide": [16, 1]}
LOWEST_RATE = {"iris": 1000, "mlp": 500, "minilm": 20, "wide": 8}  # requests a second; the next is half as much again
COLD_SECONDS = 10
TOOL_FLAGS = "-XX:+UseSerialGC"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare the answers of each server with ONNX Runtime's")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--rounds", type=int, default=5, help="every other one in the reverse order")
    parser.add_argument("--seconds", type=int, default=8, help="of load for each figure")
    parser.add_argument("--warm", type=int, default=20, help="seconds of load before the service is measured")
    parser.add_argument("--connections", default="", help="such as 16,1; else those that each model is measured with")
    parser.add_argument("--rates", type=int, default=1, help="rounds in which latencies at fixed rates are measured too")
    parser.add_argument("--most-rates", type=int, default=16, help="at which they are measured at most")
    parser.add_argument("--java", default=os.environ.get("JAVA_HOME", ""), help="home of the JDK that runs the service")
    parser.add_argument("--flags", default="-XX:+UseSerialGC -Xmx256m -XX:ActiveProcessorCount=1", help="of its JVM")
    parser.add_argument("--without", default="", help="servers to leave out, such as fastapi,ort")
    parser.add_argument("--peers", help="JSON with further servers, see servers.py")
    parser.add_argument("--out", help="a file for every single figure, as lines of JSON; report.py reads it")
    parser.add_argument("--docs", help="a folder for tables and plots; further servers are left out there")
    options = parser.parse_args()
    options.models, options.without = options.models.split(","), options.without.split(",")
    options.connections = [int(one) for one in options.connections.split(",") if one]
    return options


class Bench:
    def __init__(self, options, folder, platform):
        self.options = options
        self.folder = folder
        self.platform = platform
        self.java = servers.Java(options.java, options.flags)
        self.tools = servers.Java(options.java, TOOL_FLAGS)

    def servers(self, model):
        ours = (self.java, model, self.folder, self.platform, self.options.warm)
        found = [servers.service(*ours), *([servers.service_alone(*ours)] if model in JOINED else []),
                 servers.fastapi(model, self.folder), *servers.peers(self.options.peers, model, self.folder)]
        return [server for server in found if server.name not in self.options.without]

    def body(self, server, model):
        return self.folder / "bodies" / (f"{model}.json" if server.body == "oip" else f"{model}.columns.json")

    def round(self, number):
        """The figures of each model and server, one after the other."""
        for model in self.options.models:
            if "ort" not in self.options.without and not self.options.check:
                file = self.folder / "models" / model / "1" / "model.onnx"
                seen = load.runtime_alone(self.java, file, self.folder / "bodies" / f"{model}.json", self.options.seconds)
                yield {"round": number, "model": model, "server": "ort", "connections": 0, **seen}
            found = self.servers(model)
            for server in found if number % 2 == 0 else reversed(found):
                with Running(server, self.body(server, model), model, self.folder) as running:
                    for figure in self.measure(running, model, number < self.options.rates):
                        yield {"round": number, "model": model, "server": server.name, **figure}

    def measure(self, running, model, at_rates):
        """The figures of a server that was just started."""
        expected = json.loads((self.folder / "bodies" / f"{model}.expected.json").read_text())
        wrong = check.problem(running.answer(running.predict), expected)
        if wrong:
            raise RuntimeError(f"{running.server.name}, {model}: {wrong}")
        if self.options.check:
            return [{"right": True}]
        seen = {"connections": 0, "start_s": running.start_seconds, "ready_s": running.ready_seconds}
        if running.server.name == "service" and running.server.warm > 2:
            seen["cold_per_second"] = load.closed(running.predict, running.body, 16, COLD_SECONDS)["per_second"]
        load.closed(running.predict, running.body, 16, running.server.warm)
        figures = [seen]
        for connections in self.options.connections or CONNECTIONS[model]:
            busy = load.busy_share(1)  # meanwhile what the load before has left is finished
            figure = load.closed(running.predict, running.body, connections, self.options.seconds)
            figures.append({"connections": connections, "busy_before": busy, **figure})
        seen["memory_mb"] = running.memory_mb()
        if at_rates and running.server.name != "service-alone":
            rates = [round(LOWEST_RATE[model] * 1.5**step) for step in range(self.options.most_rates)]
            figures += load.at_rates(self.tools, running.predict, running.body, rates, max(self.options.seconds // 2, 1))
        return figures


def main():
    options = arguments()
    os.sched_setaffinity(0, {int(servers.LOAD_CORE)})  # what this script does is not to disturb the server
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, servers.HERE / "models.py", folder, servers.HERE.parent / "target/samples"], check=True)
        with servers.platform(servers.Java(options.java, TOOL_FLAGS), folder, options.models) as platform:
            bench = Bench(options, folder, platform)
            for number in range(1 if options.check else options.rounds):
                for figure in bench.round(number):
                    figures.append(figure)
                    print(json.dumps(figure), file=sys.stderr, flush=True)
    if options.check:
        print("\n".join(f"{figure['server']} {figure['model']}: as ONNX Runtime" for figure in figures))
        return 0
    lines = [report.about(options.java, options.flags), *figures]
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
