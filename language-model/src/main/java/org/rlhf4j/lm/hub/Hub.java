package org.rlhf4j.lm.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.lm.hub.HubException.Kind;

/**
 * The Hugging Face Hub: turns {@code org/name} into a directory of this machine.
 *
 * <p>What is in the cache is not loaded again; a branch is asked for what it means now, once in the life of this object.
 * Only what a model needs is downloaded. Every file is verified by length and checksum before it has its name, what a
 * lost connection left is completed by the next try, and several processes may load the same model at a time.
 *
 * <pre>{@code
 * Path directory = Hub.ofProcess().resolve("HuggingFaceTB/SmolLM2-135M", HubListener.NONE);
 * try (LanguageModel model = LanguageModel.open(directory)) { ... }
 * }</pre>
 */
public final class Hub {
    private static final int MOST_LISTED_BYTES = 64 << 20;

    private final HubSettings settings;
    private final HubClient client;
    private final Map<HubName, HubModel> resolved = new ConcurrentHashMap<>();

    /** A hub with settings of its own. */
    public Hub(HubSettings settings) {
        this.settings = settings;
        this.client = new HubClient(settings);
    }

    /**
     * The hub as the environment variables of this process have it.
     *
     * @throws IllegalArgumentException naming the variable that makes no sense
     */
    public static Hub ofProcess() {
        return new Hub(HubSettings.ofProcess());
    }

    /**
     * The directory that a user means: one that is there, or else a model of the hub.
     *
     * @param model a path, {@code org/name} or {@code org/name@revision}
     * @param listener is told of progress
     * @throws DataFormatException if it can be neither
     * @throws HubException if it is a model of the hub that cannot be had
     * @throws IOException if the cache cannot be written
     */
    public Path resolve(String model, HubListener listener) throws IOException {
        return resolve(Path.of(model), listener);
    }

    /** As {@link #resolve(String, HubListener)} for what was read as a path. */
    public Path resolve(Path model, HubListener listener) throws IOException {
        Optional<HubName> name = Files.exists(model) ? Optional.empty() : HubName.parse(model);
        if (name.isPresent()) {
            return download(name.get(), listener).directory();
        }
        if (!Files.exists(model)) {
            String nor = model.isAbsolute() ? "" : ", and it is no name of a model on the hub (org/name)";
            throw new DataFormatException(model.toString(), 0, "there is no such directory" + nor);
        }
        return model;
    }

    /**
     * A model of the hub, from the cache as far as it is there.
     *
     * @param name which
     * @param listener is told of progress
     * @throws HubException if it cannot be had
     * @throws IOException if the cache cannot be written
     */
    public HubModel download(HubName name, HubListener listener) throws IOException {
        HubModel known = resolved.get(name);
        if (known == null) {
            known = find(name, listener);
            resolved.put(name, known);
        }
        return known;
    }

    private HubModel find(HubName name, HubListener listener) throws IOException {
        HubCache cache = new HubCache(settings, name);
        if (settings.offline()) {
            return cached(cache, name, "HF_HUB_OFFLINE is set")
                    .orElseThrow(() -> new HubException(
                            Kind.NOT_CACHED,
                            name,
                            "there is no such directory, and it is not in the cache (" + settings.cache()
                                    + "); HF_HUB_OFFLINE is set, so the hub is not asked"));
        }
        if (HubName.isCommit(name.revision())) {
            Path snapshot = cache.snapshot(name.revision());
            if (Files.isDirectory(snapshot)
                    && NeededFiles.missing(name, snapshot).isEmpty()) {
                return new HubModel(name, name.revision(), snapshot);
            }
        }
        Listing listing;
        try {
            listing = list(name, listener);
        } catch (HubException e) {
            Optional<HubModel> earlier =
                    e.kind() == Kind.UNREACHABLE ? cached(cache, name, HubClient.reason(e)) : Optional.empty();
            if (earlier.isEmpty()) {
                throw e.kind() == Kind.UNREACHABLE
                        ? new HubException(
                                Kind.UNREACHABLE, name, "there is no such directory, and the hub " + e.reason(), e)
                        : e;
            }
            listener.note(e.getMessage() + "; what the cache has of it is used, commit "
                    + earlier.get().commit());
            return earlier.get();
        }
        load(cache, name, listing, listener);
        return new HubModel(name, listing.commit, cache.snapshot(listing.commit));
    }

