package org.rlhf4j.lm.hub;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;
import org.rlhf4j.base.Sha256;
import org.rlhf4j.lm.hub.HubException.Kind;

/**
 * What the hub says of a file.
 *
 * @param path its name in the repository
 * @param address where it is asked for
 * @param etag SHA-256 of its content where it is stored by Git LFS, 64 hexadecimal digits; else the name that git gives
 *     to it, 40 digits
 * @param size in bytes
 */
record RemoteFile(String path, URI address, String etag, long size) {
    private static final Pattern ETAG = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Pattern SIZE = Pattern.compile("\\d{1,15}");

    /**
     * Reads the headers of an answer to HEAD.
     *
     * @throws HubException if they do not say which file it is, so that nothing could be verified
     */
    static RemoteFile of(HubName name, String commit, String path, URI address, HttpResponse<?> answer)
            throws HubException {
        String stated = header(answer, "X-Repo-Commit");
        if (!stated.equals(commit)) {
            throw new HubException(
                    Kind.DAMAGED,
                    name,
                    answer.uri() + " is not answered as by a hub (X-Repo-Commit is \"" + stated + "\", not " + commit
                            + "): check HF_ENDPOINT and proxies");
        }
        String linked = header(answer, "X-Linked-Etag");
        String etag = (linked.isEmpty() ? header(answer, "ETag") : linked).replaceAll("^W/|\"", "");
        boolean elsewhere = answer.statusCode() / 100 == 3;
        String linkedSize = header(answer, "X-Linked-Size");
        String size = linkedSize.isEmpty() && !elsewhere ? header(answer, "Content-Length") : linkedSize;
        if (!ETAG.matcher(etag).matches() || !SIZE.matcher(size).matches()) {
            throw new HubException(
                    Kind.DAMAGED,
                    name,
                    "the hub gives no checksum or length for " + path + " (ETag \"" + etag + "\", size \"" + size
                            + "\"), so that it cannot be verified");
        }
        return new RemoteFile(path, address, etag, Long.parseLong(size));
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    /** A digest whose result is the ETag when it has seen the whole content. */
    MessageDigest digest() {
        if (etag.length() == 64) {
            return Sha256.digest();
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
