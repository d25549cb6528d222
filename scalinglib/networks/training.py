"""Gradient descent and Adam, of all members at once."""

from scalinglib._input import above_zero, number, real_array
from scalinglib.networks import rules
from scalinglib.networks.loop import Choices, share, trained

__all__ = ["adam", "gradient_descent"]


def gradient_descent(
    net,
    *,
    rate,
    steps,
    batch=None,
    schedule="constant",
    momentum=0.0,
    loss="mse",
    centred=False,
    scale=1.0,
    keep=(),
    rng=None,
    device=None,
):
    r"""Gradient descent, a learner: ``learn(X, Y)`` returns ``predict``.

    .. math::

       v \leftarrow \mu v + \nabla L(\theta), \qquad
       \theta \leftarrow \theta - \eta s(t) \, v / a^2, \qquad
       f = a \, (h(\theta) - [h(\theta_0)])

    with h the network, and the bracket there if `centred`.

    Parameters
    ----------
    net : MLP or Module
        The architecture.
    rate : float
        η > 0. In the parameterisation ``"mup"`` each layer multiplies it by its own.
    steps : int
        How many, ≥ 1: the same for all members.
    batch : int, optional
        Examples of a step, ≥ 1: each member sees its data in an order of its own, all
        of them before any comes again. By default, and if there are no more, all.
    schedule : {"constant", "cosine"} or callable
        s: factor of the rate, from the share of the steps that are done, in [0, 1).
    momentum : float, default 0.0
        μ in [0, 1).
    loss : {"mse", "cross-entropy"}
        L, as in `mean_squared_error` and `cross_entropy`.
    centred : bool, default False
        Leave out what the network computes at initialisation.
    scale : float, default 1.0
        a > 0. With `centred`, a large one makes training lazy: parameters hardly move
        and the network learns as its linearisation does. A small one makes it rich.
    keep : sequence of int
        Steps after which parameters are kept, rising; 0 is the start.
    rng : None, int or numpy.random.Generator, or a sequence of them
        Draws the initialisation for each ``learn(X, Y)``, and shuffles; from a whole
        number, always the same. A sequence, for an ensemble given as ``start``, has a
        source for each member: its shuffles are then those of the same network trained
        alone with that source.
    device : str or torch.device, optional
        Where torch computes; by default on a GPU if there is one.

    Returns
    -------
    learn : callable
        ``learn(X, Y) -> Predictor`` trains one network: X is (D, n) and Y (D, C) or,
        for one output, (D,); for the cross-entropy Y is labels (D,).

        ``learn(X, Y, start=parameters)`` trains an ensemble at once. Its parameters
        have a leading axis of T members (or of 1: the same initialisation for all); X
        is (D, n), or (T, D, n) where each member has data of its own; Y (D, C) or
        (T, D, C), or labels (D,) or (T, D). With ``weights=``, (D,) or (T, D), not
        negative, the loss is the weighted mean over the examples. Nothing passed is
        changed.

        ``learn.online(draw, start=parameters)`` trains on examples that no step sees
        twice: ``draw(rng, B)`` returns X (B, n) and Y, or labels, of one member; a
        list of T such functions gives each its own. It needs `batch`; its loss is that
        of 4096 more examples.

        On a terminal a bar shows the progress of what takes longer than a second.

    Raises
    ------
    ValueError
        If an argument is not one of these; by ``learn`` if shapes do not match or a
        loss is not finite after training: the rate is too large.

    References
    ----------
    L. Chizat, E. Oyallon, F. Bach, "On lazy training in differentiable programming",
    arXiv:1812.07956 (2019), for the scale.

    Examples
    --------
    >>> import numpy as np
    >>> from scalinglib.networks import MLP
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> learn = gradient_descent(net, rate=0.1, steps=200, rng=0)
    >>> learn(X, [1.0, -1.0])(X).round(3).tolist()
    [1.0, -1.0]
    >>> predict = learn(X, [[1.0], [-1.0]], start=net.initialise(8, rng=0))
    >>> predict(X).shape, bool(predict.loss.max() < 1e-6)
    ((8, 2, 1), True)
    """
    momentum = share("momentum", momentum)
    own = net, rate, steps, batch, schedule, loss, centred, scale, keep, rng, device
    choices = Choices(*own)
    speeds = choices.scale, max(choices.schedule)
    return trained(choices, rules.descent(choices.rate, momentum, *speeds))


def adam(
    net,
    *,
    rate,
    steps,
    batch=None,
    schedule="constant",
    betas=(0.9, 0.999),
    eps=1e-8,
    loss="mse",
    centred=False,
    scale=1.0,
    keep=(),
    rng=None,
    device=None,
):
    r"""Adam, a learner: ``learn(X, Y)`` returns ``predict``.

    .. math::

       m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
       v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
       \theta \leftarrow \theta - \frac{\eta s(t)}{a} \,
       \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    net, rate, steps, batch, schedule, loss, centred, scale, keep, rng, device
        As in `gradient_descent`. A step is as long whatever the size of the gradient,
        so that the rate is divided by a, not by its square.
    betas : pair of float
        β₁ and β₂, in [0, 1).
    eps : float
        ε > 0.

    Returns
    -------
    learn : callable
        As in `gradient_descent`.

    Raises
    ------
    ValueError
        As in `gradient_descent`.

    References
    ----------
    D. Kingma, J. Ba, arXiv:1412.6980 (2015).

    Examples
    --------
    >>> import numpy as np
    >>> from scalinglib.networks import MLP
    >>> net, X = MLP([2, 64, 1]), np.eye(2)
    >>> learn = adam(net, rate=0.03, steps=300, rng=0, keep=[0, 100])
    >>> predict = learn(X, [1.0, -1.0])
    >>> predict(X).round(2).tolist()
    [1.0, -1.0]

    What it had learned on the way:

    >>> [bool(then.loss > predict.loss) for then in predict.path.values()]
    [True, True]
    """
    if real_array("betas", betas).shape != (2,):
        raise ValueError(f"betas must be two numbers, got {betas!r}")
    beta1, beta2 = (number("betas", beta, least=0) for beta in betas)
    if max(beta1, beta2) >= 1:
        raise ValueError(f"betas must be in [0, 1), got {betas!r}")
    eps = above_zero("eps", eps)
    own = net, rate, steps, batch, schedule, loss, centred, scale, keep, rng, device
    choices = Choices(*own)
    speeds = choices.scale, max(choices.schedule)
    return trained(choices, rules.adaptive(choices.rate, (beta1, beta2), eps, *speeds))
