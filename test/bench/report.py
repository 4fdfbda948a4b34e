"""Tables and plots of what was measured. Usage: report.py FIGURES FOLDER, to draw them again from what run.py --out wrote."""
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

from servers import SIZES

OURS = {"service": "service", "fastapi": "FastAPI + ONNX Runtime", "ort": "ONNX Runtime alone, in a loop"}
WAY_TITLES = {"": "as learned", "-off": "1", **{f"-{size}": str(size) for size in SIZES}}
TWINS = {kind + way for kind in ("twin", "engine") for way in WAY_TITLES}
COLUMNS = {"per_second": ("requests/s", "{:,.0f}"), "p50_ms": ("p50 ms", "{:.2f}"), "p99_ms": ("p99 ms", "{:.2f}"),
           "cpu_us": ("processor, µs each", "{:,.0f}"), "failed": ("failed", "{:.0f}")}
PROCESS = {"start_s": ("first answer, s", "{:.2f}"), "start_cpu_s": ("processor until then, s", "{:.2f}"),
           "ready_s": ("ready, s", "{:.2f}"),
           "cold_per_second": ("requests/s of the first 10 s", "{:,.0f}"),
           "memory_mb": ("memory, MB (Pss)", "{:.0f}"), "resident_mb": ("MB (Rss)", "{:.0f}")}
RATES = {"per_second": ("answered/s", "{:,.0f}"), "p50_ms": ("p50 ms", "{:.2f}"), "p90_ms": ("p90 ms", "{:.2f}"),
         "p99_ms": ("p99 ms", "{:.2f}"), "p999_ms": ("p99.9 ms", "{:.2f}"), "failed": ("failed", "{:.0f}")}
OTHERS = "Further servers, which are not in this repository, took their turns in the same rounds.\n"
MOST_BUSY = 0.1


def about(options):
    """The machine, the versions, the command."""
    java = options.java
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    version = subprocess.run([f"{java}/bin/java" if java else "java", "-version"], capture_output=True, text=True).stderr
    packages = Path(__file__).with_name("requirements.txt").read_text()
    pinned = ", ".join(f"{name} {re.search(rf'^{name}==(.*)$', packages, re.M).group(1)}" for name in
                       ("fastapi", "uvicorn", "onnxruntime"))
    commit = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True,
                            cwd=Path(__file__).parent).stdout.strip()
    return {"date": str(date.today()), "commit": commit or "unknown",
            "machine": f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores, {memory_gb()} GB, "
                       f"Linux {platform.release()}",
            "java": re.sub(r"\s+", " ", version.splitlines()[1].strip()),
            "flags": options.flags, "start": "the flags and the AOT cache of `service/aot.sh`, and" if options.options else "no AOT cache,",
            "python": f"{platform.python_version()}, {pinned}",
            "command": command(sys.argv[1:])}


def command(given):
    """Without what is a matter of the machine: paths, and servers that are not in the repository."""
    text = " ".join(["test/measure/benchmarks.sh", *given])
    return re.sub(r" --(peers|out|docs|java|options)[ =]\S+", "", text)


def memory_gb():
    return round(int(re.search(r"MemTotal: *(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 1e6)


def medians(figures, by="connections"):
    """(model, connections or rate, server) to figure to its median over the rounds."""
    groups = {}
    for figure in figures:
        if by in figure:
            groups.setdefault((figure["model"], figure[by], figure["server"]), []).append(figure)
    return {key: {name: statistics.median([one[name] for one in group if name in one])
                  for name in {name for one in group for name in one} if isinstance(group[0].get(name), (int, float))}
            for key, group in groups.items()}


def table(rows, first, columns):
    """Markdown: rows are (cells in front, figures); a figure that is not there is an empty cell."""
    lines = ["| " + " | ".join([*first, *(title for title, _ in columns.values())]) + " |",
             "| " + " | ".join(["---"] * len(first) + ["---:"] * len(columns)) + " |"]
    for front, figures in rows:
        cells = [form.format(figures[name]) if name in figures else "" for name, (_, form) in columns.items()]
        lines.append("| " + " | ".join([*map(str, front), *cells]) + " |")
    return "\n".join(lines)


def tables(figures):
    return "\n\n".join(part for part in (closed(figures), process(figures), joining(figures), rates(figures)) if part) + "\n"


def closed(figures):
    return table([((model, connections or "", OURS.get(server, server)), seen)
                  for (model, connections, server), seen in sorted(medians(figures).items())
                  if "per_second" in seen and server not in TWINS], ("model", "connections", "server"), COLUMNS)


def process(figures):
    return table([((model, OURS.get(server, server)), seen)
                  for (model, _, server), seen in sorted(medians(figures).items()) if "start_s" in seen],
                 ("model", "server"), PROCESS)


def joining(figures):
    """Empty when it was not measured."""
    seen = {key: one for key, one in medians(figures).items() if key[2] in TWINS}
    lines = (("twin", 64, "per_second", "requests/s at 64 connections"), ("engine", 64, "per_second", "rows/s without a server"),
             ("twin", 1, "p50_ms", "p50 at 1 connection, ms"))
    rows = [((model, text), {way: COLUMNS[figure][1].format(seen[model, connections, kind + way][figure])
                             for way in WAY_TITLES if (model, connections, kind + way) in seen})
            for model in dict.fromkeys(model for model, _, _ in seen) for kind, connections, figure, text in lines
            if (model, connections, kind) in seen]
    return table(rows, ("model", "rows joined"), {way: (title, "{}") for way, title in WAY_TITLES.items()}) if rows else ""


def rates(figures):
    """Empty when it was not measured."""
    rows = [((model, f"{rate:,}", OURS.get(server, server)), seen)
            for (model, rate, server), seen in sorted(medians(figures, "rate").items())]
    return table(rows, ("model", "due/s", "server"), RATES) if rows else ""


def disturbance(figures):
    """Whether something else worked the server's core, in words."""
    busy = [figure["busy_before"] for figure in figures if "busy_before" in figure]
    return (f"Before {sum(share > MOST_BUSY for share in busy)} of the {len(busy)} closed loops something else took more than "
            f"{MOST_BUSY:.0%} of the server's core (median {statistics.median(busy):.0%}, most {max(busy):.0%}).")


def write(folder, lines):
    """README.md and the plots, without servers that are not ours to publish."""
    import limits
    import plots

    where, *figures = lines
    ours = OURS.keys() | TWINS
    others = {figure["server"] for figure in figures} - ours
    figures = [figure for figure in figures if figure["server"] in ours]
    rounds = max(figure["round"] for figure in figures) + 1
    folder.mkdir(parents=True, exist_ok=True)
    plots.write(folder, figures)
    parts = {"closed": closed(figures), "process": process(figures), "joining": joining(figures), "rates": rates(figures),
             "limits": limits.table(limits.outcomes(figures)), "rounds": str(rounds), "disturbance": disturbance(figures),
             "others": OTHERS if others else "", **where}
    text = Path(__file__).with_name("benchmarks.md").read_text()
    for key, value in parts.items():
        text = text.replace("{" + key + "}", value or "Not measured." if key != "others" else value)
    (folder / "README.md").write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[2]), [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()])
