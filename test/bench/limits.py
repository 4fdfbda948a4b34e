"""What is promised of the service: limits.json has, for a model and a number of connections (0: of the process), a figure of
the service or another server, the server that it is divided by in the same round (with `at` connections and the figure `of`, if they are
others), and how much the median over the rounds must be. twin-best and engine-best are the best of those with a fixed number of rows."""
import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from report import medians

NAMES = {"per_second": "requests/s", "cold_per_second": "requests/s of the first 10 s", "p50_ms": "p50", "p99_ms": "p99",
         "memory_mb": "memory, MB", "start_s": "start"}
LIMITS = json.loads(Path(__file__).with_name("limits.json").read_text())
SERVERS = {"service": "service", "twin": "joined as learned", "twin-off": "never joined", "twin-best": "joined up to the best number",
           "engine": "batches as learned, no server", "engine-best": "batches of the best size",
           "ort": "ONNX Runtime alone", "fastapi": "FastAPI"}


@dataclass
class Outcome:
    limit: dict
    found: float

    @property
    def kept(self):
        return self.limit.get("at_least", 0) <= self.found <= self.limit.get("at_most", float("inf"))

    def row(self):
        limit = self.limit
        mine = limit.get("server", "service")
        connections = limit.get("connections", 0)
        text = f"{NAMES[limit['figure']]}, {SERVERS[mine]}{at_connections(connections)}"
        if "against" in limit:
            of, at, other = limit.get("of", limit["figure"]), limit.get("at", connections), limit["against"]
            differs = [NAMES[of]] if of != limit["figure"] else []
            differs += [SERVERS.get(other, other)] if other != mine else []
            text += " / " + ", ".join(differs or ["itself"]) + (at_connections(at) if at not in (0, connections) else "")
        bound = f"at least {limit['at_least']}" if "at_least" in limit else f"at most {limit['at_most']}"
        return f"| {limit['model']} | {text} | {self.found:.3g} | {bound} | {'yes' if self.kept else '**no**'} |"


def at_connections(count):
    return f" at {count} connection{'s' if count > 1 else ''}" if count else ""


def outcomes(figures):
    """Of those limits whose servers were measured. What is compared was measured within minutes: a machine that others use too is
    not as quick in one round as in the next."""
    rounds = {}
    for figure in figures:
        rounds.setdefault(figure["round"], []).append(figure)
    found = {}
    for figures_of_round in rounds.values():
        for index, value in in_one_round(figures_of_round):
            found.setdefault(index, []).append(value)
    return [Outcome(LIMITS[index], statistics.median(values)) for index, values in sorted(found.items())]


def in_one_round(figures):
    """Pairs of a limit's index and what was found."""
    middle = medians(figures)
    middle.update(best_fixed(middle))
    for index, limit in enumerate(LIMITS):
        connections = limit.get("connections", 0)
        mine = middle.get((limit["model"], connections, limit.get("server", "service")), {}).get(limit["figure"])
        other = 1
        if "against" in limit:
            key = (limit["model"], limit.get("at", connections), limit["against"])
            other = middle.get(key, {}).get(limit.get("of", limit["figure"]))
        if mine is not None and other is not None:
            yield index, mine / other


def best_fixed(middle):
    """(model, connections, twin-best or engine-best) to the most requests a second with a fixed number of rows, 1 among them."""
    best = {}
    for (model, connections, server), seen in middle.items():
        kind, _, way = server.partition("-")
        if kind in ("twin", "engine") and way and "per_second" in seen:
            key = (model, connections, f"{kind}-best")
            best[key] = {"per_second": max(seen["per_second"], best.get(key, seen)["per_second"])}
    return best


def table(found):
    return "\n".join(["| model | what | is | must be | kept |", "| --- | --- | ---: | --- | --- |",
                      *(outcome.row() for outcome in found)])
