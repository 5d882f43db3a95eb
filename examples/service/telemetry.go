package main

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Spans and metrics are the service's own rather than otelhttp's, which would send the path, which names
// a contact, addresses, user agents and hosts.
var (
	tracer         = otel.Tracer("contact-service")
	requestSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_server_request_duration_seconds", Help: "Duration of requests.", Buckets: prometheus.DefBuckets,
	}, []string{"http_request_method", "http_route", "http_response_status_code"})
)

// startSpan starts the span of a request. A client's trace is a link of ours, without its tracestate,
// which can hold anything: it decides neither the trace id nor what is sampled.
func startSpan(r *http.Request) (context.Context, trace.Span) {
	client := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(r.Header)))
	return tracer.Start(r.Context(), "request", trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer),
		trace.WithLinks(trace.Link{SpanContext: client.WithTraceState(trace.TraceState{})}))
}

// newTelemetry returns what Prometheus reads, and how to send the last spans. Spans go out by OTLP if a
// variable of OpenTelemetry names an endpoint. OpenTelemetry's own errors go to the log.
func newTelemetry(ctx context.Context, log *slog.Logger, store *sqlStore) (metrics http.Handler, stop func(context.Context), err error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("telemetry", "error", err.Error()) }))
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(store.db, "contacts"), store, requestSeconds)
	metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	if cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) == "" {
		return metrics, func(context.Context) {}, nil
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "contact-service")),
		resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, nil, err
	}
	spans, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(about), sdktrace.WithBatcher(spans))
	otel.SetTracerProvider(provider)
	return metrics, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			otel.Handle(err)
		}
	}, nil
}

// What /metrics says of the store besides its pool of connections.
var (
	lostDesc    = prometheus.NewDesc("contacts_store_retries_total", "Updates that were tried again because others came first.", nil, nil)
	waitingDesc = prometheus.NewDesc("contacts_store_waiting_requests", "Requests that wait for the database.", nil, nil)
	answersDesc = prometheus.NewDesc("contacts_answer_bytes", "Bytes of remembered answers of all teams.", nil, nil)
	teamsDesc   = prometheus.NewDesc("contacts_teams_over_quota", "Teams whose remembered answers take all their room.", nil, nil)
	sweptDesc   = prometheus.NewDesc("contacts_sweep_timestamp_seconds", "When expired answers were last deleted.", nil, nil)
)

// Describe implements prometheus.Collector.
func (s *sqlStore) Describe(d chan<- *prometheus.Desc) { prometheus.DescribeByCollect(s, d) }

// Collect implements prometheus.Collector.
func (s *sqlStore) Collect(m chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var waiting, answers, over float64
	for _, jobs := range s.waiting {
		waiting += float64(len(jobs))
	}
	for _, n := range s.usage {
		if answers += float64(n); n >= s.keyBytes {
			over++
		}
	}
	for d, value := range map[*prometheus.Desc]float64{
		lostDesc: float64(s.lost), waitingDesc: waiting, answersDesc: answers, teamsDesc: over, sweptDesc: float64(s.swept.Unix()),
	} {
		m <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
}
