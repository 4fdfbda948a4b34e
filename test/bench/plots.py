"""Two plots of what was measured: the latency at fixed rates, and the throughput of closed loops."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: E402

from report import OURS, medians  # noqa: E402

TITLES = {"iris": "iris: 4 numbers", "mlp": "MLP 784-512-512-10", "minilm": "MiniLM, quantised, 64 tokens",
          "wide": "150,000 numbers as JSON"}
COLORS = {"service": "#0b6e4f", "service-alone": "#7fc8a9", "fastapi": "#c8553d", "ort": "#8d99ae"}
# The same figures give the same bytes.
plt.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9, "axes.grid": True,
                     "grid.color": "#e5e5e5", "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False})


def write(folder, figures):
    models = [model for model in TITLES if any(figure["model"] == model for figure in figures)]
    if any("rate" in figure for figure in figures):
        save(latency(models, medians(figures, "rate")), folder / "latency.svg")
    save(throughput(models, medians(figures)), folder / "throughput.svg")


def panels(count):
    columns = min(count, 2)
    rows = -(-count // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.6 * columns, 2.9 * rows), layout="constrained", squeeze=False)
    return figure, axes.ravel()


def latency(models, seen):
    figure, axes = panels(len(models))
    for axis, model in zip(axes, models):
        for server in ("service", "fastapi"):
            points = sorted((rate, one) for (name, rate, who), one in seen.items() if (name, who) == (model, server))
            for percentile, style in (("p99_ms", "-"), ("p50_ms", ":")):
                axis.plot([rate for rate, _ in points], [one[percentile] for _, one in points], style, marker="o", markersize=3,
                          color=COLORS[server], label=f"{OURS[server]}, {percentile[:3]}")
        axis.set(xscale="log", yscale="log", title=TITLES[model], xlabel="requests due a second", ylabel="ms")
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
            scale.set_minor_formatter(NullFormatter())
    axes[0].legend(fontsize=7.5, frameon=False)
    return figure


def throughput(models, seen):
    figure, axes = panels(len(models))
    for axis, model in zip(axes, models):
        bars = [(OURS[server], seen[key]["per_second"], COLORS[server]) for server in reversed(OURS)
                for key in [(model, 0 if server == "ort" else 16, server)] if key in seen]
        drawn = axis.barh([name for name, _, _ in bars], [value for _, value, _ in bars], color=[color for _, _, color in bars])
        axis.bar_label(drawn, labels=[f"{value:,.0f}" for _, value, _ in bars], padding=3, fontsize=8)
        axis.margins(x=0.18)
        axis.grid(axis="y", visible=False)
        axis.set(title=TITLES[model], xlabel="requests a second, 16 connections")
    return figure


def save(figure, file):
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    # Matplotlib ends lines with spaces.
    file.write_text("\n".join(line.rstrip() for line in file.read_text().splitlines()) + "\n")
    plt.close(figure)
