package main

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// TestTelemetry: requests are traced and measured, and nothing about a person goes with that.
func TestTelemetry(t *testing.T) {
	var mu sync.Mutex
	received := map[string][][]byte{} // by path
	otlp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && r.Header.Get("Content-Encoding") == "gzip" {
			var z *gzip.Reader
			if z, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
				body, err = io.ReadAll(z)
			}
		}
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		received[r.URL.Path] = append(received[r.URL.Path], body)
	}))
	defer otlp.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", otlp.URL+"/v1/traces")
	p := startProcess(t, "", "--addr", "127.0.0.1:0", "--metrics", "127.0.0.1:0")
	metricsURL := p.line(t, "metrics on ")

	const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, token := range []string{writeToken, "SECRET.SECRET"} {
		raw(t, "PATCH", p.url+samplePath+"?q=SECRET", token, `{"city":"SECRET"}`, "User-Agent", "SECRET",
			"Idempotency-Key", sampleKey, "traceparent", "00-"+parent+"-00f067aa0ba902b7-01", "tracestate", "a=SECRET", "Baggage", "a=SECRET")
	}
	raw(t, "SECRET", p.url+"/SECRET", "", "")
	req, err := http.NewRequest("GET", p.url+"/healthz", nil)
	require.NoError(t, err)
	req.Host = "SECRET.example.org"
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	resp, err = http.Get(metricsURL)
	require.NoError(t, err)
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(page), `http_server_request_duration_seconds_count{http_request_method="PATCH",http_response_status_code="200",http_route="/v2/partner/contacts/{id}"`)
	resp, err = http.Get(p.url + "/metrics")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 404, resp.StatusCode, "not for the public")

	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM)) // sends what is left
	require.NoError(t, p.cmd.Wait())
	mu.Lock()
	defer mu.Unlock()
	spans, updates := 0, 0
	for _, body := range received["/v1/traces"] {
		var export collector.ExportTraceServiceRequest
		require.NoError(t, proto.Unmarshal(body, &export))
		for _, resource := range export.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					spans++
					if span.Name == "PATCH /v2/partner/contacts/{id}" {
						updates++
						require.NotEqual(t, parent, hex.EncodeToString(span.TraceId), "a client names no trace of ours")
						require.Len(t, span.Links, 1)
						require.Equal(t, parent, hex.EncodeToString(span.Links[0].TraceId))
						require.Len(t, span.Attributes, 3)
					}
				}
			}
		}
	}
	require.Equal(t, 5, spans)
	require.Equal(t, 2, updates)
	all := string(page)
	for _, bodies := range received {
		all += string(bytes.Join(bodies, nil))
	}
	for _, private := range []string{"SECRET", sampleID, "127.0.0.1", "Go-http-client", sampleKey} {
		at := strings.Index(all, private)
		require.Negative(t, at, "%s: %q", private, all[max(0, at-150):max(0, at)+50])
	}
}
