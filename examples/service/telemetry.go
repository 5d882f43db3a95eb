package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
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

// newTelemetry sends traces and metrics by OTLP if OTEL_EXPORTER_OTLP_ENDPOINT is set; the other
// variables of OpenTelemetry count too.
func newTelemetry(ctx context.Context) (*telemetry, error) {
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "contact-service")),
		resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
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
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" {
		spans, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, err
		}
		pushed, err := otlpmetrichttp.New(ctx)
		if err != nil {
			return nil, err
		}
		metricOptions = append(metricOptions, metric.WithReader(metric.NewPeriodicReader(pushed)))
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
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Pattern })),
		close: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			return errors.Join(tracers.Shutdown(ctx), meters.Shutdown(ctx))
		},
	}, nil
}

// discreet exports spans with the exported attributes alone.
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
