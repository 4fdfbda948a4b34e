package dev.modelserving.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.settings.EcsTask;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaIdTest {
    @Test
    void isTheIdOfTheEcsTask() {
        String id = "158d1c8083dd49d6b527399fd6414f5c";
        assertThat(ReplicaId.of(new EcsTask(id, 1, "")).value()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a#b"})
    void isTheHostsNameWhereTheTaskHasNoUsableId(String id) throws Exception {
        String host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
        assertThat(ReplicaId.of(new EcsTask(id, 0, "")).value()).startsWith(host);
    }

    @Test
    void differsFromProcessToProcessOfOneHost() {
        assertThat(ReplicaId.of(EcsTask.NONE)).isNotEqualTo(ReplicaId.of(EcsTask.NONE));
    }

    @Test
    void refusesWhatCouldNotStandInAKey() {
        assertThatThrownBy(() -> new ReplicaId("a#b", "")).isInstanceOf(IllegalArgumentException.class);
    }
}
