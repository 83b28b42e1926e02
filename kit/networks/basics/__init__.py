"""Small networks that a lesson builds up: from a perceptron to transformers and learners by reward."""
