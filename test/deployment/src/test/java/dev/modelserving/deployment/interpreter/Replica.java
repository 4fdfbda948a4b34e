package dev.modelserving.deployment.interpreter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.deployment.Json;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a replica reports of the one model.
 *
 * @param version with what it answers; null: it does not know the model yet
 * @param target what it wants to answer with; null: an older build, which says nothing of it
 */
record Replica(@Nullable Integer version, @Nullable Integer target, String state, String reason, boolean expired) {
    static Replica ready(int version) {
        return new Replica(version, version, "READY", "", false);
    }

    /** It answers with one version while it loads another. */
    static Replica loading(int version, int target) {
        return new Replica(version, target, "READY", "", false);
    }

    static Replica failed(int version, @Nullable Integer target, String reason) {
        return new Replica(version, target, "FAILED", reason, false);
    }

    static Replica unaware() {
        return new Replica(null, null, "", "", false);
    }

    Replica gone() {
        return new Replica(version, target, state, reason, true);
    }

    /** The item of the registry, projected on the one model. */
    ObjectNode item() {
        ObjectNode item = Json.object();
        Instant expires = Instant.now().plus(Duration.ofMinutes(expired ? -1 : 60));
        item.putObject("expiresAt").put("N", Long.toString(expires.getEpochSecond()));
        if (version == null) {
            return item;
        }
        ObjectNode model =
                item.putObject("models").putObject("M").putObject(Answer.MODEL).putObject("M");
        Answer.number(model, "version", version);
        Answer.number(model, "target", target);
        Answer.text(model, "state", state);
        if (!reason.isEmpty()) {
            Answer.text(model, "reason", reason);
        }
        return item;
    }
}
