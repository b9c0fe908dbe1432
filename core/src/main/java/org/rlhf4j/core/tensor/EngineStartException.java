package org.rlhf4j.core.tensor;

/** The PyTorch engine could not start; the message is one line that says why and what to do. */
public final class EngineStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EngineStartException(String reason) {
        super(reason);
    }

    EngineStartException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
