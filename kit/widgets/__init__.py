"""Things to play with in a lesson: each answers at once, by mouse or keyboard, and leaves a picture behind."""

from .amplifier import amplify
from .attention_explorer import explore_attention
from .backprop_graph import backprop_graph
from .cue_combiner import combine_cues
from .decision_explorer import explore_decision
from .diagnosis_game import diagnosis_game
from .energy_bill import explore_energy
from .face_bandit import face_bandit
from .face_explorer import explore_faces
from .face_from_spikes import read_face
from .glm_explorer import explore_glm
from .hand_perceptron import hand_perceptron
from .information_table import information_table
from .kernel_explorer import explore_kernel
from .latent_traversal import traverse_latents
from .lesion_explorer import explore_lesions
from .matching_game import matching_game
from .moment_explorer import explore_moments
from .nearest_faces import nearest_faces
from .participant import participate
from .penalty import explore_penalty
from .privacy_noise import explore_privacy
from .rdm_explorer import compare_rdms
from .receptive_field import map_receptive_field
from .scene_explorer import explore_scenes
from .shape_removal import remove_shape
from .synapse_explorer import explore_synapses
from .tied_ratings import tied_ratings
from .word_faces import word_faces

__all__ = [
    "amplify",
    "backprop_graph",
    "combine_cues",
    "compare_rdms",
    "diagnosis_game",
    "explore_attention",
    "explore_decision",
    "explore_energy",
    "explore_faces",
    "explore_glm",
    "explore_kernel",
    "explore_lesions",
    "explore_moments",
    "explore_penalty",
    "explore_privacy",
    "explore_scenes",
    "explore_synapses",
    "face_bandit",
    "hand_perceptron",
    "information_table",
    "map_receptive_field",
    "matching_game",
    "nearest_faces",
    "participate",
    "read_face",
    "remove_shape",
    "tied_ratings",
    "traverse_latents",
    "word_faces",
]
