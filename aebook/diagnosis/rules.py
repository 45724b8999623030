"""The rules: which symptoms make which failure."""
import numpy as np

from aebook.diagnosis.findings import Finding, Findings
from aebook.diagnosis.readings import FLAT, Readings  # noqa: F401
from aebook.history import History  # noqa: F401

__all__ = ["judge"]

# The thresholds, each with what was measured on 5000 images of MNIST, whose pixels have a root mean
# square of 0.3, with 784-128-32, 400 steps of 64, Adam at 1e-3 unless said otherwise. "Error" is
# that of the reconstructions as a share of the mean image's. What healthy runs reach is also that
# of the book's other chapters: benchmarks/diagnose.md.
LARGE_RMS = 3        # tanh: error 0.28 at 0.3, 0.48 at 1.9, 0.68 at 3.2; standardized data have 1
SMALL_RMS = 0.005    # ReLU: error 0.30 at 0.03 as at 0.3, but 0.56 at 0.001, and SGD learns nothing there
GROWTH = 1.5         # healthy runs end at most at 1.1 times their lowest tenth; tanh at a rate of 0.1 at 2, at 0.3 at 4
DEAD = 0.9           # healthy networks have up to 0.81 dead in a layer; at a rate of 1e-2 0.93, and error 0.45 for 0.30
DEAD_CODE = 0.8      # of a code limited by a rule, whose size is what it is for; healthy ones have up to 0.75
SATURATED = 0.5      # healthy networks have up to 0.12; tanh on data times 16 has 0.58 and error 0.85 for 0.28
WRONG_END = 0.05     # of all numbers: healthy outputs have less than 0.01, an all-black answer has the ink, 0.1
OFF_NATS = 0.01      # with beta 1 no unit of 32 has less; with beta 20 all have
PARTLY = 1 / 3       # beta 10 at 32 units: 0.4, error 1.15
SLIP = 1.5           # factor around the number of features within which a weight is taken for it
UNSETTLED = 1.0      # at 0.6 and less the error is that with the batch's statistics, at 1.3 and more it is 1.5 times
LEARNED = 0.6        # healthy runs end below, but for codes of very few numbers
STEEP = 0.03         # healthy: up to 0.025; a straight line: 0.1; rates a tenth of the right one: 0.03 and more
HARDLY, FALLING = 0.85, 0.005   # SGD at 1e-3, Adam at 3e-5: error 0.90 and 0.96, and 0.01 of the fall in the last tenth
IN_USE = 1.5         # noisy steps at four times the best rate: 1.1; half of the pixels masked in training: 3.9
WORSE = 1.2          # only runs that went nowhere end above: the weights they start from have 1.8
LIKE_MEAN, SAME = 0.95, 0.05    # deep sigmoid networks: 1.0 and 1e-6; the best code of one number 0.9 and 0.1
RISE, APART = 1.05, 1.2         # healthy: up to 1.03, and 1.12
GAP = 2.0            # 5000 images: 1.1, 1000 images: 1.45, 300 images: 3.4


def judge(history, readings):
    """Return the findings about a run.

    Parameters
    ----------
    history : History
    readings : Readings

    Returns
    -------
    Findings

    Examples
    --------
    >>> judge(History(loss=[9.0, 1.0]), Readings(np.eye(4), np.eye(4))).names
    []
    >>> judge(History(loss=[1.0, 9.0]), Readings(np.eye(4), np.eye(4))).names
    ['exploding loss']
    """
    numbers, left_out = {}, dict(readings.left_out)
    causes = [*_data(readings, numbers), *_exploding(history, readings, numbers)]
    if np.all(np.isfinite(readings.x_hat)):
        _errors(readings, numbers)
        causes += [*_stuck_units(readings, numbers), *_posterior(readings, numbers), *_norms(readings, numbers)]
        causes += [*_not_learned(history, readings, numbers, causes)]
    else:
        left_out["units and reconstructions"] = "the model's answers are not finite"
    if history.val_loss:
        causes += _overfitting(history, numbers)
    else:
        left_out["overfitting"] = "no validation loss"
    return Findings(causes, numbers, left_out)


def _curve(history):
    """The loss of each step, or of each epoch where the steps were not kept."""
    return np.asarray(history.step_loss if len(history.step_loss) > len(history.loss) else history.loss, np.float64)


def _blocks(curve, parts):
    """Means of so many equal parts of a curve, or its values if it has fewer."""
    return np.array([part.mean() for part in np.array_split(curve, min(parts, len(curve)))])


