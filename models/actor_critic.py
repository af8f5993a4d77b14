"""Actor-critic: an actor π(a|s) and a critic V(s) that learn from the steps they take.

Sutton & Barto 2018, ch. 13; A2C after Mnih et al. 2016; GAE after Schulman et al. 2016.
Time runs along the first axis: (steps, envs). Knows no environment, optimiser or page.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


class ActorCritic(nn.Module):
    """Two small networks without shared weights."""

    def __init__(self, observation: int, actions: int, width: int = 64) -> None:
        super().__init__()
        self.actor = mlp(observation, width, actions)
        self.critic = mlp(observation, width, 1)
        with torch.no_grad():  # at first, nearly the same probability for every action
            self.actor[-1].weight.mul_(0.01)
            self.actor[-1].bias.zero_()

    def policy(
        self, s: Float[Tensor, "*batch observation"]
    ) -> Float[Tensor, "*batch actions"]:
        """log π(a|s) of every action."""
        return F.log_softmax(self.actor(s), dim=-1)

    def value(self, s: Float[Tensor, "*batch observation"]) -> Float[Tensor, "*batch"]:
        """V(s), the discounted return to expect from s on."""
        return self.critic(s).squeeze(-1)


def mlp(into: int, width: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(into, width), nn.Tanh(),
        nn.Linear(width, width), nn.Tanh(),
        nn.Linear(width, out),
    )  # fmt: skip


def discounted_return(
    reward: Float[Tensor, "steps envs"], gamma: float, to_go: bool = True
) -> Float[Tensor, "steps envs"]:
    """G_t = r_t + γ G_{t+1} of one episode per column (rewards after its end are 0).

    Without `to_go` every step is credited with the whole episode's G_0.
    """
    G, ahead = torch.empty_like(reward), torch.zeros_like(reward[0])
    for t in reversed(range(len(reward))):
        ahead = reward[t] + gamma * ahead  # (envs,)
        G[t] = ahead
    return G if to_go else G[:1].expand_as(G)


def td_target(
    reward: Float[Tensor, "*batch"],
    next_value: Float[Tensor, "*batch"],
    terminated: Bool[Tensor, "*batch"],
    gamma: float,
    terminal_mask: bool = True,
) -> Float[Tensor, "*batch"]:
    """r + γ (1 − terminated) V(s′): after a terminal state there is no more reward.

    An episode that was only cut off (truncated) would have gone on: it keeps its V(s′).
    Without the mask V is bootstrapped past the end and grows up to 1 / (1 − γ).
    """
    alive = (~terminated).float() if terminal_mask else torch.ones_like(reward)
    return reward + gamma * alive * next_value


def generalised_advantage(
    td_error: Float[Tensor, "steps envs"],
    done: Bool[Tensor, "steps envs"],
    gamma: float,
    lam: float,
) -> Float[Tensor, "steps envs"]:
    """Â_t = δ_t + γλ Â_{t+1}, broken off where an episode is done.

    Schulman et al. 2016, eq. 16. λ = 0 is the TD error, λ = 1 the n-step return − V.
    """
    decay = gamma * lam * (~done).float()
    ahead, advantage = torch.zeros_like(td_error[0]), []
    for t in reversed(range(len(td_error))):
        ahead = td_error[t] + decay[t] * ahead  # (envs,)
        advantage.append(ahead)
    return torch.stack(advantage[::-1])


def actor_loss(
    log_pi: Float[Tensor, "batch actions"],
    action: Int[Tensor, " batch"],
    advantage: Float[Tensor, " batch"],
    detach: bool = True,
) -> Float[Tensor, ""]:
    """−log π(a|s) · Â: what went better than expected becomes more probable.

    The advantage is a constant here (`detach`). Undetached, its gradient also pulls
    on V, which settles at r + cross-entropy / 2c instead of r (c: critic's weight).
    """
    weight = advantage.detach() if detach else advantage  # (batch,)
    return (F.nll_loss(log_pi, action, reduction="none") * weight).mean()


def critic_loss(
    value: Float[Tensor, " batch"],
    target: Float[Tensor, " batch"],
    stop_gradient: bool = True,
) -> Float[Tensor, ""]:
    """(target − V(s))²; no gradient flows into the target (`stop_gradient`)."""
    return F.mse_loss(value, target.detach() if stop_gradient else target)


def entropy(log_pi: Float[Tensor, "batch actions"]) -> Float[Tensor, ""]:
    """H(π) in nats, mean over the batch: a bonus for it keeps the actor exploring."""
    return -(log_pi.exp() * log_pi).sum(-1).mean()


def act(
    log_pi: Float[Tensor, "envs actions"], sample: bool, rng: torch.Generator
) -> Int[Tensor, " envs"]:
    """Draws from π, or takes the most probable action (top-1: never explores)."""
    if sample:
        return torch.multinomial(log_pi.exp(), 1, generator=rng).squeeze(-1)
    return log_pi.argmax(-1)
