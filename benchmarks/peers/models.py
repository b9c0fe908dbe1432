"""transformers (and peft) on a model of 135 million parameters or on a scorer: models.py MODEL ROWS TOKENS WORK DTYPE METHOD.

WORK is training, generation or scoring. Trained weights are of float32 in either DTYPE, as TRL has them by default: bfloat16 is
torch.autocast. With METHOD lora the frozen weights are of DTYPE. Weights that are only used are of DTYPE.
"""

import contextlib
import sys

import contest
import torch
from transformers import LlamaForCausalLM, LlamaForSequenceClassification

PROMPT = 32
BATCH = 32  # rows of a batch when scoring, in the order of the file
directory, rows, tokens = contest.arguments()
work, dtype, method = sys.argv[4:7]
precision = getattr(torch, dtype)
torch.set_num_threads(contest.THREADS)


def load(kind, of):
    model = kind.from_pretrained(directory, attn_implementation="sdpa", dtype=of)
    assert model.config._attn_implementation == "sdpa"
    return model


def training():
    model = load(LlamaForCausalLM, torch.float32 if method == "full" else precision).train()
    autocast = contextlib.nullcontext()
    if method == "lora":
        import peft

        settings = peft.LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
        model = peft.get_peft_model(model, settings)
    if dtype == "bfloat16":
        autocast = torch.autocast("cpu", torch.bfloat16)
    ids = contest.ids(model.config.vocab_size, rows, tokens)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, fused=True)

    def step():
        with autocast:
            loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    return step


def generation():
    model = load(LlamaForCausalLM, precision).eval()
    prompts = contest.ids(model.config.vocab_size, rows, PROMPT)
    settings = {"do_sample": False, "use_cache": True, "min_new_tokens": tokens, "max_new_tokens": tokens, "pad_token_id": 0}

    def step():
        ids = model.generate(prompts, attention_mask=torch.ones_like(prompts), **settings)[:, PROMPT:].tolist()
        # Of random weights in bfloat16 many tokens have the same logit: only their number can agree.
        return ids if dtype == "float32" else [len(row) for row in ids]

    return step


def scoring():
    model = load(LlamaForSequenceClassification, precision).eval()
    vocabulary = model.config.vocab_size
    texts = [contest.scored_ids(vocabulary, row) for row in range(rows)]

    def step():
        scores = []
        with torch.inference_mode():
            for start in range(0, rows, BATCH):
                batch = texts[start : start + BATCH]
                width = max(len(ids) for ids in batch)
                ids = torch.tensor([[*ids, *[model.config.pad_token_id] * (width - len(ids))] for ids in batch])
                mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in batch])
                scores += model(input_ids=ids, attention_mask=mask).logits[:, 0].float().tolist()
        return sum(abs(score) for score in scores) / rows

    return step


contest.answer({"training": training, "generation": generation, "scoring": scoring}[work]())
