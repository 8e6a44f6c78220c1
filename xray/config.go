package xray

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray/xray/daemoncfg"
	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
	"github.com/lambdaxray/lambdaxray/xray/strategy/ctxmissing"
	"github.com/lambdaxray/lambdaxray/xray/strategy/exception"
	"github.com/lambdaxray/lambdaxray/xray/strategy/sampling"
	"github.com/lambdaxray/lambdaxray/xray/xraylog"
)

// SDKVersion and SDKType are what the program sees as the SDK. Documents name
// OpenTelemetry's SDK.
const (
	SDKVersion = "2.0.3"
	SDKType    = "X-Ray for Go"
)

// Config is what can be configured. Zero fields change nothing.
type Config struct {
	DaemonAddr                  string // host:port, or tcp:host:port udp:host:port; AWS_XRAY_DAEMON_ADDRESS takes precedence
	ServiceVersion              string
	Emitter                     Emitter
	SamplingStrategy            sampling.Strategy
	StreamingStrategy           StreamingStrategy // not used: documents are packed by size
	ExceptionFormattingStrategy exception.FormattingStrategy
	ContextMissingStrategy      ctxmissing.Strategy // AWS_XRAY_CONTEXT_MISSING takes precedence

	// LogLevel and LogFormat are not used; see [SetLogger].
	LogLevel  string
	LogFormat string
}

// settings are the global configuration. They are replaced as a whole.
type settings struct {
	Config
	exceptions exception.FormattingStrategy
	missing    ctxmissing.Strategy
	daemon     string // host:port of its UDP socket
}

var (
	configMu sync.Mutex // held by those who replace global
	global   atomic.Pointer[settings]
	warned   sync.Map // kinds of warnings that were logged
)

func current() *settings {
	if s := global.Load(); s != nil {
		return s
	}
	configMu.Lock()
	defer configMu.Unlock()
	if global.Load() == nil {
		global.Store(defaults())
	}
	return global.Load()
}

func defaults() *settings {
	s := &settings{exceptions: &exception.DefaultFormattingStrategy{FrameCount: 32}}
	s.missing = missingFromEnv()
	if s.missing == nil {
		s.missing = ctxmissing.NewDefaultLogErrorStrategy()
	}
	e, err := daemoncfg.GetDaemonEndpointsFromEnv()
	if err != nil {
		logger.Errorf("%v; using 127.0.0.1:2000", err)
	}
	if e == nil {
		e = daemoncfg.GetDefaultDaemonEndpoints()
	}
	s.daemon = e.UDPAddr.String()
	return s
}

func (s *settings) version() string { return s.ServiceVersion }

// missingFromEnv reads AWS_XRAY_CONTEXT_MISSING; nil if it says nothing.
func missingFromEnv() ctxmissing.Strategy {
	switch v := os.Getenv("AWS_XRAY_CONTEXT_MISSING"); v {
	case ctxmissing.RuntimeErrorStrategy:
		return ctxmissing.NewDefaultRuntimeErrorStrategy()
	case ctxmissing.LogErrorStrategy:
		return ctxmissing.NewDefaultLogErrorStrategy()
	case ctxmissing.IgnoreErrorStrategy:
		return ctxmissing.NewDefaultIgnoreErrorStrategy()
	case "":
	default:
		once("AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_CONTEXT_MISSING %q: has to be RUNTIME_ERROR, LOG_ERROR or IGNORE_ERROR", v)
	}
	return nil
}

