"""What visitors may try to reach, by hand or by training."""

from playground.concept import Challenge

CHALLENGES = (
    Challenge(
        name="close-by-hand",
        solved=lambda m: abs(m.get("kl_gap", 1.0)) <= 0.01,
        applies_to=lambda c: c.model == "linear" and c.objective == "reverse_kl",
    ),
)
