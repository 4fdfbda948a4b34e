package dev.modelserving.api.grpc;

import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import java.io.InputStream;
import java.util.zip.InflaterInputStream;

/** Messages compressed in zlib's format (RFC 1950), which gRPC for C and Python has beside gzip, and for Java has not. */
final class Deflate implements Decompressor {
    private Deflate() {}

    static DecompressorRegistry beside(DecompressorRegistry others) {
        return others.with(new Deflate(), true);
    }

    @Override
    public String getMessageEncoding() {
        return "deflate";
    }

    @Override
    public InputStream decompress(InputStream compressed) {
        return new InflaterInputStream(compressed);
    }
}
