"""Attention against torch's own, patches against slices, rollout against a known flow."""

import numpy as np
import pytest
import torch

from kit.networks.basics.transformer import Attention, VisionTransformer, cover, patches_of, rollout


def test_attention_is_that_of_torch():
    torch.manual_seed(0)
    ours, tokens = Attention(16, heads=4), torch.randn(3, 7, 16)
    theirs = torch.nn.MultiheadAttention(16, 4, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([p.weight for p in (ours.query, ours.key, ours.value)]))
        theirs.in_proj_bias.copy_(torch.cat([p.bias for p in (ours.query, ours.key, ours.value)]))
        theirs.out_proj.load_state_dict(ours.out.state_dict())
        mixed, weights = ours(tokens)
        expected, shares = theirs(tokens, tokens, tokens, average_attn_weights=False)
    assert torch.allclose(mixed, expected, atol=1e-6) and torch.allclose(weights, shares, atol=1e-6)


def test_patches_are_cut_row_by_row():
    image = torch.arange(2 * 8 * 8.0).view(1, 2, 8, 8)
    patches = patches_of(image, 4)
    assert patches.shape == (1, 4, 32)
    assert torch.equal(patches[0, 1], image[0, :, :4, 4:].flatten())
    with pytest.raises(ValueError, match=r"\(8, 8\) cannot be cut into squares of 3"):
        patches_of(image, 3)


def test_without_places_tokens_may_be_shuffled_and_with_them_not():
    torch.manual_seed(0)
    network, image = VisionTransformer(3, size=8, patch=4, width=8, heads=2), torch.rand(1, 3, 8, 8)
    turned = image.roll(4, dims=3)  # exchanges patches
    assert not torch.allclose(network(image), network(turned), atol=1e-6)
    with torch.no_grad():
        network.place.zero_()
    assert torch.allclose(network(image), network(turned), atol=1e-6)


def test_attention_is_shares_and_rollout_stays_shares():
    torch.manual_seed(0)
    attention = VisionTransformer(3, size=8, patch=4, width=8, heads=2, depth=3).attention(torch.rand(2, 3, 8, 8))
    assert attention.shape == (2, 3, 2, 5, 5) and np.allclose(attention.sum(-1), 1)
    assert np.allclose(rollout(attention).sum(-1), 1)


def test_rollout_follows_a_chain():
    """Token 0 listens to 1 in the second block, 1 to 2 in the first: a quarter of 2 arrives at 0."""
    first, second = np.eye(3), np.eye(3)
    first[1], second[0] = [0, 0, 1], [0, 1, 0]
    total = rollout(np.stack([first, second])[:, None])
    assert np.allclose(total[0], [0.5, 0.25, 0.25])


def test_covering_paints_the_right_patches_and_leaves_the_original():
    images = np.zeros((1, 8, 8, 3), np.uint8)
    covered = cover(images, np.array([[1, 2]]), 4)
    assert covered[0, :4, 4:].min() == covered[0, 4:, :4].min() == 128
    assert covered[0, :4, :4].max() == covered[0, 4:, 4:].max() == images.max() == 0
