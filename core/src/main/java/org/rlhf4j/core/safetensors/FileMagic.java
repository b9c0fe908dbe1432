package org.rlhf4j.core.safetensors;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Names what a file is that should have been safetensors, from its first bytes; nothing is opened or decoded. */
final class FileMagic {
    private FileMagic() {}

    /** A phrase such as "a zip archive (...)", or null where the bytes tell nothing. */
    static @Nullable String describe(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\u0003\u0004") || text.startsWith("PK\u0005\u0006")) {
            return "a zip archive (PyTorch's pickle format; convert it to safetensors)";
        }
        if (start.length > 1 && (start[0] & 0xff) == 0x80 && start[1] >= 2 && start[1] <= 5) {
            return "a Python pickle, which can run code when opened (convert it to safetensors)";
        }
        if (text.startsWith("version https://git-lfs")) {
            return "a Git LFS pointer (run \"git lfs pull\" to fetch the weights)";
        }
        if (text.startsWith("GGUF")) {
            return "a GGUF file";
        }
        if (text.startsWith("\u0089HDF")) {
            return "an HDF5 file";
        }
        if (text.startsWith("\u001f\u008b")) {
            return "a gzip archive";
        }
        if (text.startsWith("<")) {
            return "an HTML or XML page";
        }
        return null;
    }
}
