"""Things to play with in a lesson: each answers at once, by mouse or keyboard, and leaves a picture behind."""

from kit.lazy import lazy

_HOMES = {
    "amplify": "amplifier",
    "backprop_graph": "backprop",
    "combine_cues": "cue_combiner",
    "compare_rdms": "rdm_explorer",
    "diagnosis_game": "diagnosis",
    "explore_attention": "attention_explorer",
    "explore_decision": "decision_explorer",
    "explore_energy": "energy_bill",
    "explore_faces": "face_explorer",
    "explore_glm": "glm_explorer",
    "explore_kernel": "kernel_explorer",
    "explore_lesions": "lesion_explorer",
    "explore_moments": "moment_explorer",
    "explore_penalty": "penalty",
    "explore_privacy": "privacy_noise",
    "explore_scenes": "scene_explorer",
    "explore_synapses": "synapse_explorer",
    "face_bandit": "bandit",
    "hand_perceptron": "perceptron_plane",
    "information_table": "information_cells",
    "map_receptive_field": "receptive_field",
    "matching_game": "matching",
    "nearest_faces": "neighbours",
    "participate": "participant",
    "pick_layer": "layer_picker",
    "read_face": "face_from_spikes",
    "remove_shape": "shape_removal",
    "shape_or_texture": "two_halves",
    "tied_ratings": "ties",
    "traverse_latents": "latent_traversal",
    "word_faces": "words",
}

__all__ = sorted(_HOMES)

__getattr__ = lazy(__name__, _HOMES)
