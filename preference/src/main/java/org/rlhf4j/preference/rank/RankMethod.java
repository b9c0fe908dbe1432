package org.rlhf4j.preference.rank;

import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;

/**
 * A model of how strengths {@code pi = exp(beta)} make comparisons come out. The pairwise ones take a ranking of more than
 * two as its pairs.
 */
public enum RankMethod {
    /**
     * Bradley and Terry (1952): {@code P(i over j) = pi_i / (pi_i + pi_j)}. It knows no ties: each counts as half a win of
     * either side, as the Chatbot Arena's leaderboard had it (arXiv:2403.04132).
     */
    BRADLEY_TERRY("bradley-terry"),
    /**
     * Davidson (1970), "On extending the Bradley-Terry model to accommodate ties in paired comparison experiments", JASA
     * 65: {@code P(i over j) = pi_i / D, P(tie) = nu sqrt(pi_i pi_j) / D, D = pi_i + pi_j + nu sqrt(pi_i pi_j)}.
     */
    DAVIDSON("davidson"),
    /**
     * Rao and Kupper (1967), "Ties in paired-comparison experiments", JASA 62: {@code P(i over j) = pi_i / (pi_i + theta
     * pi_j)}, ties take what is left: differences of log strength below {@code ln theta} are not seen.
     */
    RAO_KUPPER("rao-kupper"),
    /**
     * Plackett (1975) and Luce (1959) on whole rankings: the best is chosen among all with {@code P(i) = pi_i / sum_j pi_j},
     * then the next among the rest. Ties by Firth, Kosmidis and Turner (2019), arXiv:1909.07123 (Davidson-Luce): a set S
     * of equals is chosen in proportion to {@code delta_|S| (prod_S pi_i)^(1/|S|)}.
     */
    PLACKETT_LUCE("plackett-luce");

    private final String label;

    RankMethod(String label) {
        this.label = label;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /**
     * The method of a name.
     *
     * @param label such as {@code davidson}
     * @return the method
     * @throws DataFormatException if there is none; the message has the nearest name and all known ones
     */
    public static RankMethod named(String label) {
        for (RankMethod method : values()) {
            if (method.label.equals(label)) {
                return method;
            }
        }
        throw new DataFormatException(NearestName.unknown(
                "method", label, Stream.of(values()).map(RankMethod::label).toList()));
    }
}