def _data(r, numbers):
    x = np.asarray(r.x, np.float64)
    numbers["rms of x"] = rms = float(np.sqrt(np.mean(x**2)))
    numbers["largest x"] = float(np.abs(x).max())
    outside = float(np.mean((x < 0) | (x > 1))) if r.bounded else 0.0
    if rms > LARGE_RMS or 0 < rms < SMALL_RMS:
        yield Finding("data not scaled",
                      f"The root mean square of x is {rms:.3g}, its range {x.min():.3g} to {x.max():.3g}; "
                      "about 1 is expected.",
                      "Divide pixels by 255, once; subtract from each column of a table its mean and divide by its "
                      "standard deviation.")
    elif outside > 0:
        yield Finding("data not scaled",
                      f"{outside:.0%} of x lie outside [0, 1], where a sigmoid output can never go: x reaches from "
                      f"{x.min():.3g} to {x.max():.3g}.",
                      "Scale the data to [0, 1], or leave output at 'linear'.")


def _exploding(history, r, numbers):
    curve = _curve(history)
    bad = np.flatnonzero(~np.isfinite(curve))
    if len(bad) or not np.all(np.isfinite(r.x_hat)):
        last = f"the last finite loss was {curve[bad[0] - 1]:.3g}" if len(bad) and bad[0] else "none was finite before"
        yield Finding("exploding loss",
                      f"The loss became {curve[bad[0]]} at step {bad[0] + 1}; {last}." if len(bad) else
                      "The reconstructions are not finite.",
                      "A smaller learning rate, clip_norm, scaled data.")
    elif len(curve) > 1:
        blocks = _blocks(curve, 10)
        lowest = min(curve[0], blocks.min())
        numbers["loss, last / lowest"] = growth = float(blocks[-1] / lowest) if lowest > 0 else 1.0
        if growth > GROWTH:
            yield Finding("exploding loss",
                          f"The loss was {lowest:.3g} {'at the start' if lowest == curve[0] else 'at its lowest'} and "
                          f"{blocks[-1]:.3g} in the end.",
                          "A smaller learning rate, clip_norm, scaled data.")


def _summed_loss(r, x_hat):
    """The reconstruction loss, summed over features and averaged over examples, whatever the model makes of it."""
    x, x_hat = np.asarray(r.x, np.float64), np.asarray(x_hat, np.float64)
    if r.likelihood == "bernoulli":
        p = np.clip(x_hat, 1e-7, 1 - 1e-7)
        return -np.mean(np.sum(x * np.log(p) + (1 - x) * np.log1p(-p), axis=1))
    return np.mean(np.sum((x - x_hat) ** 2, axis=1))


def _errors(r, numbers):
    x, x_hat = np.asarray(r.x, np.float64), np.asarray(r.x_hat, np.float64)
    total = np.mean(np.sum((x - x.mean(axis=0)) ** 2, axis=1))
    if total > 0:
        numbers["mean image's error"] = float(total)
        numbers["error / mean image's"] = float(np.mean(np.sum((x_hat - x) ** 2, axis=1)) / total)
        numbers["variation of the reconstructions"] = float(
            np.mean(np.sum((x_hat - x_hat.mean(axis=0)) ** 2, axis=1)) / total)


def _stuck_units(r, numbers):
    found = {"dead": [], "saturated": []}
    if r.bounded:
        x_hat = np.asarray(r.x_hat, np.float64)
        numbers["outputs at the wrong end"] = wrong = float(np.mean(
            (4 * x_hat * (1 - x_hat) < FLAT) & (np.abs(x_hat - r.x) > 0.5)))
        if wrong > WRONG_END:
            found["saturated"].append(f"{wrong:.0%} of the outputs, at the wrong end,")
    for layer in r.layers:
        stuck = layer.stuck()
        if stuck:
            kind, share = stuck
            numbers[f"{kind} units, {layer.name}"] = share
            if share > (SATURATED if kind == "saturated" else DEAD_CODE if layer.limited else DEAD):
                found[kind].append(f"{share:.0%} of the {layer.h.shape[1]} units of {layer.name}")
    if found["dead"]:
        yield Finding("dead units", f"{'; '.join(found['dead'])} answer no example that was read.",
                      "A smaller learning rate and a new start; leaky ReLU or ELU; subtract the mean from the data; "
                      "for a limited code, draw the dead units anew.")
    if found["saturated"]:
        yield Finding("saturated units",
                      f"{'; '.join(found['saturated'])} are flat on nearly every example that was read.",
                      "Scale the data; smaller weights at the start; a smaller learning rate; ReLU or batch "
                      "normalization.")


