"""What one training step of an encoder, a decoder or both does, for slow motion; one attention is drawn open."""

from __future__ import annotations

from playground.concepts.transformer.config import TransformerConfig
from playground.concepts.transformer.texts import say
from playground.diagram import Arrow, Diagram, Lit, Part, Phase

PREDICT = "TransformerExperiment.predict"
ATTENTION = (
    Part("v", "V", 36, 5, "v"),
    Part("k", "K", 36, 15, "k"),
    Part("q", "Q", 36, 25, "q"),
    Part("weights", say("diagram.weights"), 47, 20, "weights"),
    Part("mix", say("diagram.mix"), 59, 8),
    Part("mlp", say("diagram.mlp"), 70, 15, kind="network"),
    Part("logits", say("diagram.logits"), 79, 15, "logits"),
    Part("loss", "−log p", 92, 15, kind="loss"),
    Part("target", say("diagram.target"), 92, 25, "target"),
)
WITHIN = (
    Arrow("k", "weights"),
    Arrow("q", "weights"),
    Arrow("weights", "mix"),
    Arrow("v", "mix"),
    Arrow("mix", "mlp"),
    Arrow("mlp", "logits"),
    Arrow("logits", "loss"),
    Arrow("target", "loss", gradient=False),
)


def diagram(config: TransformerConfig) -> Diagram:
    both = config.resolved_architecture == "encoder-decoder"
    masked = config.causal and config.resolved_architecture != "encoder"
    return of_both(config, masked) if both else of_one(config, masked)


def own_attention(masked: bool) -> str:
    """Its key in the words."""
    return "masked_attention" if masked else "self_attention"


def phase(name: str) -> str:
    return say(f"diagram.phases.{name}")


def of_both(config: TransformerConfig, masked: bool) -> Diagram:
    parts: tuple[Part, ...] = (
        Part("source", say("diagram.source"), 5, 5, "x"),
        Part("encoder", say("diagram.encoder"), 19, 5, kind="network"),
        Part("answer", say("diagram.answer"), 5, 25, "x"),
        Part("self", say(f"diagram.{own_attention(masked)}"), 20, 25, kind="network"),
        *ATTENTION,
    )
    arrows: tuple[Arrow, ...] = (
        Arrow("source", "encoder", gradient=False),
        Arrow("encoder", "v"),
        Arrow("encoder", "k"),
        Arrow("answer", "self", gradient=False),
        Arrow("self", "q"),
        *WITHIN,
    )
    pre = config.norm == "pre"
    own = "self.self_attention(self.norm1(x), mask=mask)" if pre else "self.self_attention(x, mask=mask)"
    cross = f"self.cross_attention({'h' if pre else 'x'}, memory, memory_mask)"
    given = (
        Phase(phase("batch"), ("source", "answer"), "source, answer = self.next_batch()"),
        Phase(phase("read_source"), (("source", "encoder"),), "memory = self.model.encode(", PREDICT),
        Phase(phase("read_answer"), (("answer", "self"),), own, "Block"),
        Phase(phase("cross_attention"), (("self", "q"), ("encoder", "k"), ("encoder", "v")), cross, "Block"),
    )  # fmt: skip
    trained = ("encoder", "self", "mlp")
    return Diagram(parts, arrows, (*given, *rest(config, Diagram(parts, arrows, ()), trained)))


def of_one(config: TransformerConfig, masked: bool) -> Diagram:
    decoder = config.resolved_architecture == "decoder"
    parts: tuple[Part, ...] = (
        Part("text", say("diagram.text" if decoder else "diagram.source"), 5, 15, "x"),
        Part("embed", say("diagram.embed"), 19, 15, kind="network"),
        *ATTENTION,
    )
    into: tuple[Lit, ...] = (("embed", "q"), ("embed", "k"), ("embed", "v"))
    arrows = (Arrow("text", "embed", gradient=False), *(Arrow("embed", name) for name in "qkv"), *WITHIN)
    own = (
        "self.self_attention(self.norm1(x), mask=mask)" if config.norm == "pre" else "self.self_attention(x, mask=mask)"
    )
    embed = ("x = self.embed(target)", "Transformer") if decoder else ("x = self.embed(source)", "Transformer")
    given = (
        Phase(phase("batch"), ("text",), "source, answer = self.next_batch()"),
        Phase(phase("embed"), (("text", "embed"),), *embed),
        Phase(phase(own_attention(masked)), into, own, "Block"),
    )
    return Diagram(parts, arrows, (*given, *rest(config, Diagram(parts, arrows, ()), ("embed", "mlp"))))


def rest(config: TransformerConfig, drawn: Diagram, trained: tuple[str, ...]) -> tuple[Phase, ...]:
    """From queries and keys to the update."""
    mlp = "self.mlp(self.norm3(x))" if config.norm == "pre" else "self.mlp(x)"
    of_layers = say("diagram.phases.mlp_of_layers", layers=config.layers)
    return (
        Phase(phase("scores"), (("q", "weights"), ("k", "weights")), "scores.softmax(-1)", "attention_weights"),
        Phase(phase("mix"), (("weights", "mix"), ("v", "mix")), "z = self.hook_z(weights @ v)", "Attention"),
        Phase(of_layers if config.layers > 1 else phase("mlp"), (("mix", "mlp"), ("mlp", "logits")), mlp, "Block"),
        Phase(phase("loss"), (("logits", "loss"), ("target", "loss")), "loss = F.cross_entropy("),
        Phase(phase("gradients"), drawn.differentiable, "loss.backward()", backward=True),
        Phase(phase("update"), trained, "self.optimiser.step()"),
    )
