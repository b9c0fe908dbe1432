package org.rlhf4j.lm.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.testing.Property;

/** Templates that mean harm: each ends soon, in an error of its own kind. */
class HostileTemplateTest {
    private static final List<String> PIECES = List.of(
            "{% ",
            " %}",
            "{{ ",
            " }}",
            "{#",
            "#}",
            "-",
            "if ",
            "for a in ",
            "endif",
            "endfor",
            "set x = ",
            "messages",
            "big",
            "[0]",
            "[::-1]",
            ".content",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "'",
            "\"",
            "\\",
            "\n",
            " ",
            "n",
            "1",
            "2.5",
            " * ",
            " ** ",
            " + ",
            " ~ ",
            " | ",
            "upper",
            "tojson",
            "list",
            "sort",
            "join",
            "map('upper')",
            "first",
            " is ",
            "defined",
            "not ",
            "in ",
            "and ",
            "loop",
            ".index",
            "macro f()",
            "endmacro",
            "f()",
            "call f()",
            "endcall",
            "generation",
            "endgeneration",
            "raw",
            "endraw",
            "break",
            "continue",
            "namespace(x=1)",
            "x",
            ", ",
            ":",
            "=",
            "range(9)",
            "{% raw %}",
            "{%- ",
            " -%}",
            "{%+",
            "else",
            "elif ",
            "none",
            "%",
            "é😀");

    private static final LocalDate DATE = LocalDate.of(2025, 1, 2);
    private static final Map<String, Object> VARIABLES =
            Map.of("messages", List.of(Map.of("role", "user", "content", "hi")), "big", "ab".repeat(1 << 19), "n", 3);

