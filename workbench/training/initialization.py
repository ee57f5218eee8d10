"""How weights begin."""

from torch import Tensor, nn

_GAUSSIAN_DEVIATION = 0.02


def initialize(model: nn.Module, how: str) -> None:
    """Draw the weights of all layers anew and set their biases to 0; norms stay as they are.

    Args:
        model: The network.
        how: `default` leaves what the layers drew themselves; `gaussian` draws with deviation 0.02,
            `xavier` as Glorot and Bengio 2010, `he` as He et al. 2015, `orthogonal` as Saxe et al. 2014.
    """
    if how == "default":
        return
    for module in model.modules():
        weight = getattr(module, "weight", None)
        # Norms have one weight a channel: a vector.
        if isinstance(weight, nn.Parameter) and weight.dim() > 1:
            _draw(weight, how)
            bias = getattr(module, "bias", None)
            if isinstance(bias, nn.Parameter):
                nn.init.zeros_(bias)


def _draw(weight: Tensor, how: str) -> None:
    if how == "gaussian":
        nn.init.normal_(weight, 0.0, _GAUSSIAN_DEVIATION)
    elif how == "xavier":
        nn.init.xavier_uniform_(weight)
    elif how == "he":
        nn.init.kaiming_normal_(weight, nonlinearity="relu")
    else:
        nn.init.orthogonal_(weight)
