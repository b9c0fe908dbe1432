package org.rlhf4j.preference.check;

import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;

/** Texts without their white space, as {@link Character#isWhitespace} has it and with no-break spaces. */
final class Spacing {
    private Spacing() {}

    /** Whether two contents have the same speakers and say the same but for white space. */
    static boolean alike(Content a, Content b) {
        if (a instanceof Content.Text first && b instanceof Content.Text second) {
            return alike(first.text(), second.text());
        }
        if (!(a instanceof Content.Chat first) || !(b instanceof Content.Chat second)) {
            return false;
        }
        List<Message> turns = first.messages();
        List<Message> others = second.messages();
        boolean alike = turns.size() == others.size();
        for (int i = 0; alike && i < turns.size(); i++) {
            alike = turns.get(i).role().equals(others.get(i).role())
                    && alike(turns.get(i).content(), others.get(i).content());
        }
        return alike;
    }

    /** What contents that are alike have in common, and others not. */
    static String squeezed(Content content) {
        if (content instanceof Content.Text text) {
            return squeezed(text.text());
        }
        StringBuilder all = new StringBuilder();
        for (Message message : ((Content.Chat) content).messages()) {
            // Spaces cannot stand in the squeezed parts, so the parts cannot run together.
            all.append(squeezed(message.role())).append(' ');
            all.append(squeezed(message.content())).append(' ');
        }
        return all.toString();
    }

    private static boolean alike(String a, String b) {
        int i = next(a, 0);
        int j = next(b, 0);
        while (i < a.length() && j < b.length()) {
            if (a.charAt(i) != b.charAt(j)) {
                return false;
            }
            i = next(a, i + 1);
            j = next(b, j + 1);
        }
        return i == a.length() && j == b.length();
    }

    private static int next(String text, int from) {
        int i = from;
        while (i < text.length() && isSpace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static String squeezed(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        for (int i = next(text, 0); i < text.length(); i = next(text, i + 1)) {
            kept.append(text.charAt(i));
        }
        return kept.toString();
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }
}
