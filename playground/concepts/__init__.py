"""Every tab, in order. A new concept is a package beside this file and one line here."""

from playground.concepts.actor_critic import ACTOR_CRITIC
from playground.concepts.autoencoder import AUTOENCODER
from playground.concepts.clip import CLIP
from playground.concepts.elbo import ELBO
from playground.concepts.gan import GAN
from playground.concepts.residual import RESIDUAL
from playground.concepts.transformer import TRANSFORMER
from playground.concepts.vqvae import VQ_VAE

CONCEPTS = (RESIDUAL, AUTOENCODER, ELBO, VQ_VAE, TRANSFORMER, CLIP, GAN, ACTOR_CRITIC)
