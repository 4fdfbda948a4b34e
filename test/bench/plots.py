"""Plots of what was measured, each for a light and a dark page: latency at fixed rates, throughput of closed loops, and what
joining requests brings."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator  # noqa: E402

from report import OURS, medians  # noqa: E402
from servers import SIZES, TWINS  # noqa: E402

TITLES = {"iris": "iris: 4 numbers", "mlp": "MLP 784-512-512-10", "minilm": "MiniLM, quantised, 64 tokens",
          "wide": "150,000 numbers as JSON", "conv": "three convolutions, 32x32 pixels"}
# On white and on GitHub's dark grey; told apart by brightness too.
THEMES = {"light": {"text": "#1f2328", "grid": "#d8dee4", "service": "#0969da", "fastapi": "#bc4c00", "ort": "#818b98"},
          "dark": {"text": "#e6edf3", "grid": "#30363d", "service": "#58a6ff", "fastapi": "#f0883e", "ort": "#8b949e"}}
NUMBERS = FuncFormatter(lambda value, _: f"{value / 1000:.10g}k" if value >= 10_000 else f"{value:,.10g}")
# The same figures give the same bytes.
STYLE = {"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9, "axes.grid": True, "axes.axisbelow": True,
         "axes.spines.top": False, "axes.spines.right": False}


def write(folder, figures):
    closed, rates = medians(figures), medians(figures, "rate")
    drawn = {"latency": (latency, {model for model, _, _ in rates}, rates),
             "throughput": (throughput, {model for model, _, server in closed if server in OURS}, closed),
             "joining": (joining, {model for model, _, server in closed if server == "twin"}, closed)}
    for theme, colors in THEMES.items():
        inks = {name: colors["text"] for name in ("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color")}
        with plt.rc_context({**STYLE, **inks, "axes.edgecolor": colors["text"], "grid.color": colors["grid"]}):
            for name, (draw, models, seen) in drawn.items():
                if models:
                    save(draw([model for model in TITLES if model in models], seen, colors), folder / f"{name}-{theme}.svg")


def panels(count, columns=2, height=2.7):
    columns = min(count, columns)
    rows = -(-count // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(9.2 / 2 * columns if columns < 3 else 9.2, height * rows),
                                layout="constrained", squeeze=False)
    figure.get_layout_engine().set(h_pad=0.09, w_pad=0.09)
    for axis in axes.ravel()[count:]:
        axis.remove()
    return figure, axes.ravel()


def latency(models, seen, colors):
    figure, axes = panels(len(models))
    for axis, model in zip(axes, models):
        for server in ("service", "fastapi"):
            points = sorted((rate, one) for (name, rate, who), one in seen.items() if (name, who) == (model, server))
            for percentile, style in (("p99_ms", "-"), ("p50_ms", ":")):
                axis.plot([rate for rate, _ in points], [one[percentile] for _, one in points], style, marker="o", markersize=3,
                          color=colors[server], label=f"{OURS[server]}, {percentile[:3]}")
        axis.set(xscale="log", yscale="log", title=TITLES[model], xlabel="requests due a second", ylabel="milliseconds")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_major_formatter(NUMBERS)
            scale.set_minor_formatter(NullFormatter())
    legend(figure, axes[0])
    return figure


def throughput(models, seen, colors):
    figure, axes = panels(len(models), height=1.5)
    for axis, model in zip(axes, models):
        bars = [(OURS[server], seen[key]["per_second"], colors[server]) for server in reversed(OURS)
                for key in [(model, 0 if server == "ort" else 16, server)] if key in seen]
        drawn = axis.barh([name for name, _, _ in bars], [value for _, value, _ in bars], color=[color for _, _, color in bars])
        axis.bar_label(drawn, labels=[f"{value:,.0f}" for _, value, _ in bars], padding=3, fontsize=8)
        axis.margins(x=0.2)
        axis.grid(axis="y", visible=False)
        axis.xaxis.set_major_formatter(NUMBERS)
        axis.locator_params(axis="x", nbins=4)
        axis.set(title=TITLES[model], xlabel="requests a second, 16 connections")
    return figure


def joining(models, seen, colors):
    figure, axes = panels(len(models), columns=len(TWINS))
    for axis, model in zip(axes, models):
        fixed = [(rows, seen[key]["per_second"]) for rows in (1, *SIZES)
                 for key in [(model, 64, "twin-off" if rows == 1 else f"twin-{rows}")] if key in seen]
        axis.plot([rows for rows, _ in fixed], [value for _, value in fixed], marker="o", markersize=4, color=colors["ort"],
                  label="up to a fixed number")
        axis.axhline(seen[model, 64, "twin"]["per_second"], color=colors["service"], label="as the service learns")
        axis.set(xscale="log", title=TITLES[model], xlabel="rows joined at most")
        axis.set_xticks([rows for rows, _ in fixed], [str(rows) for rows, _ in fixed])
        axis.xaxis.set_minor_locator(NullLocator())
        axis.yaxis.set_major_formatter(NUMBERS)
        axis.set_ylim(0, 1.1 * max(axis.get_ylim()))
    axes[0].set_ylabel("requests/s, 64 connections")
    legend(figure, axes[0])
    return figure


def legend(figure, axis):
    """One for all panels, below them."""
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)


def save(figure, file):
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    # Matplotlib ends lines with spaces.
    file.write_text("\n".join(line.rstrip() for line in file.read_text().splitlines()) + "\n")
    plt.close(figure)
