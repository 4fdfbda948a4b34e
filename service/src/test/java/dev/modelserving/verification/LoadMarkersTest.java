package dev.modelserving.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.verification.LoadMarkers.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that ended are played by the markers that they would have left. */
class LoadMarkersTest {
    private static final String KEY = "iris-1-0123456789abcdef";
    private static final String OTHER = "penguins-1-0123456789abcdef";

    /** Beyond what Linux gives to any process. */
    private static final long NOBODY = 1L << 40;

    private static final Path REPORT = Path.of("hs_err_pid" + NOBODY + ".log");

    @TempDir
    private Path folder;

    @AfterEach
    void removeReport() throws IOException {
        Files.deleteIfExists(REPORT);
    }

    @Test
    void holdNothingAgainstALoadThatEnded() throws Exception {
        LoadMarkers markers = LoadMarkers.open(folder);
        markers.begin(KEY);
        assertThat(folder.resolve(".loading-" + KEY)).exists();
        markers.end(KEY);
        assertThat(LoadMarkers.open(folder).verdict(KEY)).isEmpty();
    }

    @Test
    void suspectTheVersionWithWhichTheProcessEnded() throws Exception {
        leave(KEY);
        assertThat(LoadMarkers.open(folder).verdict(KEY)).contains(Verdict.SUSPECT);
        assertThat(LoadMarkers.open(folder).verdict(KEY)).contains(Verdict.SUSPECT);
        assertThat(LoadMarkers.open(folder).verdict(OTHER)).isEmpty();
    }

    @Test
    void findItGuiltyWhenTheJvmReportedACrash() throws Exception {
        leave(KEY);
        Files.writeString(REPORT, "# SIGSEGV");
        assertThat(LoadMarkers.open(folder).verdict(KEY)).contains(Verdict.GUILTY);
        Files.delete(REPORT);
        assertThat(LoadMarkers.open(folder).verdict(KEY)).contains(Verdict.GUILTY);
    }

    @Test
    void onlySuspectTwoThatLoadedAtTheSameTime() throws Exception {
        leave(KEY);
        leave(OTHER);
        Files.writeString(REPORT, "# SIGSEGV");
        LoadMarkers markers = LoadMarkers.open(folder);
        assertThat(markers.verdict(KEY)).contains(Verdict.SUSPECT);
        assertThat(markers.verdict(OTHER)).contains(Verdict.SUSPECT);
    }

    @Test
    void findItGuiltyTheSecondTime() throws Exception {
        leave(KEY);
        LoadMarkers.open(folder);
        leave(KEY);
        assertThat(LoadMarkers.open(folder).verdict(KEY)).contains(Verdict.GUILTY);
    }

    @Test
    void acquitASuspectThatLoads() throws Exception {
        leave(KEY);
        LoadMarkers markers = LoadMarkers.open(folder);
        markers.acquit(KEY);
        assertThat(markers.verdict(KEY)).isEmpty();
        assertThat(LoadMarkers.open(folder).verdict(KEY)).isEmpty();
    }

    @Test
    void leaveTheMarkersOfAProcessThatLives() throws Exception {
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        Path marker = Files.writeString(folder.resolve(".loading-" + KEY), Long.toString(parent));
        assertThat(LoadMarkers.open(folder).verdict(KEY)).isEmpty();
        assertThat(marker).exists();
    }

    @Test
    void suspectAVersionWhoseMarkerWasNotFinished() throws Exception {
        Files.writeString(folder.resolve(".loading-" + KEY), "");
        assertThat(LoadMarkers.open(folder).verdict(KEY)).contains(Verdict.SUSPECT);
    }

    private void leave(String key) throws IOException {
        Files.writeString(folder.resolve(".loading-" + key), Long.toString(NOBODY));
    }
}
