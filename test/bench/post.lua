-- POSTs the file BODY, of which the first JSON_LENGTH bytes are JSON, if that is not all, and prints one line of JSON with what
-- was seen.
local file = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
local length = os.getenv("JSON_LENGTH")
wrk.headers["Content-Type"] = length and "application/octet-stream" or "application/json"
wrk.headers["Inference-Header-Content-Length"] = length

function done(summary, latency, requests)
  io.write(string.format(
    '{"per_second":%.1f,"p50_ms":%.3f,"p99_ms":%.3f,"requests":%d,"failed":%d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