def _posterior(r, numbers):
    if r.posterior is None:
        return
    mu, log_var = (np.asarray(a, np.float64) for a in r.posterior)
    with np.errstate(over="ignore"):
        kl = np.mean(0.5 * (mu**2 + np.expm1(log_var) - log_var), axis=0)
    # what the divergence weighs against the summed reconstruction, whatever the loss calls it
    weight = r.beta
    if kl.sum() > 1e-6 and r.terms["reconstruction"] > 0:
        weight *= r.terms["kl"] / kl.sum() * _summed_loss(r, r.x_hat) / r.terms["reconstruction"]
    numbers["weight of the KL"] = weight = float(weight)
    numbers["KL, nats per image"] = float(kl.sum())
    off = float(np.mean(kl < OFF_NATS))
    numbers["units without information"] = off
    d, units = r.x.shape[1], len(kl)
    if d / SLIP < weight < d * SLIP and weight > SLIP:
        yield Finding("sum-mean slip",
                      f"The KL term weighs {weight:.3g} times what the bound asks for, and the data have {d} features; "
                      f"{off:.0%} of the {units} units carry less than {OFF_NATS} nats.",
                      "Sum the reconstruction over the features, as the KL is summed over the units; then beta = 1.")
    elif off == 1:
        yield Finding("collapsed posterior",
                      f"Each of the {units} units carries less than {OFF_NATS} nats, {kl.sum():.2g} in all; the KL "
                      f"term weighs {weight:.3g}.",
                      "beta = 1 or less; kl_warmup; a longer run; a weaker decoder.")
    elif off > PARTLY and numbers.get("error / mean image's", 1) > LEARNED:
        yield Finding("partly collapsed posterior",
                      f"{off:.0%} of the {units} units carry less than {OFF_NATS} nats; the KL term weighs "
                      f"{weight:.3g}.",
                      "A smaller beta; kl_warmup; or fewer units, if the error is good enough.")


def _norms(r, numbers):
    if r.norms:
        offs = {norm.name: norm.off() for norm in r.norms}
        name = max(offs, key=offs.get)
        numbers["running statistics off"] = offs[name]
        if offs[name] > UNSETTLED:
            yield Finding("unsettled batch statistics",
                          f"The running mean and variance of {name} are {offs[name]:.2g} off what the data give "
                          "(standard deviations and log-variance).",
                          "More steps, or a faster momentum, so that the running statistics follow the weights.")


def _not_learned(history, r, numbers, causes):
    """Worse in use, still on its way, or stuck at the mean image; asked only where there is no other cause."""
    curve = _curve(history)
    curve = curve[np.isfinite(curve)]
    if causes or not len(curve) or "error / mean image's" not in numbers:
        return
    error, vary = numbers["error / mean image's"], numbers["variation of the reconstructions"]
    blocks, first = _blocks(curve, 10), curve[0]
    end, in_use = blocks[-1], r.terms.get("reconstruction", _summed_loss(r, r.x_hat))
    if end > 0:
        numbers["loss in use / in training"] = float(in_use / end)
        if in_use > IN_USE * end and error > LEARNED:
            yield Finding("worse in use than in training",
                          f"In training the loss ended at {end:.3g}; the reconstructions of x cost {in_use:.3g}, and "
                          f"their error is {error:.0%} of the mean image's.",
                          "If the inputs are corrupted in training: a lower level. If not: is x what the model was "
                          "trained on, in the same units?")
            return
    last = float((blocks[-2] - end) / (first - end)) if len(curve) >= 10 and first > end else 0.0
    numbers["share of the fall in the last tenth"] = last
    # the mean image's loss in the unit of this loss; a run that begins below goes on from trained weights
    mean = _summed_loss(r, np.broadcast_to(np.mean(r.x, axis=0, dtype=np.float64), r.x.shape))
    mean *= in_use / _summed_loss(r, r.x_hat) if in_use > 0 else 1.0
    steep = error > LEARNED and last > STEEP and first > mean
    dear = numbers.get("weight of the KL", 0) > 2   # then a large error is the price of beta
    if not steep and LIKE_MEAN < error < WORSE and vary < SAME:
        yield Finding("stuck at the mean image",
                      f"Each example gets nearly the same answer: the reconstructions have {vary:.1%} of the variance "
                      f"of x, and their error is {error:.0%} of the mean image's.",
                      "Another learning rate or optimizer; ReLU or batch normalization, if gradients vanish in a deep "
                      "network; a weaker penalty.")
    elif steep or not dear and (error > HARDLY and last > FALLING or error > WORSE):
        yield Finding("step too small or not finished",
                      f"The run ends at {error:.0%} of the mean image's error; its loss went from {first:.3g} to "
                      f"{end:.3g}, {max(last, 0):.1%} of that way in the last tenth of the steps.",
                      "A larger learning rate, or more steps.")


def _overfitting(history, numbers):
    val, loss = np.asarray(history.val_loss, np.float64), np.asarray(history.loss, np.float64)
    kept = history.best_epoch - 1 if history.best_epoch else len(val) - 1
    if not np.all(np.isfinite(val)) or val.min() <= 0 or loss[kept] <= 0:
        return
    numbers["validation loss, last / lowest"] = rise = float(val[kept] / val.min())
    numbers["validation loss / training loss"] = gap = float(val[kept] / loss[kept])
    if rise > RISE and gap > APART or gap > GAP:
        yield Finding("overfitting",
                      f"The validation loss is {val[kept]:.3g}, {gap:.2f} times the training loss; its lowest was "
                      f"{val.min():.3g}, after epoch {val.argmin() + 1} of {len(val)}.",
                      "patience, to stop where it was lowest; more data; dropout, noise or a penalty; a smaller "
                      "network.")
