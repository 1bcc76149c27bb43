"""Golden values of the DAPO loss with group-relative advantages and the k3 divergence, by a plain torch implementation.

Made with torch 2.10.0: python tools/golden/grpo.py > train/src/test/resources/golden/grpo.json
Formulas: arXiv 2503.14476 (token mean over the whole batch, two clip bounds), advantages with the unbiased deviation
plus 1e-6, divergence exp(d) - d - 1 with d = reference - new.
"""
import json

import torch

torch.manual_seed(3)
groups, size, length = 3, 4, 6
rewards = torch.rand(groups, size, dtype=torch.float64)
rewards[1] = 0.5  # all equal: nothing to learn
lengths = torch.randint(1, length + 1, (groups * size,))
mask = (torch.arange(length)[None, :] < lengths[:, None]).double()
new = (-3 * torch.rand(groups * size, length, dtype=torch.float64)).requires_grad_(True)
old = new.detach() + 0.4 * torch.randn(groups * size, length, dtype=torch.float64)
reference = new.detach() + 0.3 * torch.randn(groups * size, length, dtype=torch.float64)

std = rewards.std(dim=1, unbiased=True, keepdim=True)
advantages = torch.where(std > 1e-6, (rewards - rewards.mean(dim=1, keepdim=True)) / (std + 1e-6), torch.zeros(()).double())
a = advantages.flatten()[:, None]

low, high, beta = 0.2, 0.28, 0.05


def loss_of(old):
    ratio = torch.exp(new - old)
    policy = -torch.minimum(ratio * a, torch.clamp(ratio, 1 - low, 1 + high) * a)
    d = reference - new
    k3 = torch.exp(d) - d - 1
    clipped = ((ratio * a > torch.clamp(ratio, 1 - low, 1 + high) * a).double() * mask).sum() / mask.sum()
    return ((policy + beta * k3) * mask).sum() / mask.sum(), (k3 * mask).sum() / mask.sum(), clipped


loss, kl, clipped = loss_of(old)
gradient, = torch.autograd.grad(loss, new)
on_policy, _, _ = loss_of(new.detach())
on_policy_gradient, = torch.autograd.grad(on_policy, new)
flat = lambda t: [round(x, 12) for x in t.flatten().tolist()]
print(json.dumps({
    "rewards": flat(rewards), "size": size, "length": length, "lengths": lengths.tolist(), "new": flat(new.detach()),
    "old": flat(old), "reference": flat(reference), "advantages": flat(advantages), "loss": loss.item(), "kl": kl.item(),
    "clipped": clipped.item(), "gradient": flat(gradient), "onPolicyLoss": on_policy.item(),
    "onPolicyGradient": flat(on_policy_gradient)}))
