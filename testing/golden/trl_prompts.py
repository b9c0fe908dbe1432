"""What TRL's extract_prompt makes of preference rows without a prompt, and where it cuts inside a word."""

import golden
import trl
from trl.data_utils import extract_prompt

golden.VERSIONS["trl"] = trl.__version__


def turn(role, content):
    return {"role": role, "content": content}


CONVERSATIONS = {
    "one_turn": (
        [turn("user", "Which tree loses its needles?"), turn("assistant", "The larch.")],
        [turn("user", "Which tree loses its needles?"), turn("assistant", "The spruce.")],
    ),
    "system_and_history": (
        [
            turn("system", "Answer briefly."),
            turn("user", "Where do swifts sleep?"),
            turn("assistant", "In the air."),
            turn("user", "All night?"),
            turn("assistant", "Most of it."),
        ],
        [
            turn("system", "Answer briefly."),
            turn("user", "Where do swifts sleep?"),
            turn("assistant", "In the air."),
            turn("user", "All night?"),
            turn("assistant", "No."),
        ],
    ),
    "completions_of_several_turns": (
        [turn("user", "Guess."), turn("assistant", "Seven?"), turn("user", "Yes."), turn("assistant", "Good.")],
        [turn("user", "Guess."), turn("assistant", "Four?"), turn("user", "No.")],
    ),
}

# Texts that differ from the first letter of a word on: a cut behind the longest common prefix is right.
WORDS = {
    "question": ("Q: 2+2? A: yes, 4", "Q: 2+2? A: no, 5"),
    "newline": ("Name a bird.\nAn owl.", "Name a bird.\nThe wren."),
    "dialogue": (
        "\n\nHuman: Hello.\n\nAssistant: Good day!",
        "\n\nHuman: Hello.\n\nAssistant: What?",
    ),
}

# Texts where it is not.
WITHIN_WORDS = {
    "shared_letter": ("Q: 2+2? A: four", "Q: 2+2? A: five"),
    "identical": ("Q: 2+2? A: four", "Q: 2+2? A: four"),
    "nothing_shared": ("yes ", "no, never"),
}


def case(name, pair):
    chosen, rejected = pair
    return {
        "name": name,
        "chosen": chosen,
        "rejected": rejected,
        "trl": extract_prompt({"chosen": chosen, "rejected": rejected}),
    }


golden.write(
    "preference/trl_prompts.json",
    {
        "conversations": [case(*item) for item in CONVERSATIONS.items()],
        "words": [case(*item) for item in WORDS.items()],
        "within_words": [case(*item) for item in WITHIN_WORDS.items()],
    },
)
