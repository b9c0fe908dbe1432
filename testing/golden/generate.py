"""Writes generate/greedy.json and generate/processed.json: what transformers' generate() does with a model and with logits.

Greedy continuations are those of the checkpoints under models/, in float64, so that a float32 reader takes the same
token wherever the best two are further apart than rounding; the generator refuses prompts where they are not. The
processed logits come from transformers' own list of logits processors, in its own order.
"""

import torch
from transformers import AutoModelForCausalLM, GenerationConfig

import golden

MODELS = ["llama_gqa", "llama3_tied", "llama_linear", "mistral", "qwen2", "qwen2_window", "qwen3", "smollm2"]
MODELS += ["mistral_nowindow", "qwen2_v4config", "qwen3_window", "qwen3_v4config"]
MODELS += ["llama_yarn", "smollm3", "gemma", "gemma2", "gemma3", "phi3", "olmo2", "gpt2", "gpt2_scaled", "gpt_neox"]
MODELS += ["gpt_neox_sequential", "falcon_7b", "falcon_40b", "falcon_11b", "falcon_sequential"]
PENALTIES = [1.0, 1.3]
# The longest is for models whose context has room for it: its first pass takes the fused attention.
LENGTHS = [1, 3, 12, 7, 20, 70]
NEW_TOKENS = 30
EOS = 2
# The best token must lead by this much; float32 is off by less than a hundredth of it.
LEAD = 1e-4


def continuation(model, prompt, penalty, new_tokens):
    output = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        do_sample=False,
        max_new_tokens=new_tokens,
        repetition_penalty=penalty,
        eos_token_id=EOS,
        pad_token_id=0,
        return_dict_in_generate=True,
        output_scores=True,
    )
    leads = [(top[0] - top[1]).item() for top in (scores[0].topk(2).values for scores in output.scores)]
    return output.sequences[0, len(prompt) :].tolist(), min(leads)


def greedy():
    cases = []
    for seed, name in enumerate(MODELS):
        model = AutoModelForCausalLM.from_pretrained(golden.OUT / "models" / name, dtype=torch.float64).eval()
        if name == "gemma2":
            model.set_attn_implementation("eager")  # the only one with soft caps
        generator = torch.Generator().manual_seed(5000 + seed)
        prompts = []
        lengths = [length for length in LENGTHS if length + NEW_TOKENS <= model.config.max_position_embeddings]
        while len(prompts) < len(lengths):
            length = lengths[len(prompts)]
            prompt = torch.randint(3, model.config.vocab_size, (length,), generator=generator).tolist()
            found = [continuation(model, prompt, penalty, NEW_TOKENS) for penalty in PENALTIES]
            if all(lead > LEAD for _, lead in found):
                prompts.append(prompt)
                for penalty, (ids, _) in zip(PENALTIES, found):
                    cases.append({"model": name, "prompt": prompt, "repetition_penalty": penalty, "ids": ids})
    endings = {case["ids"][-1] == EOS for case in cases}
    assert endings == {True, False}, "some must end at EOS and some at the limit"
    assert any(a["ids"] != b["ids"] for a, b in zip(cases[::2], cases[1::2])), "the penalty must show"
    golden.write("generate/greedy.json", {"new_tokens": NEW_TOKENS, "eos": EOS, "cases": cases})


OFF = dict(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repetition_penalty=1.0)
SETTINGS = [
    dict(),
    dict(temperature=0.7),
    dict(top_k=1),
    dict(top_k=2),
    dict(top_k=5),
    dict(top_k=100),
    dict(top_p=0.9),
    dict(top_p=0.3),
    dict(top_p=0.01),
    dict(min_p=0.05),
    dict(min_p=0.5),
    dict(min_p=1.0),
    dict(repetition_penalty=1.5),
    dict(repetition_penalty=0.7),
    dict(temperature=0.6, top_k=6, top_p=0.8),
    dict(temperature=1.7, top_k=7, top_p=0.95, min_p=0.1, repetition_penalty=1.2),
]


def rows():
    """Logits with their history: ordinary ones, ties at the border of every filter, one certain token, all equal."""
    generator = torch.Generator().manual_seed(77)
    normal = (torch.randn(3, 9, generator=generator) * 2).tolist()
    return normal + [
        [1.0, 3.0, 2.0, 3.0, 3.0, 0.0, -1.0, 2.0, -4.0],
        [2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0],
        [40.0, 0.0, -3.0, 1.0, 2.0, 0.5, 0.0, 0.0, -40.0],
        [0.0] * 9,
    ], [[0, 4, 4], [8, 8, 8], [1, 2, 3], [1, 6, 6], [0, 3, 8], [0, 0, 5], [7, 7, 7]]


def processed():
    model = AutoModelForCausalLM.from_pretrained(golden.OUT / "models" / "llama_gqa").eval()
    logits, seen = rows()
    cases = []
    for settings in SETTINGS:
        chosen = {**OFF, **settings}
        config = GenerationConfig(do_sample=True, num_beams=1, **chosen)
        processors = model._get_logits_processor(config, input_ids_seq_length=3, device="cpu")
        output = processors(torch.tensor(seen), torch.tensor(logits))
        cases.append(
            {
                "sampling": chosen,
                "logits": [[x if x > -float("inf") else "-Infinity" for x in row] for row in output.tolist()],
            }
        )
    golden.write("generate/processed.json", {"logits": logits, "seen": seen, "cases": cases})


if __name__ == "__main__":
    greedy()
    processed()
