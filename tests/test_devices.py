"""Where models live and work: what a device's name means, and that training, use and judgment stay there."""
import importlib
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from helpers import TWINS

from aebook.devices import choose
from aebook.errors import DeviceError
from aebook.specs import MLP, Training

each_twin = pytest.mark.parametrize("twin", TWINS)
X = np.random.default_rng(0).random((33, 8), np.float32)
SPEC = MLP(8, (6,), 2, dropout=0.1, batch_norm=True)
TRAINING = Training(steps=6, batch_size=8, clip_norm=1.0, l2=1e-3)


@pytest.mark.parametrize("asked, gpus, found", [
    (None, 0, ("cpu", None)), (None, 2, ("gpu", None)), ("cpu", 2, ("cpu", None)), ("gpu", 1, ("gpu", None)),
    ("GPU:1", 2, ("gpu", 1)), ("cuda", 1, ("gpu", None)), ("cuda:0", 1, ("gpu", 0)), ("/GPU:0", 1, ("gpu", 0)),
    ("/job:localhost/replica:0/task:0/device:CPU:0", 0, ("cpu", 0))])
def test_the_name_of_a_device(asked, gpus, found, monkeypatch):
    monkeypatch.delenv("AEBOOK_DEVICE", raising=False)
    assert choose(asked, gpus, "PyTorch") == found
    monkeypatch.setenv("AEBOOK_DEVICE", asked or "")
    assert choose(None, gpus, "PyTorch") == found


@pytest.mark.parametrize("asked, gpus, words", [
    ("gpu", 0, "PyTorch sees no GPU"), ("gpu:1", 1, "PyTorch sees one GPU, number 0"),
    ("cuda:4", 4, "PyTorch sees GPUs 0 to 3"), ("tpu", 1, "is no device: write 'cpu', 'gpu'"),
    ("gpu1", 1, "is no device"), ("", 1, "is no device")])
def test_a_device_that_is_not_there(asked, gpus, words, monkeypatch):
    monkeypatch.setenv("AEBOOK_DEVICE", "cpu")  # the argument goes first
    with pytest.raises(DeviceError, match=f"^device='{asked}'.*{words}"):
        choose(asked, gpus, "PyTorch")
    if asked:
        monkeypatch.setenv("AEBOOK_DEVICE", asked)
        with pytest.raises(DeviceError, match=f"^AEBOOK_DEVICE='{asked}'.*{words}"):
            choose(None, gpus, "PyTorch")


@each_twin
def test_models_and_tensors_go_where_they_are_asked_to(twin, monkeypatch, tmp_path):
    ae = TWINS[twin]
    assert "cpu" in str(ae.device("cpu")).lower()
    assert "cpu" in str(ae.from_numpy(X, device=ae.device("cpu")).device).lower()
    ae.save(ae.Autoencoder(SPEC, device="cpu"), tmp_path / "model.safetensors")
    for name in ("Autoencoder", "DenoisingAutoencoder", "SparseAutoencoder", "VariationalAutoencoder"):
        with pytest.raises(DeviceError, match="device='gpu:99'"):
            getattr(ae, name)(SPEC, device="gpu:99")
    with pytest.raises(DeviceError, match="device='gpu:99'"):
        ae.ContractiveAutoencoder(MLP(8, (), 2, latent_activation="sigmoid"), device="gpu:99")
    with pytest.raises(DeviceError, match="device='gpu:99'"):
        ae.load(tmp_path / "model.safetensors", device="gpu:99")
    monkeypatch.setenv("AEBOOK_DEVICE", "gpu:99")
    ae.Autoencoder(SPEC, device="cpu")
    for call in (ae.device, lambda: ae.from_numpy(X), lambda: ae.Autoencoder(SPEC)):
        with pytest.raises(DeviceError, match="AEBOOK_DEVICE='gpu:99'"):
            call()


@each_twin
def test_a_model_works_where_it_lives(twin, monkeypatch):
    """Once a model is made, nothing asks again for the default device, which here does not exist."""
    ae = TWINS[twin]
    model = ae.VariationalAutoencoder(SPEC, device="cpu")
    monkeypatch.setenv("AEBOOK_DEVICE", "gpu:99")
    history = ae.fit(model, X, TRAINING, x_val=X)
    ae.fit(model, [X[:20], X[20:]], TRAINING, x_val=[X])  # from batches
    ae.evaluate(model, X)
    ae.reconstruct(model, X)
    ae.decode(model, ae.encode(model, X))
    ae.sample(model, 3)
    ae.log_likelihood(model, X, 2)
    ae.diagnose(history, model, X)


def test_pytorch_mixes_no_devices():
    """A model on the device "meta", which computes shapes only: a tensor from elsewhere in a step would raise."""
    import torch
    training = importlib.import_module("aebook.torch.training")
    model = TWINS["torch"].VariationalAutoencoder(SPEC).to("meta")
    update = training.optimizer(model, TRAINING)
    data = training._at_hand(model, X)
    steps = [training._step(model, update, *batch, TRAINING)
             for batch in training._batches(model, data, TRAINING, 0, 5)]
    assert [step.device.type for step in steps] == ["meta"] * 5
    with pytest.raises(Exception, match="device"):  # the check does check
        torch.zeros(2, device="meta") + torch.zeros(2)


PLACED = """
import json, sys
import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0],
                                           [tf.config.LogicalDeviceConfiguration()] * 2)
import aebook.tensorflow as ae
from test_devices import SPEC, TRAINING, X
models = [ae.VariationalAutoencoder(SPEC, device=device) for device in ("cpu:1", "cpu:0")]
context.enable_run_metadata()
history = ae.fit(models[0], X, TRAINING, x_val=X)
ae.reconstruct(models[0], X), ae.log_likelihood(models[0], X, 2), ae.diagnose(history, models[0], X)
graphs = [part for graph in context.export_run_metadata().function_graphs for part in graph.partition_graphs]
placed = {op: sorted({node.device[-5:] for part in graphs for node in part.node if node.op == op})
          for op in ("MatMul", "Exp", "AssignSubVariableOp", "ResourceApplyAdam")}
again = ae.fit(models[1], X, TRAINING, x_val=X)
variables = [v.value.device[-5:] for v in models[0].variables]
print(json.dumps([placed, variables, float(np.abs(history.step_loss - again.step_loss).max())]))
"""


def test_tensorflow_computes_beside_the_model():
    """On the second of two devices that the CPU is divided into: every product, every step of the optimizer."""
    import json
    here = pathlib.Path(__file__).parent
    done = subprocess.run([sys.executable, "-c", PLACED], capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])})
    assert done.returncode == 0, done.stderr
    placed, variables, difference = json.loads(done.stdout.splitlines()[-1])
    assert placed["MatMul"] == ["CPU:1"] and placed["Exp"] == ["CPU:1"]
    assert {*placed["AssignSubVariableOp"], *placed["ResourceApplyAdam"]} == {"CPU:1"}
    assert set(variables) == {"CPU:1"} and difference == 0