// Configure changes the global configuration. The error names a DaemonAddr that
// cannot be used; all else of c counts all the same.
//
// DaemonAddr and Emitter count from now on. ServiceVersion is the resource's
// service.version if it is set before the first segment; later, segments have it in
// metadata.
func Configure(c Config) error {
	s := *current()
	configMu.Lock()
	defer configMu.Unlock()
	e, err := daemoncfg.GetDaemonEndpointsFromString(c.DaemonAddr)
	if d, ok := c.Emitter.(*DefaultEmitter); ok && d.address() != nil {
		s.daemon, s.Emitter, c.Emitter = d.address().String(), nil, nil
	}
	if c.Emitter != nil {
		s.Emitter = c.Emitter
	}
	if e != nil {
		s.daemon = e.UDPAddr.String()
		if s.Emitter != nil {
			s.Emitter.RefreshEmitterWithAddress(e.UDPAddr)
		}
	}
	output.use(s.daemon)
	s.ServiceVersion = either(c.ServiceVersion, s.ServiceVersion)
	if c.SamplingStrategy != nil {
		s.SamplingStrategy = c.SamplingStrategy
	}
	load(s.SamplingStrategy, e)
	if c.StreamingStrategy != nil {
		s.StreamingStrategy = c.StreamingStrategy
		once("StreamingStrategy", "Config.StreamingStrategy is not used: documents are packed by their size in bytes")
	}
	if c.ExceptionFormattingStrategy != nil {
		s.exceptions = c.ExceptionFormattingStrategy
	}
	if c.ContextMissingStrategy != nil {
		s.missing = c.ContextMissingStrategy
	}
	if env := missingFromEnv(); env != nil {
		s.missing = env
	}
	global.Store(&s)
	return err
}

// load tells X-Ray's sampling rules where the daemon is.
func load(s sampling.Strategy, e *daemoncfg.DaemonEndpoints) {
	if c, ok := s.(*sampling.CentralizedStrategy); ok && e != nil {
		c.LoadDaemonEndpoints(e)
	}
}

// ContextWithConfig returns a context whose segments are made with c where it says
// something, and with the global configuration where not. The error names a
// DaemonAddr that cannot be used.
//
// DaemonAddr is for the Emitter and the SamplingStrategy of c: without an Emitter
// documents go where those of other contexts go, which is logged once.
func ContextWithConfig(ctx context.Context, c Config) (context.Context, error) {
	e, err := daemoncfg.GetDaemonEndpointsFromString(c.DaemonAddr)
	if e != nil && c.Emitter != nil {
		c.Emitter.RefreshEmitterWithAddress(e.UDPAddr)
	}
	load(c.SamplingStrategy, e)
	if c.DaemonAddr != "" && c.Emitter == nil && e != nil && e.UDPAddr.String() != current().daemon {
		once("ContextWithConfig", "ContextWithConfig: DaemonAddr %q without an Emitter: documents go to %s; use Configure, or Emitter: NewDefaultEmitter", c.DaemonAddr, current().daemon)
	}
	if env := missingFromEnv(); env != nil {
		c.ContextMissingStrategy = env
	}
	return context.WithValue(ctx, RecorderContextKey{}, &c), err
}

// configure returns the configuration of a segment that begins in ctx.
func configure(ctx context.Context) *Config {
	s := current()
	c := s.Config
	c.ExceptionFormattingStrategy, c.ContextMissingStrategy = s.exceptions, s.missing
	if c.SamplingStrategy == nil {
		c.SamplingStrategy = defaultSampling()
	}
	r := GetRecorder(ctx)
	if r == nil {
		return &c
	}
	c.ServiceVersion = either(r.ServiceVersion, c.ServiceVersion)
	if r.Emitter != nil {
		c.Emitter = r.Emitter
	}
	if r.SamplingStrategy != nil {
		c.SamplingStrategy = r.SamplingStrategy
	}
	if r.StreamingStrategy != nil {
		c.StreamingStrategy = r.StreamingStrategy
	}
	if r.ExceptionFormattingStrategy != nil {
		c.ExceptionFormattingStrategy = r.ExceptionFormattingStrategy
	}
	if r.ContextMissingStrategy != nil {
		c.ContextMissingStrategy = r.ContextMissingStrategy
	}
	return &c
}

func contextMissing(ctx context.Context, message string) {
	strategy := current().missing
	if r := GetRecorder(ctx); r != nil && r.ContextMissingStrategy != nil {
		strategy = r.ContextMissingStrategy
	}
	strategy.ContextMissing(message)
}

// SetLogger has l take the messages of this package, and OpenTelemetry's errors.
// The default writes to standard output from level info on.
func SetLogger(l xraylog.Logger) {
	logger.Set(l)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			logger.Errorf("%v", err)
		}
	}))
}