    /** What the cache has, if it has all of it. */
    private static Optional<HubModel> cached(HubCache cache, HubName name, String why) throws HubException {
        Optional<String> commit = cache.commit();
        if (commit.isEmpty() || !Files.isDirectory(cache.snapshot(commit.get()))) {
            return Optional.empty();
        }
        Path snapshot = cache.snapshot(commit.get());
        List<String> missing = NeededFiles.missing(name, snapshot);
        if (!missing.isEmpty()) {
            throw new HubException(
                    Kind.NOT_CACHED,
                    name,
                    "the cache lacks " + String.join(", ", missing) + " (" + snapshot + "), and cannot load it: "
                            + why);
        }
        return Optional.of(new HubModel(name, commit.get(), snapshot));
    }

    /** What a revision means now, and the names of its files. */
    private record Listing(String commit, TreeSet<String> files) {}

    private Listing list(HubName name, HubListener listener) throws IOException {
        URI address =
                client.address("/api/models/" + name.repository() + "/revision/" + HubClient.quoted(name.revision()));
        byte[] answer = client.get(name, address, MOST_LISTED_BYTES, listener);
        JsonNode listing;
        try {
            listing = Json.parse(answer);
        } catch (DataFormatException e) {
            throw new HubException(Kind.DAMAGED, name, notAHub(address), e);
        }
        String commit = listing.path("sha").asText();
        TreeSet<String> files = new TreeSet<>();
        listing.path("siblings")
                .forEach(file -> files.add(file.path("rfilename").asText()));
        if (!HubName.isCommit(commit)) {
            throw new HubException(Kind.DAMAGED, name, notAHub(address));
        }
        return new Listing(commit, files);
    }

    private static String notAHub(URI address) {
        return address + " is not answered as by a hub: check HF_ENDPOINT and proxies";
    }

    private void load(HubCache cache, HubName name, Listing listing, HubListener listener) throws IOException {
        Path snapshot = cache.snapshot(listing.commit);
        load(cache, name, listing.commit, NeededFiles.small(name, listing.files), listener);
        load(cache, name, listing.commit, NeededFiles.weights(name, snapshot, listing.files::contains), listener);
        try {
            cache.remember(listing.commit);
        } catch (IOException e) {
            // A cache that may only be read serves as well; without the network it would find the older commit.
            listener.note(name + ": the cache does not learn which commit this is: " + e.getMessage());
        }
    }

    private void load(HubCache cache, HubName name, String commit, List<String> paths, HubListener listener)
            throws IOException {
        List<RemoteFile> missing = new ArrayList<>();
        long bytes = 0;
        for (String path : paths) {
            if (NeededFiles.isFile(cache.snapshot(commit), path)) {
                continue;
            }
            URI address = client.address("/" + name.repository() + "/resolve/" + commit + "/" + path);
            RemoteFile file = RemoteFile.of(name, commit, path, address, client.head(name, address, listener));
            missing.add(file);
            if (!Files.exists(cache.blob(file))) {
                Path partial = BlobDownload.partial(cache, file);
                bytes += file.size() - (Files.exists(partial) ? Math.min(Files.size(partial), file.size()) : 0);
            }
        }
        if (bytes > 0) {
            Storage.requireSpace(settings.cache(), bytes);
        }
        for (RemoteFile file : missing) {
            new BlobDownload(client, cache, name, file, listener).run();
            cache.link(file, commit);
        }
    }
}
