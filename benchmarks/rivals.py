"""What is measured. `prepare(job, x)` imports, builds and returns `epoch(first)`, which trains and returns seconds.

Seconds are those of one epoch over x, with the device at rest before the clock is read. With
`first`, they are those of the whole first call, so what is compiled or allocated then counts.
Every rival uses Adam at 1e-3 and the same loss, summed over features, averaged over the batch.
"""
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec


class NotAvailable(Exception):
    """This rival cannot do this job, and why."""


@dataclass(frozen=True)
class Rival:
    prepare: Callable
    needs: str

    @property
    def installed(self):
        return find_spec(self.needs) is not None


def aebook(framework):
    def prepare(job, x):
        from aebook import specs
        ae = import_module(f"aebook.{framework}")
        likelihood = "bernoulli" if job.kind == "vae" else "gaussian"
        if job.kind != "conv":
            spec = specs.MLP(784, job.widths[1:], job.latent_dim, "relu", likelihood=likelihood)
        else:
            spec = specs.Conv(image_shape=(28, 28, 1), channels=job.widths[1:], latent_dim=job.latent_dim)
        model = (ae.VariationalAutoencoder if job.kind == "vae" else ae.Autoencoder)(spec)

        def epoch(first):
            training = specs.Training(epochs=1 if first else 2, batch_size=job.batch_size)
            start = time.perf_counter()
            history = ae.fit(model, x, training, progress=False)
            return time.perf_counter() - start if first else history.seconds[1]
        return epoch
    return prepare


