package dev.modelserving.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryFollowerTest {
    private static final ModelId IRIS = new ModelId("iris");

    private final InMemoryModelRegistry registry = new InMemoryModelRegistry();
    private final SettableClock clock = new SettableClock();
    private final RegistryFollower follower = new RegistryFollower(registry, clock);

    @Test
    void readsEverythingFirst() {
        registry.write(version(1), clock.instant().minus(Duration.ofDays(30)));
        registry.write(champion(1, 1), clock.instant().minus(Duration.ofDays(30)));
        assertThat(follower.poll()).isTrue();
        assertThat(championVersion()).isEqualTo(1);
        assertThat(follower.snapshot().version(ModelRef.of("iris", 1))).isPresent();
    }

    @Test
    void saysWhenNothingChanged() {
        registry.write(version(1), clock.instant());
        assertThat(follower.poll()).isTrue();
        clock.advance(Duration.ofSeconds(2));
        assertThat(follower.poll()).isFalse();
    }

    @Test
    void findsAChangeWhoseWriterHasASlowClock() {
        registry.write(champion(1, 1), clock.instant());
        follower.poll();
        clock.advance(Duration.ofSeconds(2));
        registry.write(champion(2, 2), clock.instant().minus(Duration.ofSeconds(50)));
        assertThat(follower.poll()).isTrue();
        assertThat(championVersion()).isEqualTo(2);
    }

    @Test
    void isNotLedAstrayByAWriterWhoseClockIsAhead() {
        registry.write(version(1), clock.instant().plus(Duration.ofDays(1)));
        follower.poll();
        clock.advance(Duration.ofSeconds(2));
        registry.write(champion(1, 1), clock.instant());
        assertThat(follower.poll()).isTrue();
        assertThat(championVersion()).isEqualTo(1);
    }

    @Test
    void takesTheTablesWordForAnAliasOverTheIndexs() {
        registry.write(champion(2, 2), clock.instant());
        registry.showInIndex(champion(1, 1), clock.instant());
        follower.poll();
        assertThat(championVersion()).isEqualTo(2);
    }

    @Test
    void ignoresAnOlderRevThanItKnows() {
        registry.write(champion(2, 5), clock.instant());
        follower.poll();
        registry.showInIndex(champion(1, 4), clock.instant());
        assertThat(follower.poll()).isFalse();
        assertThat(championVersion()).isEqualTo(2);
    }

    @Test
    void findsAtOnceThatAnAliasWasDeleted() {
        registry.write(version(1), clock.instant());
        registry.write(champion(1, 1), clock.instant());
        follower.poll();
        registry.delete(champion(1, 1));
        clock.advance(Duration.ofSeconds(2));
        assertThat(follower.poll()).isTrue();
        assertThat(follower.snapshot().model(IRIS))
                .hasValueSatisfying(model -> assertThat(model.champion()).isEmpty());
    }

    @Test
    void keepsAnAliasThatOnlyTheIndexLacks() {
        registry.write(champion(1, 1), clock.instant());
        follower.poll();
        registry.hideInIndex(champion(1, 1));
        assertThat(follower.poll()).isFalse();
    }

    @Test
    void readsEverythingWhenTheClockWasSetBack() {
        registry.write(version(1), clock.instant());
        registry.write(champion(1, 1), clock.instant());
        follower.poll();
        registry.delete(version(1));
        clock.advance(Duration.ofDays(-1));
        assertThat(follower.poll()).isTrue();
    }

    @Test
    void findsWhatWasDeletedWithinFiveMinutes() {
        registry.write(version(1), clock.instant());
        registry.write(champion(1, 1), clock.instant());
        follower.poll();
        registry.delete(champion(1, 1));
        clock.advance(Duration.ofMinutes(5));
        assertThat(follower.poll()).isTrue();
        assertThat(follower.snapshot().model(IRIS).orElseThrow().champion()).isEmpty();
    }

    @Test
    void keepsWhatItKnowsWhileTheRegistryIsGoneAndSaysWhy() {
        registry.write(champion(1, 1), clock.instant());
        follower.poll();
        registry.fail("throttled");
        assertThat(follower.poll()).isFalse();
        assertThat(championVersion()).isEqualTo(1);
        assertThat(follower.health().failure())
                .hasValueSatisfying(reason -> assertThat(reason).contains("throttled"));
        registry.recover();
        follower.poll();
        assertThat(follower.health().failure()).isEmpty();
    }

    @Test
    void showsWhatItTookBeforeAReadingBrokeOffInTheMiddle() {
        registry.write(version(1), clock.instant());
        registry.write(champion(1, 1), clock.instant());
        registry.failAliasReads(true);
        assertThat(follower.poll()).isFalse();
        assertThat(follower.snapshot()).isEqualTo(RegistrySnapshot.EMPTY);
        registry.failAliasReads(false);
        assertThat(follower.poll()).isTrue();
        assertThat(championVersion()).isEqualTo(1);
        assertThat(follower.snapshot().version(ModelRef.of("iris", 1))).isPresent();
    }

    private long championVersion() {
        return follower.snapshot()
                .model(IRIS)
                .flatMap(RegisteredModel::champion)
                .orElseThrow()
                .version()
                .value();
    }

    private static AliasRecord champion(long version, long rev) {
        return new AliasRecord(IRIS, AliasRecord.CHAMPION, new ModelVersion(version), null, rev);
    }

    private static VersionRecord version(long version) {
        return new VersionRecord(
                ModelRef.of("iris", version), VersionRecord.Status.VERIFIED, "", "p/", List.of(), null, null, 1);
    }

    private static final class SettableClock extends Clock {
        private Instant now = Instant.parse("2026-11-24T00:00:00Z");

        void advance(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
