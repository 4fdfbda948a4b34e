package dev.modelserving.local;

import dev.modelserving.local.RunningPlatform.Platform;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients that know nothing of this service, as they come from PyPI. */
@ExtendWith(RunningPlatform.class)
class TritonClientIT {
    private static final Path CLIENTS = Path.of("clients").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    void callsEverySampleModelOverHttp(Platform platform) throws Exception {
        run("triton_http.py", platform.service().url("").getAuthority());
    }

    @Test
    void callsEverySampleModelOverGrpc(Platform platform) throws Exception {
        run("triton_grpc.py", platform.service().grpcAddress());
    }

    private void run(String script, String address) throws Exception {
        String models = Path.of("models").toAbsolutePath().toString();
        Programs.run(List.of(python(), CLIENTS.resolve(script).toString(), address, models), folder, Map.of());
    }

    private String python() throws Exception {
        List<String> output = Programs.run(List.of(CLIENTS.resolve("setup.sh").toString()), folder, Map.of());
        return output.get(output.size() - 1);
    }
}
