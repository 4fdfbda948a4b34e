package dev.modelserving.infra;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awscdk.App;

/** All templates of an app, by the names of their stacks. */
record Templates(Map<String, StackTemplate> byStack) {
    private static final Map<String, Templates> SYNTHESISED = new ConcurrentHashMap<>();

    /** Those of a stage with these settings; synthesised once, however many ask. */
    static Templates of(String... settings) {
        return SYNTHESISED.computeIfAbsent(
                Stream.concat(Stream.of("region: eu-west-1"), Stream.of(settings))
                        .collect(Collectors.joining("\n")),
                text -> of(Synthesis.of(text).whole()));
    }

    /** Those of a stage whose file is in the repository. */
    static Templates ofFile(String stage) {
        return SYNTHESISED.computeIfAbsent(
                stage, name -> of(Synthesis.ofFile(name).whole()));
    }

    static Templates of(App app) {
        return read(Path.of(app.synth().getDirectory()));
    }

    /** Those that were written into a folder. */
    static Templates read(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return new Templates(files.filter(file -> file.toString().endsWith(".template.json"))
                    .map(StackTemplate::read)
                    .collect(Collectors.toMap(StackTemplate::stack, template -> template, (a, b) -> a, TreeMap::new)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    StackTemplate data() {
        return ending("-data");
    }

    StackTemplate network() {
        return ending("-network");
    }

    StackTemplate serving() {
        return ending("-serving");
    }

    StackTemplate workflow() {
        return ending("-workflow");
    }

    boolean hasNetwork() {
        return byStack.keySet().stream().anyMatch(name -> name.endsWith("-network"));
    }

    Collection<StackTemplate> all() {
        return byStack.values();
    }

    private StackTemplate ending(String end) {
        return byStack.values().stream()
                .filter(template -> template.stack().endsWith(end))
                .findFirst()
                .orElseThrow();
    }
}
