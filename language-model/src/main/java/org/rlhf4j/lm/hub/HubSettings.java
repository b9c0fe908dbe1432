package org.rlhf4j.lm.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where models of the hub are kept and how the hub is asked, from the environment variables of huggingface_hub.
 *
 * @param cache the directory of the cache, {@code HF_HUB_CACHE}; need not exist
 * @param endpoint the hub, {@code HF_ENDPOINT}
 * @param offline whether nothing may be asked of it, {@code HF_HUB_OFFLINE}
 * @param token shown to the hub and to nobody else, {@code HF_TOKEN}; null for none
 * @param symbolicLinks whether the cache may have them, unless {@code HF_HUB_DISABLE_SYMLINKS}
 * @param timeout longest silence of the hub, {@code HF_HUB_DOWNLOAD_TIMEOUT}
 * @param firstPause before a request is repeated; doubles each time
 */
public record HubSettings(
        Path cache,
        URI endpoint,
        boolean offline,
        @Nullable String token,
        boolean symbolicLinks,
        Duration timeout,
        Duration firstPause) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

    /**
     * The settings of this process: its environment variables, or Java's system properties of the same names, which come
     * first.
     *
     * @throws IllegalArgumentException naming the variable that makes no sense
     */
    public static HubSettings ofProcess() {
        Map<String, String> variables = new HashMap<>(System.getenv());
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith("HF_") || name.equals("TRANSFORMERS_OFFLINE")) {
                variables.put(name, System.getProperty(name));
            }
        }
        return of(variables, Path.of(System.getProperty("user.home")));
    }

    /**
     * The settings that some environment variables make.
     *
     * @param variables name to value; an empty value counts as none
     * @param home the user's home directory
     * @throws IllegalArgumentException naming the variable that makes no sense
     */
    public static HubSettings of(Map<String, String> variables, Path home) {
        return new Reader(variables, home).read();
    }

    @Override
    public String toString() {
        return "HubSettings[cache=" + cache + ", endpoint=" + endpoint + ", offline=" + offline + ", token="
                + (token == null ? "none" : "given") + "]";
    }

    private record Reader(Map<String, String> variables, Path home) {
        HubSettings read() {
            Path cacheHome = path("XDG_CACHE_HOME", home.resolve(".cache"));
            Path hubHome = path("HF_HOME", cacheHome.resolve("huggingface"));
            Path cache = path("HF_HUB_CACHE", path("HUGGINGFACE_HUB_CACHE", hubHome.resolve("hub")));
            boolean offline =
                    value("HF_HUB_OFFLINE") != null ? isTrue("HF_HUB_OFFLINE") : isTrue("TRANSFORMERS_OFFLINE");
            return new HubSettings(
                    cache.toAbsolutePath(),
                    endpoint(),
                    offline,
                    offline ? null : token(path("HF_TOKEN_PATH", hubHome.resolve("token"))),
                    !isTrue("HF_HUB_DISABLE_SYMLINKS"),
                    timeout(),
                    Duration.ofSeconds(1));
        }

        private URI endpoint() {
            String given = value("HF_ENDPOINT");
            String text = (given == null ? "https://huggingface.co" : given).replaceAll("/+$", "");
            try {
                URI uri = new URI(text);
                String scheme = uri.getScheme();
                if (("http".equals(scheme) || "https".equals(scheme)) && uri.getHost() != null) {
                    return uri;
                }
            } catch (java.net.URISyntaxException e) {
                throw new IllegalArgumentException("HF_ENDPOINT is \"" + text + "\", which is no address", e);
            }
            throw new IllegalArgumentException(
                    "HF_ENDPOINT is \"" + text + "\", must be an address that starts with https:// or http://");
        }

        private @Nullable String token(Path file) {
            String given = value("HF_TOKEN") != null ? value("HF_TOKEN") : value("HUGGING_FACE_HUB_TOKEN");
            if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
                return null;
            }
            String token = (given != null ? given : stored(file)).strip();
            if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new IllegalArgumentException(
                        given != null
                                ? "HF_TOKEN holds characters that no token has"
                                : file + " holds characters that no token has");
            }
            return token.isEmpty() ? null : token;
        }

        private static String stored(Path file) {
            try {
                return Files.readString(file);
            } catch (NoSuchFileException e) {
                return "";
            } catch (IOException e) {
                throw new IllegalArgumentException(file + ": the token in it cannot be read", e);
            }
        }

        private Duration timeout() {
            String seconds = value("HF_HUB_DOWNLOAD_TIMEOUT");
            try {
                long number = seconds == null ? 10 : Long.parseLong(seconds);
                if (number > 0) {
                    return Duration.ofSeconds(number);
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "HF_HUB_DOWNLOAD_TIMEOUT is \"" + seconds + "\", must be a number of seconds", e);
            }
            throw new IllegalArgumentException("HF_HUB_DOWNLOAD_TIMEOUT is " + seconds + ", must be positive");
        }

        private boolean isTrue(String name) {
            String value = value(name);
            return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
        }

        private @Nullable String value(String name) {
            String value = variables.get(name);
            return value == null || value.isEmpty() ? null : value;
        }

        /** A path with {@code ~} for the home directory and {@code $NAME} for other variables. */
        private Path path(String name, Path otherwise) {
            String value = value(name);
            if (value == null) {
                return otherwise;
            }
            Matcher matcher = VARIABLE.matcher(value);
            String expanded = matcher.replaceAll(match -> {
                String variable = match.group(1) != null ? match.group(1) : match.group(2);
                return Matcher.quoteReplacement(variables.getOrDefault(variable, match.group()));
            });
            boolean atHome = expanded.equals("~") || expanded.startsWith("~/");
            return atHome ? Path.of(home + expanded.substring(1)) : Path.of(expanded);
        }
    }
}
