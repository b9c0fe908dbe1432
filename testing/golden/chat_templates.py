"""Writes template/chat.json and template/NAME/: small chat templates in the manner of the common families, written for this purpose,
and what transformers' apply_chat_template makes of conversations with them: text, ids and assistant mask. Needs tokenizer/ (see
tokenizers_files.py), to whose tokenizers the families' special tokens are added. The day is fixed.
"""

import shutil

from tokenizers import AddedToken
from transformers import AutoTokenizer

import golden
import templates  # fixes the day

OUT = golden.OUT / "template"

TOKENIZERS = {
    "bpe": [
        "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|user|>", "<|assistant|>", "<|system|>",
        AddedToken("<|end|>", special=True, normalized=False, rstrip=True),
        AddedToken("<think>", special=False, normalized=False), AddedToken("</think>", special=False, normalized=False),
    ],
    "metaspace": ["<start_of_turn>", "<end_of_turn>"],
}

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
MARKED = """{%- for m in messages %}
    {{- '<|im_start|>' + m.role + '\\n' }}
    {%- if m.role == 'assistant' %}
        {%- generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}
        {{- '\\n' }}
    {%- else %}
        {{- m.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""
LLAMA3 = """{{- bos_token }}
{%- if strftime_now is defined %}{% set today = strftime_now("%d %b %Y") %}{% else %}{% set today = "26 Jul 2024" %}{% endif %}
{%- if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] | trim %}{% set messages = messages[1:] %}
{%- else %}{% set system = '' %}{% endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\nToday Date: ' + today + '\\n\\n' + system + '<|eot_id|>' }}
{%- for message in messages %}
{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}
"""
INST = """{{ bos_token }}{% for message in messages %}
{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
{% endif %}
{% if message.role == 'user' %}{{ '[INST] ' + message.content.strip() + ' [/INST]' }}
{%- elif message.role == 'assistant' %}{{ ' ' + message.content.strip() + eos_token }}
{%- else %}{{ raise_exception('Only user and assistant roles are supported!') }}
{%- endif %}
{% endfor %}"""
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
)
PHI3 = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}"
)
ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""
QWEN3 = """{%- if tools %}
    {{- '<|im_start|>system\\n# Tools\\n' }}
    {%- for tool in tools %}{{- '\\n' + tool | tojson }}{%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages | length - 1, open=true) %}
{%- for message in messages[::-1] %}
    {%- set index = messages | length - 1 - loop.index0 %}
    {%- if ns.open and message.role == 'user' %}{%- set ns.open = false %}{%- set ns.last = index %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {%- set content = message.content %}
        {%- set thought = '' %}
        {%- if '</think>' in content %}
            {%- set thought = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>assistant\\n' }}
        {%- if loop.index0 > ns.last %}{{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' }}{%- endif %}
        {{- content + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""
SMOL = """{%- macro turn(role) -%}<|im_start|>{{ role }}
{{ caller() }}<|im_end|>
{% endmacro -%}
{%- if messages[0].role != 'system' %}{% call turn('system') %}## Metadata
Today Date: {{ strftime_now("%d %B %Y") }}{% endcall %}{% endif %}
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {%- generation %}{% call turn('assistant') %}{{ message.content.lstrip('\\n') }}{% endcall %}{% endgeneration %}
    {%- else %}
        {%- call turn(message.role) %}{{ message.content }}{% endcall %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""

FAMILIES = {
    "chatml": ("bpe", CHATML),
    "marked": ("bpe", MARKED),
    "llama3": ("bpe", LLAMA3),
    "inst": ("metaspace", INST),
    "gemma": ("metaspace", GEMMA),
    "phi3": ("bpe", PHI3),
    "zephyr": ("bpe", ZEPHYR),
    "qwen3": ("bpe", QWEN3),
    "smol": ("bpe", SMOL),
}

CONVERSATIONS = [
    ["user", "Hello?", "assistant", "Hi there, how are you?"],
    ["user", "  What is 1234 + 5678?  ", "assistant", " The answer is 6912.\n", "user", "Thanks 😀\n\nbye", "assistant", "Bye."],
    ["system", "Be brief; the other one said \"no\".", "user", "Pourquoi? 漢字", "assistant", "Parce que café.\n\n- a\n- b"],
    ["user", "a [INST] b", "assistant", "<think>\nhm\n</think>\n\nyes"],
    ["user", "for (int i = 0; i < n; i++) {\n\treturn;\n}", "assistant", "\n\nx"],
]
TOOLS = templates.TOOLS


def messages(turns):
    return [{"role": role, "content": content} for role, content in zip(turns[::2], turns[1::2])]


def tokenizer(name):
    directory = OUT / name
    shutil.rmtree(directory, ignore_errors=True)
    made = AutoTokenizer.from_pretrained(golden.OUT / "tokenizer" / name)
    made.add_tokens(TOKENIZERS[name], special_tokens=False)
    specials = [token for token in TOKENIZERS[name] if isinstance(token, str)]
    made.add_tokens([AddedToken(token, special=True, normalized=False) for token in specials], special_tokens=True)
    made.save_pretrained(directory)
    return AutoTokenizer.from_pretrained(directory)


def case(made, template, turns, **more):
    def apply(chat, prompt):
        out = made.apply_chat_template(
            chat,
            chat_template=template,
            add_generation_prompt=prompt,
            return_dict=True,
            return_assistant_tokens_mask=True,
            **more,
        )
        return out["input_ids"], out["assistant_masks"]

    chat = messages(turns)
    result = {"turns": turns, **more}
    try:
        result["text"] = made.apply_chat_template(chat, chat_template=template, tokenize=False, **more)
        result["ids"], mask = apply(chat, False)
        result["prompt_ids"] = apply(chat[:-1], True)[0]
        if "endgeneration" in template:
            result["mask"] = mask
    except Exception as error:  # a refusal is part of the case
        result["error"] = str(error)
    return result


def main():
    made = {name: tokenizer(name) for name in TOKENIZERS}
    families = []
    for name, (which, template) in FAMILIES.items():
        cases = [case(made[which], template, turns) for turns in CONVERSATIONS]
        if "tools" in template:
            cases.append(case(made[which], template, CONVERSATIONS[0], tools=TOOLS))
        families.append({"name": name, "tokenizer": which, "template": template, "cases": cases})
    golden.write("template/chat.json", {"date": templates.DATE, "families": families})


if __name__ == "__main__":
    main()
