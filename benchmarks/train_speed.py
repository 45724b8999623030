"""Images per second of training, against the usual ways to train the same network: python benchmarks/train_speed.py

In one run and in turn: `fit` of both twins, the DataLoader loop that tutorials show, Keras `fit`,
the trainers of pythae and Lightning where they are installed, and the matrix products alone.
README.md says what the columns mean.
"""
import argparse
import math
import sys
import tempfile
from pathlib import Path

import numpy as np
from jobs import JOBS
from machine import cores, head, load_average, table, training_images
from rivals import CEILING, KERAS, LOOP, RIVALS
from worker import Worker

SLOW = ("w2", "conv")  # jobs whose epochs are cut to a third, to keep the run short


def measure(job, workers, rounds, images):
    """Seconds of an epoch, {(rival, threads): [first call, each round]}, measured A B C A B C, and who is missing."""
    seconds, missing, versions, devices = {}, {}, {}, {}
    for turn in range(rounds + 1):
        slow = hopeless(seconds) if turn >= 2 else set()
        for key, worker in workers.items():
            if key in missing or key in slow:
                continue
            answer = worker.ask(job, images)
            versions.update(answer.get("versions", {}))
            if "unavailable" in answer:
                missing[key] = answer["unavailable"]
                seconds.pop(key, None)
                continue
            devices[key[0]] = answer["device"]
            seconds.setdefault(key, []).append(answer["seconds"])
        print(f"{job}: round {turn} of {rounds} done, load {load_average()}", file=sys.stderr, flush=True)
    return seconds, missing, versions, devices


def hopeless(seconds):
    """Those that after a round take three times as long as their rival with another thread count."""
    return {key for key, mine in seconds.items()
            if mine[1] > 3 * min(other[1] for (rival, _), other in seconds.items() if rival == key[0])}


def best_threads(seconds, images):
    """{rival: (its fastest thread count, seconds there)} and {rival: {thread count: rate}}, in thousand images/s."""
    rates = {}
    for (rival, threads), measured in seconds.items():
        rates.setdefault(rival, {})[threads] = images / np.median(measured[1:]) / 1000
    slow = hopeless(seconds)
    best = {rival: max((n for n in at if (rival, n) not in slow), key=at.get) for rival, at in rates.items()}
    return {rival: (threads, np.array(seconds[rival, threads])) for rival, threads in best.items()}, rates


def steady_table(best, rates, images):
    """How fast the epochs after the first are; ratios are medians of the ratios within a round."""
    def ratio(rival, to, percent=False):
        if to not in best:
            return ""
        value = np.median(best[to][1][1:] / best[rival][1][1:])
        return f"{100 * value:.0f} %" if percent else f"{value:.2f}"

    rows = []
    for rival, (threads, measured) in best.items():
        low, median, high = np.percentile(images / measured[1:] / 1000, [25, 50, 75])
        others = ", ".join(f"{n}: {rate:.1f}" for n, rate in rates[rival].items() if n != threads)
        rows.append([rival, threads, f"{median:.1f} ({low:.1f} to {high:.1f})", ratio(rival, LOOP), ratio(rival, KERAS),
                     ratio(rival, CEILING, percent=True), others])
    return table(["rival", "threads", "thousand images/s (quartiles)", "x (a)", "x Keras fit", "of ceiling",
                  "at other thread counts"], rows)


def first_table(best, images, epoch_images):
    """What the first epoch costs beyond a later one, and when that is made up for."""
    costs = {}  # seconds: beyond a steady epoch, and a steady epoch of the whole data
    for rival, (_, measured) in best.items():
        if rival != CEILING:
            steady = np.median(measured[1:])
            costs[rival] = max(0, measured[0] - steady), steady * epoch_images / images

    def ahead_from(rival, other):
        if other not in costs or rival == other:
            return ""
        extra, later = np.subtract(costs[rival], costs[other])
        return "never" if later >= 0 else max(1, math.ceil(-extra / later))

    rows = [[rival, f"{best[rival][1][0]:.2f}", f"{extra:.2f}", f"{extra / epoch:.2f}", ahead_from(rival, LOOP),
             ahead_from(rival, KERAS)] for rival, (extra, epoch) in costs.items()]
    return table(["rival", "first epoch (s)", "beyond a later one (s)", "in later epochs",
                  "ahead of (a) from epoch", "ahead of Keras fit from epoch"], rows)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="2 rounds of 6000 images, slow jobs 2000")
    parser.add_argument("--threads", nargs="+", type=int, default=sorted({1, cores()}))
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=[*JOBS])
    parser.add_argument("--rivals", nargs="+", choices=RIVALS, default=[*RIVALS], metavar="RIVAL",
                        help="of: " + "; ".join(RIVALS).replace("%", "%%"))
    parser.add_argument("--images", type=int, help="images of an epoch (default: 60000; slow jobs 20000)")
    parser.add_argument("--rounds", type=int, help="measured epochs of each rival (default: 5)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write what is printed here")
    return parser.parse_args()


def main():
    args = arguments()
    x, source = training_images()
    load_before, lines, versions, devices = load_average(), [], {}, {}
    rounds = args.rounds or (2 if args.quick else 5)
    usual = {job: (60000, 20000)[job in SLOW] // (10 if args.quick else 1) for job in args.jobs}
    wanted = {job: min(args.images or usual[job], len(x)) for job in args.jobs}
    absent = [rival for rival in args.rivals if not RIVALS[rival].installed]
    with tempfile.TemporaryDirectory() as folder:
        np.save(data := Path(folder) / "x.npy", x[:max(wanted.values())])
        workers = {(rival, threads): Worker(rival, threads, data)
                   for rival in args.rivals if rival not in absent for threads in args.threads}
        try:
            for job in args.jobs:
                images = wanted[job]
                seconds, missing, new_versions, new_devices = measure(job, workers, rounds, images)
                versions.update(new_versions)
                devices.update(new_devices)
                best, rates = best_threads(seconds, images)
                lines += ["", f"## {job}: {JOBS[job].title}", "",
                          f"Batch {JOBS[job].batch_size}, {images} images an epoch, {rounds} rounds.", "",
                          *steady_table(best, rates, images), "",
                          *first_table(best, images, len(x))]
                reasons = {rival: reason for (rival, _), reason in missing.items()}
                if reasons:
                    lines += ["", *(f"- {rival}: not available: {reason}" for rival, reason in reasons.items())]
        finally:
            for worker in workers.values():
                worker.close()
    where = ", ".join(sorted(set(devices.values())))
    top = ["# Speed of training", "",
           *head(versions, device=where, threads_tried=", ".join(map(str, args.threads)), images=source,
                 load_average=f"{load_before} at the start, {load_average()} at the end")]
    if absent:
        top.append(f"- not installed, so not measured: {', '.join(absent)}")
    text = "\n".join([*top, *lines])
    print(text)
    if args.markdown:
        args.markdown.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
