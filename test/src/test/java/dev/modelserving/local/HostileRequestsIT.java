package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.local.RunningPlatform.Platform;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong beyond the words of a body: its size, depth, type and encoding, the path, and HTTP itself. */
@ExtendWith(RunningPlatform.class)
class HostileRequestsIT {
    private static final int MOST_BYTES = 1 << 20;
    private static final String RIGHT = "{\"instances\":[[6.7,3.1,4.4,1.4]]}";
    private static final String JSON = "Content-Type: application/json\r\n";

    private static ServiceProcess service;

    @BeforeAll
    static void serve(Platform platform) throws Exception {
        service = platform.startService(Map.of(
                "JAVA_TOOL_OPTIONS",
                "-Xmx160m -XX:MaxDirectMemorySize=64m -XX:+UseSerialGC",
                "REQUEST_MAX_BYTES",
                Integer.toString(MOST_BYTES)));
        assertThat(service.awaitReady(Duration.ofSeconds(60))).isTrue();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "GZIP", "deflate", "identity", " gzip "})
    void takesABodyInTheEncodingsThatItNames(String encoding) throws Exception {
        byte[] body = encoding.contains("identity")
                ? RIGHT.getBytes(UTF_8)
                : encoding.equals("deflate")
                        ? RawHttp.deflated(RIGHT.getBytes(UTF_8))
                        : RawHttp.gzipped(RIGHT.getBytes(UTF_8));
        RawHttp.Answer answer = post("iris", JSON + "Content-Encoding: " + encoding + "\r\n", body);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "snappy", "compress", "gzip, gzip", "deflate, gzip", "nonsense"})
    void refusesOtherEncodings(String encoding) throws Exception {
        refused(
                415,
                "Content-Encoding",
                post("iris", JSON + "Content-Encoding: " + encoding + "\r\n", RawHttp.gzipped(RIGHT.getBytes(UTF_8))));
    }

    @Test
    void refusesACompressedBodyThatIsCorrupt() throws Exception {
        byte[] right = RawHttp.gzipped(RIGHT.getBytes(UTF_8));
        String gzip = JSON + "Content-Encoding: gzip\r\n";
        for (int length = 1; length < right.length; length++) {
            refused(400, "body", post("iris", gzip, Arrays.copyOf(right, length)));
        }
        byte[] large = RawHttp.gzipped(new SplittableRandom(1)
                .ints(60_000)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" "))
                .getBytes(UTF_8));
        for (int time = 0; time < 100; time++) {
            assertThat(post("iris", gzip, Arrays.copyOfRange(large, time % 2, large.length - 1))
                            .status())
                    .isEqualTo(400);
        }
        byte[] wrongSum = right.clone();
        wrongSum[right.length - 6] ^= 1;
        assertThat(refused(400, "body", post("iris", gzip, wrongSum)).detail()).contains("corrupt", "gzip");
        refused(400, "body", post("iris", gzip, RIGHT.getBytes(UTF_8)));
        refused(400, "body", post("iris", gzip, new byte[0]));
        refused(400, "body", post("iris", JSON + "Content-Encoding: deflate\r\n", RIGHT.getBytes(UTF_8)));
    }

    @Test
    void refusesABodyThatGrowsBeyondTheLimitWhenItIsDecompressed() throws Exception {
        byte[] bomb = RawHttp.gzipped(new byte[256 << 20]);
        assertThat(bomb.length).isLessThan(MOST_BYTES);
        for (int time = 0; time < 20; time++) {
            RawHttp.Answer answer = refused(413, "body", post("iris", JSON + "Content-Encoding: gzip\r\n", bomb));
            assertThat(answer.detail()).contains("after decompression", "at most 1048576 bytes");
        }
        byte[] bombOfBombs = RawHttp.gzipped(bomb);
        refused(400, "body", post("iris", JSON + "Content-Encoding: gzip\r\n", bombOfBombs));
    }

    @ParameterizedTest
    @ValueSource(ints = {MOST_BYTES + 1, 40 * MOST_BYTES})
    void refusesABodyBeyondTheLimit(int length) throws Exception {
        byte[] body = new byte[length];
        Arrays.fill(body, (byte) ' ');
        assertThat(refused(413, "body", post("iris", JSON, body)).detail()).contains("at most 1048576 bytes");
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        for (int sent = 0; sent < length; sent += 1 << 16) {
            chunks.writeBytes("10000\r\n".getBytes(UTF_8));
            chunks.write(body, 0, 1 << 16);
            chunks.writeBytes("\r\n".getBytes(UTF_8));
        }
        chunks.writeBytes("0\r\n\r\n".getBytes(UTF_8));
        refused(
                413,
                "body",
                RawHttp.exchange(
                        service,
                        "POST /predict/iris HTTP/1.1\r\nHost: x\r\n" + JSON
                                + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
                        chunks.toByteArray()));
    }

    @Test
    void refusesTheLengthThatIsAnnouncedBeforeAnythingIsSent() throws Exception {
        refused(
                413,
                "body",
                RawHttp.exchange(
                        service,
                        "POST /predict/iris HTTP/1.1\r\nHost: x\r\n" + JSON
                                + "Content-Length: 99999999999\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
                        new byte[0]));
    }

    @Test
    void takesABodyOfExactlyTheLimit() throws Exception {
        byte[] body = Arrays.copyOf(RIGHT.getBytes(UTF_8), MOST_BYTES);
        Arrays.fill(body, RIGHT.length(), MOST_BYTES, (byte) ' ');
        assertThat(post("iris", JSON, body).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "{\"inputs\":[", "{\"instances\":[{\"features\":"})
    void refusesAHundredThousandLevels(String level) throws Exception {
        refused(
                400,
                null,
                post(
                        "iris",
                        JSON,
                        level.repeat(100_000 * 8 / Math.max(8, level.length())).getBytes(UTF_8)));
        refused(400, null, post("iris", JSON, ("{\"instances\":" + "[".repeat(100_000)).getBytes(UTF_8)));
        refused(400, null, post("iris", JSON, ("{\"inputs\":{\"features\":" + "[".repeat(100_000)).getBytes(UTF_8)));
        refused(400, null, post("iris", JSON, ("{\"x\":" + "[".repeat(100_000)).getBytes(UTF_8)));
    }

    @Test
    void refusesNamesAndNumbersOfAMegabyte() throws Exception {
        String name = "n".repeat(MOST_BYTES - 200);
        String digits = "9".repeat(MOST_BYTES - 200);
        refused(400, "body", post("iris", JSON, ("{\"" + name + "\":1}").getBytes(UTF_8)));
        refused(400, "body", post("iris", JSON, ("{\"instances\":[[" + digits + "]]}").getBytes(UTF_8)));
        refused(400, "body", post("iris", JSON, ("{\"instances\":[[0." + digits + "]]}").getBytes(UTF_8)));
        refused(400, "body", post("iris", JSON, ("{\"instances\":[[1e" + digits + "]]}").getBytes(UTF_8)));
        RawHttp.Answer answer = refused(
                400,
                null,
                post(
                        "iris",
                        JSON,
                        ("{\"inputs\":[{\"name\":\"" + name
                                        + "\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}")
                                .getBytes(UTF_8)));
        assertThat(answer.body().toString().length()).isLessThan(2_000);
        refused(
                400,
                null,
                post(
                        "iris",
                        JSON,
                        ("{\"inputs\":[{\"name\":\"features\",\"shape\":[1,4],\"datatype\":\"" + name
                                        + "\",\"data\":[1,2,3,4]}]}")
                                .getBytes(UTF_8)));
    }

    @Test
    void stopsAtAHundredFaults() throws Exception {
        String tensors = "{},".repeat(100_000) + "{}";
        assertThat(refused(400, null, post("iris", JSON, ("{\"inputs\":[" + tensors + "]}").getBytes(UTF_8)))
                        .body()
                        .get("details"))
                .hasSize(100);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain | 415",
                "application/x-www-form-urlencoded | 415",
                "multipart/form-data; boundary=x | 415",
                "application/octet-stream | 415",
                "application/xml | 415",
                "application | 415",
                "/ | 415",
                "application/json, text/plain | 415",
                "application/jsonx | 415",
                "application/json; charset=iso-8859-1 | 400",
                "application/json; charset=utf-16 | 400",
                "application/json; charset=nonsense | 400"
            })
    void refusesOtherContentTypesAndCharsets(String type, int status) throws Exception {
        refused(status, "Content-Type", post("iris", "Content-Type: " + type + "\r\n", RIGHT.getBytes(UTF_8)));
    }

    @Test
    void endsAConnectionWhoseChunksAreBroken() throws Exception {
        for (String rest : List.of("zz\r\n", "XX0\r\n\r\n")) {
            String chunk = Integer.toHexString(RIGHT.length()) + "\r\n" + RIGHT + (rest.startsWith("zz") ? "\r\n" : "");
            RawHttp.Answer answer = RawHttp.exchange(
                    service,
                    "POST /predict/iris HTTP/1.1\r\nHost: x\r\n" + JSON + "Transfer-Encoding: chunked\r\n\r\n",
                    (chunk + rest).getBytes(UTF_8));
            assertThat(refused(400, "body", answer).detail()).contains("chunks");
        }
    }

    @Test
    void refusesTextThatIsNotUtf8() throws Exception {
        refused(400, "body", post("iris", JSON, "{\"id\":\"\u00c1\u0082\",\"instances\":[]}".getBytes(ISO_8859_1)));
        refused(
                400,
                "body",
                post("iris", JSON, "{\"id\":\"\u00e0\u0080\u00af\",\"instances\":[]}".getBytes(ISO_8859_1)));
        refused(
                400,
                "body",
                post("iris", JSON, "{\"id\":\"\u00ed\u00a0\u0080\",\"instances\":[]}".getBytes(ISO_8859_1)));
        refused(
                400,
                "body",
                post("iris", JSON, "{\"id\":\"\u00f5\u0080\u0080\u0080\",\"instances\":[]}".getBytes(ISO_8859_1)));
        refused(400, "body", post("iris", JSON, RIGHT.getBytes(UTF_16)));
        refused(400, "body", post("iris", JSON, "{\"id\":\"\u00fc\",\"instances\":[]}".getBytes(ISO_8859_1)));
        refused(400, "body", post("iris", JSON, new byte[] {(byte) 0xC0, (byte) 0x80}));
        refused(400, "body", post("iris", JSON, new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'}));
        refused(400, "body", post("iris", JSON, new byte[1000]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..%2f..%2fetc%2fpasswd",
                "%2e%2e",
                "..",
                "a%00b",
                "%00",
                "IRIS",
                "iris%20",
                "iris%2f1",
                "iris%0d%0aX-Evil:1",
                "%f0%9f%98%80",
                "%c3%28",
                "iris;x=1",
                "-iris",
                "${jndi:ldap:x}",
                "'%20or%201=1",
                "*",
                "unknown"
            })
    void refusesIdsThatAreNone(String id) throws Exception {
        RawHttp.Answer answer = post(id, JSON, RIGHT.getBytes(UTF_8));
        assertThat(answer.status()).isBetween(400, 404);
        assertThat(answer.body().get("details")).isNotEmpty();
        assertThat(answer.body().toString()).doesNotContain("root:");
    }

    @ParameterizedTest
    @ValueSource(ints = {129, 5_000, 15_000, 20_000, 1_000_000})
    void refusesIdsThatAreTooLong(int length) throws Exception {
        RawHttp.Answer answer = post("a".repeat(length), JSON, RIGHT.getBytes(UTF_8));
        assertThat(answer.status()).isEqualTo(length < 16_000 ? 404 : 413);
        assertThat(answer.body().get("details")).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "01", "-1", "1.0", "1e0", "99999999999", "a", "", "1%00", "1&version=2", "+1"})
    void refusesVersionsThatAreNone(String version) throws Exception {
        refused(400, "version", post("iris?version=" + version, JSON, RIGHT.getBytes(UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /predict/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
                "POST /predict/a b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
                "POST /predict/iris HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n",
                "POST /predict/iris HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n",
                "POST /predict/iris HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
                "POST /predict/iris HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n",
                "POST /predict/iris HTTP/1.1\r\nHost: x\r\nbad header\r\n",
                "POST /predict/iris HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "GET /predict/iris HTTP/1.1\r\nHost: x\r\n",
                "DELETE /models HTTP/1.1\r\nHost: x\r\n",
                "FOO /predict/iris HTTP/1.1\r\nHost: x\r\n",
                "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
                "POST /predict/iris/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
                "POST /../predict/iris HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n",
                "nonsense\r\n"
            })
    void refusesWhatIsNotHttpOrNotHere(String head) throws Exception {
        RawHttp.Answer answer = RawHttp.exchange(service, head + "Connection: close\r\n\r\n", new byte[0]);
        assertThat(answer.status()).as(answer.body().toString()).isBetween(400, 499);
        assertThat(answer.body().get("details")).as(answer.body().toString()).isNotEmpty();
    }

    @Test
    void refusesAHeaderThatIsTooLong() throws Exception {
        RawHttp.Answer answer = post("iris", JSON + "X-Long: " + "a".repeat(100_000) + "\r\n", RIGHT.getBytes(UTF_8));
        assertThat(refused(413, null, answer).detail()).contains("a header", "8 KiB");
    }

    /** Asserts the status and the first detail's place, and that the next right request is answered rightly. */
    private static RawHttp.Answer refused(int status, String input, RawHttp.Answer answer) throws Exception {
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
        assertThat(answer.body().get("error").asText()).isNotEmpty().hasSizeLessThan(2_000);
        assertThat(answer.body().get("details")).as(answer.body().toString()).isNotEmpty();
        if (input != null) {
            assertThat(answer.body().at("/details/0/input").asText()).isEqualTo(input);
        }
        RawHttp.Answer next = post("iris", JSON, RIGHT.getBytes(UTF_8));
        assertThat(next.body().at("/predictions/0/label").asInt()).isEqualTo(1);
        return answer;
    }

    private static RawHttp.Answer post(String model, String headers, byte[] body) throws Exception {
        return RawHttp.exchange(
                service,
                "POST /predict/" + model + " HTTP/1.1\r\nHost: x\r\n" + headers + "Content-Length: " + body.length
                        + "\r\nConnection: close\r\n\r\n",
                body);
    }
}
