"""The page bench/RESULTS.md from what bench/compare.py --out wrote: machine, versions, commands, ratios beside what must hold."""


def merge(files):
    """The newest measurement of each row, with the file's head that it came with."""
    rows = {}
    for file in files:
        for result in file["results"]:
            rows[result["row"]] = (result, file)
    return rows


def number(x):
    return f"{x:.3f}" if x < 1 else f"{x:.2f}" if x < 10 else f"{x:.1f}" if x < 100 else f"{x:,.0f}"


def has_wide(file):
    return "avx512_bf16" in file["cpu"]["flags"]


def target_cells(row, wide):
    """What must hold on this processor, and on the other kind."""
    if "most" in row:
        return f"at most {100 * row['most']:.0f} %", ""
    if not row.get("targets"):
        return "", ""
    here, other = row["targets"][::-1] if wide else row["targets"]
    return f"{here:g} ×", f"{other:g} ×, open"


def strongest(result):
    """Theirs that count: the fastest that runs as it is written, and the fastest that is compiled first."""
    better = min if result["unit"] == "ms" else max
    for compiled in (False, True):
        if sides := [side for side in result["ratios"] if ("compile" in side) == compiled]:
            yield better(sides, key=lambda side: result["sides"][side]["median"])


def result_line(row, result, wide):
    here, other = target_cells(row, wide)
    if "shares" in result:
        s = result["shares"]
        waiting = s["waiting_share"]
        return (f"| {row['what']} | – | {number(result['sides']['ours']['median'])} steps/s | – | {100 * waiting['median']:.1f} % | "
                f"{100 * waiting['least']:.1f} % to {100 * waiting['most']:.1f} % | {here} | {other} |")
    ours, unit, lines = result["ours"], result["unit"], []
    for theirs in strongest(result):
        ratio = result["ratios"][theirs]
        lines.append(f"| {row['what']} | {theirs} | {number(result['sides'][ours]['median'])} {unit}{ours.removeprefix('ours')} | "
                     f"{number(result['sides'][theirs]['median'])} {unit} | **{ratio['median']:.2f} ×** | {ratio['least']:.2f} to {ratio['most']:.2f} | {here} | {other} |")
    return "\n".join(lines)


def detail_lines(result):
    """Every side that took turns, not only the fastest of theirs."""
    for side, s in result["sides"].items():
        ratio = result.get("ratios", {}).get(side)
        best = s["least"] if result["unit"] == "ms" else s["most"]
        against = f"{ratio['median']:.2f} ({ratio['quarters'][0]:.2f} to {ratio['quarters'][1]:.2f})" if ratio else ""
        yield (f"| `{result['row']}` | {side} | {number(s['median'])} {result['unit']} | {number(best)} | {against} | {len(result['rounds'])} | "
               f"{100 * result['busy']['median']:.0f} % |")


def command_of(file, names):
    words = "".join(f" --{key} {value}" for key, value in file["command"].items() if value and key in ("rounds", "seconds"))
    words += "".join(f' --{key} "{value}"' for key, value in file["command"].items() if value and key in ("words", "settings"))
    return f"    python3 bench/compare.py --python PYTHON --rows {','.join(names)}{' --quick' if file['quick'] else ''}{words}"


def page(files, table):
    rows = merge(files)
    order = [name for name in table if name in rows]
    newest, wide = files[-1], has_wide(files[-1])
    columns = ("AVX-512 and bf16", "AVX2 only") if wide else ("AVX2 only", "AVX-512 and bf16")
    lines = ["# Speed compared with other programs", "",
             "`bench/compare.py --markdown` writes this page up to \"How these rows were measured\"; the rest is written by hand (`--append`).",
             "Both sides run alternately on the same cores.",
             "A ratio above 1 means that ours is faster; ratios are taken per round, and the table shows their median, smallest and largest.",
             "PyTorch has one line with the fastest of its settings (`bench/peers/torch_update.py` lists them) for code that runs as it is written,",
             "and one for code compiled first by torch.compile; the second table has the others.", "",
             f"- Machine: {newest['cpu']['model']}, family {newest['cpu']['family']}, {newest['cpu']['cores']} cores, {', '.join(newest['cpu']['flags'])}",
             "- Versions: " + ", ".join(f"{name} {version}" if name != "rainbow" else version for name, version in newest["versions"].items()),
             "- Measured: " + " to ".join(sorted({rows[n][1]["date"] for n in order})), "- Commands:", ""]
    for file in files:
        if names := [n for n in order if rows[n][1] is file]:
            lines.append(command_of(file, names))
    lines += ["", f"The processor here has {columns[0]}.",
              f"The required ratio for {columns[1].replace(' only', '')}{' only' if 'only' in columns[1] else ''} is shown beside it, and is open.", "",
              f"| what | against | ours | theirs | ratio | rounds from, to | must be, {columns[0]} | must be, {columns[1]} |", "|---|---|---|---|---|---|---|---|"]
    lines += [result_line(table[n], rows[n][0], wide) for n in order]
    busy = max(rows[n][0]["busy"]["median"] for n in order)
    if busy > 0.05:
        lines += ["", f"Other programs used up to {100 * busy:.0f} % of the machine during these measurements (see the last column below).",
                  "PyTorch then loses more speed than ours, because its threads wait for each other in every operation.",
                  "Treat such rows as a first look, not as a result."]
    lines += ["", "## Every side", "", "| row | side | median | best | ratio, median and quarters | rounds | others' share of the machine |", "|---|---|---|---|---|---|---|"]
    lines += [line for n in order for line in detail_lines(rows[n][0])]
    lines += ["", "Updates are measured by `rainbow bench learner --scene` and `bench/peers/torch_update.py`.",
              "Trainings are measured by `rainbow bench train --scene`, `bench/peers/sb3_train.py` and `bench/peers/torch_rainbow_train.py`.",
              "Both sides have the same network, batch, updates per step, replay size and target interval, and are measured after learning began.",
              "Waiting is the time of all threads minus the time that they ran, were ready but queued behind other programs, or had lost to the host."]
    return "\n".join(lines) + "\n"
