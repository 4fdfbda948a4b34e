package dev.modelserving.deployment.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditTrailTest {
    private static final List<Map<String, String>> GOOD = List.of(
            Map.of("what", "status of version 1", "to", "VERIFIED"),
            Map.of("what", "alias champion", "who", "a", "to", "1", "rev", "100", "reason", "release"),
            Map.of("what", "alias champion confirmed", "who", "a", "to", "1", "rev", "101"),
            Map.of("what", "alias champion", "who", "b", "from", "1", "to", "2", "rev", "102", "reason", "release"),
            Map.of("what", "alias champion", "who", "c", "from", "2", "to", "3", "rev", "103", "reason", "release"),
            Map.of(
                    "what",
                    "alias champion",
                    "who",
                    "c",
                    "from",
                    "3",
                    "to",
                    "1",
                    "rev",
                    "104",
                    "reason",
                    "restored: NotServed"),
            Map.of("what", "alias champion", "who", "d", "from", "1", "to", "4", "rev", "105", "reason", "release"));

    @Test
    void leadsToTheChampion() {
        assertThat(AuditTrail.replay(GOOD)).contains(new AuditTrail.Champion(4, 1L, 105, "d", true, false));
        assertThat(AuditTrail.replay(GOOD.subList(0, 6)))
                .contains(new AuditTrail.Champion(1, null, 104, "c", false, false));
        assertThat(AuditTrail.replay(List.of())).isEmpty();
    }

    @Test
    void knowsWhereARollbackGoes() {
        List<Map<String, String>> entries = new ArrayList<>(GOOD);
        entries.add(Map.of("what", "alias champion confirmed", "to", "4", "rev", "106"));
        entries.add(Map.of(
                "what", "alias champion", "who", "e", "from", "4", "to", "1", "rev", "107", "reason", "rollback"));
        assertThat(AuditTrail.replay(entries)).contains(new AuditTrail.Champion(1, null, 107, "e", true, true));
    }

    @Test
    void noticesAMoveThatIsNotWrittenDown() {
        for (int missing : new int[] {1, 2, 3, 4, 5}) {
            List<Map<String, String>> entries = new ArrayList<>(GOOD);
            entries.remove(missing);
            assertThatThrownBy(() -> AuditTrail.replay(entries)).hasMessageContaining("does not follow");
        }
    }

    @Test
    void noticesTwoMovesFromTheSame() {
        List<Map<String, String>> entries = new ArrayList<>(GOOD);
        entries.add(Map.of(
                "what", "alias champion", "who", "e", "from", "1", "to", "5", "rev", "105", "reason", "release"));
        assertThatThrownBy(() -> AuditTrail.replay(entries)).hasMessageContaining("does not follow");
    }

    @Test
    void noticesARestoreToAVersionThatWasNeverConfirmed() {
        List<Map<String, String>> entries = new ArrayList<>(GOOD.subList(0, 5));
        entries.add(Map.of(
                "what", "alias champion", "from", "3", "to", "2", "rev", "104", "reason", "restored: NotServed"));
        assertThatThrownBy(() -> AuditTrail.replay(entries)).hasMessageContaining("to does not follow");
    }
}
