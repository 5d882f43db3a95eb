package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// exported are the attributes of requests that leave the service. All others stay in it: the path
// names a contact, addresses and user agents tell of people, and a Host can be anything.
var exported = attribute.NewAllowKeysFilter(
	"http.request.method", "http.response.status_code", "http.route", "http.request.body.size",
	"http.response.body.size", "network.protocol.name", "network.protocol.version", "url.scheme", "error.type")

// telemetry measures and traces requests.
type telemetry struct {
	metrics http.Handler // for Prometheus
	wrap    func(http.Handler) http.Handler
	close   func(context.Context) error // sends what is left
}

// newTelemetry sends traces and metrics by OTLP if a variable of OpenTelemetry names an endpoint, for
// both or for one of them. OpenTelemetry's own errors go to the log.
func newTelemetry(ctx context.Context, log *slog.Logger, store *sqlStore) (*telemetry, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("telemetry", "error", err.Error()) }))
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "contact-service")),
		resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(store.db, "contacts"), store)
	pulled, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	if err != nil {
		return nil, err
	}
	all := metric.NewView(metric.Instrument{Name: "*"}, metric.Stream{AttributeFilter: exported})
	metricOptions := []metric.Option{
		metric.WithResource(about), metric.WithReader(pulled), metric.WithView(all),
		metric.WithExemplarFilter(exemplar.AlwaysOffFilter), // they hold the attributes that a view drops
	}
	traceOptions := []trace.TracerProviderOption{trace.WithResource(about)}
	endpoint := func(signal string) bool {
		return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT")) != ""
	}
	if endpoint("METRICS") {
		pushed, err := otlpmetrichttp.New(ctx)
		if err != nil {
			return nil, err
		}
		metricOptions = append(metricOptions, metric.WithReader(metric.NewPeriodicReader(pushed)))
	}
	if endpoint("TRACES") {
		spans, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, err
		}
		traceOptions = append(traceOptions, trace.WithBatcher(discreet{spans}))
	} else {
		traceOptions = append(traceOptions, trace.WithSampler(trace.NeverSample()))
	}
	meters, tracers := metric.NewMeterProvider(metricOptions...), trace.NewTracerProvider(traceOptions...)
	return &telemetry{
		metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		wrap: otelhttp.NewMiddleware("request",
			otelhttp.WithMeterProvider(meters), otelhttp.WithTracerProvider(tracers),
			otelhttp.WithPropagators(propagation.TraceContext{}),
			// A client's trace is a link of ours: it decides neither the trace id nor what is sampled.
			otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true }),
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Pattern })),
		close: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			return errors.Join(tracers.Shutdown(ctx), meters.Shutdown(ctx))
		},
	}, nil
}

// discreet exports spans with the exported attributes alone, and links without what a client put into
// tracestate.
type discreet struct{ trace.SpanExporter }

func (d discreet) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	shown := make([]trace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		shown[i] = discreetSpan{span}
	}
	return d.SpanExporter.ExportSpans(ctx, shown)
}

type discreetSpan struct{ trace.ReadOnlySpan }

func (s discreetSpan) Attributes() (shown []attribute.KeyValue) {
	for _, a := range s.ReadOnlySpan.Attributes() {
		if exported(a) {
			shown = append(shown, a)
		}
	}
	return shown
}

func (s discreetSpan) Links() (links []trace.Link) {
	for _, l := range s.ReadOnlySpan.Links() {
		l.SpanContext = l.SpanContext.WithTraceState(oteltrace.TraceState{})
		links = append(links, l)
	}
	return links
}

// What /metrics says of the store besides its pool of connections.
var (
	waitingDesc = prometheus.NewDesc("contacts_store_requests", "Requests that hold or wait for the database.", nil, nil)
	answersDesc = prometheus.NewDesc("contacts_answer_bytes", "Bytes of remembered answers of all teams.", nil, nil)
	teamsDesc   = prometheus.NewDesc("contacts_teams_over_quota", "Teams whose remembered answers take all their room.", nil, nil)
	sweptDesc   = prometheus.NewDesc("contacts_sweep_timestamp_seconds", "When expired answers were last deleted.", nil, nil)
)

// Describe implements prometheus.Collector.
func (s *sqlStore) Describe(d chan<- *prometheus.Desc) { prometheus.DescribeByCollect(s, d) }

// Collect implements prometheus.Collector.
func (s *sqlStore) Collect(m chan<- prometheus.Metric) {
	waiting, answers, over := s.all.users(), int64(0), 0
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.usage {
		if answers += n; n >= s.keyBytes {
			over++
		}
	}
	gauge := func(d *prometheus.Desc, value float64) {
		m <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	gauge(waitingDesc, float64(waiting))
	gauge(answersDesc, float64(answers))
	gauge(teamsDesc, float64(over))
	gauge(sweptDesc, float64(s.swept.Unix()))
}
