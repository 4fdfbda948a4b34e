"""What is promised of the service: limits.json has, for a model and a number of connections (0: of the process), a figure,
the server that it is divided by (with `at` connections and the figure `of`, if they are others), and how much it must be."""
import json
from dataclasses import dataclass
from pathlib import Path

from report import medians

NAMES = {"per_second": "requests/s", "cold_per_second": "requests/s of the first 10 s", "p50_ms": "p50", "p99_ms": "p99",
         "memory_mb": "memory, MB", "start_s": "start"}


@dataclass
class Outcome:
    limit: dict
    found: float

    @property
    def kept(self):
        return self.limit.get("at_least", 0) <= self.found <= self.limit.get("at_most", float("inf"))

    def row(self):
        limit = self.limit
        connections = limit.get("connections", 0)
        text = NAMES[limit["figure"]] + (f" at {connections} connections" if connections else "")
        if "against" in limit:
            other = NAMES[limit.get("of", limit["figure"])]
            at = limit.get("at", connections)
            text += f" / {limit['against']}'s {other}" + (f" at {at}" if at else "")
        bound = f"at least {limit['at_least']}" if "at_least" in limit else f"at most {limit['at_most']}"
        return f"| {limit['model']} | {text} | {self.found:.3g} | {bound} | {'yes' if self.kept else '**no**'} |"


def outcomes(figures):
    """Of those limits whose servers were measured."""
    middle = medians(figures)
    found = []
    for limit in json.loads(Path(__file__).with_name("limits.json").read_text()):
        connections = limit.get("connections", 0)
        mine = middle.get((limit["model"], connections, "service"), {}).get(limit["figure"])
        other = 1
        if "against" in limit:
            key = (limit["model"], limit.get("at", connections), limit["against"])
            other = middle.get(key, {}).get(limit.get("of", limit["figure"]))
        if mine is not None and other is not None:
            found.append(Outcome(limit, mine / other))
    return found


def table(found):
    return "\n".join(["| model | of the service | is | must be | kept |", "| --- | --- | ---: | --- | --- |",
                      *(outcome.row() for outcome in found)])
