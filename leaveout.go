package lambdaxray

import (
	"log"
	"net/url"
	"os"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// leavingOut is the sampler next, which is not asked about what the program does not
// want to see.
type leavingOut struct {
	next         sdktrace.Sampler
	hosts, paths []string // patterns

	telling bool // next is OTEL_TRACES_SAMPLER's, and the log is at debug
	told    atomic.Bool
}

func (s *leavingOut) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if len(s.hosts) > 0 && p.Kind == trace.SpanKindClient && matchesAny(s.hosts, strings.ToLower(hostOf(p.Attributes))) ||
		len(s.paths) > 0 && p.Kind == trace.SpanKindServer && matchesAny(s.paths, pathOf(p.Attributes)) {
		return sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState()}
	}
	if s.telling && !s.told.Load() {
		s.tell(p)
	}
	return s.next.ShouldSample(p)
}

// tell says once why OTEL_TRACES_SAMPLER changes nothing.
func (s *leavingOut) tell(p sdktrace.SamplingParameters) {
	h, ok := propagator.HeaderFromLambda(p.ParentContext)
	if ok && (h.Sampled == propagator.SamplingYes || h.Sampled == propagator.SamplingNo) && !s.told.Swap(true) {
		log.Printf("lambdaxray: the tracing header %s has decided, so OTEL_TRACES_SAMPLER is not asked", h)
	}
}

// debugging reports whether the log is at debug: Lambda's own setting, and
// OpenTelemetry's. slog would make each function 60 KB larger.
func debugging() bool {
	for _, name := range []string{"AWS_LAMBDA_LOG_LEVEL", "OTEL_LOG_LEVEL"} {
		if level := strings.ToLower(os.Getenv(name)); level == "debug" || level == "trace" {
			return true
		}
	}
	return false
}

func (s *leavingOut) Description() string { return s.next.Description() }

func hostOf(attrs []attribute.KeyValue) string {
	if host := textOf(attrs, "server.address", "net.peer.name", "http.host"); host != "" {
		return host
	}
	if u, err := url.Parse(textOf(attrs, "url.full", "http.url")); err == nil {
		return u.Hostname()
	}
	return ""
}

func pathOf(attrs []attribute.KeyValue) string {
	path, _, _ := strings.Cut(textOf(attrs, "url.path", "http.target"), "?")
	return path
}

// textOf returns the first of keys that has a value.
func textOf(attrs []attribute.KeyValue, keys ...attribute.Key) string {
	for _, key := range keys {
		for _, a := range attrs {
			if a.Key == key && a.Value.Type() == attribute.STRING {
				return a.Value.AsString()
			}
		}
	}
	return ""
}

func matchesAny(patterns []string, text string) bool {
	for _, p := range patterns {
		if text != "" && matches(p, text) {
			return true
		}
	}
	return false
}

// matches reports whether text fits the pattern, in which * is any text and ? any
// one byte. Of several * only the last is tried again, which suffices.
func matches(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