def dataloader_loop(job, x):
    """The loop that tutorials show."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder, decoder = (part.to(device) for part in torch_networks(job))
    optimizer = None
    loader = DataLoader(TensorDataset(torch_images(job, x)), batch_size=job.batch_size, shuffle=True)

    def epoch(first):
        nonlocal optimizer
        start, total = time.perf_counter(), 0.0
        if optimizer is None:
            optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
        for (batch,) in loader:
            batch = batch.to(device)
            optimizer.zero_grad()
            loss = torch_loss(job, encoder, decoder, batch)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        torch_rest()
        return time.perf_counter() - start
    return epoch


def lightning_trainer(job, x):
    """Lightning, without its logger, checkpoints, progress bar and summary."""
    import lightning as L
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    class Module(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = torch_networks(job)

        def training_step(self, batch, index):
            return torch_loss(job, self.encoder, self.decoder, batch[0])

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    class Clock(L.Callback):
        def on_train_epoch_start(self, *_):
            self.start = time.perf_counter()

        def on_train_epoch_end(self, *_):
            torch_rest()
            self.seconds = time.perf_counter() - self.start

    module, clock = Module(), Clock()
    loader = DataLoader(TensorDataset(torch_images(job, x)), batch_size=job.batch_size, shuffle=True)

    def epoch(first):
        start = time.perf_counter()
        trainer = L.Trainer(max_epochs=1, devices=1, barebones=True, callbacks=[clock])
        trainer.fit(module, loader)
        return time.perf_counter() - start if first else clock.seconds
    return epoch


def pythae_trainer(job, x):
    """pythae's BaseTrainer; its Bernoulli loss takes probabilities."""
    import torch
    from pythae.data.datasets import BaseDataset
    from pythae.models import AE, VAE, AEConfig, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback
    networks = torch_networks(job)

    class Encoder(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.layers = networks[0]

        def forward(self, x):
            code = self.layers(x)
            if job.kind != "vae":
                return ModelOutput(embedding=code)
            mu, log_var = code.chunk(2, dim=1)
            return ModelOutput(embedding=mu, log_covariance=log_var)

    class Decoder(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.layers = networks[1]

        def forward(self, z):
            x_hat = self.layers(z)
            return ModelOutput(reconstruction=torch.sigmoid(x_hat) if job.kind == "vae" else x_hat)

    class Clock(TrainingCallback):
        def on_epoch_begin(self, *_, **__):
            self.start = time.perf_counter()

        def on_epoch_end(self, *_, **__):
            torch_rest()
            self.seconds = time.perf_counter() - self.start

    images = torch_images(job, x)
    shape = {"input_dim": tuple(images.shape[1:]), "latent_dim": job.latent_dim}
    if job.kind == "vae":
        model = VAE(VAEConfig(**shape, reconstruction_loss="bce"), Encoder(), Decoder())
    else:
        model = AE(AEConfig(**shape), Encoder(), Decoder())
    data, clock = BaseDataset(images, torch.zeros(len(images))), Clock()

    def epoch(first):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            config = BaseTrainerConfig(output_dir=folder, num_epochs=1, learning_rate=1e-3,
                                       per_device_train_batch_size=job.batch_size)
            BaseTrainer(model=model, train_dataset=data, training_config=config, callbacks=[clock]).train()
            return time.perf_counter() - start if first else clock.seconds
    return epoch


def keras_fit(jit_compile):
    def prepare(job, x):
        if jit_compile and job.kind == "conv":
            raise NotAvailable("XLA is many times slower at convolutions on CPU")
        import keras
        from keras import layers, ops

        class Clock(keras.callbacks.Callback):
            def on_epoch_begin(self, *_):
                self.start = time.perf_counter()

            def on_epoch_end(self, *_):
                self.seconds = time.perf_counter() - self.start

        class VariationalAutoencoder(keras.Model):
            def __init__(self, encoder, decoder):
                super().__init__()
                self.encoder, self.decoder, self.draws = encoder, decoder, keras.random.SeedGenerator(0)

            def call(self, x):
                mu, log_var = ops.split(self.encoder(x), 2, axis=1)
                self.add_loss(ops.mean(ops.sum(ops.exp(log_var) + mu**2 - 1 - log_var, axis=1)) / 2)
                return self.decoder(mu + ops.exp(log_var / 2) * keras.random.normal(ops.shape(mu), seed=self.draws))

        def squared_error(x, x_hat):
            return ops.sum(ops.square(x - x_hat), axis=tuple(range(1, len(x.shape))))

        def bernoulli(x, logits):
            return ops.sum(ops.binary_crossentropy(x, logits, from_logits=True), axis=1)

        if job.kind == "conv":
            x = x.reshape(-1, 28, 28, 1)
            same = {"kernel_size": 4, "strides": 2, "padding": "same"}
            flat, side = job.dense_layers[0][0], 28 // 2 ** (len(job.widths) - 1)
            encoder = [*(layers.Conv2D(c, activation="relu", **same) for c in job.widths[1:]), layers.Flatten(),
                       layers.Dense(job.latent_dim)]
            decoder = [layers.Dense(flat, activation="relu"), layers.Reshape((side, side, job.widths[-1])),
                       *(layers.Conv2DTranspose(c, activation="relu", **same) for c in job.widths[-2:0:-1]),
                       layers.Conv2DTranspose(1, **same)]
        else:
            encoder = [*(layers.Dense(d, activation="relu") for d in job.widths[1:]), layers.Dense(job.encoder_outputs)]
            decoder = [*(layers.Dense(d, activation="relu") for d in job.widths[:0:-1]), layers.Dense(784)]
        if job.kind == "vae":
            model = VariationalAutoencoder(keras.Sequential(encoder), keras.Sequential(decoder))
        else:
            model = keras.Sequential([*encoder, *decoder])
        loss = bernoulli if job.kind == "vae" else squared_error
        clock = Clock()

        def epoch(first):
            start = time.perf_counter()
            if not model.compiled:
                model.compile(keras.optimizers.Adam(1e-3), loss, jit_compile=jit_compile)
            model.fit(x, x, batch_size=job.batch_size, epochs=1, verbose=0, callbacks=[clock])
            return time.perf_counter() - start if first else clock.seconds
        return epoch
    return prepare


def ceiling(job, x):
    """The matrix products of the dense layers and the convolution kernels, forward and backward, and nothing else."""
    import torch
    device, size = torch.device("cuda" if torch.cuda.is_available() else "cpu"), job.batch_size
    products = []
    for i, (n_in, n_out) in enumerate(job.dense_layers):
        h, w, g = (torch.rand(shape, device=device) for shape in ((size, n_in), (n_out, n_in), (size, n_out)))
        out, dw, dh = torch.empty_like(g), torch.empty_like(w), torch.empty_like(h)
        products += [(h, w.t(), out), (g.t(), h, dw)]
        if i or job.kind == "conv":  # the input needs no gradient
            products.append((g, w, dh))

    def convolutions(layout):
        calls, side = [], 28
        for transposed, channels in ((False, job.widths), (True, job.widths[::-1])):
            for n_in, n_out in zip(channels, channels[1:]):
                shape = (n_in, n_out, 4, 4) if transposed else (n_out, n_in, 4, 4)
                options = [2, 2], [1, 1], [1, 1], transposed, [0, 0], 1
                h, w = (torch.rand(s, device=device).contiguous(memory_format=layout)
                        for s in ((size, n_in, side, side), shape))
                g = torch.rand_like(torch.convolution(h, w, None, *options))
                calls.append((g, h, w, options, [bool(calls), True, False]))
                side = side * 2 if transposed else side // 2
        return calls

    def step(kernels):
        for a, b, out in products:
            torch.mm(a, b, out=out)
        for g, h, w, options, wanted in kernels:
            torch.convolution(h, w, None, *options)
            torch.ops.aten.convolution_backward(g, h, w, None, *options, wanted)

    def seconds(kernels, steps):
        torch_rest()
        start = time.perf_counter()
        for _ in range(steps):
            step(kernels)
        torch_rest()
        return time.perf_counter() - start

    kernels = []
    if job.kind == "conv":  # the faster of the two memory layouts
        layouts = [convolutions(layout) for layout in (torch.contiguous_format, torch.channels_last)]
        kernels = min(layouts, key=lambda calls: min(seconds(calls, 5) for _ in range(3)))
    steps = math.ceil(len(x) / size)
    return lambda first: seconds(kernels, steps) * len(x) / (steps * size)


def torch_images(job, x):
    import torch
    return torch.from_numpy(x.reshape(-1, 1, 28, 28) if job.kind == "conv" else x)


def torch_networks(job):
    """(encoder, decoder) as a tutorial writes them."""
    from torch import nn
    if job.kind == "conv":
        flat, side = job.dense_layers[0][0], 28 // 2 ** (len(job.widths) - 1)
        down, up = job.widths, job.widths[::-1]
        encoder = [layer for a, b in zip(down, down[1:]) for layer in (nn.Conv2d(a, b, 4, 2, 1), nn.ReLU())]
        decoder = [layer for a, b in zip(up, up[1:]) for layer in (nn.ConvTranspose2d(a, b, 4, 2, 1), nn.ReLU())]
        return (nn.Sequential(*encoder, nn.Flatten(), nn.Linear(flat, job.latent_dim)),
                nn.Sequential(nn.Linear(job.latent_dim, flat), nn.ReLU(), nn.Unflatten(1, (up[0], side, side)),
                              *decoder[:-1]))
    layers = [layer for n_in, n_out in job.dense_layers for layer in (nn.Linear(n_in, n_out), nn.ReLU())]
    half = len(layers) // 2
    return nn.Sequential(*layers[:half - 1]), nn.Sequential(*layers[half:-1])


def torch_loss(job, encoder, decoder, x):
    import torch
    from torch.nn import functional as F
    if job.kind != "vae":
        return F.mse_loss(decoder(encoder(x)), x, reduction="sum") / len(x)
    mu, log_var = encoder(x).chunk(2, dim=1)
    logits = decoder(mu + torch.exp(log_var / 2) * torch.randn_like(mu))
    kl = (log_var.exp() + mu**2 - 1 - log_var).sum() / 2
    return (F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + kl) / len(x)


def finish_loading():
    """PyTorch loads its compiler with the first optimizer of a process: no cost of the job that comes first."""
    if "torch" in sys.modules:
        import torch
        torch.optim.SGD([torch.zeros(1, requires_grad=True)])


def torch_rest():
    """Wait until the GPU, if there is one, has done what it was given."""
    import torch
    if torch.cuda.is_available():
        torch.cuda.synchronize()


LOOP, KERAS, CEILING = "(a) DataLoader loop", "(b) Keras fit", "(d) ceiling"
RIVALS = {
    "aebook, PyTorch": Rival(aebook("torch"), "torch"),
    "aebook, TensorFlow": Rival(aebook("tensorflow"), "tensorflow"),
    LOOP: Rival(dataloader_loop, "torch"),
    KERAS: Rival(keras_fit(False), "tensorflow"),
    "(b) Keras fit, jit_compile": Rival(keras_fit(True), "tensorflow"),
    "(c) pythae's trainer": Rival(pythae_trainer, "pythae"),
    "(c) Lightning": Rival(lightning_trainer, "lightning"),
    CEILING: Rival(ceiling, "torch"),
}
