"""Greedy generation by transformers after prompts of 32 tokens, with its cache; nothing ends a completion early."""

import contest
import torch

PROMPT = 32
directory, rows, tokens = contest.arguments()
model = contest.load(directory).eval()
prompts = contest.ids(model.config.vocab_size, rows, PROMPT)
settings = {"do_sample": False, "use_cache": True, "min_new_tokens": tokens, "max_new_tokens": tokens, "pad_token_id": 0}


def step():
    ids = model.generate(prompts, attention_mask=torch.ones_like(prompts), **settings)
    return ids[:, PROMPT:].tolist()


contest.answer(step)
