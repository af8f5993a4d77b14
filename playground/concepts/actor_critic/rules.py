"""How the arms, one for each rule, are called and coloured in the pictures."""

from playground.concepts.actor_critic.config import RULES
from playground.concepts.actor_critic.texts import say
from playground.palette import HIGHLIGHT, NOTES, STANDARD

COLOURS = {"gae": STANDARD, "td": HIGHLIGHT, "reinforce": NOTES}
NAMES = {rule: say(f"arms.{rule}") for rule in RULES}
SHORT = {"gae": say("figures.maps.gae"), "td": say("figures.maps.td"), "reinforce": say("figures.maps.reinforce")}
