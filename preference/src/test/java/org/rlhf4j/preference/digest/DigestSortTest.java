package org.rlhf4j.preference.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.testing.Property;

class DigestSortTest {
    private record Item(Digest digest, long value) {}

    private static final Comparator<Item> ORDER =
            Comparator.comparing(Item::digest).thenComparing(Item::value);

    @Test
    void recordsComeOutInOrder() {
        Property.forAll(
                draws -> draws.list(40, d -> new Item(new Digest(d.between(-2, 2), d.between(-2, 2)), d.between(0, 3))),
                items -> assertThat(sorted(items))
                        .isEqualTo(items.stream().sorted(ORDER).toList()));
    }

    @Test
    void recordsBeyondTheMemoryComeOutInOrderToo() {
        // Three runs on disk and a part of one in memory; each digest four times on average.
        SeededStream random = SeededStream.of(1);
        List<Item> items = new ArrayList<>();
        int size = 3 * DigestSort.RUN_RECORDS + 1234;
        for (int i = 0; i < size; i++) {
            items.add(new Item(Digest.of(Content.of("text " + random.nextInt(size / 4))), i));
        }
        assertThat(sorted(items)).isEqualTo(items.stream().sorted(ORDER).toList());
    }

    @Test
    void theSameRecordsCanBeVisitedAgain() {
        try (DigestSort sort = new DigestSort()) {
            for (int i = 0; i <= DigestSort.RUN_RECORDS; i++) {
                sort.add(new Digest(i % 7, 0), i);
            }
            assertThat(visit(sort)).isEqualTo(visit(sort)).hasSize(DigestSort.RUN_RECORDS + 1);
        }
    }

    @Test
    void digestsOfDifferentContentDiffer() {
        Message message = new Message("user", "ab");
        assertThat(List.of(
                        Digest.of(Content.of("ab")),
                        Digest.of(Content.of(List.of(message))),
                        Digest.of(Content.of(List.of(new Message("usera", "b")))),
                        Digest.of(Content.of(List.of(message, message))),
                        Digest.of(Content.of(List.of())),
                        Digest.of(Content.of(""))))
                .doesNotHaveDuplicates();
        assertThat(Digest.of(Content.of("ab"))).isEqualTo(Digest.of(Content.of("ab")));
    }

    @Test
    void placesKeepFileLineAndMark() {
        long packed = Place.pack(65_535, (1L << 44) - 1, 3);
        assertThat(packed).isNotNegative();
        assertThat(Place.file(packed)).isEqualTo(65_535);
        assertThat(Place.line(packed)).isEqualTo((1L << 44) - 1);
        assertThat(Place.mark(packed)).isEqualTo(3);
        assertThat(Place.pack(0, 9, 3)).isLessThan(Place.pack(0, 10, 0));
        assertThat(Place.pack(0, 10, 0)).isLessThan(Place.pack(1, 0, 0));
    }

    private static List<Item> sorted(List<Item> items) {
        try (DigestSort sort = new DigestSort()) {
            items.forEach(item -> sort.add(item.digest(), item.value()));
            return visit(sort);
        }
    }

    /** The records, after checking that the first of each digest is said to be so. */
    private static List<Item> visit(DigestSort sort) {
        List<Item> visited = new ArrayList<>();
        sort.forEach((first, digest, value) -> {
            boolean other = visited.isEmpty()
                    || !visited.get(visited.size() - 1).digest().equals(digest);
            assertThat(first).isEqualTo(other);
            visited.add(new Item(digest, value));
        });
        return visited;
    }
}
