"""Where the twins' public faces differ, and why. An entry that no longer differs fails its test."""

# (public name, method) -> reason, for methods that only one twin has or whose signatures differ
METHODS = {
    ("Autoencoder", "forward"): "PyTorch's name for what a call does",
    ("Autoencoder", "call"): "Keras's name for what a call does",
}
