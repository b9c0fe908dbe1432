package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.text.EncodedExample;

class CriticTest {
    private static final List<EncodedExample> ROWS =
            List.of(new EncodedExample(new int[] {0, 3, 4, 5, 1}, 2), new EncodedExample(new int[] {0, 7, 9}, 1));

    @TempDir
    private Path folder;

    @Test
    void aCriticFromALanguageModelHasItsDecoderAndSaysNothingYet() {
        Path start = TinyText.languageModel(folder, 1);
        try (LanguageModel policy = LanguageModel.open(start);
                Critic critic = Critic.open(start, policy)) {
            assertThat(critic.readsPolicy()).isFalse();
            assertThat(new TextActorCritic(policy, critic, 1, 1, 0).values(ROWS))
                    .isDeepEqualTo(new float[][] {{0, 0, 0}, {0, 0}});
            TreeSet<String> names = new TreeSet<>(policy.parameters().names());
            names.remove("lm_head.weight");
            names.add("score.weight");
            assertThat(new TreeSet<>(critic.parameters().names())).isEqualTo(names);
            assertThat(TinyText.copy(critic.parameters()).get("model.embed_tokens.weight"))
                    .isEqualTo(TinyText.copy(policy.parameters()).get("model.embed_tokens.weight"));
        }
    }

    @Test
    void aHeadOnThePolicyHasNoOtherWeightsAndSaysNothingYet() {
        try (LanguageModel policy = TinyText.open(folder, 1);
                Critic critic = Critic.onPolicy(policy)) {
            assertThat(critic.readsPolicy()).isTrue();
            assertThat(critic.parameters().names()).containsExactly("score.weight");
            assertThat(new TextActorCritic(policy, critic, 1, 1, 0).values(ROWS))
                    .isDeepEqualTo(new float[][] {{0, 0, 0}, {0, 0}});
        }
    }

    @Test
    void aCriticThatReadsOtherTokensIsRefused() {
        Path other = TinyText.otherLetters(folder);
        try (LanguageModel policy = TinyText.open(folder, 1)) {
            assertThatThrownBy(() -> Critic.open(other, policy))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageStartingWith(other.toString())
                    .hasMessageContaining("has another tokenizer than the policy, whose tokens the critic reads: start"
                            + " the critic from the policy (critic.start=policy)");
        }
    }

    @Test
    void aCriticThatCannotReadTheLongestTextIsRefused() {
        Path tooShort = TinyText.shortModel(folder, 32);
        try (LanguageModel policy = TinyText.open(folder, 1)) {
            assertThatThrownBy(() -> Critic.open(tooShort, policy))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("has a context of 32 tokens, the policy writes up to 64");
        }
        // A policy that is told to write less has a critic that is long enough.
        try (LanguageModel policy =
                        LanguageModel.open(TinyText.languageModel(folder, 1), encoding -> encoding.withMaxLength(32));
                Critic critic = Critic.open(tooShort, policy)) {
            assertThat(critic.readsPolicy()).isFalse();
        }
    }

    @Test
    void whereThereIsNoModelThereIsNoCritic() {
        try (LanguageModel policy = TinyText.open(folder, 1)) {
            assertThatThrownBy(() -> Critic.open(folder.resolve("none"), policy))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("there is no such directory");
        }
    }
}
