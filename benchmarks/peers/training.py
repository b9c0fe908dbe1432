"""Forward, backward and AdamW of transformers' Llama on the mean negative log-likelihood of every token after the first."""

import contest
import torch

directory, rows, tokens = contest.arguments()
model = contest.load(directory).train()
ids = contest.ids(model.config.vocab_size, rows, tokens)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, fused=True)


def step():
    loss = model(input_ids=ids, labels=ids, use_cache=False).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


contest.answer(step)
