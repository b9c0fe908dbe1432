package org.rlhf4j.integration.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.ppo.text.Critic;
import org.rlhf4j.ppo.text.PpoTextConfig;
import org.rlhf4j.ppo.text.PpoTextResult;
import org.rlhf4j.ppo.text.PpoTextTrainer;
import org.rlhf4j.ppo.text.RewardSource;
import org.rlhf4j.ppo.text.Rewards;

/** Teaches a language model by PPO what a lambda rewards. */
final class PpoExample {
    private PpoExample() {}

    /** Prompts and a language model in, one that answers in letters out. */
    static PpoTextResult train(Path languageModel, List<String> prompts, PpoTextConfig config, Path target)
            throws IOException {
        List<Content> asked = prompts.stream().map(Content::of).toList();
        RewardSource letters = new RewardSource("letters", (prompt, answer) -> letters(answer), 1);
        Rewards rewards = new Rewards(List.of(letters), config.score());
        // The reference is the same model a second time, which stays as it is.
        try (LanguageModel policy = LanguageModel.open(languageModel);
                LanguageModel reference = LanguageModel.open(languageModel);
                Critic critic = Critic.open(languageModel, policy)) {
            PpoTextTrainer trainer = new PpoTextTrainer(policy, reference, critic, rewards, config);
            PpoTextResult result = trainer.train(asked, asked);
            policy.save(target);
            return result;
        }
    }

    private static double letters(String text) {
        return text.chars().filter(Character::isLetter).count();
    }
}