    private static String render(String template) {
        return Template.parse(template).render(VARIABLES, DATE).text();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ 'a' * 100000000 }}",
                "{{ 'a' * 9223372036854775807 }}",
                "{{ [1] * 9223372036854775807 }}",
                "{{ 'a'.center(99999999999) }}",
                "{{ 'a' | center(99999999999) }}",
                "{{ '%999999s' * 900 % 'a' }}",
                "{{ 'a'.zfill(999999999) }}",
                "{{ 'a\\na' | indent(999999999) }}",
                "{{ [[]] | tojson(indent=999999999) }}",
                "{{ [1] | batch(999999999, 1) | list }}",
                "{{ [1] | slice(999999999) | list }}",
                "{{ range(100001) }}",
                "{% set ns = namespace(l=range(10)) %}{% for i in range(20000) %}{% set ns.l = ns.l | map('string') %}{% endfor %}{{ ns.l | list }}",
                "{{ ('\u00df' * 4000000) | upper | length }}{{ ('\u0130' * 4000000).lower() | length }}{{ ('\u03a3' * 400000) | lower | length }}{{ raise_exception('fast') }}",
                "{{ range(0, 9223372036854775807) }}",
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                "{% for a in range(100000) %}{{ big }}{% endfor %}",
                "{% for a in range(100000) %}{% set x = big + big %}{% endfor %}",
                "{% for a in range(100000) %}{% set x = big | upper %}{% endfor %}",
                "{% for a in range(100000) %}{% set x = big | length %}{% endfor %}",
                "{% for a in range(100000) %}{% set x = big[5] %}{% endfor %}",
                "{% for a in range(100000) %}{% set x = 'c' in big %}{% endfor %}",
                "{% for a in range(100000) %}{% set x = big == big ~ '' %}{% endfor %}",
                "{% for a in range(100000) %}{% set x = big.rfind('c') %}{% endfor %}",
                "{{ ('a' * 500000 ~ 'b') in big.replace('b', 'a') * 9 }}{{ raise_exception('fast') }}",
                "{{ big.replace('', big) }}",
                "{{ big | replace('a', big) }}",
                "{{ big | list | join(big) }}",
                "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
                "{% set a = namespace(x=[]) %}{% for i in range(60) %}{% set a.x = [a.x, a.x] %}{% endfor %}{{ a.x == a.x + [] }}",
                "{% set ns = namespace(x=[]) %}{% for i in range(9000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set a = namespace(x=[]) %}{% for i in range(9000) %}{% set a.x = [a.x] %}{% endfor %}{{ a.x == [a.x] }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}",
                "{% macro f(a=f()) %}{% endmacro %}{{ f() }}",
                "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{{ 2 ** 10 ** 10 }}",
                "{{ 9223372036854775807 + 1 }}",
                "{{ - (-9223372036854775807 - 1) }}",
                "{{ (-9223372036854775807 - 1) | abs }}",
                "{{ 99999999999999999999 }}",
                "{{ 1e308 * 10 | int }}{{ (1e308 * 10) | round(400) | tojson(indent=missing) }}",
                "{{ '99999999999999999999' | int }}",
                "{% include '/etc/passwd' %}",
                "{% import 'os' as os %}",
                "{% extends 'x' %}",
                "{{ messages.__class__.__mro__ }}",
                "{{ ''.__class__.__base__.__subclasses__() }}",
                "{{ raise_exception.__globals__.x }}",
                "{{ namespace.__init__.__globals__.x }}",
                "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
                "{{ ('a' | attr('__class__')).x }}",
                "{{ '{0.__class__}'.format(1) }}",
                "{{ messages.getClass().forName('java.lang.Runtime') }}",
                "{{ messages[0].getClass().x }}",
                "{{ messages.append(1) }}",
                "{{ messages[0].update({'role': 'x'}) }}",
                "{% set messages.x = 1 %}",
                "{{ self.x.y }}",
                "{{ loop.x }}",
                "{{ {[1]: 2} }}",
                "{{ {}[messages] }}{{ [] | unique }}{{ [[]] | unique | list }}",
                "{{ 5 }} {{ '\\ud800\\U99999999' }}",
            })
    void isRefused(String template) {
        assertThatThrownBy(() -> render(template))
                .isInstanceOfSatisfying(
                        TemplateException.class,
                        refusal -> assertThat(refusal.line()).isEqualTo(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"(", "[", "{1:", "-", "not ", "1 + (", "x[", "f(", "'a' if ", "1 if 1 else ", "~", "x is odd ("})
    void anExpressionNestedTooDeepIsRefused(String opening) {
        assertThatThrownBy(() -> render("{{ " + opening.repeat(20_000) + " }}")).isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " + 1",
                " ~ 1",
                " | abs",
                ".a",
                "[0]",
                "()",
                " and 1",
                " or 1",
                " ** 1",
                " * 1",
                " < 2",
                " if 1",
                ", 1",
                " is defined",
                " if 1 else 2"
            })
    void aLongChainIsRefusedOrRendered(String link) {
        try {
            render("{{ 1" + link.repeat(20_000) + " }}");
        } catch (TemplateException e) {
            assertThat(e.line()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% if 1 %}",
                "{% for a in [1] %}",
                "{% filter upper %}",
                "{% macro f() %}",
                "{% call f() %}",
                "{% set a %}",
                "{% generation %}",
                "{% with %}",
                "{% if 0 %}{% elif 1 %}",
                "{% for (a"
            })
    void statementsNestedTooDeepAreRefused(String opening) {
        assertThatThrownBy(() -> render(opening.repeat(5_000))).isInstanceOf(TemplateException.class);
    }

    @Test
    void aTemplateThatIsTooLongIsRefused() {
        assertThat(render("a".repeat(256 * 1024))).hasSize(256 * 1024);
        assertThatThrownBy(() -> Template.parse("a".repeat(256 * 1024 + 1)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("the limit is 262144");
    }

    @Test
    void theErrorNamesItsLineAndTheTemplatesOwnWords() {
        assertThatThrownBy(() -> render("a\n{% if n == 3 %}\n{{ raise_exception('only ' ~ n) }}\n{% endif %}"))
                .isInstanceOfSatisfying(TemplateException.class, refusal -> {
                    assertThat(refusal.isRaised()).isTrue();
                    assertThat(refusal.reason()).isEqualTo("only 3");
                    assertThat(refusal).hasMessage("line 3: only 3");
                });
        assertThatThrownBy(() -> render("a\n\n{{ n +\n missing }}"))
                .isInstanceOfSatisfying(TemplateException.class, refusal -> {
                    assertThat(refusal.isRaised()).isFalse();
                    assertThat(refusal).hasMessage("line 3: 'missing' is undefined");
                });
    }

    @Test
    void bindsTheDateThatItIsGivenAndNoOther() {
        Template template = Template.parse("{{ strftime_now('%d %b %Y') }}");
        assertThat(template.render(Map.of(), DATE).text()).isEqualTo("02 Jan 2025");
        assertThat(template.render(Map.of(), LocalDate.of(1999, 12, 31)).text()).isEqualTo("31 Dec 1999");
    }

    @Test
    void whatItIsGivenStaysAsItIs() {
        List<Object> given = new ArrayList<>(List.of("a"));
        Template.parse("{% set x = given + ['b'] %}{{ x }}").render(Map.of("given", given), DATE);
        assertThat(given).containsExactly("a");
        assertThatThrownBy(() -> Template.parse("").render(Map.of("x", new Object()), DATE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Pieces of templates in any order: a text or a TemplateException, and nothing else. */
    @Test
    void anyMixOfPiecesEndsInATextOrAnErrorOfItsKind() {
        Property.forAll(2_000, draws -> String.join("", draws.list(40, more -> more.pick(PIECES))), template -> {
            try {
                render(template);
            } catch (TemplateException e) {
                assertThat(e.line()).isPositive();
            }
        });
    }
}
