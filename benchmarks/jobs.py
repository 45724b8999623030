"""The networks that are trained, and with which batches."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A network on images of 28 x 28; the decoder mirrors the encoder, hidden layers are ReLU."""

    title: str
    kind: str               # "dense", "conv" or "vae"
    widths: tuple           # units of the encoder's dense layers, or channels of its convolutions, from the input on
    latent_dim: int
    batch_size: int

    @property
    def encoder_outputs(self):
        """Numbers per example that the encoder puts out: means and log-variances, or the code itself."""
        return self.latent_dim * (2 if self.kind == "vae" else 1)

    @property
    def dense_layers(self):
        """(inputs, outputs) of every dense layer, from the input to the reconstruction."""
        if self.kind == "conv":
            flat = self.widths[-1] * (28 // 2 ** (len(self.widths) - 1)) ** 2
            return [(flat, self.latent_dim), (self.latent_dim, flat)]
        down = (*self.widths, self.encoder_outputs)
        up = (self.latent_dim, *self.widths[::-1])
        return [*zip(down, down[1:]), *zip(up, up[1:])]


JOBS = {
    "w1": Job("784-128-32-128-784, ReLU, squared error", "dense", (784, 128), 32, 128),
    "w2": Job("784-1000-500-250-30 and back, ReLU, squared error", "dense", (784, 1000, 500, 250), 30, 256),
    "conv": Job("convolutions 1-16-32, kernel 4, stride 2, padding 1, dense 1568-32, and back, ReLU, squared error",
                "conv", (1, 16, 32), 32, 128),
    "vae": Job("variational 784-400-20, ReLU, Bernoulli", "vae", (784, 400), 20, 128),
}
